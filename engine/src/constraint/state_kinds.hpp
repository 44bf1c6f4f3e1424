// SPDX-License-Identifier: Apache-2.0
//
// How each kind of constraint is counted: what no page can keep, what one more row would add, and
// what to note when it comes or goes. State calls these; nobody else needs them.
#pragma once

#include <cstdint>

#include "constraint/state.hpp"

namespace lineup {

// Kinds that keep a number per group.
[[nodiscard]] inline bool is_counted_kind(Kind kind) {
  return kind == Kind::Quota || kind == Kind::Cap;
}

// Lanes of bits beside those of the groups: rows that miss.
[[nodiscard]] inline std::uint32_t extra_lanes(const Constraint& constraint) {
  if (constraint.kind == Kind::Window) return constraint.min > 0 && !constraint.has_by ? 1 : 0;
  return constraint.kind == Kind::Place ? 1 : 0;
}

// Window (state_window.cpp). Stretches and positions follow the page's length.
void lay_stretches(Tracker& tracker, std::uint32_t length);
[[nodiscard]] std::uint32_t window_added(const Tracker& tracker, const Page& page,
                                         std::uint32_t slot, std::uint32_t row);
// What a minimum above the size breaks in every run of whole size.
[[nodiscard]] std::uint32_t window_hopeless_units(const Tracker& tracker, const Page& page);
// Runs that hold bit `at` and at least `max` bits of the lane; only those of whole size if asked.
[[nodiscard]] std::uint32_t full_runs(const Constraint& window, const Word* lane, Stretch stretch,
                                      std::uint32_t at, std::uint32_t max, bool whole_only);

// The stretch that binds `slot`; empty when none does.
[[nodiscard]] inline Stretch stretch_at(const Tracker& tracker, std::uint32_t length,
                                        std::uint32_t slot) {
  if (tracker.stretches != nullptr) return tracker.stretches[slot];
  return {0, tracker.past_bits + length};
}

// Calls visit(begin, end) for every run of the window that holds bit `at`, from left to right.
template <typename Visit>
inline void for_each_run(const Constraint& window, Stretch stretch, std::uint32_t at,
                         Visit&& visit) {
  const std::uint32_t size = window.size;
  if (window.tumbling) {
    const std::uint32_t begin = stretch.begin + (at - stretch.begin) / size * size;
    visit(begin, begin + size < stretch.end ? begin + size : stretch.end);
  } else if (stretch.end - stretch.begin <= size) {
    visit(stretch.begin, stretch.end);
  } else {
    const std::uint32_t first = at + 1 > stretch.begin + size ? at + 1 - size : stretch.begin;
    const std::uint32_t last = at + size < stretch.end ? at : stretch.end - size;
    for (std::uint32_t begin = first; begin <= last; ++begin) visit(begin, begin + size);
  }
}

// Calls visit(group) for the groups at bit `at`: of the past or of the page.
template <typename Visit>
inline void for_each_group_at(const Tracker& tracker, const Page& page, std::uint32_t at,
                              Visit&& visit) {
  const Past& past = tracker.constraint->past;
  if (at >= tracker.past_bits) {
    const std::uint32_t row = page.rows[tracker.slot_of(at)];
    if (row != kNoRow) for_each_group(tracker, row, visit);
    return;
  }
  const std::uint32_t entry = past.count - tracker.past_bits + at;
  if (past.matches != nullptr && past.matches[entry] == 0) return;
  if (past.groups.single != nullptr) {
    if (past.groups.single[entry] != kNoGroup) visit(past.groups.single[entry]);
  } else {
    for (std::uint32_t i = past.groups.offsets[entry]; i < past.groups.offsets[entry + 1]; ++i) {
      visit(past.groups.values[i]);
    }
  }
}

// Spacing, Quota, Cap (state_count.cpp).
[[nodiscard]] std::uint32_t spacing_added(const Tracker& tracker, const Page& page,
                                          std::uint32_t slot, std::uint32_t row);
// The slots of the constraint on an empty page.
[[nodiscard]] std::uint32_t open_slots_of(const Tracker& tracker, std::uint32_t length);
void start_counts(Tracker& tracker, const Page& page);  // Quota, Cap
[[nodiscard]] std::uint32_t quota_short_units(const Tracker& tracker);
[[nodiscard]] std::uint32_t count_added(const Tracker& tracker, std::uint32_t slot,
                                        std::uint32_t row);
void count_in(Tracker& tracker, std::uint32_t slot, std::uint32_t row);
void count_out(Tracker& tracker, std::uint32_t slot, std::uint32_t row);

// Adjacent, Order, Similar (state_pairs.cpp).
[[nodiscard]] std::uint32_t adjacent_added(const Tracker& tracker, const Page& page,
                                           std::uint32_t slot, std::uint32_t row);
[[nodiscard]] std::uint32_t order_added(const Tracker& tracker, const Page& page,
                                        std::uint32_t slot, std::uint32_t row);
[[nodiscard]] std::uint32_t similar_added(const Tracker& tracker, const Page& page,
                                          std::uint32_t slot, std::uint32_t row);

// LIMIT: units of one budget that are told apart: the units of all rules are summed in 32 bits.
inline constexpr std::int64_t kSumUnitsMax = 10'000'000;

// Budget, Mix (state_sum.cpp).
[[nodiscard]] std::uint32_t budget_units(const Tracker& tracker);
[[nodiscard]] std::uint32_t budget_added(const Tracker& tracker, std::uint32_t slot,
                                         std::uint32_t row);
void budget_mark(Tracker& tracker, std::uint32_t slot, std::uint32_t row, bool in);
[[nodiscard]] std::uint32_t mix_added(const Tracker& tracker, std::uint32_t slot,
                                      std::uint32_t row);

// Place (state_place.cpp).
[[nodiscard]] std::uint32_t pins_past_end(const Tracker& tracker, const Page& page);
[[nodiscard]] std::uint32_t place_added(const Tracker& tracker, const Page& page,
                                        std::uint32_t slot, std::uint32_t row);

// Of a constraint that refuses `row` on `slot`: the first slot after it that may take the row, as
// long as rows only come and slots are filled in order (state_wait.cpp).
[[nodiscard]] std::uint32_t refused_until(const Tracker& tracker, const Page& page,
                                          std::uint32_t slot, std::uint32_t row);

}  // namespace lineup
