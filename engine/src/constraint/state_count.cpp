// SPDX-License-Identifier: Apache-2.0
//
// Spacing looks left and right for the nearest row of the same group. Quota and Cap keep a number
// per group; a quota's shortage on a partial page is what the open slots cannot make good any more.
#include <algorithm>

#include "constraint/state_kinds.hpp"

namespace lineup {

namespace {

std::uint32_t past_count(const Tracker& tracker, std::uint32_t group) {
  return tracker.past_counts == nullptr ? 0 : tracker.past_counts[group];
}

bool is_counted(const Tracker& tracker, std::uint32_t group) {
  return tracker.occurs == nullptr || tracker.occurs[group] != 0;
}

std::uint32_t lacking(const Tracker& tracker, std::uint32_t group) {
  const std::uint32_t min = min_of(*tracker.constraint, group);
  if (!is_counted(tracker, group) || tracker.counts[group] >= min) return 0;
  return min - tracker.counts[group];
}

// With several groups a row can serve, the sum of what they lack says nothing: each group is
// bounded by itself.
std::uint32_t short_units(const Tracker& tracker, std::uint32_t open) {
  if (!tracker.is_multi) return tracker.needed > open ? tracker.needed - open : 0;
  std::uint32_t units = 0;
  for (std::uint32_t group = 0; group < tracker.group_count; ++group) {
    const std::uint32_t missing = lacking(tracker, group);
    if (missing > open) units += missing - open;
  }
  return units;
}

std::uint32_t shortage_added(const Tracker& tracker, std::uint32_t row) {
  if (tracker.is_multi) {
    std::uint32_t after = short_units(tracker, tracker.open - 1);
    for_each_group(tracker, row, [&](std::uint32_t group) {
      if (lacking(tracker, group) >= tracker.open) --after;  // this one is served, not short
    });
    return after - short_units(tracker, tracker.open);
  }
  bool serves = false;
  for_each_group(tracker, row, [&](std::uint32_t group) { serves = lacking(tracker, group) > 0; });
  return !serves && tracker.needed >= tracker.open ? 1 : 0;
}

}  // namespace

std::uint32_t spacing_added(const Tracker& tracker, const Page& page, std::uint32_t slot,
                            std::uint32_t row) {
  const Constraint& spacing = *tracker.constraint;
  std::uint32_t added = slot < spacing.first_slot && tracker.matches(row) ? 1 : 0;
  const std::uint32_t gap = spacing.gap;
  if (gap == 0) return added;
  const std::uint32_t at = tracker.past_bits + slot;
  const std::uint32_t begin = at > gap ? at - gap : 0;
  const std::uint32_t end = std::min(at + gap + 1, tracker.past_bits + page.length);
  // A pair that is `distance` slots apart lacks gap + 1 - distance rows between.
  const auto lack = [gap](std::uint32_t distance) {
    return distance <= gap ? gap + 1 - distance : 0U;
  };
  for_each_group(tracker, row, [&](std::uint32_t group) {
    const std::uint32_t before = last_between(tracker.lane(group), begin, at);
    const std::uint32_t after = first_between(tracker.lane(group), at + 1, end);
    if (before != kNoBit) added += lack(at - before);
    if (after != kNoBit) added += lack(after - at);
    if (before != kNoBit && after != kNoBit) added -= lack(after - before);
  });
  return added;
}

std::uint32_t open_slots_of(const Tracker& tracker, std::uint32_t length) {
  if (tracker.constraint->slots == nullptr) return length;
  return count_between(tracker.constraint->slots, 0, length);
}

void start_counts(Tracker& tracker, const Page& page) {
  const Constraint& constraint = *tracker.constraint;
  tracker.open = open_slots_of(tracker, page.length);
  tracker.needed = 0;
  if (constraint.min == 0) return;
  for (std::uint32_t group = 0; group < tracker.group_count; ++group) {
    if (is_counted(tracker, group)) tracker.needed += min_of(constraint, group);
  }
}

std::uint32_t quota_short_units(const Tracker& tracker) {
  return tracker.constraint->min == 0 ? 0 : short_units(tracker, tracker.open);
}

std::uint32_t count_added(const Tracker& tracker, std::uint32_t slot, std::uint32_t row) {
  if (!tracker.has_slot(slot)) return 0;
  const Constraint& constraint = *tracker.constraint;
  std::uint32_t added = 0;
  if (constraint.max != kUnlimited) {
    for_each_group(tracker, row, [&](std::uint32_t group) {
      if (tracker.counts[group] + past_count(tracker, group) >= constraint.max) ++added;
    });
  }
  if (constraint.min > 0) added += shortage_added(tracker, row);
  return added;
}

void count_in(Tracker& tracker, std::uint32_t slot, std::uint32_t row) {
  if (!tracker.has_slot(slot)) return;
  --tracker.open;
  for_each_group(tracker, row, [&](std::uint32_t group) {
    if (lacking(tracker, group) > 0) --tracker.needed;
    ++tracker.counts[group];
  });
}

void count_out(Tracker& tracker, std::uint32_t slot, std::uint32_t row) {
  if (!tracker.has_slot(slot)) return;
  ++tracker.open;
  for_each_group(tracker, row, [&](std::uint32_t group) {
    --tracker.counts[group];
    if (lacking(tracker, group) > 0) ++tracker.needed;
  });
}

}  // namespace lineup
