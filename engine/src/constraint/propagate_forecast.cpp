// SPDX-License-Identifier: Apache-2.0
//
// The tables are filled from the last slot backwards. A run costs when its last slot is passed, so
// what the bits so far cost already is the entry for no more rows, and is taken off. For windows
// the cost is convex in the number of rows (runs are intervals), so that rows are shared out among
// groups by taking the cheapest next one each time.
#include "constraint/propagate_forecast.hpp"

#include <algorithm>
#include <bit>

#include "constraint/state_kinds.hpp"

namespace lineup {

namespace {

constexpr std::uint16_t kNever = 0xFFFFU;

// LIMIT: positions that a table remembers: 2 to that power columns.
constexpr std::uint32_t kMaskBitsMax = 6;
// LIMIT: slots of a page that tables are made for.
constexpr std::uint32_t kSlotsMax = 16;

// A window with `max` of one value whose runs follow the slots, or a spacing of one group.
bool is_fit(const Tracker& tracker) {
  const Constraint& constraint = *tracker.constraint;
  if (constraint.kind == Kind::Spacing) return !constraint.has_by && constraint.gap <= kMaskBitsMax;
  return constraint.kind == Kind::Window && !tracker.is_multi && tracker.positions == nullptr &&
         constraint.size - 1 <= kMaskBitsMax;
}

}  // namespace

Forecast::Forecast(const State& state, Arena& arena)
    : state_(state), arena_(arena), length_(state.length()) {
  const auto trackers = state.trackers();
  plans_ = arena.zeroed<Plan>(trackers.size());
  if (length_ > kSlotsMax) return;
  for (std::size_t i = 0; i < trackers.size(); ++i) {
    const Tracker& tracker = trackers[i];
    if (!is_fit(tracker)) continue;
    const Constraint& constraint = *tracker.constraint;
    Plan& plan = plans_[i];
    const bool is_window = constraint.kind == Kind::Window;
    plan.mask_bits = is_window ? constraint.size - 1 : constraint.gap;
    plan.open_from = arena.zeroed<std::uint32_t>(length_ + std::size_t{1}).data();
    for (std::uint32_t slot = length_; slot-- > 0;) {
      const bool counts = state.is_open(slot) && (!is_window || tracker.has_slot(slot));
      plan.open_from[slot] = plan.open_from[slot + 1] + (counts ? 1 : 0);
    }
    if (tracker.miss_max != kUnlimited) {
      plan.misses = make(tracker, plan, tracker.lane(tracker.group_count), tracker.miss_max, true);
    }
    if (is_window && constraint.max == kUnlimited) continue;
    plan.own = arena.zeroed<const Cost*>(tracker.group_count).data();
    const auto empty = arena.zeroed<Word>(tracker.words);
    plan.cold = make(tracker, plan, empty.data(), constraint.max, false);
    for (std::uint32_t slot = 0; slot < length_; ++slot) {
      if (state.is_open(slot)) continue;
      for_each_group(tracker, state.page().rows[slot], [&](std::uint32_t group) {
        if (plan.own[group] != nullptr) return;
        plan.own[group] = make(tracker, plan, tracker.lane(group), constraint.max, false);
      });
    }
  }
}

// What passing the slot costs, when `mask` holds the positions before it, the nearest lowest.
std::uint32_t Forecast::cost_at(const Tracker& tracker, std::uint32_t slot, std::uint32_t mask,
                                bool is_set, std::uint32_t max, bool whole_only) const {
  const Constraint& constraint = *tracker.constraint;
  if (constraint.kind == Kind::Spacing) {
    if (!is_set) return 0;
    const auto before = static_cast<std::uint32_t>(std::countr_zero(mask | (1U << constraint.gap)));
    return (constraint.gap - before) + (slot < constraint.first_slot ? 1 : 0);
  }
  const Stretch stretch = stretch_at(tracker, length_, slot);
  if (stretch.begin == stretch.end) return 0;
  const std::uint32_t passed = tracker.past_bits + slot + 1 - stretch.begin;
  const bool is_last = tracker.past_bits + slot + 1 == stretch.end;
  std::uint32_t run = constraint.size;
  if (constraint.tumbling) {
    run = (passed - 1) % constraint.size + 1;
    if (run < constraint.size && !is_last) return 0;
  } else if (passed < constraint.size) {
    if (!is_last || stretch.end - stretch.begin >= constraint.size) return 0;
    run = passed;
  }
  if (whole_only && run < constraint.size) return 0;
  const Word bits = ((Word{mask} << 1) | (is_set ? 1U : 0U)) & low_bits(run);
  const auto count = static_cast<std::uint32_t>(std::popcount(bits));
  return count > max ? count - max : 0;
}

const Forecast::Cost* Forecast::make(const Tracker& tracker, const Plan& plan, const Word* lane,
                                     std::uint32_t max, bool whole_only) {
  const std::uint32_t masks = 1U << plan.mask_bits;
  const std::size_t rows = length_ + std::size_t{1};
  const auto table = arena_.filled<Cost>((length_ + std::size_t{1}) * masks * rows, kNever);
  const auto at = [&](std::uint32_t slot, std::uint32_t mask) {
    return table.data() + (slot * std::size_t{masks} + mask) * rows;
  };
  for (std::uint32_t mask = 0; mask < masks; ++mask) at(length_, mask)[0] = 0;
  for (std::uint32_t slot = length_; slot-- > 0;) {
    const bool is_open = plan.open_from[slot] > plan.open_from[slot + 1];
    const bool is_held = !state_.is_open(slot) && test_bit(lane, tracker.past_bits + slot);
    for (std::uint32_t mask = 0; mask < masks; ++mask) {
      for (const bool is_set : {false, true}) {
        // A filled slot is what it is; one that the constraint does not speak of never counts.
        if (is_open ? false : is_set != is_held) continue;
        const std::uint32_t cost = cost_at(tracker, slot, mask, is_set, max, whole_only);
        const std::uint32_t next = ((mask << 1) | (is_set ? 1U : 0U)) & (masks - 1);
        const Cost* from = at(slot + 1, next);
        const std::size_t step = is_open && is_set ? 1 : 0;
        for (std::size_t i = step; i < rows; ++i) {
          if (from[i - step] == kNever) continue;
          at(slot, mask)[i] =
              std::min<Cost>(at(slot, mask)[i], static_cast<Cost>(from[i - step] + cost));
        }
      }
    }
  }
  return table.data();
}

const Forecast::Cost* Forecast::row_of(const Plan& plan, const Cost* table, const Tracker& tracker,
                                       const Word* lane, std::uint32_t slot) const {
  std::uint32_t mask = 0;
  const std::uint32_t at = tracker.past_bits + slot;
  for (std::uint32_t back = 1; back <= plan.mask_bits && back <= at; ++back) {
    if (test_bit(lane, at - back)) mask |= 1U << (back - 1);
  }
  return table + (slot * (std::size_t{1} << plan.mask_bits) + mask) * (length_ + std::size_t{1});
}

std::uint32_t Forecast::added(std::size_t index, std::uint32_t slot,
                              std::span<const std::uint32_t> there, std::uint32_t free) const {
  const Plan& plan = plans_[index];
  const Tracker& tracker = state_.trackers()[index];
  if (plan.open_from[slot] <= free) return 0;
  const std::uint32_t wanted = plan.open_from[slot] - free;
  // The cheapest rows first: every group offers its next one.
  Cost cheapest[kSlotsMax];  // of all rows that any group could give
  std::uint32_t count = 0;
  for (std::uint32_t group = 0; group < tracker.group_count; ++group) {
    if (there[group] == 0) continue;
    const Cost* table = plan.own[group] != nullptr ? plan.own[group] : plan.cold;
    const Cost* costs = row_of(plan, table, tracker, tracker.lane(group), slot);
    for (std::uint32_t i = 0; i < std::min(there[group], wanted) && costs[i + 1] != kNever; ++i) {
      const auto cost = static_cast<Cost>(costs[i + 1] - costs[i]);
      if (count == wanted && cost >= cheapest[count - 1]) break;
      std::uint32_t place = count < wanted ? count++ : count - 1;
      for (; place > 0 && cheapest[place - 1] > cost; --place)
        cheapest[place] = cheapest[place - 1];
      cheapest[place] = cost;
    }
  }
  std::uint32_t total = 0;
  for (std::uint32_t i = 0; i < count; ++i) total += cheapest[i];
  return total;
}

std::uint32_t Forecast::added_by_misses(std::size_t index, std::uint32_t slot,
                                        std::uint32_t matching) const {
  const Plan& plan = plans_[index];
  const Tracker& tracker = state_.trackers()[index];
  if (plan.open_from[slot] <= matching) return 0;
  const Cost* costs = row_of(plan, plan.misses, tracker, tracker.lane(tracker.group_count), slot);
  const std::uint32_t misses = plan.open_from[slot] - matching;
  return costs[misses] == kNever ? 0U : costs[misses] - costs[0];
}

}  // namespace lineup
