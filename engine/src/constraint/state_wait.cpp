// SPDX-License-Identifier: Apache-2.0
//
// How long a refusal lasts. Units never fall when rows are placed, so a rule that refused a row
// because of rows that stand goes on refusing it until they are out of its reach, whatever comes.
// Where that is not known without looking at more than the page, the answer is the next slot.
#include <algorithm>

#include "constraint/state_kinds.hpp"

namespace lineup {

namespace {

// The oldest of the rows that fill the run up to `slot` has to fall out of it.
std::uint32_t window_until(const Tracker& tracker, std::uint32_t slot, std::uint32_t row) {
  const Constraint& window = *tracker.constraint;
  const bool is_plain = tracker.stretches == nullptr && !window.tumbling && window.min == 0 &&
                        window.max != kUnlimited;
  std::uint32_t until = slot + 1;
  if (!is_plain) return until;
  const std::uint32_t at = tracker.past_bits + slot;
  const std::uint32_t begin = at + 1 > window.size ? at + 1 - window.size : 0;
  for_each_group(tracker, row, [&](std::uint32_t group) {
    std::uint32_t oldest = at;
    for (std::uint32_t i = 0; i < window.max && oldest != kNoBit; ++i) {
      oldest = last_between(tracker.lane(group), begin, oldest);
    }
    if (oldest == kNoBit || window.max == 0) return;
    until = std::max(until, oldest + window.size - tracker.past_bits);
  });
  return until;
}

std::uint32_t spacing_until(const Tracker& tracker, const Page& page, std::uint32_t slot,
                            std::uint32_t row) {
  const Constraint& spacing = *tracker.constraint;
  std::uint32_t until = slot + 1;
  if (tracker.matches(row)) until = std::max(until, spacing.first_slot);
  const std::uint32_t gap = spacing.gap;
  if (gap == 0) return until;
  const std::uint32_t at = tracker.past_bits + slot;
  const std::uint32_t begin = at > gap ? at - gap : 0;
  const std::uint32_t end = std::min(at + gap + 1, tracker.past_bits + page.length);
  for_each_group(tracker, row, [&](std::uint32_t group) {
    const std::uint32_t nearest = last_between(tracker.lane(group), begin, end);
    if (nearest == kNoBit) return;
    until = std::max(until, nearest + gap + 1 - std::min(nearest + gap, tracker.past_bits));
  });
  return until;
}

// The first slot from `slot` on that the rule does, or does not, speak of.
std::uint32_t next_slot(const Tracker& tracker, const Page& page, std::uint32_t slot, bool speaks) {
  while (slot < page.length && tracker.has_slot(slot) != speaks) ++slot;
  return slot;
}

std::uint32_t count_until(const Tracker& tracker, const Page& page, std::uint32_t slot,
                          std::uint32_t row) {
  bool is_full = false;
  for_each_group(tracker, row, [&](std::uint32_t group) {
    const std::uint32_t past = tracker.past_counts == nullptr ? 0 : tracker.past_counts[group];
    is_full = is_full || tracker.counts[group] + past >= tracker.constraint->max;
  });
  return is_full ? next_slot(tracker, page, slot, false) : slot + 1;
}

std::uint32_t place_until(const Tracker& tracker, const Page& page, std::uint32_t slot) {
  const PlaceMode mode = tracker.constraint->mode;
  if (mode == PlaceMode::OnlyWithin) return next_slot(tracker, page, slot, true);
  return mode == PlaceMode::NeverIn ? next_slot(tracker, page, slot, false) : slot + 1;
}

std::uint32_t similar_until(const Tracker& tracker, const Page& page, std::uint32_t slot,
                            std::uint32_t row) {
  const Constraint& similar = *tracker.constraint;
  const std::uint32_t reach = std::min(similar.size - 1, slot);
  for (std::uint32_t back = 1; back <= reach; ++back) {
    const std::uint32_t other = page.rows[slot - back];
    if (other != kNoRow && similar.closeness->is_close(other, row)) {
      return slot - back + similar.size;
    }
  }
  return slot + 1;
}

// A row that is out of order with one before the slot is out of order with it everywhere after.
std::uint32_t order_until(const Tracker& tracker, const Page& page, std::uint32_t slot,
                          std::uint32_t row) {
  Page before = page;
  before.length = slot;
  return order_added(tracker, before, slot, row) > 0 ? page.length : slot + 1;
}

}  // namespace

std::uint32_t refused_until(const Tracker& tracker, const Page& page, std::uint32_t slot,
                            std::uint32_t row) {
  switch (tracker.constraint->kind) {
    case Kind::Window:
      return window_until(tracker, slot, row);
    case Kind::Spacing:
      return spacing_until(tracker, page, slot, row);
    case Kind::Quota:
    case Kind::Cap:
      return count_until(tracker, page, slot, row);
    case Kind::Place:
      return place_until(tracker, page, slot);
    case Kind::Similar:
      return similar_until(tracker, page, slot, row);
    case Kind::Order:
      return order_until(tracker, page, slot, row);
    default:
      return slot + 1;
  }
}

}  // namespace lineup
