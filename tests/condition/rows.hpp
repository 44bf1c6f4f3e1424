// SPDX-License-Identifier: Apache-2.0
//
// Rows written down as a test reads them, and the columns that the engine makes of such rows.
#pragma once

#include <cassert>
#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "batch/batch.hpp"

namespace lineup {

using Texts = std::vector<std::string>;
// monostate is missing. Times are int64.
using Cell = std::variant<std::monostate, bool, std::int64_t, double, std::string, Texts>;

// A table and the memory behind it. Fill it row by row, then call finish().
class Rows {
 public:
  explicit Rows(const Schema& schema) : schema_(schema), cells_(schema.size()) {}

  // One cell per column of the schema.
  void add(std::int64_t id, std::vector<Cell> cells) {
    number_ids_.push_back(id);
    add_cells(std::move(cells));
  }
  void add(const std::string& id, std::vector<Cell> cells) {
    id_bytes_ += id;
    id_offsets_.push_back(static_cast<std::uint32_t>(id_bytes_.size()));
    add_cells(std::move(cells));
  }
  // The column reads as one that the request does not carry.
  void leave_out(std::uint32_t column) { left_out_.push_back(column); }

  const Table& finish() {
    table_.row_count = count_;
    columns_.resize(schema_.size());
    vocabularies_.resize(schema_.size());
    for (std::uint32_t c = 0; c < schema_.size(); ++c) finish_column(c);
    for (const std::uint32_t column : left_out_) columns_[column].present = false;
    table_.columns = columns_;
    if (!number_ids_.empty()) {
      table_.ids.numbers = number_ids_.data();
    } else {
      table_.ids.offsets = id_offsets_.data();
      table_.ids.bytes = id_bytes_.data();
    }
    return table_;
  }

  [[nodiscard]] const Table& table() const { return table_; }
  [[nodiscard]] std::span<const Vocabulary> vocabularies() const { return vocabularies_; }
  // What a row has in a column: monostate also when the column was left out.
  [[nodiscard]] Cell cell(std::uint32_t column, std::uint32_t row) const {
    return columns_[column].present ? cells_[column][row] : Cell{};
  }

 private:
  void add_cells(std::vector<Cell> cells) {
    assert(cells.size() == schema_.size());
    for (std::size_t c = 0; c < cells.size(); ++c) cells_[c].push_back(std::move(cells[c]));
    ++count_;
  }

  std::uint32_t code_of(std::uint32_t column, const std::string& text) {
    auto& texts = storage_.texts[column];
    for (std::uint32_t code = 0; code < texts.size(); ++code) {
      if (texts[code] == text) return code;
    }
    texts.emplace_back(storage_.strings.emplace_back(text));
    return static_cast<std::uint32_t>(texts.size() - 1);
  }

  void finish_column(std::uint32_t c) {
    Column& column = columns_[c];
    column.type = schema_[c].type;
    column.present = true;
    auto& floats = storage_.floats.emplace_back();
    auto& integers = storage_.integers.emplace_back();
    auto& bools = storage_.bools.emplace_back();
    auto& codes = storage_.codes.emplace_back();
    auto& offsets = storage_.codes.emplace_back(1, 0U);
    auto& valid = storage_.words.emplace_back(word_count(count_), Word{0});
    storage_.texts.resize(schema_.size());
    for (std::uint32_t row = 0; row < count_; ++row) {
      const Cell& cell = cells_[c][row];
      const bool is_missing = std::holds_alternative<std::monostate>(cell);
      if (!is_missing) set_bit(valid.data(), row);
      // What lies under a missing value must not matter: numbers that would match.
      switch (column.type) {
        case ColumnType::Float:
          floats.push_back(is_missing ? 1.0 : std::get<double>(cell));
          break;
        case ColumnType::Integer:
        case ColumnType::Time:
          integers.push_back(is_missing ? 1 : std::get<std::int64_t>(cell));
          break;
        case ColumnType::Bool:
          bools.push_back(is_missing || std::get<bool>(cell) ? 1 : 0);
          break;
        case ColumnType::Category:
          codes.push_back(is_missing ? kMissingCode : code_of(c, std::get<std::string>(cell)));
          break;
        case ColumnType::Categories:
          if (!is_missing) {
            for (const auto& text : std::get<Texts>(cell)) codes.push_back(code_of(c, text));
          }
          offsets.push_back(static_cast<std::uint32_t>(codes.size()));
          break;
        case ColumnType::Embedding:
          break;
      }
    }
    column.floats = floats.data();
    column.integers = integers.data();
    column.bools = bools.data();
    column.codes = codes.data();
    column.offsets = offsets.data();
    const bool by_value =
        column.type == ColumnType::Category || column.type == ColumnType::Categories;
    column.valid = by_value ? nullptr : valid.data();
    vocabularies_[c].texts = storage_.texts[c];
  }

  const Schema& schema_;
  std::uint32_t count_ = 0;
  std::vector<std::vector<Cell>> cells_;  // [column][row]
  std::vector<std::int64_t> number_ids_;
  std::string id_bytes_;
  std::vector<std::uint32_t> id_offsets_ = {0};
  std::vector<std::uint32_t> left_out_;
  std::vector<Column> columns_;
  std::vector<Vocabulary> vocabularies_;
  Table table_;
  struct Storage {
    std::deque<std::vector<double>> floats;
    std::deque<std::vector<std::int64_t>> integers;
    std::deque<std::vector<std::uint8_t>> bools;
    std::deque<std::vector<std::uint32_t>> codes;
    std::deque<std::vector<Word>> words;
    std::deque<std::string> strings;
    std::deque<std::vector<std::string_view>> texts;  // [column]
  } storage_;
};

}  // namespace lineup
