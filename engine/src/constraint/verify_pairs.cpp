// SPDX-License-Identifier: Apache-2.0
//
// Every pair of rows is looked at, after what can be said of each row alone. Entries of the history
// stand at negative positions; a pair with both rows there is none of this page's.
#include <algorithm>
#include <cmath>

#include "constraint/verify_kinds.hpp"
#include "constraint/verify_values.hpp"

namespace lineup {

namespace {

// A row that stands somewhere, in whichever table it is.
struct Standing {
  const Table* table = nullptr;
  std::uint32_t row = 0;
};

Standing at(const ShownPage& page, std::int64_t position) {
  const Batch& batch = *page.input.batch;
  if (position >= 0) return {&batch.rows, page.slate[static_cast<std::size_t>(position)]};
  return {&batch.history, static_cast<std::uint32_t>(
                              static_cast<std::int64_t>(batch.history.row_count) + position)};
}

bool holds(const Condition& condition, const ShownPage& page, const Standing& standing) {
  return condition.is_empty() || condition.holds(*standing.table, page.input.batch->vocabularies,
                                                 page.input.context, standing.row);
}

std::int64_t length_of(const ShownPage& page) {
  return static_cast<std::int64_t>(page.slate.size());
}

// The position that follows `position` where the rule looks, or the length when none does.
std::int64_t next_position(const Spec& spec, const ShownPage& page, std::int64_t position) {
  const std::int64_t columns = page.input.page_columns;
  const std::int64_t length = length_of(page);
  if (spec.across == Across::Columns) return std::min(position + columns, length);
  const bool ends_row = spec.across == Across::Rows && position % columns == columns - 1;
  return ends_row ? length : position + 1;
}

// Less than, equal to or greater than 0: which value comes first, a missing one last.
int compare_values(const Column& a, std::uint32_t a_row, const Column& b, std::uint32_t b_row,
                   bool ascending) {
  if (a.is_missing(a_row)) return b.is_missing(b_row) ? 0 : 1;
  if (b.is_missing(b_row)) return -1;
  bool is_less = false;
  bool is_greater = false;
  if (a.type == ColumnType::Float) {
    is_less = a.floats[a_row] < b.floats[b_row];
    is_greater = a.floats[a_row] > b.floats[b_row];
  } else {
    is_less = a.integers[a_row] < b.integers[b_row];
    is_greater = a.integers[a_row] > b.integers[b_row];
  }
  if (!is_less && !is_greater) return 0;
  return is_less == ascending ? -1 : 1;
}

bool comes_after(const CompiledConstraint& order, const Standing& a, const Standing& b) {
  for (const std::uint32_t column : order.by) {
    const int result = compare_values(a.table->columns[column], a.row, b.table->columns[column],
                                      b.row, order.spec.ascending);
    if (result != 0) return result > 0;
  }
  return false;
}

bool is_compared(const CompiledConstraint& order, const ShownPage& page, const Standing& standing) {
  if (!holds(order.where, page, standing)) return false;
  return order.spec.missing_as_value ||
         std::none_of(order.by.begin(), order.by.end(), [&](std::uint32_t column) {
           return standing.table->columns[column].is_missing(standing.row);
         });
}

// The occurrences at one position.
Occurrences of_position(Occurrences all, std::int64_t position) {
  const auto is_there = [position](const Occurrence& one) { return one.position == position; };
  const auto begin = std::find_if(all.begin(), all.end(), is_there);
  return {begin, std::find_if_not(begin, all.end(), is_there)};
}

bool share_value(Occurrences a, Occurrences b) {
  return std::any_of(a.begin(), a.end(), [&](const Occurrence& one) {
    return std::any_of(b.begin(), b.end(),
                       [&](const Occurrence& other) { return other.value == one.value; });
  });
}

// A row's embedding, when it has one that can be like another.
struct Direction {
  const float* vector = nullptr;
  double length = 0.0;
};

// Four sums in turn, then (0 + 1) + (2 + 3): the order is part of the definition.
double dot(const float* a, const float* b, std::uint32_t dimension) {
  double even = 0.0;
  double odd = 0.0;
  double even_after = 0.0;
  double odd_after = 0.0;
  const auto at = [&](std::uint32_t i) {
    return static_cast<double>(a[i]) * static_cast<double>(b[i]);
  };
  std::uint32_t i = 0;
  for (; i + 4 <= dimension; i += 4) {
    even += at(i);
    odd += at(i + 1);
    even_after += at(i + 2);
    odd_after += at(i + 3);
  }
  if (i < dimension) even += at(i);
  if (i + 1 < dimension) odd += at(i + 1);
  if (i + 2 < dimension) even_after += at(i + 2);
  return (even + odd) + (even_after + odd_after);
}

Direction direction_of(const CompiledConstraint& similar, const ShownPage& page,
                       const Standing& standing) {
  const Column& embedding = standing.table->columns[static_cast<std::size_t>(similar.column)];
  if (embedding.is_missing(standing.row) || !holds(similar.where, page, standing)) return {};
  const std::uint32_t dimension = embedding.dimension;
  const float* const vector = embedding.vectors + std::size_t{standing.row} * dimension;
  const double squared = dot(vector, vector, dimension);
  if (!std::isfinite(squared) || !(squared > 0.0)) return {};
  return {vector, std::sqrt(squared)};
}

}  // namespace

std::uint64_t count_adjacent(const CompiledConstraint& adjacent, const ShownPage& page) {
  const Spec& spec = adjacent.spec;
  const std::int64_t length = length_of(page);
  std::uint64_t total = 0;
  const auto pair = [&](bool left, bool right) { total += left && right != spec.require ? 1 : 0; };
  if (length == 0) return 0;
  if (spec.left_side == PairSide::PageEnd) {
    pair(true, holds(adjacent.right, page, at(page, 0)));
    return total;
  }
  if (spec.right_side == PairSide::PageEnd) {
    for (std::int64_t i = 0; i < length; ++i) {
      pair(holds(adjacent.where, page, at(page, i)), i == length - 1);
    }
    return total;
  }
  for (std::int64_t i = page.past > 0 ? -1 : 0; i < length; ++i) {
    const std::int64_t next = i < 0 ? 0 : next_position(spec, page, i);
    if (next >= length) continue;
    pair(holds(adjacent.where, page, at(page, i)), holds(adjacent.right, page, at(page, next)));
  }
  return total;
}

std::uint64_t count_order(const CompiledConstraint& order, const ShownPage& page) {
  const Walk walk = {page.input, page.slate, page.past, {}};
  const bool is_split = !order.within.empty();
  const Occurrences groups =
      is_split ? collect(order, order.within, walk, page.arena) : Occurrences();
  const auto past = static_cast<std::int64_t>(page.past);
  const auto compared = page.arena.zeroed<std::uint8_t>(page.past + page.slate.size());
  for (std::int64_t i = -past; i < length_of(page); ++i) {
    compared[static_cast<std::size_t>(i + past)] = is_compared(order, page, at(page, i)) ? 1 : 0;
  }
  std::uint64_t total = 0;
  for (std::int64_t later = 0; later < length_of(page); ++later) {
    if (compared[static_cast<std::size_t>(later + past)] == 0) continue;
    for (std::int64_t earlier = -past; earlier < later; ++earlier) {
      if (compared[static_cast<std::size_t>(earlier + past)] == 0) continue;
      if (!comes_after(order, at(page, earlier), at(page, later))) continue;
      const bool agree =
          !is_split || share_value(of_position(groups, earlier), of_position(groups, later));
      total += agree ? 1 : 0;
    }
  }
  return total;
}

std::uint64_t count_similar(const CompiledConstraint& similar, std::int64_t size,
                            const ShownPage& page) {
  const Amount& most = similar.spec.max_cosine;
  const double max_cosine = most.is_given() ? number_now(most, page.input) : 1.0;
  const auto column = static_cast<std::uint32_t>(similar.column);
  const Batch& batch = *page.input.batch;
  const Column& rows = batch.rows.columns[column];
  if (!(max_cosine < 1.0) || !rows.present) return 0;
  const Column& before = batch.history.columns[column];
  const bool has_past = before.present && before.dimension == rows.dimension;
  const std::int64_t past = has_past ? static_cast<std::int64_t>(page.past) : 0;
  const auto directions =
      page.arena.allocate<Direction>(static_cast<std::size_t>(past) + page.slate.size());
  for (std::int64_t i = -past; i < length_of(page); ++i) {
    directions[static_cast<std::size_t>(i + past)] = direction_of(similar, page, at(page, i));
  }
  std::uint64_t total = 0;
  for (std::int64_t later = 0; later < length_of(page); ++later) {
    const Direction& second = directions[static_cast<std::size_t>(later + past)];
    if (second.vector == nullptr) continue;
    for (std::int64_t earlier = std::max(-past, later - size + 1); earlier < later; ++earlier) {
      const Direction& first = directions[static_cast<std::size_t>(earlier + past)];
      if (first.vector == nullptr) continue;
      const double product = dot(first.vector, second.vector, rows.dimension);
      total += product > max_cosine * (first.length * second.length) ? 1 : 0;
    }
  }
  return total;
}

}  // namespace lineup
