// SPDX-License-Identifier: Apache-2.0
//
// Budget and mix. A budget's sum so far is completed with the least (for a maximum) or the most
// (for a minimum) that any row could add on the open slots, so that what it breaks already is known
// and never falls. A mix was planned slot by slot before: a row is of the channel or it is not.
#include <algorithm>

#include "constraint/state_kinds.hpp"

namespace lineup {

namespace {

constexpr std::int64_t kMillion = 1'000'000;

// What begins is counted whole; more is not told apart.
std::uint32_t whole_units(std::int64_t millionths) {
  if (millionths <= 0) return 0;
  const std::int64_t whole = millionths / kMillion + (millionths % kMillion > 0 ? 1 : 0);
  return static_cast<std::uint32_t>(std::min(whole, kSumUnitsMax));
}

std::uint32_t units_at(const Sums& sums, std::int64_t sum, std::int64_t open) {
  std::uint32_t units = 0;
  if (sums.has_max) units += whole_units(sum + open * sums.least - sums.max);
  if (sums.has_min) units += whole_units(sums.min - (sum + open * sums.most));
  return units;
}

}  // namespace

std::uint32_t budget_units(const Tracker& tracker) {
  return units_at(*tracker.constraint->sums, tracker.sum, tracker.open);
}

std::uint32_t budget_added(const Tracker& tracker, std::uint32_t slot, std::uint32_t row) {
  if (!tracker.has_slot(slot)) return 0;
  const Sums& sums = *tracker.constraint->sums;
  const std::int64_t open = tracker.open;
  return units_at(sums, tracker.sum + sums.amounts[row], open - 1) -
         units_at(sums, tracker.sum, open);
}

void budget_mark(Tracker& tracker, std::uint32_t slot, std::uint32_t row, bool in) {
  if (!tracker.has_slot(slot)) return;
  const std::int64_t amount = tracker.constraint->sums->amounts[row];
  tracker.sum += in ? amount : -amount;
  in ? --tracker.open : ++tracker.open;
}

std::uint32_t mix_added(const Tracker& tracker, std::uint32_t slot, std::uint32_t row) {
  const Constraint& mix = *tracker.constraint;
  const std::uint32_t wanted = mix.plan[slot];
  return wanted != kNoGroup && mix.groups.single[row] != wanted ? 1 : 0;
}

}  // namespace lineup
