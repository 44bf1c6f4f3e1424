// SPDX-License-Identifier: Apache-2.0
#include "facade/request/evidence.hpp"

#include <algorithm>

#include "base/bits.hpp"
#include "record/record.hpp"

namespace lineup {

namespace {

// A host may also say that it has none by leaving both forms out.
bool has_ids(const lineup_ids* ids) {
  return ids != nullptr && (ids->numbers != nullptr || ids->offsets != nullptr);
}

double number_at(const lineup_column& column, std::uint32_t row) {
  switch (column.type) {
    case LINEUP_TYPE_F32:
      return static_cast<const float*>(column.data)[row];
    case LINEUP_TYPE_I64:
      return static_cast<double>(static_cast<const std::int64_t*>(column.data)[row]);
    case LINEUP_TYPE_I32:
      return static_cast<const std::int32_t*>(column.data)[row];
    default:
      return static_cast<const double*>(column.data)[row];
  }
}

bool holds_numbers(const lineup_column& column) {
  return column.type == LINEUP_TYPE_F64 || column.type == LINEUP_TYPE_F32 ||
         column.type == LINEUP_TYPE_I64 || column.type == LINEUP_TYPE_I32;
}

// Whether the host's column says all there is to say; one that is no column is refused later.
bool is_complete(const lineup_column* given) {
  return given != nullptr &&
         (given->validity == nullptr || given->data == nullptr || !holds_numbers(*given));
}

const lineup_column* fill(const lineup_column* given, const ItemCounts& counts, std::int64_t now_ms,
                          std::span<const std::uint64_t> items, Arena& arena) {
  const auto values = arena.allocate<double>(items.size());
  for (std::uint32_t row = 0; row < items.size(); ++row) {
    const bool is_given = given != nullptr && test_bit(given->validity, row);
    values[row] = is_given ? number_at(*given, row) : counts.read(items[row], now_ms);
  }
  lineup_column& column = arena.zeroed<lineup_column>(1)[0];
  column.struct_size = sizeof column;
  column.type = LINEUP_TYPE_F64;
  column.data = values.data();
  return &column;
}

std::span<const std::uint64_t> items_of(const lineup_rows& rows, Arena& arena) {
  const auto items = arena.allocate<std::uint64_t>(rows.row_count);
  for (std::uint32_t row = 0; row < rows.row_count; ++row) items[row] = item_of(rows.ids, row);
  return items;
}

}  // namespace

std::uint64_t item_of(const lineup_ids* ids, std::uint32_t row) {
  if (!has_ids(ids)) return item_key(std::int64_t{row});
  if (ids->numbers != nullptr) return item_key(ids->numbers[row]);
  return item_key(
      std::string_view(ids->bytes + ids->offsets[row], ids->offsets[row + 1] - ids->offsets[row]));
}

const lineup_input& with_evidence(const lineup_input& input, const Scene& scene,
                                  std::int64_t now_ms, Arena& arena) {
  // Rows without ids are nobody's: feedback cannot have told of them.
  const lineup_rows* given = input.candidates;
  if (scene.evidence.empty() || given == nullptr || !has_ids(given->ids)) return input;
  // Refused later; nothing of it is read, and no memory taken for it.
  if (given->row_count > scene.plan->limits.rows_max) return input;
  const std::size_t most = given->column_count + scene.evidence.size();
  const auto handles = arena.allocate<lineup_handle>(most);
  const auto columns = arena.allocate<const lineup_column*>(most);
  std::copy_n(given->handles, given->column_count, handles.begin());
  std::copy_n(given->columns, given->column_count, columns.begin());
  std::uint32_t count = given->column_count;
  const auto items = items_of(*given, arena);
  for (const SceneEvidence& each : scene.evidence) {
    std::uint32_t at = 0;
    while (at < count && handles[at] != each.handle) ++at;
    const lineup_column* hosts = at < count ? columns[at] : nullptr;
    if (is_complete(hosts)) continue;
    handles[at] = each.handle;
    columns[at] = fill(hosts, *each.counts, now_ms, items, arena);
    count = std::max(count, at + 1);
  }
  lineup_rows& rows = arena.allocate<lineup_rows>(1)[0];
  rows = *given;
  rows.column_count = count;
  rows.handles = handles.data();
  rows.columns = columns.data();
  lineup_input& out = arena.allocate<lineup_input>(1)[0];
  out = input;
  out.candidates = &rows;
  return out;
}

}  // namespace lineup
