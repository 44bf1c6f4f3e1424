// SPDX-License-Identifier: Apache-2.0
//
// How many rows the slots that are left take is estimated from the tightest window or spacing of
// the same rows alone: a subtraction per slot, and right up to what already stands near by. A sum
// is within reach while rows halfway between the mean and the extremes can still bring it home.
#include "constraint/search_demands.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>

namespace lineup {

namespace {

bool is_minimum(const Tracker& tracker) {
  const Constraint& quota = *tracker.constraint;
  return quota.kind == Kind::Quota && quota.min > 0 && !quota.has_by && quota.where != nullptr;
}

// What the candidates that match add on average.
std::int64_t mean_of(const Sums& sums, const Word* where, const State& state) {
  const Problem& problem = state.problem();
  double total = 0.0;
  std::uint32_t rows = 0;
  for (std::size_t w = 0; w < word_count(problem.row_count); ++w) {
    Word rest = problem.candidates[w] & (where == nullptr ? ~Word{0} : where[w]);
    for (; rest != 0; rest &= rest - 1, ++rows) {
      total += static_cast<double>(
          sums.amounts[w * 64 + static_cast<std::size_t>(std::countr_zero(rest))]);
    }
  }
  return rows == 0 ? 0 : static_cast<std::int64_t>(total / rows);
}

}  // namespace

// Whether all candidates that match `where` have one value in common.
bool is_one_group(const Groups& groups, const Word* where, const Problem& problem) {
  if (groups.single == nullptr) return false;
  std::uint32_t group = kNoGroup;
  for (std::size_t w = 0; w < word_count(problem.row_count); ++w) {
    for (Word rest = problem.candidates[w] & where[w]; rest != 0; rest &= rest - 1) {
      const std::uint32_t own =
          groups.single[w * 64 + static_cast<std::size_t>(std::countr_zero(rest))];
      if (own == kNoGroup || (group != kNoGroup && own != group)) return false;
      group = own;
    }
  }
  return group != kNoGroup;
}

// Whether the rule counts all rows of the quota as one: it asks for the same rows, or tells rows
// apart by a value that they share.
bool counts_alike(const Constraint& rule, const Constraint& quota, const Problem& problem) {
  if (!rule.has_by) return rule.where == quota.where;
  const bool counts_all = rule.where == nullptr || rule.where == quota.where;
  return counts_all && is_one_group(rule.groups, quota.where, problem);
}

// Notes the other rule when it is the tightest limit on the rows of the quota so far.
bool Demands::limits(const State& state, const Tracker& quota, const Tracker& other,
                     Demand& demand) {
  const Constraint& rule = *other.constraint;
  if (rule.slots != nullptr) return false;
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
  if (!is_tighter || !counts_alike(rule, *quota.constraint, state.problem())) return false;
  demand.size = size;
  demand.max = max;
  return true;
}

Demands::Demands(const State& state, Arena& arena) {
  const auto hard = state.trackers().subspan(0, state.hard_count());
  find_quotas(state, hard, arena);
  find_budgets(state, hard, arena);
}

void Demands::find_budgets(const State& state, std::span<const Tracker> hard, Arena& arena) {
  const auto is_budget = [](const Tracker& tracker) {
    return tracker.constraint->kind == Kind::Budget;
  };
  const auto count = std::count_if(hard.begin(), hard.end(), is_budget);
  if (count == 0) return;
  sums_ = arena.allocate<Sum>(static_cast<std::size_t>(count));
  std::size_t kept = 0;
  for (const Tracker& budget : hard) {
    if (!is_budget(budget)) continue;
    const Sums& sums = *budget.constraint->sums;
    const std::int64_t mean = mean_of(sums, nullptr, state);
    // Halfway to the extremes.
    Sum& sum = sums_[kept++] = Sum{};
    sum.budget = &budget;
    sum.low = sums.least + (mean - sums.least) / 2;
    sum.high = sums.most - (sums.most - mean) / 2;
    find_quota(sum, state, mean);
    // A sum that this does not bring home has to be kept to from the first slot on.
    const std::int64_t open = budget.open;
    if (open == 0) continue;
    if (sums.has_max) {
      sum.low =
          std::clamp((sums.max - budget.sum) / open, sums.least, std::max(sums.least, sum.low));
    }
    if (sums.has_min) {
      sum.high =
          std::clamp((sums.min - budget.sum) / open + 1, std::min(sum.high, sums.most), sums.most);
    }
  }
}

// The minimum whose rows are the most unlike the others.
void Demands::find_quota(Sum& sum, const State& state, std::int64_t mean) {
  for (const Tracker& tracker : state.trackers().subspan(0, state.hard_count())) {
    if (!is_minimum(tracker)) continue;
    bool is_within = true;
    for (std::uint32_t slot = 0; slot < state.length() && is_within; ++slot) {
      is_within = !tracker.has_slot(slot) || sum.budget->has_slot(slot);
    }
    if (!is_within) continue;
    const Sums& sums = *sum.budget->constraint->sums;
    const std::int64_t own = mean_of(sums, tracker.constraint->where, state);
    if (sum.quota != nullptr && std::abs(own - mean) <= std::abs(sum.of_quota - mean)) continue;
    sum.quota = &tracker;
    sum.of_quota = own;
  }
}

// Whether the sum stays within reach when the slot adds so much.
bool Demands::Sum::holds(std::int64_t amount, bool is_of_quota) const {
  const Sums& sums = *budget->constraint->sums;
  const std::int64_t sum = budget->sum + amount;
  const std::int64_t later = budget->open - 1;
  std::int64_t due = quota == nullptr ? 0 : quota->needed;
  if (due > 0 && is_of_quota) --due;
  due = std::min(due, later);
  const std::int64_t rest = sum + due * of_quota;
  if (sums.has_max && rest + (later - due) * low > sums.max) return false;
  return !sums.has_min || rest + (later - due) * high >= sums.min;
}

void Demands::find_quotas(const State& state, std::span<const Tracker> hard, Arena& arena) {
  const auto count = std::count_if(hard.begin(), hard.end(), is_minimum);
  if (count == 0) return;
  demands_ = arena.allocate<Demand>(static_cast<std::size_t>(count));
  std::size_t kept = 0;
  for (const Tracker& quota : hard) {
    if (!is_minimum(quota)) continue;
    Demand& demand = demands_[kept] = Demand{&quota};
    bool is_limited = false;
    for (const Tracker& other : hard)
      is_limited = limits(state, quota, other, demand) || is_limited;
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
  for (Sum& sum : sums_) {
    const Sums& sums = *sum.budget->constraint->sums;
    const bool is_bound = sum.budget->has_slot(slot);
    sum.presses = is_bound && !(sum.holds(sums.least, false) && sum.holds(sums.most, false) &&
                                sum.holds(sums.least, true) && sum.holds(sums.most, true));
    any = any || sum.presses;
  }
  return any;
}

bool Demands::serves(std::uint32_t row) const {
  const bool keeps_sums = std::all_of(sums_.begin(), sums_.end(), [row](const Sum& sum) {
    const bool is_of_quota = sum.quota != nullptr && sum.quota->matches(row);
    return !sum.presses || sum.holds(sum.budget->constraint->sums->amounts[row], is_of_quota);
  });
  return keeps_sums && std::all_of(demands_.begin(), demands_.end(), [row](const Demand& demand) {
           return !demand.presses || demand.quota->matches(row);
         });
}

}  // namespace lineup
