// SPDX-License-Identifier: Apache-2.0
//
// Reads the columns through the same view that the engine borrows.
#include "cli/request/column_values.hpp"

#include <fmt/format.h>

#include <cmath>

namespace lineup::cli {

namespace {

bool is_missing(const lineup_column& column, std::uint32_t row) {
  return column.validity != nullptr && ((column.validity[row / 64] >> (row % 64)) & 1U) == 0;
}

std::string_view text_at(const lineup_column& column, std::uint32_t index) {
  const char* bytes = static_cast<const char*>(column.data);
  return {bytes + column.offsets[index], column.offsets[index + 1] - column.offsets[index]};
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

void CellReader::add_split(std::string_view text, char split) {
  if (split == 0) {
    values_.push_back(text);
    return;
  }
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(split), text.size());
    const std::string_view value = trimmed(text.substr(0, end));
    if (!value.empty()) values_.push_back(value);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::span<const std::string_view> CellReader::texts(const OwnedColumn& column, std::uint32_t row,
                                                    char split) {
  values_.clear();
  if (column.is_empty() || is_missing(*column.view(), row)) return values_;
  const lineup_column& cells = *column.view();
  switch (cells.type) {
    case LINEUP_TYPE_TEXT:
      add_split(text_at(cells, row), split);
      return values_;
    case LINEUP_TYPE_TEXT_LIST:
      for (auto i = cells.list_offsets[row]; i < cells.list_offsets[row + 1]; ++i) {
        values_.push_back(text_at(cells, i));
      }
      return values_;
    case LINEUP_TYPE_I64:
      number_ = fmt::format("{}", static_cast<const std::int64_t*>(cells.data)[row]);
      break;
    case LINEUP_TYPE_F64:
      number_ = fmt::format("{}", static_cast<const double*>(cells.data)[row]);
      break;
    case LINEUP_TYPE_BOOL:
      number_ = static_cast<const std::uint8_t*>(cells.data)[row] != 0 ? "true" : "false";
      break;
    default:
      return values_;
  }
  values_.push_back(number_);
  return values_;
}

std::optional<double> number_at(const OwnedColumn& column, std::uint32_t row) {
  if (column.is_empty() || is_missing(*column.view(), row)) return std::nullopt;
  const lineup_column& cells = *column.view();
  if (cells.type == LINEUP_TYPE_I64) {
    return static_cast<double>(static_cast<const std::int64_t*>(cells.data)[row]);
  }
  if (cells.type != LINEUP_TYPE_F64) return std::nullopt;
  const double value = static_cast<const double*>(cells.data)[row];
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

}  // namespace lineup::cli
