// SPDX-License-Identifier: Apache-2.0
#include "batch/ingest_join.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>

namespace lineup {

namespace {

// `width` values a row, zeros where a side is absent.
template <typename T>
const T* join_values(const T* first, std::size_t first_count, const T* more, std::size_t more_count,
                     T missing, Arena& arena) {
  auto out = arena.allocate<T>(first_count + more_count);
  if (first != nullptr) {
    std::copy_n(first, first_count, out.begin());
  } else {
    std::fill_n(out.begin(), first_count, missing);
  }
  const auto behind = out.begin() + static_cast<std::ptrdiff_t>(first_count);
  if (more != nullptr) {
    std::copy_n(more, more_count, behind);
  } else {
    std::fill_n(behind, more_count, missing);
  }
  return out.data();
}

// Bits of the rows that have a value; null when all have.
const Word* join_valid(const Column& first, std::uint32_t row_count, const Column& more,
                       std::uint32_t more_count, Arena& arena) {
  if (first.present && more.present && first.valid == nullptr && more.valid == nullptr) {
    return nullptr;
  }
  auto out = arena.zeroed<Word>(word_count(row_count + more_count));
  if (first.present && first.valid == nullptr) set_first(out, row_count);
  if (first.present && first.valid != nullptr) {
    for (std::uint32_t row = 0; row < row_count; ++row) {
      if (test_bit(first.valid, row)) set_bit(out.data(), row);
    }
  }
  for (std::uint32_t row = 0; more.present && row < more_count; ++row) {
    if (more.valid == nullptr || test_bit(more.valid, row)) set_bit(out.data(), row_count + row);
  }
  return out.data();
}

void join_lists(const Column& first, std::uint32_t row_count, const Column& more,
                std::uint32_t more_count, Arena& arena, Column& out) {
  auto offsets = arena.allocate<std::uint32_t>(std::size_t{row_count} + more_count + 1);
  const std::uint32_t first_values = first.present ? first.offsets[row_count] : 0;
  const std::uint32_t more_values = more.present ? more.offsets[more_count] : 0;
  for (std::uint32_t row = 0; row <= row_count; ++row) {
    offsets[row] = first.present ? first.offsets[row] : 0;
  }
  for (std::uint32_t row = 0; row <= more_count; ++row) {
    offsets[row_count + row] = first_values + (more.present ? more.offsets[row] : 0);
  }
  out.offsets = offsets.data();
  out.codes = join_values(first.present ? first.codes : nullptr, first_values,
                          more.present ? more.codes : nullptr, more_values, kMissingCode, arena);
}

// The ids of one side as texts, appended.
class TextIds {
 public:
  TextIds(std::uint32_t row_count, std::size_t byte_count, Arena& arena)
      : offsets_(arena.allocate<std::uint32_t>(std::size_t{row_count} + 1)),
        bytes_(arena.allocate<char>(byte_count)) {
    offsets_[0] = 0;
  }

  void add(const Ids& ids, std::uint32_t count) {
    for (std::uint32_t row = 0; row < count; ++row) {
      char* at = bytes_.data() + size_;
      if (ids.is_numeric()) {
        size_ = static_cast<std::uint32_t>(
            std::to_chars(at, bytes_.data() + bytes_.size(), ids.numbers[row]).ptr - bytes_.data());
      } else {
        const std::string_view text = ids.text(row);
        std::memcpy(at, text.data(), text.size());
        size_ += static_cast<std::uint32_t>(text.size());
      }
      offsets_[++rows_] = size_;
    }
  }
  [[nodiscard]] Ids ids() const { return {nullptr, offsets_.data(), bytes_.data()}; }

 private:
  std::span<std::uint32_t> offsets_;
  std::span<char> bytes_;
  std::uint32_t rows_ = 0;
  std::uint32_t size_ = 0;
};

std::size_t bytes_of(const Ids& ids, std::uint32_t count) {
  constexpr std::size_t kDigitsMax = 20;
  return ids.is_numeric() ? count * kDigitsMax : ids.offsets[count];
}

}  // namespace

Column join_columns(const Column& first, std::uint32_t row_count, const Column& more,
                    std::uint32_t more_count, Arena& arena) {
  Column out;
  out.type = first.type;
  out.dimension = std::max(first.dimension, more.dimension);
  if (!first.present && !more.present) return out;
  out.present = true;
  switch (out.type) {
    case ColumnType::Float:
      out.floats = join_values(first.floats, row_count, more.floats, more_count,
                               std::numeric_limits<double>::quiet_NaN(), arena);
      break;
    case ColumnType::Integer:
    case ColumnType::Time:
      out.integers =
          join_values(first.integers, row_count, more.integers, more_count, std::int64_t{0}, arena);
      break;
    case ColumnType::Bool:
      out.bools =
          join_values(first.bools, row_count, more.bools, more_count, std::uint8_t{0}, arena);
      break;
    case ColumnType::Category:
      out.codes = join_values(first.codes, row_count, more.codes, more_count, kMissingCode, arena);
      return out;  // missing by their codes
    case ColumnType::Categories:
      join_lists(first, row_count, more, more_count, arena, out);
      return out;  // missing where a list is empty
    case ColumnType::Embedding:
      out.vectors = join_values(first.vectors, std::size_t{row_count} * out.dimension, more.vectors,
                                std::size_t{more_count} * out.dimension, 0.0F, arena);
      break;
  }
  out.valid = join_valid(first, row_count, more, more_count, arena);
  return out;
}

Ids join_ids(const Ids& first, std::uint32_t row_count, const Ids& more, std::uint32_t more_count,
             Arena& arena) {
  if (row_count == 0) return more;
  if (first.is_numeric() && more.is_numeric()) {
    return {join_values(first.numbers, row_count, more.numbers, more_count, std::int64_t{0}, arena),
            nullptr, nullptr};
  }
  if (!first.is_numeric() && first.offsets == nullptr) return first;
  TextIds texts(row_count + more_count, bytes_of(first, row_count) + bytes_of(more, more_count),
                arena);
  texts.add(first, row_count);
  texts.add(more, more_count);
  return texts.ids();
}

}  // namespace lineup
