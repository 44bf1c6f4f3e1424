// SPDX-License-Identifier: Apache-2.0
//
// How many rows the slots that are left take is estimated from the tightest window or spacing of
// the same rows alone: a subtraction per slot, and right up to what already stands near by.
#include "constraint/search_demands.hpp"

#include <algorithm>

namespace lineup {

// Notes the other rule when it is the tightest limit on the rows of the quota so far.
bool Demands::limits(const Tracker& quota, const Tracker& other, Demand& demand) {
  const Constraint& rule = *other.constraint;
  if (rule.where != quota.constraint->where || rule.has_by || rule.slots != nullptr) return false;
  std::uint32_t size = 0;
  std::uint32_t max = 1;
  if (rule.kind == Kind::Spacing) {
    size = rule.gap + 1;
  } else if (rule.kind == Kind::Window && rule.max != kUnlimited &&
             rule.across == Across::Sequence) {
    size = rule.size;
    max = rule.max;
  }
  const bool is_tighter =
      size > max && std::uint64_t{max} * demand.size < std::uint64_t{demand.max} * size;
  if (!is_tighter) return false;
  demand.size = size;
  demand.max = max;
  return true;
}

Demands::Demands(const State& state, Arena& arena) {
  const auto hard = state.trackers().subspan(0, state.hard_count());
  const auto is_minimum = [](const Tracker& tracker) {
    const Constraint& quota = *tracker.constraint;
    return quota.kind == Kind::Quota && quota.min > 0 && !quota.has_by && quota.where != nullptr;
  };
  const auto count = std::count_if(hard.begin(), hard.end(), is_minimum);
  if (count == 0) return;
  demands_ = arena.allocate<Demand>(static_cast<std::size_t>(count));
  std::size_t kept = 0;
  for (const Tracker& quota : hard) {
    if (!is_minimum(quota)) continue;
    Demand& demand = demands_[kept] = Demand{&quota};
    bool is_limited = false;
    for (const Tracker& other : hard) is_limited = limits(quota, other, demand) || is_limited;
    kept += is_limited ? 1 : 0;
  }
  demands_ = demands_.subspan(0, kept);
}

bool Demands::press(std::uint32_t slot) {
  bool any = false;
  for (Demand& demand : demands_) {
    const Tracker& quota = *demand.quota;
    demand.presses = false;
    if (quota.needed == 0 || !quota.has_slot(slot)) continue;
    const std::uint32_t later = quota.open - 1;
    const std::uint32_t room =
        later / demand.size * demand.max + std::min(later % demand.size, demand.max);
    demand.presses = quota.needed > room;
    any = any || demand.presses;
  }
  return any;
}

bool Demands::serves(std::uint32_t row) const {
  return std::all_of(demands_.begin(), demands_.end(), [row](const Demand& demand) {
    return !demand.presses || demand.quota->matches(row);
  });
}

}  // namespace lineup
