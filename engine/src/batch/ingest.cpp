// SPDX-License-Identifier: Apache-2.0
//
// Columns whose stored form is the canonical one are borrowed, so the usual request copies nothing.
// Candidates and history of a category column are coded together: equal codes mean equal texts.
#include "batch/ingest.hpp"

#include <fmt/format.h>

#include <charconv>
#include <limits>

#include "base/clock.hpp"
#include "batch/ingest_codes.hpp"
#include "batch/ingest_join.hpp"

namespace lineup {

namespace {

tl::unexpected<Error> wrong_type(const ColumnSpec& spec, lineup_type type) {
  return failure("input/type", fmt::format("column `{}` is declared as {} but came as {}",
                                           spec.name, name_of(spec.type), name_of_stored(type)));
}

// A copy of `from` as T in the arena.
template <typename To, typename From>
const To* widened(const void* from, std::uint32_t count, Arena& arena) {
  auto out = arena.allocate<To>(count);
  const From* in = static_cast<const From*>(from);
  for (std::uint32_t i = 0; i < count; ++i) out[i] = static_cast<To>(in[i]);
  return out.data();
}

bool read_floats(const lineup_column& in, std::uint32_t rows, Arena& arena, Column& out) {
  switch (in.type) {
    case LINEUP_TYPE_F64:
      out.floats = static_cast<const double*>(in.data);
      return true;
    case LINEUP_TYPE_F32:
      out.floats = widened<double, float>(in.data, rows, arena);
      return true;
    case LINEUP_TYPE_I64:
      out.floats = widened<double, std::int64_t>(in.data, rows, arena);
      return true;
    case LINEUP_TYPE_I32:
      out.floats = widened<double, std::int32_t>(in.data, rows, arena);
      return true;
    default:
      return false;
  }
}

bool read_integers(const lineup_column& in, std::uint32_t rows, Arena& arena, Column& out) {
  if (in.type == LINEUP_TYPE_I64 ||
      (in.type == LINEUP_TYPE_TIME_MS && out.type == ColumnType::Time)) {
    out.integers = static_cast<const std::int64_t*>(in.data);
    return true;
  }
  if (in.type != LINEUP_TYPE_I32) return false;
  out.integers = widened<std::int64_t, std::int32_t>(in.data, rows, arena);
  return true;
}

// Dates as text: parsed into a column of the arena; what is no date is missing.
void read_dates(const lineup_column& in, std::uint32_t rows, Arena& arena, Column& out) {
  auto values = arena.zeroed<std::int64_t>(rows);
  auto valid = arena.zeroed<Word>(word_count(rows));
  const char* bytes = static_cast<const char*>(in.data);
  for (std::uint32_t row = 0; row < rows; ++row) {
    if (in.validity != nullptr && !test_bit(in.validity, row)) continue;
    const auto time =
        parse_time_ms({bytes + in.offsets[row], in.offsets[row + 1] - in.offsets[row]});
    if (!time) continue;
    values[row] = *time;
    set_bit(valid.data(), row);
  }
  out.integers = values.data();
  out.valid = valid.data();
}

// Replaces missing values of a plain column by the declared default.
void fill_default(const ColumnSpec& spec, std::uint32_t rows, Arena& arena, Column& column) {
  const Scalar& value = spec.default_value;
  const Column before = column;
  const auto missing = [&](std::uint32_t row) { return before.is_missing(row); };
  if (column.present && column.valid == nullptr && column.type != ColumnType::Float) return;
  if (spec.type == ColumnType::Float) {
    auto out = arena.allocate<double>(rows);
    for (std::uint32_t r = 0; r < rows; ++r) out[r] = missing(r) ? value.number : before.floats[r];
    column.floats = out.data();
  } else if (spec.type == ColumnType::Integer || spec.type == ColumnType::Time) {
    auto out = arena.allocate<std::int64_t>(rows);
    for (std::uint32_t r = 0; r < rows; ++r)
      out[r] = missing(r) ? value.integer : before.integers[r];
    column.integers = out.data();
  } else if (spec.type == ColumnType::Bool) {
    auto out = arena.allocate<std::uint8_t>(rows);
    for (std::uint32_t r = 0; r < rows; ++r) {
      out[r] = missing(r) ? static_cast<std::uint8_t>(value.boolean) : before.bools[r];
    }
    column.bools = out.data();
  } else {
    return;
  }
  column.valid = nullptr;
  column.present = true;
}

Result<Column> read_plain(const ColumnSpec& spec, const lineup_column* in, std::uint32_t rows,
                          Arena& arena) {
  Column out;
  out.type = spec.type;
  if (in != nullptr) {
    if (in->data == nullptr && rows > 0) {
      return failure("input/no-data", fmt::format("column `{}` has no data", spec.name));
    }
    out.present = true;
    out.valid = in->validity;
    bool fits = false;
    switch (spec.type) {
      case ColumnType::Float:
        fits = read_floats(*in, rows, arena, out);
        break;
      case ColumnType::Integer:
        fits = read_integers(*in, rows, arena, out);
        break;
      case ColumnType::Time:
        fits = in->type == LINEUP_TYPE_TEXT || read_integers(*in, rows, arena, out);
        if (in->type == LINEUP_TYPE_TEXT) read_dates(*in, rows, arena, out);
        break;
      case ColumnType::Bool:
        fits = in->type == LINEUP_TYPE_BOOL;
        out.bools = static_cast<const std::uint8_t*>(in->data);
        break;
      case ColumnType::Embedding:
        fits = in->type == LINEUP_TYPE_VECTOR;
        out.vectors = static_cast<const float*>(in->data);
        out.dimension = in->dimension;
        if (fits && spec.dimension != 0 && spec.dimension != in->dimension) {
          return failure(
              "input/dimension",
              fmt::format("column `{}` is declared with {} floats per row but came with {}",
                          spec.name, spec.dimension, in->dimension));
        }
        break;
      default:
        break;
    }
    if (!fits) return wrong_type(spec, in->type);
  }
  if (!spec.default_value.is_missing()) fill_default(spec, rows, arena, out);
  return out;
}

bool is_coded(ColumnType type) {
  return type == ColumnType::Category || type == ColumnType::Categories;
}

const lineup_column* column_at(const TableInput& table, std::uint32_t index) {
  return index < table.columns.size() ? table.columns[index] : nullptr;
}

// Rows without ids are numbered, those of the history below zero: no two are the same item.
Ids read_ids(const TableInput& table, std::int64_t first, std::int64_t step, Arena& arena) {
  const lineup_ids* ids = table.ids;
  if (ids != nullptr && (ids->numbers != nullptr || ids->offsets != nullptr)) {
    return {ids->numbers, ids->offsets, ids->bytes};
  }
  const auto numbers = arena.allocate<std::int64_t>(table.row_count);
  for (std::uint32_t row = 0; row < table.row_count; ++row) {
    numbers[row] = first + step * static_cast<std::int64_t>(row);
  }
  return {numbers.data(), nullptr, nullptr};
}

}  // namespace

Result<Batch> ingest(const Schema& schema, std::span<const std::uint8_t> wanted,
                     const TableInput& rows, const TableInput& history, IngestScratch& scratch,
                     Arena& arena, const TableInput& inserted) {
  auto row_columns = arena.filled<Column>(schema.size(), Column{});
  auto history_columns = arena.filled<Column>(schema.size(), Column{});
  auto vocabularies = arena.filled<Vocabulary>(schema.size(), Vocabulary{});
  for (std::uint32_t index = 0; index < schema.size(); ++index) {
    const ColumnSpec& spec = schema[index];
    row_columns[index].type = history_columns[index].type = spec.type;
    if (wanted[index] == 0) continue;
    if (is_coded(spec.type)) {
      CodedColumn coded{spec,
                        column_at(rows, index),
                        column_at(history, index),
                        rows.row_count,
                        history.row_count,
                        column_at(inserted, index),
                        inserted.row_count};
      auto vocabulary =
          read_coded(coded, scratch, arena, row_columns[index], history_columns[index]);
      if (!vocabulary) return tl::unexpected(vocabulary.error());
      vocabularies[index] = *vocabulary;
      continue;
    }
    auto read = read_plain(spec, column_at(rows, index), rows.row_count, arena);
    if (!read) return tl::unexpected(read.error());
    auto past = read_plain(spec, column_at(history, index), history.row_count, arena);
    if (!past) return tl::unexpected(past.error());
    if (inserted.row_count > 0) {
      auto more = read_plain(spec, column_at(inserted, index), inserted.row_count, arena);
      if (!more) return tl::unexpected(more.error());
      *read = join_columns(*read, rows.row_count, *more, inserted.row_count, arena);
    }
    row_columns[index] = *read;
    history_columns[index] = *past;
  }
  Batch batch;
  // Beside rows of pools, whose ids may be numbers too, such rows are numbered where nobody
  // numbers.
  const std::int64_t first_number = inserted.row_count > 0 ? INT64_MIN : 0;
  batch.rows = {rows.row_count, row_columns, read_ids(rows, first_number, 1, arena)};
  batch.history = {history.row_count, history_columns, read_ids(history, -1, -1, arena)};
  if (inserted.row_count > 0) {
    batch.rows.row_count += inserted.row_count;
    batch.rows.ids = join_ids(batch.rows.ids, rows.row_count, read_ids(inserted, 0, 1, arena),
                              inserted.row_count, arena);
  }
  batch.vocabularies = vocabularies;
  return batch;
}

std::uint32_t drop_duplicates(const Table& table, IngestScratch& scratch, std::span<Word> rows) {
  std::uint32_t dropped = 0;
  const Ids& ids = table.ids;
  if (ids.is_numeric()) {
    scratch.seen.begin(table.row_count);
    for (std::uint32_t row = 0; row < table.row_count; ++row) {
      if (scratch.seen.insert(static_cast<std::uint64_t>(ids.numbers[row]))) continue;
      clear_bit(rows.data(), row);
      ++dropped;
    }
    return dropped;
  }
  if (ids.offsets == nullptr) return 0;
  scratch.interner.begin(table.row_count);
  for (std::uint32_t row = 0; row < table.row_count; ++row) {
    const auto known = static_cast<std::uint32_t>(scratch.interner.texts().size());
    if (scratch.interner.code(ids.text(row)) == known) continue;
    clear_bit(rows.data(), row);
    ++dropped;
  }
  return dropped;
}

}  // namespace lineup
