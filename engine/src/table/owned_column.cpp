// SPDX-License-Identifier: Apache-2.0
//
// A column that learns its type from its values. Rows without a value are filled in when the next
// value arrives, so the values themselves are appended and never looked at again.
#include <fmt/format.h>

#include "table/owned_rows.hpp"

namespace lineup {

namespace {

// What a person would call a value of this type.
std::string_view describe(lineup_type type) {
  switch (type) {
    case LINEUP_TYPE_BOOL:
      return "true or false";
    case LINEUP_TYPE_TEXT:
      return "text";
    case LINEUP_TYPE_TEXT_LIST:
      return "a list of text";
    case LINEUP_TYPE_VECTOR:
      return "a list of numbers";
    default:
      return "a number";
  }
}

}  // namespace

void OwnedColumn::reset(std::string_view name) {
  name_ = name;
  type_ = 0;
  rows_ = 0;
  first_row_ = 0;
  has_gaps_ = false;
  dimension_ = 0;
  integers_.clear();
  numbers_.clear();
  bools_.clear();
  vectors_.clear();
  bytes_.clear();
  offsets_.clear();
  list_offsets_.clear();
  validity_.clear();
}

tl::unexpected<Error> OwnedColumn::mixed(std::uint32_t row, lineup_type type) const {
  return failure("table/mixed",
                 fmt::format("column `{}` mixes types: row {} has {}, row {} has {}", name_,
                             first_row_, describe(type_), row, describe(type)));
}

// Makes room for a value of `type` in `row`: all that is left is to append it.
Result<void> OwnedColumn::begin(std::uint32_t row, lineup_type type) {
  if (type_ == 0) {
    type_ = type;
    first_row_ = row;
    if (type == LINEUP_TYPE_TEXT || type == LINEUP_TYPE_TEXT_LIST) offsets_.push_back(0);
    if (type == LINEUP_TYPE_TEXT_LIST) list_offsets_.push_back(0);
  } else if (type_ != type) {
    return mixed(row, type);
  }
  if (row < rows_) {
    return failure("table/twice", fmt::format("column `{}` occurs twice in row {}", name_, row));
  }
  pad(row);
  if (row / 64 >= validity_.size()) validity_.resize(row / 64 + 1, 0);
  validity_[row / 64] |= std::uint64_t{1} << (row % 64);
  rows_ = row + 1;
  return {};
}

// Appends rows without a value until there are `row_count`.
void OwnedColumn::pad(std::uint32_t row_count) {
  if (row_count <= rows_) return;
  has_gaps_ = true;
  const std::size_t missing = row_count - rows_;
  switch (type_) {
    case LINEUP_TYPE_BOOL:
      bools_.insert(bools_.end(), missing, 0);
      break;
    case LINEUP_TYPE_I64:
      integers_.insert(integers_.end(), missing, 0);
      break;
    case LINEUP_TYPE_F64:
      numbers_.insert(numbers_.end(), missing, 0.0);
      break;
    case LINEUP_TYPE_TEXT:
      offsets_.insert(offsets_.end(), missing, offsets_.back());
      break;
    case LINEUP_TYPE_TEXT_LIST:
      list_offsets_.insert(list_offsets_.end(), missing, list_offsets_.back());
      break;
    case LINEUP_TYPE_VECTOR:
      vectors_.insert(vectors_.end(), missing * dimension_, 0.0F);
      break;
    default:
      break;
  }
  rows_ = row_count;
}

Result<void> OwnedColumn::add_bool(std::uint32_t row, bool value) {
  auto room = begin(row, LINEUP_TYPE_BOOL);
  if (room) bools_.push_back(value ? 1 : 0);
  return room;
}

Result<void> OwnedColumn::add_integer(std::uint32_t row, std::int64_t value) {
  if (type_ == LINEUP_TYPE_F64) return add_number(row, static_cast<double>(value));
  auto room = begin(row, LINEUP_TYPE_I64);
  if (room) integers_.push_back(value);
  return room;
}

Result<void> OwnedColumn::add_number(std::uint32_t row, double value) {
  if (type_ == LINEUP_TYPE_I64) {
    type_ = LINEUP_TYPE_F64;
    numbers_.assign(integers_.begin(), integers_.end());
  }
  auto room = begin(row, LINEUP_TYPE_F64);
  if (room) numbers_.push_back(value);
  return room;
}

void OwnedColumn::append_text(std::string_view value) {
  bytes_.append(value);
  offsets_.push_back(static_cast<std::uint32_t>(bytes_.size()));
}

Result<void> OwnedColumn::add_text(std::uint32_t row, std::string_view value) {
  auto room = begin(row, LINEUP_TYPE_TEXT);
  if (room) append_text(value);
  return room;
}

Result<void> OwnedColumn::add_texts(std::uint32_t row, std::span<const std::string_view> values) {
  auto room = begin(row, LINEUP_TYPE_TEXT_LIST);
  if (!room) return room;
  for (const std::string_view value : values) append_text(value);
  list_offsets_.push_back(static_cast<std::uint32_t>(offsets_.size() - 1));
  return room;
}

Result<void> OwnedColumn::add_numbers(std::uint32_t row, std::span<const float> values) {
  if (type_ == 0) dimension_ = static_cast<std::uint32_t>(values.size());
  auto room = begin(row, LINEUP_TYPE_VECTOR);
  if (!room) return room;
  if (values.size() != dimension_) {
    return failure("table/lengths", fmt::format("column `{}`: row {} has {} numbers, row {} has {}",
                                                name_, first_row_, dimension_, row, values.size()));
  }
  vectors_.insert(vectors_.end(), values.begin(), values.end());
  return room;
}

void OwnedColumn::finish(std::uint32_t row_count) {
  if (type_ == 0) return;
  pad(row_count);
  view_ = {};
  view_.struct_size = sizeof(view_);
  view_.type = type_;
  validity_.resize((row_count + 63) / 64, 0);
  view_.validity = has_gaps_ ? validity_.data() : nullptr;
  switch (type_) {
    case LINEUP_TYPE_BOOL:
      view_.data = bools_.data();
      break;
    case LINEUP_TYPE_I64:
      view_.data = integers_.data();
      break;
    case LINEUP_TYPE_F64:
      view_.data = numbers_.data();
      break;
    case LINEUP_TYPE_VECTOR:
      view_.data = vectors_.data();
      view_.dimension = dimension_;
      break;
    default:
      view_.data = bytes_.data();
      view_.offsets = offsets_.data();
      view_.list_offsets = type_ == LINEUP_TYPE_TEXT_LIST ? list_offsets_.data() : nullptr;
      break;
  }
}

std::string_view OwnedColumn::text(std::uint32_t row) const {
  if (type_ != LINEUP_TYPE_TEXT || row + 1 >= offsets_.size()) return {};
  return std::string_view(bytes_).substr(offsets_[row], offsets_[row + 1] - offsets_[row]);
}

}  // namespace lineup
