// SPDX-License-Identifier: Apache-2.0
#include "script/lanes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lineup {

namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// Fills whole words, so that a compiler can keep one in a register.
template <typename Holds>
void fill_mask(Word* mask, std::uint32_t rows, const Holds& holds) {
  for (std::uint32_t begin = 0; begin < rows; begin += 64) {
    Word word = 0;
    const std::uint32_t end = std::min(begin + 64, rows);
    for (std::uint32_t row = begin; row < end; ++row) {
      word |= static_cast<Word>(holds(row) ? 1 : 0) << (row - begin);
    }
    mask[begin / 64] = word;
  }
}

template <typename Right>
void compare_into(Word* mask, std::uint32_t rows, const double* left, LaneComparison how,
                  const Right& right) {
  switch (how) {
    case LaneComparison::Equal:
      return fill_mask(mask, rows, [&](std::uint32_t row) { return left[row] == right(row); });
    case LaneComparison::NotEqual:
      return fill_mask(mask, rows, [&](std::uint32_t row) { return left[row] != right(row); });
    case LaneComparison::Less:
      return fill_mask(mask, rows, [&](std::uint32_t row) { return left[row] < right(row); });
    case LaneComparison::LessEqual:
      return fill_mask(mask, rows, [&](std::uint32_t row) { return left[row] <= right(row); });
    case LaneComparison::Greater:
      return fill_mask(mask, rows, [&](std::uint32_t row) { return left[row] > right(row); });
    case LaneComparison::GreaterEqual:
      return fill_mask(mask, rows, [&](std::uint32_t row) { return left[row] >= right(row); });
  }
}

}  // namespace

Lanes LaneWork::mask() {
  Lanes out;
  out.kind = Lanes::Kind::Mask;
  out.mask = arena().allocate<Word>(word_count(rows())).data();
  return out;
}

Lanes LaneWork::numbers() {
  Lanes out;
  out.kind = Lanes::Kind::Numbers;
  out.numbers = arena().allocate<double>(rows()).data();
  return out;
}

ColumnType LaneWork::type_of(const Lanes& lane) const {
  return facts_.schema()[static_cast<std::uint32_t>(lane.column)].type;
}

const double* LaneWork::numbers_of(const Lanes& lane) {
  if (lane.kind == Lanes::Kind::Numbers) return lane.numbers;
  if (lane.kind == Lanes::Kind::Mask) return nullptr;
  if (lane.column == kIdField) {
    const std::int64_t* ids = facts_.batch().rows.ids.numbers;
    if (ids == nullptr) return nullptr;
    Lanes out = numbers();
    for (std::uint32_t row = 0; row < rows(); ++row) {
      out.numbers[row] = static_cast<double>(ids[row]);
    }
    return out.numbers;
  }
  const ColumnType type = type_of(lane);
  const bool is_whole = type == ColumnType::Integer || type == ColumnType::Time;
  if (!is_whole && type != ColumnType::Float) return nullptr;
  const Column& from = column(lane.column);
  Lanes out = numbers();
  for (std::uint32_t row = 0; row < rows(); ++row) {
    out.numbers[row] = from.is_missing(row) ? kMissing
                       : is_whole           ? static_cast<double>(from.integers[row])
                                            : from.floats[row];
  }
  return out.numbers;
}

const Word* LaneWork::mask_of(const Lanes& lane) {
  if (lane.kind == Lanes::Kind::Mask) return lane.mask;
  const bool is_bool = lane.kind == Lanes::Kind::Column && lane.column != kIdField &&
                       type_of(lane) == ColumnType::Bool;
  return is_bool ? equal(lane.column, {LaneValue::Kind::Truth, 0.0, {}, true}).mask : nullptr;
}

Lanes LaneWork::compare(const double* left, LaneComparison how, const double* right) {
  Lanes out = mask();
  compare_into(out.mask, rows(), left, how, [right](std::uint32_t row) { return right[row]; });
  return out;
}

Lanes LaneWork::compare(const double* left, LaneComparison how, double right) {
  Lanes out = mask();
  compare_into(out.mask, rows(), left, how, [right](std::uint32_t) { return right; });
  return out;
}

const double* LaneWork::spread(double value) {
  const Lanes out = numbers();
  std::fill_n(out.numbers, rows(), value);
  return out.numbers;
}

Lanes LaneWork::compute(const double* left, Arithmetic how, const double* right) {
  Lanes out = numbers();
  const auto fill = [&](const auto& operation) {
    for (std::uint32_t row = 0; row < rows(); ++row) {
      out.numbers[row] = operation(left[row], right[row]);
    }
  };
  switch (how) {
    case Arithmetic::Add:
      fill([](double a, double b) { return a + b; });
      break;
    case Arithmetic::Subtract:
      fill([](double a, double b) { return a - b; });
      break;
    case Arithmetic::Multiply:
      fill([](double a, double b) { return a * b; });
      break;
    case Arithmetic::Divide:
      fill([](double a, double b) { return a / b; });
      break;
  }
  return out;
}

