// SPDX-License-Identifier: Apache-2.0
//
// Both forms end in add_value(): the row form goes row by row and guesses that keys come in the
// order they had in the row before, the column form goes column by column.
#include "cli/request/request_table.hpp"

#include <fmt/format.h>

namespace lineup::cli {

namespace dom = simdjson::dom;

namespace {

// Working memory for one list; reused from cell to cell.
struct ListScratch {
  std::vector<float> numbers;
  std::vector<std::string_view> texts;
};

Result<void> add_list(dom::array list, std::uint32_t row, OwnedColumn& column,
                      ListScratch& scratch) {
  scratch.numbers.clear();
  scratch.texts.clear();
  for (const dom::element entry : list) {
    double number = 0.0;
    std::string_view text;
    if (entry.get(number) == simdjson::SUCCESS) {
      scratch.numbers.push_back(static_cast<float>(number));
    } else if (entry.get(text) == simdjson::SUCCESS) {
      scratch.texts.push_back(text);
    } else {
      return failure("table/list",
                     fmt::format("column `{}`, row {}: a list may hold text or numbers only",
                                 column.name(), row));
    }
  }
  if (!scratch.numbers.empty() && !scratch.texts.empty()) {
    return failure("table/list", fmt::format("column `{}`, row {}: a list mixes text and numbers",
                                             column.name(), row));
  }
  if (!scratch.numbers.empty()) return column.add_numbers(row, scratch.numbers);
  if (!scratch.texts.empty()) return column.add_texts(row, scratch.texts);
  return {};
}

Result<void> add_value(dom::element value, std::uint32_t row, OwnedColumn& column,
                       ListScratch& scratch) {
  switch (value.type()) {
    case dom::element_type::NULL_VALUE:
      return {};
    case dom::element_type::BOOL:
      return column.add_bool(row, value.get_bool().value_unsafe());
    case dom::element_type::INT64:
      return column.add_integer(row, value.get_int64().value_unsafe());
    case dom::element_type::UINT64:
    case dom::element_type::DOUBLE:
      return column.add_number(row, value.get_double().value_unsafe());
    case dom::element_type::STRING:
      return column.add_text(row, value.get_string().value_unsafe());
    case dom::element_type::ARRAY:
      return add_list(value.get_array().value_unsafe(), row, column, scratch);
    case dom::element_type::OBJECT:
      break;
  }
  return failure("table/object", fmt::format("column `{}`, row {}: an object is no column value",
                                             column.name(), row));
}

Result<void> add_id(dom::element value, std::uint32_t row, OwnedIds& ids) {
  if (value.is_string()) {
    ids.add_text(value.get_string().value_unsafe());
  } else if (value.is_int64()) {
    ids.add_number(value.get_int64().value_unsafe());
  } else if (value.is_uint64()) {
    ids.add_digits(simdjson::minify(value));
  } else {
    return failure("table/id", fmt::format("row {}: `id` must be text or a whole number", row));
  }
  return {};
}

tl::unexpected<Error> no_id(std::uint32_t row) {
  return failure("table/id", fmt::format("row {}: `id` is missing", row));
}

// Candidates need ids; rows of the history may do without, all of them or none.
Result<void> check_ids(const OwnedRows& table, std::uint32_t row_count, bool needs_ids) {
  const std::uint32_t ids = table.ids().count();
  if (ids == row_count || (ids == 0 && !needs_ids)) return {};
  return no_id(ids);
}

Result<std::uint32_t> read_rows(dom::array rows, bool needs_ids, OwnedRows& out) {
  ListScratch scratch;
  std::uint32_t row = 0;
  for (const dom::element entry : rows) {
    dom::object object;
    if (entry.get(object) != simdjson::SUCCESS) {
      return failure("table/row", fmt::format("row {} must be an object", row));
    }
    std::size_t position = 0;
    for (const dom::key_value_pair field : object) {
      if (field.key == "id") {
        // A row without an id leaves the count behind; a second id puts it ahead.
        if (out.ids().count() < row && row > 0) return no_id(out.ids().count());
        if (out.ids().count() > row) {
          return failure("table/twice", fmt::format("row {}: `id` occurs twice", row));
        }
        auto added = add_id(field.value, row, out.ids());
        if (!added) return tl::unexpected(added.error());
        continue;
      }
      auto added = add_value(field.value, row, out.column(field.key, position), scratch);
      if (!added) return tl::unexpected(added.error());
      ++position;
    }
    ++row;
    if (needs_ids && out.ids().count() < row) return no_id(row - 1);
  }
  return row;
}

Result<std::uint32_t> read_columns(dom::object columns, OwnedRows& out) {
  ListScratch scratch;
  std::string first;
  std::uint32_t row_count = 0;
  for (const dom::key_value_pair field : columns) {
    dom::array values;
    if (field.value.get(values) != simdjson::SUCCESS) {
      return failure("table/column", fmt::format("column `{}` must be a list", field.key));
    }
    const bool is_id = field.key == "id";
    if (is_id ? out.ids().count() > 0 : out.find(field.key) != nullptr) {
      return failure("table/twice", fmt::format("column `{}` occurs twice", field.key));
    }
    std::uint32_t row = 0;
    OwnedColumn* column = is_id ? nullptr : &out.column(field.key);
    for (const dom::element value : values) {
      auto added = is_id ? add_id(value, row, out.ids()) : add_value(value, row, *column, scratch);
      if (!added) return tl::unexpected(added.error());
      ++row;
    }
    if (first.empty()) {
      first = field.key;
      row_count = row;
    } else if (row != row_count) {
      return failure("table/lengths", fmt::format("column `{}` has {} rows, column `{}` has {}",
                                                  first, row_count, field.key, row));
    }
  }
  return row_count;
}

}  // namespace

Result<void> read_table(std::string_view name, dom::element value, OwnedRows& out) {
  const bool needs_ids = name == "candidates";
  out.reset();
  Result<std::uint32_t> rows = 0;
  if (value.is_array()) {
    rows = read_rows(value.get_array().value_unsafe(), needs_ids, out);
  } else if (value.is_object()) {
    rows = read_columns(value.get_object().value_unsafe(), out);
  } else {
    return failure("table/form",
                   fmt::format("`{}` must be a list of rows, or an object of columns", name));
  }
  if (rows) {
    auto checked = check_ids(out, *rows, needs_ids);
    if (!checked) rows = tl::unexpected(checked.error());
  }
  if (!rows) {
    return failure(rows.error().code, fmt::format("{}: {}", name, rows.error().message));
  }
  out.finish(*rows);
  return {};
}

}  // namespace lineup::cli
