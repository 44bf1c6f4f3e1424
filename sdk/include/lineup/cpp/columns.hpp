// SPDX-License-Identifier: Apache-2.0
//
// Columns as typed views: spans that know which rows have a value. A view of a column that the
// request does not carry is empty: present() is false and every row is missing.
//
// Views borrow from the call they were read from and end with it.
#ifndef LINEUP_CPP_COLUMNS_HPP
#define LINEUP_CPP_COLUMNS_HPP

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "lineup/batch.h"

namespace lineup::plugin {

using Row = std::uint32_t;

// What all views share. `row_count` is the number of rows of the call.
class ColumnView {
 public:
  ColumnView() = default;
  ColumnView(const lineup_column* column, std::uint32_t row_count) noexcept
      : column_(column), row_count_(column == nullptr ? 0 : row_count) {}

  [[nodiscard]] bool present() const noexcept { return column_ != nullptr; }
  [[nodiscard]] std::uint32_t row_count() const noexcept { return row_count_; }

 protected:
  [[nodiscard]] bool has_bit(Row row) const noexcept {
    if (column_ == nullptr) return false;
    const std::uint64_t* bits = column_->validity;
    return bits == nullptr || ((bits[row / 64] >> (row % 64)) & 1U) != 0;
  }
  template <typename T>
  [[nodiscard]] const T* data() const noexcept {
    return column_ == nullptr ? nullptr : static_cast<const T*>(column_->data);
  }
  [[nodiscard]] const lineup_column* column() const noexcept { return column_; }

 private:
  const lineup_column* column_ = nullptr;
  std::uint32_t row_count_ = 0;
};

// A column of one scalar per row.
template <typename T, lineup_type Type>
class ScalarView : public ColumnView {
 public:
  static constexpr lineup_type kType = Type;
  using ColumnView::ColumnView;

  [[nodiscard]] bool has(Row row) const noexcept { return has_bit(row); }
  // REQUIRES: has(row).
  [[nodiscard]] T operator[](Row row) const noexcept { return data<T>()[row]; }
  [[nodiscard]] T value_or(Row row, T fallback) const noexcept {
    return has(row) ? data<T>()[row] : fallback;
  }
  // All rows; what stands at rows that have no value means nothing.
  [[nodiscard]] std::span<const T> values() const noexcept { return {data<T>(), row_count()}; }
};

using Integers = ScalarView<std::int64_t, LINEUP_TYPE_I64>;
using Bools = ScalarView<std::uint8_t, LINEUP_TYPE_BOOL>;
using Times = ScalarView<std::int64_t, LINEUP_TYPE_TIME_MS>;

// Numbers; NaN is missing too.
class Floats : public ScalarView<double, LINEUP_TYPE_F64> {
 public:
  using ScalarView::ScalarView;
  [[nodiscard]] bool has(Row row) const noexcept {
    return has_bit(row) && !std::isnan(data<double>()[row]);
  }
  [[nodiscard]] double value_or(Row row, double fallback) const noexcept {
    return has(row) ? data<double>()[row] : fallback;
  }
};

// What codes stand for.
class Dictionary {
 public:
  explicit Dictionary(const lineup_dictionary* dictionary) noexcept : dictionary_(dictionary) {}
  [[nodiscard]] std::uint32_t size() const noexcept {
    return dictionary_ == nullptr ? 0 : dictionary_->count;
  }
  // REQUIRES: code < size().
  [[nodiscard]] std::string_view operator[](std::uint32_t code) const noexcept {
    const std::uint32_t* offsets = dictionary_->offsets;
    return {dictionary_->bytes + offsets[code], offsets[code + 1] - offsets[code]};
  }

 private:
  const lineup_dictionary* dictionary_;
};

// A category per row, as a code; equal codes mean equal texts, in the history too.
class Codes : public ColumnView {
 public:
  static constexpr lineup_type kType = LINEUP_TYPE_CODE;
  static constexpr std::uint32_t kNone = LINEUP_NO_CODE;
  using ColumnView::ColumnView;

  [[nodiscard]] bool has(Row row) const noexcept { return (*this)[row] != kNone; }
  // The code, or kNone.
  [[nodiscard]] std::uint32_t operator[](Row row) const noexcept {
    return has_bit(row) ? data<std::uint32_t>()[row] : kNone;
  }
  [[nodiscard]] Dictionary dictionary() const noexcept {
    return Dictionary(present() ? column()->dictionary : nullptr);
  }
};

// Several categories per row.
class CodeLists : public ColumnView {
 public:
  static constexpr lineup_type kType = LINEUP_TYPE_CODE_LIST;
  using ColumnView::ColumnView;

  [[nodiscard]] bool has(Row row) const noexcept { return !(*this)[row].empty(); }
  // Empty when the row has none.
  [[nodiscard]] std::span<const std::uint32_t> operator[](Row row) const noexcept {
    if (!has_bit(row)) return {};
    const std::uint32_t* offsets = column()->list_offsets;
    return {data<std::uint32_t>() + offsets[row], offsets[row + 1] - offsets[row]};
  }
  [[nodiscard]] Dictionary dictionary() const noexcept {
    return Dictionary(present() ? column()->dictionary : nullptr);
  }
};

// An embedding per row.
class Vectors : public ColumnView {
 public:
  static constexpr lineup_type kType = LINEUP_TYPE_VECTOR;
  using ColumnView::ColumnView;

  [[nodiscard]] std::uint32_t dimension() const noexcept {
    return present() ? column()->dimension : 0;
  }
  [[nodiscard]] bool has(Row row) const noexcept { return has_bit(row); }
  // REQUIRES: has(row).
  [[nodiscard]] std::span<const float> operator[](Row row) const noexcept {
    return {data<float>() + static_cast<std::size_t>(row) * dimension(), dimension()};
  }
};

// Ids of rows: all numbers or all texts.
class Ids {
 public:
  Ids() = default;
  explicit Ids(const lineup_ids* ids) noexcept : ids_(ids) {}

  [[nodiscard]] bool present() const noexcept { return ids_ != nullptr; }
  [[nodiscard]] bool numeric() const noexcept { return present() && ids_->numbers != nullptr; }
  // REQUIRES: numeric().
  [[nodiscard]] std::int64_t number(Row row) const noexcept { return ids_->numbers[row]; }
  // REQUIRES: present() and not numeric().
  [[nodiscard]] std::string_view text(Row row) const noexcept {
    return {ids_->bytes + ids_->offsets[row], ids_->offsets[row + 1] - ids_->offsets[row]};
  }
  // Whether row `left` here and row `right` of `other` are the same item.
  [[nodiscard]] bool same(Row left, const Ids& other, Row right) const noexcept {
    if (!present() || !other.present() || numeric() != other.numeric()) return false;
    return numeric() ? number(left) == other.number(right) : text(left) == other.text(right);
  }

 private:
  const lineup_ids* ids_ = nullptr;
};

}  // namespace lineup::plugin

#endif