Lanes LaneWork::both(const Word* left, const Word* right) {
  Lanes out = mask();
  for (std::size_t i = 0; i < word_count(rows()); ++i) out.mask[i] = left[i] & right[i];
  return out;
}

Lanes LaneWork::either(const Word* left, const Word* right) {
  Lanes out = mask();
  for (std::size_t i = 0; i < word_count(rows()); ++i) out.mask[i] = left[i] | right[i];
  return out;
}

Lanes LaneWork::opposite(const Word* from) {
  Lanes out = mask();
  fill_mask(out.mask, rows(), [from](std::uint32_t row) { return !test_bit(from, row); });
  return out;
}

Lanes LaneWork::nothing() {
  Lanes out = mask();
  std::fill_n(out.mask, word_count(rows()), Word{0});
  return out;
}

void LaneWork::add(Lanes& to, const Lanes& more) const {
  for (std::size_t i = 0; i < word_count(rows()); ++i) to.mask[i] |= more.mask[i];
}

const std::uint32_t* LaneWork::codes_of(std::int32_t index) const {
  if (index == kIdField) return nullptr;
  const Column& from = column(index);
  const bool is_plain = from.type == ColumnType::Category && from.present && from.valid == nullptr;
  return is_plain ? from.codes : nullptr;
}

std::uint32_t LaneWork::code_count(std::int32_t index) const {
  return facts_.batch().vocabularies[static_cast<std::size_t>(index)].size();
}

Lanes LaneWork::equal(std::int32_t index, const LaneValue& value) {
  if (index == kIdField) {
    Lanes out = mask();
    const Ids& ids = facts_.batch().rows.ids;
    fill_mask(out.mask, rows(), [&](std::uint32_t row) {
      return ids.is_numeric() ? value.kind == LaneValue::Kind::Number &&
                                    static_cast<double>(ids.numbers[row]) == value.number
                              : value.kind == LaneValue::Kind::Text && ids.text(row) == value.text;
    });
    return out;
  }
  const Column& from = column(index);
  if (!from.present) return nothing();
  if (from.type == ColumnType::Bool) {
    Lanes out = mask();
    fill_mask(out.mask, rows(), [&](std::uint32_t row) {
      return !from.is_missing(row) && (from.bools[row] != 0) == value.truth;
    });
    return out;
  }
  const auto& texts = facts_.batch().vocabularies[static_cast<std::size_t>(index)].texts;
  const std::uint32_t code = texts.find(value.text);
  if (code == texts.size()) return nothing();
  Lanes out = mask();
  fill_mask(out.mask, rows(), [&](std::uint32_t row) {
    if (from.is_missing(row)) return false;
    if (from.type == ColumnType::Category) return from.codes[row] == code;
    const auto* begin = from.codes + from.offsets[row];
    const auto* end = from.codes + from.offsets[row + 1];
    return std::find(begin, end, code) != end;
  });
  return out;
}

Lanes LaneWork::missing(std::int32_t index) {
  if (index == kIdField) return nothing();
  const Column& from = column(index);
  Lanes out = mask();
  fill_mask(out.mask, rows(), [&from](std::uint32_t row) { return from.is_missing(row); });
  return out;
}

Lanes LaneWork::same(std::int32_t index, std::uint32_t placed) {
  Lanes out = mask();
  fill_mask(out.mask, rows(), [&](std::uint32_t row) { return facts_.agree(index, row, placed); });
  return out;
}

Lanes LaneWork::count_same(std::int32_t index, std::uint32_t last) {
  Lanes out = numbers();
  const auto slate = facts_.slate();
  const auto placed = slate.last(std::min<std::size_t>(last, slate.size()));
  if (const std::uint32_t* codes = codes_of(index)) {
    const auto mark = arena().mark();
    const auto counts = arena().zeroed<double>(code_count(index));
    for (const std::uint32_t row : placed) {
      if (codes[row] != kMissingCode) counts[codes[row]] += 1.0;
    }
    for (std::uint32_t row = 0; row < rows(); ++row) {
      out.numbers[row] = codes[row] == kMissingCode ? 0.0 : counts[codes[row]];
    }
    arena().rewind(mark);
    return out;
  }
  for (std::uint32_t row = 0; row < rows(); ++row) {
    double count = 0.0;
    for (const std::uint32_t other : placed) count += facts_.agree(index, row, other) ? 1.0 : 0.0;
    out.numbers[row] = count;
  }
  return out;
}

Lanes LaneWork::distance(std::int32_t index) {
  Lanes out = numbers();
  const auto slate = facts_.slate();
  for (std::uint32_t row = 0; row < rows(); ++row) {
    out.numbers[row] = kMissing;
    for (std::size_t back = 1; back <= slate.size(); ++back) {
      if (!facts_.agree(index, row, slate[slate.size() - back])) continue;
      out.numbers[row] = static_cast<double>(back);
      break;
    }
  }
  return out;
}

}  // namespace lineup
