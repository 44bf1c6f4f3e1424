// SPDX-License-Identifier: Apache-2.0
//
// Rows that own their memory: what the hosts that come with the project (the `lineup` program, rule
// cases) make of JSON and YAML before the engine borrows it. A column's type follows from its
// values: whole numbers, numbers, booleans, text, lists of text, lists of numbers.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "lineup/engine.h"

namespace lineup {

// One column under construction. Values are added by increasing row; rows that are passed over have
// no value. The first value decides the type, with one exception: a fraction turns whole numbers
// into numbers.
class OwnedColumn {
 public:
  // Empties the column for other rows; keeps its memory.
  void reset(std::string_view name);

  // Errors: `table/mixed` for a value that does not fit those before it, `table/twice` for a row
  // that has one already. The messages name the column and the row.
  Result<void> add_bool(std::uint32_t row, bool value);
  Result<void> add_integer(std::uint32_t row, std::int64_t value);
  Result<void> add_number(std::uint32_t row, double value);
  Result<void> add_text(std::uint32_t row, std::string_view value);
  // `table/lengths`: lists of numbers must be of one length.
  Result<void> add_numbers(std::uint32_t row, std::span<const float> values);
  // REQUIRES, for both kinds of lists: not empty. An empty list is no value: add nothing.
  Result<void> add_texts(std::uint32_t row, std::span<const std::string_view> values);

  // Ends the column at `row_count` rows; afterwards view() is complete.
  void finish(std::uint32_t row_count);

  [[nodiscard]] const std::string& name() const { return name_; }
  // Without a single value: nothing is known about its type.
  [[nodiscard]] bool is_empty() const { return type_ == 0; }
  // Borrowed from this column. REQUIRES: finish() was called and the column is not empty.
  [[nodiscard]] const lineup_column* view() const { return &view_; }
  // The text of `row`, or empty; for showing to people. REQUIRES: finish() was called.
  [[nodiscard]] std::string_view text(std::uint32_t row) const;

 private:
  Result<void> begin(std::uint32_t row, lineup_type type);
  tl::unexpected<Error> mixed(std::uint32_t row, lineup_type type) const;
  void pad(std::uint32_t row_count);
  void append_text(std::string_view value);

  std::string name_;
  lineup_type type_ = 0;
  std::uint32_t rows_ = 0;       // rows so far, with or without a value
  std::uint32_t first_row_ = 0;  // the first with a value: it decided the type
  bool has_gaps_ = false;
  std::uint32_t dimension_ = 0;
  std::vector<std::int64_t> integers_;
  std::vector<double> numbers_;
  std::vector<std::uint8_t> bools_;
  std::vector<float> vectors_;
  std::string bytes_;
  std::vector<std::uint32_t> offsets_;
  std::vector<std::uint32_t> list_offsets_;
  std::vector<std::uint64_t> validity_;
  lineup_column view_{};
};

// Ids in row order: numbers while all are whole numbers, otherwise texts. Each remembers how it
// came, so that it is echoed as it was given.
class OwnedIds {
 public:
  void reset();
  void add_number(std::int64_t value);
  void add_text(std::string_view value);
  // A number too large for 64 bits with sign: kept as its digits.
  void add_digits(std::string_view digits);
  // Ids that stand behind these, from row count() on: rows of pools, which the engine inserts. They
  // are no part of view().
  void clear_inserted() { inserted_.clear(); }
  void insert(std::string_view id) { inserted_.emplace_back(id); }
  [[nodiscard]] std::uint32_t inserted_count() const {
    return static_cast<std::uint32_t>(inserted_.size());
  }

  [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(count_); }
  [[nodiscard]] std::string text(std::uint32_t row) const;
  [[nodiscard]] bool came_as_number(std::uint32_t row) const;
  // Borrowed from this object until it changes.
  [[nodiscard]] const lineup_ids* view();

 private:
  void append(std::string_view value, bool is_number);
  void turn_into_texts();

  bool is_text_ = false;
  std::size_t count_ = 0;
  std::vector<std::int64_t> numbers_;
  std::string bytes_;
  std::vector<std::uint32_t> offsets_;
  std::vector<std::uint8_t> came_as_number_;  // [count] once they are texts
  std::vector<std::string> inserted_;
  lineup_ids view_{};
};

// Ids and columns of one table. Reused from request to request: memory is kept.
class OwnedRows {
 public:
  void reset();

  // The column of this name, made when it is new. `hint` is where it was found last time: rows of
  // one request mostly name their columns in one order.
  OwnedColumn& column(std::string_view name, std::size_t hint = 0);
  [[nodiscard]] const OwnedColumn* find(std::string_view name) const;
  [[nodiscard]] OwnedIds& ids() { return ids_; }
  [[nodiscard]] const OwnedIds& ids() const { return ids_; }

  // Ends all columns. REQUIRES: ids().count() is 0 or row_count.
  void finish(std::uint32_t row_count);
  [[nodiscard]] std::uint32_t row_count() const { return row_count_; }
  [[nodiscard]] std::size_t column_count() const { return used_; }
  [[nodiscard]] const OwnedColumn& at(std::size_t index) const { return columns_[index]; }

 private:
  std::deque<OwnedColumn> columns_;  // a deque: references stay while columns are added
  std::size_t used_ = 0;
  std::unordered_map<std::string, std::size_t> index_;  // only once there are many columns
  OwnedIds ids_;
  std::uint32_t row_count_ = 0;
};

// What lineup_input takes: a view of rows, with the columns that are not empty.
class RowsView {
 public:
  // Fills the view; `bind` gives the handle of a column's name. Borrowed from `rows` and from this
  // object.
  template <typename Bind>
  const lineup_rows* fill(OwnedRows& rows, Bind&& bind) {
    handles_.clear();
    columns_.clear();
    for (std::size_t i = 0; i < rows.column_count(); ++i) {
      const OwnedColumn& column = rows.at(i);
      if (column.is_empty()) continue;
      handles_.push_back(bind(column.name()));
      columns_.push_back(column.view());
    }
    view_ = {};
    view_.struct_size = sizeof(view_);
    view_.row_count = rows.row_count();
    view_.column_count = static_cast<std::uint32_t>(columns_.size());
    view_.ids = rows.ids().count() == 0 ? nullptr : rows.ids().view();
    view_.handles = handles_.data();
    view_.columns = columns_.data();
    return &view_;
  }

 private:
  std::vector<lineup_handle> handles_;
  std::vector<const lineup_column*> columns_;
  lineup_rows view_{};
};

}  // namespace lineup
