// SPDX-License-Identifier: Apache-2.0
//
// Ids and the table. A table of up to kScanMax columns is searched by comparing names, which is
// faster than hashing when the hint is right, as it is for all rows but the first.
#include "table/owned_rows.hpp"

#include <charconv>

namespace lineup {

namespace {

// LIMIT: columns looked through one by one. More than that and a hash pays; a request with
// thousands of columns must not cost their square.
constexpr std::size_t kScanMax = 32;

}  // namespace

void OwnedIds::reset() {
  is_text_ = false;
  count_ = 0;
  numbers_.clear();
  bytes_.clear();
  offsets_.clear();
  came_as_number_.clear();
  inserted_.clear();
}

void OwnedIds::add_number(std::int64_t value) {
  if (!is_text_) {
    numbers_.push_back(value);
    ++count_;
    return;
  }
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  append({digits, static_cast<std::size_t>(end - digits)}, true);
}

void OwnedIds::add_text(std::string_view value) {
  turn_into_texts();
  append(value, false);
}

void OwnedIds::add_digits(std::string_view digits) {
  turn_into_texts();
  append(digits, true);
}

void OwnedIds::append(std::string_view value, bool is_number) {
  bytes_.append(value);
  offsets_.push_back(static_cast<std::uint32_t>(bytes_.size()));
  came_as_number_.push_back(is_number ? 1 : 0);
  ++count_;
}

void OwnedIds::turn_into_texts() {
  if (is_text_) return;
  is_text_ = true;
  count_ = 0;
  offsets_.push_back(0);
  for (const std::int64_t number : numbers_) add_number(number);
  numbers_.clear();
}

std::string OwnedIds::text(std::uint32_t row) const {
  if (row >= count_) {
    return row - count_ < inserted_.size() ? inserted_[row - count_] : std::string();
  }
  if (!is_text_) return std::to_string(numbers_[row]);
  return bytes_.substr(offsets_[row], offsets_[row + 1] - offsets_[row]);
}

bool OwnedIds::came_as_number(std::uint32_t row) const {
  if (row >= count_) {
    // Files do not say: beside numbers, what looks like one is one.
    const std::string id = text(row);
    std::int64_t number = 0;
    const auto read = std::from_chars(id.data(), id.data() + id.size(), number);
    return count_ > 0 && came_as_number(0) && read.ec == std::errc() &&
           read.ptr == id.data() + id.size() && std::to_string(number) == id;
  }
  return !is_text_ || came_as_number_[row] != 0;
}

const lineup_ids* OwnedIds::view() {
  view_ = {};
  view_.struct_size = sizeof(view_);
  if (is_text_) {
    view_.offsets = offsets_.data();
    view_.bytes = bytes_.data();
  } else {
    view_.numbers = numbers_.data();
  }
  return &view_;
}

void OwnedRows::reset() {
  used_ = 0;
  index_.clear();
  ids_.reset();
  row_count_ = 0;
}

OwnedColumn& OwnedRows::column(std::string_view name, std::size_t hint) {
  if (hint < used_ && columns_[hint].name() == name) return columns_[hint];
  if (used_ <= kScanMax) {
    for (std::size_t i = 0; i < used_; ++i) {
      if (columns_[i].name() == name) return columns_[i];
    }
  } else {
    if (index_.empty()) {
      for (std::size_t i = 0; i < used_; ++i) index_.emplace(columns_[i].name(), i);
    }
    const auto found = index_.find(std::string(name));
    if (found != index_.end()) return columns_[found->second];
    index_.emplace(name, used_);
  }
  if (used_ == columns_.size()) columns_.emplace_back();
  OwnedColumn& made = columns_[used_++];
  made.reset(name);
  return made;
}

const OwnedColumn* OwnedRows::find(std::string_view name) const {
  for (std::size_t i = 0; i < used_; ++i) {
    if (columns_[i].name() == name) return &columns_[i];
  }
  return nullptr;
}

void OwnedRows::finish(std::uint32_t row_count) {
  row_count_ = row_count;
  for (std::size_t i = 0; i < used_; ++i) columns_[i].finish(row_count);
}

}  // namespace lineup
