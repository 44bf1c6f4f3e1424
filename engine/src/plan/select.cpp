// SPDX-License-Identifier: Apache-2.0
//
// A slate that is shorter or breaks more than another is never picked, whatever it is worth: what a
// policy asks of its selector decides among the rest only. There, in this order: slates below the
// floor are left out (when none reaches it, those that come nearest stay), the most worth leads,
// the incumbent keeps its place unless it is clearly beaten, and now and then one of them is drawn
// evenly, so that what was not picked is seen too. The probability of what is picked is told: an
// estimate from logs divides by it.
#include "plan/select.hpp"

#include <algorithm>
#include <cmath>
#include <compare>
#include <limits>

#include "base/hash.hpp"
#include "plan/run.hpp"

namespace lineup {

namespace {

// Units of violation per priority, most important first.
void by_level(const Run& run, std::span<const std::uint32_t> violations,
              std::span<std::uint64_t> out) {
  std::fill(out.begin(), out.end(), 0);
  for (std::size_t use = 0; use < violations.size(); ++use) {
    const Strength& strength = run.plan.uses[use].strength;
    if (strength.kind == Strength::Kind::Hard) out[run.plan.uses[use].level] += violations[use];
  }
}

// What the selector compares slates by.
class Values {
 public:
  Values(const Run& run, const SlateSet& slates, std::span<const double> values, bool is_evaluated)
      : run_(run), slates_(slates), values_(values), is_evaluated_(is_evaluated) {}

  [[nodiscard]] bool is_evaluated() const { return is_evaluated_; }
  [[nodiscard]] double of(std::uint32_t slate, std::int32_t objective) const {
    return values_[slate * run_.weights.size() + static_cast<std::size_t>(objective)];
  }
  // Under the request's weights; without evaluators what the generator built for.
  [[nodiscard]] double worth(std::uint32_t slate) const {
    const Certificate& certificate = slates_.certificates[slate];
    if (!is_evaluated_) return certificate.value - certificate.penalty;
    double total = 0.0;
    for (std::size_t o = 0; o < run_.weights.size(); ++o) {
      total += run_.weights[o] * of(slate, static_cast<std::int32_t>(o));
    }
    return total - certificate.penalty;
  }
  // What the selector was asked to make large.
  [[nodiscard]] double aim(const SelectorSpec& spec, std::uint32_t slate) const {
    if (spec.maximize < 0 || !is_evaluated_) return worth(slate);
    return of(slate, spec.maximize) - slates_.certificates[slate].penalty;
  }

 private:
  const Run& run_;
  const SlateSet& slates_;
  std::span<const double> values_;
  bool is_evaluated_;
};

// The slates that are longest and, of those, break least, in their order.
std::span<std::uint32_t> finalists(Run& run, const SlateSet& slates) {
  const auto out = run.arena.allocate<std::uint32_t>(slates.count);
  auto best = run.arena.zeroed<std::uint64_t>(run.plan.level_count);
  auto levels = run.arena.zeroed<std::uint64_t>(run.plan.level_count);
  std::size_t length = 0;
  std::size_t count = 0;
  for (std::uint32_t slate = 0; slate < slates.count; ++slate) {
    const std::size_t size = slates.lengths[slate];
    by_level(run, slates.violations_of(slate), levels);
    auto order = count == 0 ? std::strong_ordering::less : length <=> size;
    if (order == 0) {
      order = std::lexicographical_compare_three_way(levels.begin(), levels.end(), best.begin(),
                                                     best.end());
    }
    if (order > 0) continue;
    if (order < 0) {
      count = 0;
      length = size;
      std::copy(levels.begin(), levels.end(), best.begin());
    }
    out[count++] = slate;
  }
  return out.first(count);
}

// Takes away what is below the floor, or, when all are, what is not nearest to it.
std::span<std::uint32_t> above_floor(const SelectorSpec& spec, const Values& values,
                                     std::span<std::uint32_t> slates) {
  if (spec.floor_of < 0 || !values.is_evaluated()) return slates;
  double most = -std::numeric_limits<double>::infinity();
  for (const std::uint32_t slate : slates) most = std::max(most, values.of(slate, spec.floor_of));
  // A share of what is below zero would lie above it.
  const double wanted =
      spec.is_share ? most - (1.0 - spec.at_least) * std::abs(most) : spec.at_least;
  const double floor = std::min(wanted, most);
  const auto end = std::stable_partition(slates.begin(), slates.end(), [&](std::uint32_t slate) {
    return values.of(slate, spec.floor_of) >= floor;
  });
  return slates.first(static_cast<std::size_t>(end - slates.begin()));
}

// The slate that stays unless it is clearly beaten: the first of the incumbent generator's.
std::int32_t incumbent_of(const Run& run, const SelectorSpec& spec, const SlateSet& slates,
                          std::span<const std::uint32_t> left) {
  std::uint32_t begin = 0;
  std::uint32_t end = slates.count;
  if (spec.incumbent >= 0) {
    const NodeOutcome& outcome = run.outcomes[static_cast<std::size_t>(spec.incumbent)];
    begin = outcome.first_slate;
    end = outcome.has_run ? begin + outcome.slates : begin;
  }
  if (begin == end) return -1;
  const bool is_left = std::find(left.begin(), left.end(), begin) != left.end();
  return is_left ? static_cast<std::int32_t>(begin) : -1;
}

// Bits of this request that no node has.
double unit_of(std::uint64_t bits) { return static_cast<double>(mix64(bits) >> 11) * 0x1.0p-53; }

}  // namespace

Picked select_page(Run& run, const SelectorSpec& spec, const SlateSet& slates,
                   std::span<const double> objective_values, bool is_evaluated) {
  if (slates.count == 0) return {};
  const Values values(run, slates, objective_values, is_evaluated);
  const auto left = above_floor(spec, values, finalists(run, slates));
  std::uint32_t chosen = left.front();
  for (const std::uint32_t slate : left.subspan(1)) {
    if (values.aim(spec, slate) > values.aim(spec, chosen)) chosen = slate;
  }
  if (spec.hysteresis > 0.0) {
    const std::int32_t incumbent = incumbent_of(run, spec, slates, left);
    if (incumbent >= 0) {
      const double held = values.aim(spec, static_cast<std::uint32_t>(incumbent));
      const bool is_beaten = values.aim(spec, chosen) > held + spec.hysteresis * std::abs(held);
      if (!is_beaten) chosen = static_cast<std::uint32_t>(incumbent);
    }
  }
  double propensity = 1.0;
  if (spec.epsilon > 0.0) {
    const std::uint32_t leader = chosen;
    const std::uint64_t seed = run.request.seed ^ spec.seed;
    if (unit_of(seed) < spec.epsilon) {
      const double drawn = unit_of(seed + 0x9E3779B97F4A7C15ULL) * static_cast<double>(left.size());
      chosen = left[std::min(static_cast<std::size_t>(drawn), left.size() - 1)];
    }
    propensity = spec.epsilon / static_cast<double>(left.size());
    if (chosen == leader) propensity += 1.0 - spec.epsilon;
  }
  const Certificate& certificate = slates.certificates[chosen];
  Picked picked{slates.slate(chosen),   slates.violations_of(chosen),      certificate.search,
                values.worth(chosen),   static_cast<std::int32_t>(chosen), true,
                certificate.hand_placed};
  picked.propensity = propensity;
  return picked;
}

}  // namespace lineup
