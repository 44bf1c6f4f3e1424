// SPDX-License-Identifier: Apache-2.0
//
// A value that is full is full for good, since the walk only adds rows: so it is enough to count
// how many rows of values that are not full are left, and nothing is searched for.
#include "constraint/search_floor.hpp"

namespace lineup {

// Windows over a part of the page forget, and rows of several values count many times: both are
// left out, which only makes the floor lower.
bool SoftFloor::is_limit(const State& state, const Tracker& tracker) {
  const Constraint& constraint = *tracker.constraint;
  if (constraint.tier != Tier::Soft || constraint.max == kUnlimited || tracker.is_multi ||
      constraint.slots != nullptr) {
    return false;
  }
  if (constraint.kind == Kind::Cap) return true;
  return constraint.kind == Kind::Window && !constraint.tumbling && constraint.min == 0 &&
         tracker.stretches == nullptr && constraint.size >= state.length() &&
         tracker.past_bits == 0;
}

SoftFloor::SoftFloor(const State& state, Arena& arena, bool is_wanted) {
  if (!is_wanted) return;
  std::size_t count = 0;
  for (const Tracker& tracker : state.trackers()) count += is_limit(state, tracker) ? 1 : 0;
  if (count == 0) return;
  limits_ = arena.allocate<Limit>(count);
  count = 0;
  for (const Tracker& tracker : state.trackers()) {
    if (!is_limit(state, tracker)) continue;
    Limit& limit = limits_[count++] = Limit{};
    limit.tracker = &tracker;
    limit.placed = arena.zeroed<std::uint32_t>(tracker.group_count).data();
    limit.left = arena.zeroed<std::uint32_t>(tracker.group_count).data();
    count_placed(state, limit);
    const Problem& problem = state.problem();
    for_each_bit({problem.candidates, word_count(problem.row_count)}, [&](std::size_t index) {
      const auto row = static_cast<std::uint32_t>(index);
      if (state.is_used(row)) return;
      bool is_full = false;
      for_each_group(tracker, row, [&](std::uint32_t group) {
        ++limit.left[group];
        is_full = limit.placed[group] >= tracker.constraint->max;
      });
      limit.free += is_full ? 0 : 1;
    });
    if (limit.free == 0) close(limit);
  }
}

void SoftFloor::count_placed(const State& state, Limit& limit) {
  const Tracker& tracker = *limit.tracker;
  for (std::uint32_t slot = 0; slot < state.length(); ++slot) {
    if (state.is_open(slot)) continue;
    for_each_group(tracker, state.page().rows[slot],
                   [&](std::uint32_t group) { ++limit.placed[group]; });
  }
  for (std::uint32_t group = 0; tracker.past_counts != nullptr && group < tracker.group_count;
       ++group) {
    limit.placed[group] += tracker.past_counts[group];
  }
}

void SoftFloor::take(std::uint32_t row) {
  for (Limit& limit : limits_) {
    const std::uint32_t max = limit.tracker->constraint->max;
    const std::uint32_t before = limit.free;
    bool is_free = true;
    for_each_group(*limit.tracker, row, [&](std::uint32_t group) {
      --limit.left[group];
      is_free = limit.placed[group] < max;
      // The value's other rows are no longer free once it is full.
      if (++limit.placed[group] == max) limit.free -= limit.left[group];
    });
    limit.free -= is_free ? 1 : 0;
    if (limit.free == 0 && before > 0) close(limit);
  }
}

}  // namespace lineup
