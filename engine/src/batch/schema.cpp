// SPDX-License-Identifier: Apache-2.0
#include "batch/schema.hpp"

#include <array>
#include <cassert>

namespace lineup {

namespace {

constexpr std::array<std::string_view, 7> kTypeNames = {
    "float", "integer", "category", "categories", "bool", "time", "embedding"};

}  // namespace

std::string_view name_of(ColumnType type) { return kTypeNames[static_cast<std::size_t>(type)]; }

std::optional<ColumnType> column_type(std::string_view name) {
  for (std::size_t i = 0; i < kTypeNames.size(); ++i) {
    if (kTypeNames[i] == name) return static_cast<ColumnType>(i);
  }
  return std::nullopt;
}

Schema::Schema(const Schema& other) { *this = other; }

Schema& Schema::operator=(const Schema& other) {
  if (this == &other) return *this;
  columns_ = other.columns_;
  for (ColumnSpec& column : columns_) {
    if (column.default_value.kind == Scalar::Kind::Text) {
      column.default_value.text = column.default_text;
    }
  }
  return *this;
}

std::uint32_t Schema::add(ColumnSpec column) {
  assert(!find(column.name));
  columns_.push_back(std::move(column));
  ColumnSpec& added = columns_.back();
  if (added.default_value.kind == Scalar::Kind::Text) added.default_value.text = added.default_text;
  return size() - 1;
}

std::optional<std::uint32_t> Schema::find(std::string_view name) const {
  for (std::uint32_t i = 0; i < size(); ++i) {
    if (columns_[i].name == name) return i;
  }
  return std::nullopt;
}

std::vector<std::string> Schema::names() const {
  std::vector<std::string> names;
  for (const ColumnSpec& column : columns_) names.push_back(column.name);
  return names;
}

}  // namespace lineup
