// SPDX-License-Identifier: Apache-2.0
//
// Rows that are compared are few (the episodes of a page, not its whole batch), so they are sorted
// and numbered. Amounts become whole numbers once, so that no sum of the search is ever rounded.
#include "constraint/instantiate_values.hpp"

#include <algorithm>
#include <cmath>
#include <new>

namespace lineup {

namespace {

// A row of the batch or, past its end, an entry of the counted history.
struct Places {
  const Batch& batch;
  std::uint32_t past_count = 0;

  [[nodiscard]] bool is_row(std::uint32_t place) const { return place < batch.rows.row_count; }
  [[nodiscard]] const Table& table(std::uint32_t place) const {
    return is_row(place) ? batch.rows : batch.history;
  }
  [[nodiscard]] std::uint32_t index(std::uint32_t place) const {
    if (is_row(place)) return place;
    return batch.history.row_count - past_count + (place - batch.rows.row_count);
  }
  [[nodiscard]] bool is_missing(std::uint32_t column, std::uint32_t place) const {
    return table(place).columns[column].is_missing(index(place));
  }
};

// Less than, equal to or greater than 0: which of the two comes first.
int compare_in(std::uint32_t column, const Places& places, std::uint32_t a, std::uint32_t b,
               bool ascending) {
  const bool a_missing = places.is_missing(column, a);
  const bool b_missing = places.is_missing(column, b);
  if (a_missing || b_missing) return static_cast<int>(a_missing) - static_cast<int>(b_missing);
  const Column& a_column = places.table(a).columns[column];
  const Column& b_column = places.table(b).columns[column];
  int order = 0;
  if (a_column.type == ColumnType::Float) {
    const double left = a_column.floats[places.index(a)];
    const double right = b_column.floats[places.index(b)];
    order = static_cast<int>(left > right) - static_cast<int>(left < right);
  } else {
    const std::int64_t left = a_column.integers[places.index(a)];
    const std::int64_t right = b_column.integers[places.index(b)];
    order = static_cast<int>(left > right) - static_cast<int>(left < right);
  }
  return ascending ? order : -order;
}

// Calls visit(place) for every row and entry that matches.
template <typename Visit>
void for_each_place(const Batch& batch, const Matching& matching, Visit&& visit) {
  for_each_bit(matching.rows, [&](std::size_t row) { visit(static_cast<std::uint32_t>(row)); });
  for (std::uint32_t entry = 0; entry < matching.past_count; ++entry) {
    if (matching.past == nullptr || matching.past[entry] != 0) {
      visit(batch.rows.row_count + entry);
    }
  }
}

double number_at(const Column& column, std::uint32_t row) {
  if (column.is_missing(row)) return 0.0;
  return column.type == ColumnType::Float ? column.floats[row]
                                          : static_cast<double>(column.integers[row]);
}

// The usual order: by one column of numbers, none of them missing, and no history.
bool is_one_float(const CompiledConstraint& order, const Batch& batch, const Matching& matching) {
  return order.by.size() == 1 && matching.past_count == 0 && !order.spec.missing_as_value &&
         batch.rows.columns[order.by[0]].type == ColumnType::Float;
}

// Numbers rows by their values, which are sorted without a look at the table.
void rank_floats(const double* values, bool ascending, std::span<const std::uint32_t> rows,
                 std::span<std::uint32_t> ranks, Arena& arena) {
  struct Keyed {
    double key;
    std::uint32_t row;
  };
  const auto keyed = arena.allocate<Keyed>(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    keyed[i] = {ascending ? values[rows[i]] : -values[rows[i]], rows[i]};
  }
  std::sort(keyed.begin(), keyed.end(),
            [](const Keyed& a, const Keyed& b) { return a.key < b.key; });
  std::uint32_t rank = 0;
  for (std::size_t i = 0; i < keyed.size(); ++i) {
    if (i > 0 && keyed[i - 1].key != keyed[i].key) ++rank;
    ranks[keyed[i].row] = rank;
  }
}

}  // namespace

RowRanks rank_rows(const CompiledConstraint& order, const Batch& batch, const Matching& matching,
                   Arena& arena) {
  const Places places = {batch, matching.past_count};
  const std::uint32_t row_count = batch.rows.row_count;
  const auto ranks = arena.filled<std::uint32_t>(row_count + matching.past_count, kNoGroup);
  const Arena::Mark mark = arena.mark();
  const auto compared = arena.allocate<std::uint32_t>(ranks.size());
  std::uint32_t count = 0;
  for_each_place(batch, matching, [&](std::uint32_t place) {
    const bool is_missing =
        std::any_of(order.by.begin(), order.by.end(),
                    [&](std::uint32_t column) { return places.is_missing(column, place); });
    if (!is_missing || order.spec.missing_as_value) compared[count++] = place;
  });
  if (is_one_float(order, batch, matching)) {
    rank_floats(batch.rows.columns[order.by[0]].floats, order.spec.ascending, compared.first(count),
                ranks, arena);
    arena.rewind(mark);
    return {ranks.data(), ranks.data() + row_count, count};
  }
  const auto compare = [&](std::uint32_t a, std::uint32_t b) {
    for (const std::uint32_t column : order.by) {
      const int result = compare_in(column, places, a, b, order.spec.ascending);
      if (result != 0) return result;
    }
    return 0;
  };
  std::sort(compared.begin(), compared.begin() + count,
            [&](std::uint32_t a, std::uint32_t b) { return compare(a, b) < 0; });
  std::uint32_t rank = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i > 0 && compare(compared[i - 1], compared[i]) != 0) ++rank;
    ranks[compared[i]] = rank;
  }
  arena.rewind(mark);
  return {ranks.data(), ranks.data() + row_count, count};
}

