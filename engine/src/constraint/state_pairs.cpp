// SPDX-License-Identifier: Apache-2.0
//
// Kinds whose unit is a pair of rows: adjacent, order, similar. A pair counts as soon as both of
// its rows stand, and what a row adds are its pairs with those that stand already, so nothing is
// kept beside the page itself.
#include <algorithm>

#include "constraint/state_kinds.hpp"

namespace lineup {

namespace {

bool matches_right(const Constraint& constraint, std::uint32_t row) {
  return constraint.right == nullptr || test_bit(constraint.right, row);
}

bool is_bad_pair(const Constraint& constraint, bool left, bool right) {
  return left && (constraint.require ? !right : right);
}

// The slots before and after `slot`, or kNoSlot where the page or its grid ends.
struct Neighbours {
  std::uint32_t before = kNoSlot;
  std::uint32_t after = kNoSlot;
};

Neighbours neighbours_of(const Constraint& constraint, std::uint32_t length, std::uint32_t slot) {
  const std::uint32_t columns = constraint.columns;
  const std::uint32_t step = constraint.across == Across::Columns ? columns : 1;
  Neighbours out;
  if (slot >= step) out.before = slot - step;
  if (slot + step < length) out.after = slot + step;
  if (constraint.across == Across::Rows) {
    if (slot % columns == 0) out.before = kNoSlot;
    if ((slot + 1) % columns == 0) out.after = kNoSlot;
  }
  return out;
}

// What an end of the page makes of `row` on `slot`.
std::uint32_t units_at_end(const Tracker& tracker, const Page& page, std::uint32_t slot,
                           std::uint32_t row) {
  const Constraint& constraint = *tracker.constraint;
  if (constraint.left_side == PairSide::PageEnd) {
    return slot == 0 && is_bad_pair(constraint, true, matches_right(constraint, row)) ? 1 : 0;
  }
  return is_bad_pair(constraint, tracker.matches(row), slot + 1 == page.length) ? 1 : 0;
}

// Whether the two share a value of the columns that the order is kept within.
bool agree(const Groups& a, std::uint32_t a_index, const Groups& b, std::uint32_t b_index) {
  if (a.single != nullptr) {
    return a.single[a_index] == b.single[b_index] && a.single[a_index] != kNoGroup;
  }
  const auto* b_begin = b.values + b.offsets[b_index];
  const auto* b_end = b.values + b.offsets[b_index + 1];
  return std::any_of(a.values + a.offsets[a_index], a.values + a.offsets[a_index + 1],
                     [&](std::uint32_t own) { return std::find(b_begin, b_end, own) != b_end; });
}

}  // namespace

std::uint32_t adjacent_added(const Tracker& tracker, const Page& page, std::uint32_t slot,
                             std::uint32_t row) {
  const Constraint& constraint = *tracker.constraint;
  if (constraint.left_side == PairSide::PageEnd || constraint.right_side == PairSide::PageEnd) {
    return units_at_end(tracker, page, slot, row);
  }
  const Neighbours slots = neighbours_of(constraint, page.length, slot);
  std::uint32_t added = 0;
  if (slots.before != kNoSlot && page.rows[slots.before] != kNoRow) {
    const bool left = tracker.matches(page.rows[slots.before]);
    added += is_bad_pair(constraint, left, matches_right(constraint, row)) ? 1 : 0;
  } else if (slot == 0 && constraint.past.count > 0) {
    const Past& past = constraint.past;
    const bool left = past.matches == nullptr || past.matches[past.count - 1] != 0;
    added += is_bad_pair(constraint, left, matches_right(constraint, row)) ? 1 : 0;
  }
  if (slots.after != kNoSlot && page.rows[slots.after] != kNoRow) {
    const bool right = matches_right(constraint, page.rows[slots.after]);
    added += is_bad_pair(constraint, tracker.matches(row), right) ? 1 : 0;
  }
  return added;
}

std::uint32_t order_added(const Tracker& tracker, const Page& page, std::uint32_t slot,
                          std::uint32_t row) {
  const Constraint& order = *tracker.constraint;
  const std::uint32_t own = order.ranks[row];
  if (own == kNoGroup) return 0;
  std::uint32_t added = 0;
  for (std::uint32_t entry = 0; entry < order.past.count; ++entry) {
    const std::uint32_t rank = order.past.ranks[entry];
    if (rank == kNoGroup || rank <= own) continue;
    if (!order.has_by || agree(order.past.groups, entry, order.groups, row)) ++added;
  }
  for (std::uint32_t other = 0; other < page.length; ++other) {
    if (page.rows[other] == kNoRow) continue;
    const std::uint32_t rank = order.ranks[page.rows[other]];
    if (rank == kNoGroup || rank == own || (other < slot) == (rank < own)) continue;
    if (!order.has_by || agree(order.groups, page.rows[other], order.groups, row)) ++added;
  }
  return added;
}

std::uint32_t similar_added(const Tracker& tracker, const Page& page, std::uint32_t slot,
                            std::uint32_t row) {
  const Constraint& similar = *tracker.constraint;
  Closeness& closeness = *similar.closeness;
  if (!closeness.has(row)) return 0;
  const std::uint32_t reach = similar.size - 1;
  const std::uint32_t end = reach < page.length - slot ? slot + reach + 1 : page.length;
  std::uint32_t added = 0;
  for (std::uint32_t other = slot > reach ? slot - reach : 0; other < end; ++other) {
    if (page.rows[other] == kNoRow) continue;
    added += closeness.is_close(page.rows[other], row) ? 1 : 0;
  }
  const std::uint32_t past = similar.past.count;
  const std::uint32_t behind = reach > slot ? std::min(reach - slot, past) : 0;
  for (std::uint32_t back = 1; back <= behind; ++back) {
    added += closeness.is_close(tracker.row_count + past - back, row) ? 1 : 0;
  }
  return added;
}

}  // namespace lineup