std::int64_t to_millionths(double number) {
  constexpr double kMost = 1e9;
  const double value = std::clamp(number, -kMost, kMost) * 1e6;
  // As std::llround(), without a call per row: the part behind the point is exact.
  const auto whole = static_cast<std::int64_t>(value);
  const double rest = value - static_cast<double>(whole);
  return whole + (rest >= 0.5 ? 1 : 0) - (rest <= -0.5 ? 1 : 0);
}

Amounts read_amounts(std::uint32_t column, const Batch& batch, std::span<const Word> candidates,
                     const Matching& matching, Arena& arena) {
  Amounts out;
  const auto amounts = arena.zeroed<std::int64_t>(batch.rows.row_count);
  const Column& values = batch.rows.columns[column];
  for_each_bit(matching.rows, [&](std::size_t bit) {
    amounts[bit] = to_millionths(number_at(values, static_cast<std::uint32_t>(bit)));
  });
  bool is_first = true;
  for_each_bit(candidates, [&](std::size_t row) {
    out.sums.least = is_first ? amounts[row] : std::min(out.sums.least, amounts[row]);
    out.sums.most = is_first ? amounts[row] : std::max(out.sums.most, amounts[row]);
    is_first = false;
  });
  const std::uint32_t first = batch.history.row_count - matching.past_count;
  for (std::uint32_t entry = 0; entry < matching.past_count; ++entry) {
    if (matching.past != nullptr && matching.past[entry] == 0) continue;
    out.past += to_millionths(number_at(batch.history.columns[column], first + entry));
  }
  out.sums.amounts = amounts.data();
  return out;
}

Closeness* make_closeness(std::uint32_t column, const Batch& batch, const Matching& matching,
                          double max_cosine, Arena& arena) {
  const Column& embedding = batch.rows.columns[column];
  if (!embedding.present || embedding.dimension == 0) return nullptr;
  const std::size_t dimension = embedding.dimension;
  const Column& before = batch.history.columns[column];
  const bool has_past =
      matching.past_count > 0 && before.present && before.dimension == embedding.dimension;
  const std::uint32_t past_count = has_past ? matching.past_count : 0;
  const std::uint32_t first = batch.history.row_count - past_count;
  const std::span<const float> past =
      has_past ? std::span(before.vectors + first * dimension, past_count * dimension)
               : std::span<const float>();
  void* memory = arena.allocate_bytes(sizeof(Closeness), alignof(Closeness));
  const std::span<const float> rows(embedding.vectors, batch.rows.row_count * dimension);
  auto* out = new (memory) Closeness(rows, past, embedding.dimension, max_cosine, arena);
  const bool has_all = embedding.valid == nullptr && matching.rows.size() > 0;
  for (std::uint32_t row = 0; row < batch.rows.row_count; ++row) {
    if (has_all && row % 64 == 0 && matching.rows[row / 64] == ~Word{0}) {
      row += 63;
      continue;
    }
    if (!test_bit(matching.rows.data(), row) || embedding.is_missing(row)) out->leave_out(row);
  }
  for (std::uint32_t entry = 0; entry < past_count; ++entry) {
    const bool matches = matching.past == nullptr || matching.past[entry] != 0;
    if (!matches || before.is_missing(first + entry)) {
      out->leave_out(batch.rows.row_count + entry);
    }
  }
  return out;
}

}  // namespace lineup
