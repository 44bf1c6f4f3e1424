// SPDX-License-Identifier: Apache-2.0
//
// When one rule makes another one idle. Each case is a small proof: a page that holds the first
// cannot break the second. Where no proof is written the answer is no.
#include <algorithm>

#include "plan/rule_pairs.hpp"

namespace lineup {

namespace {

bool is_same(const Amount& a, const Amount& b) {
  return a.unit == b.unit && a.live == b.live && (a.value == b.value || !a.is_given());
}

// Whether a maximum of `a` is at most that of `b`; what is not given bounds nothing.
bool is_tighter(const Amount& a, const Amount& b) {
  if (!b.is_given()) return true;
  if (!a.is_given()) return false;
  if (is_same(a, b)) return true;
  const auto tight = fixed_count(a);
  const auto loose = fixed_count(b);
  return tight && loose && *tight <= *loose;
}

bool is_larger(const Amount& a, const Amount& b) {
  if (!b.is_given()) return true;
  if (!a.is_given()) return false;
  if (is_same(a, b)) return true;
  const auto large = fixed_count(a);
  const auto small = fixed_count(b);
  return large && small && *large >= *small;
}

bool is_same_pin(const Spec& a, const Spec& b) {
  return a.mode == b.mode && a.slots.ranges == b.slots.ranges && a.slot_column == b.slot_column &&
         a.id == b.id;
}

// Most rows in `slots` neighbouring slots under the window or gap; 0: it sets no bound that is
// known.
std::uint32_t most_in(const Spec& spec, std::uint32_t slots) {
  PageSlots all(slots, 1);
  Spec plain = spec;
  plain.slots = {};
  plain.first_slot = {};
  return capacity_of(plain, all, slots).value_or(0);
}

bool implies_window(const Spec& a, const Spec& b) {
  const auto size = fixed_count(b.size);
  const auto max = fixed_count(b.max);
  const bool is_plain = b.tumbling == a.tumbling && b.across == Across::Sequence &&
                        a.across == Across::Sequence && !b.min.is_given() && a.slots.is_all();
  if (!is_plain || !size || !max) return false;
  if (a.kind == Kind::Window && a.tumbling)
    return is_same(a.size, b.size) && is_tighter(a.max, b.max);
  if (a.kind != Kind::Window && a.kind != Kind::Spacing) return false;
  const std::uint32_t most = most_in(a, *size);
  return most > 0 && most <= *max;
}

bool implies_count(const Spec& a, const Spec& b, std::uint32_t page) {
  const bool counts = a.kind == Kind::Quota || a.kind == Kind::Cap;
  if (!counts || !a.channels.empty() || !b.channels.empty() || a.even || b.even) return false;
  const PageSlots of_a = page_slots(a.slots, page);
  const PageSlots of_b = page_slots(b.slots, page);
  const bool holds_max = !b.max.is_given() || (is_within(of_b, of_a) && is_tighter(a.max, b.max));
  const bool holds_min = !b.min.is_given() || (is_within(of_a, of_b) && is_larger(a.min, b.min));
  return holds_max && holds_min;
}

std::uint32_t rank_of(const RuleUse& use) {
  switch (use.strength.kind) {
    case Strength::Kind::Required:
      return 0;
    case Strength::Kind::Hard:
      return 1U + use.level;
    case Strength::Kind::Soft:
      return 0xFFFFFFFFU;
  }
  return 0xFFFFFFFFU;
}

}  // namespace

bool implies(const Spec& a, const Spec& b, std::uint32_t page) {
  const bool same_rows = subject_of(a) == subject_of(b) && a.by == b.by &&
                         a.missing_as_value == b.missing_as_value &&
                         is_larger(a.history, b.history);
  if (!same_rows) return false;
  switch (b.kind) {
    case Kind::Window:
      return implies_window(a, b);
    case Kind::Spacing:
      return a.kind == Kind::Spacing && is_larger(a.gap, b.gap) &&
             is_larger(a.first_slot, b.first_slot);
    case Kind::Quota:
    case Kind::Cap:
      return implies_count(a, b, page);
    case Kind::Place:
      return a.kind == Kind::Place && is_same_pin(a, b);
    case Kind::Filter:
      return a.kind == Kind::Filter;
    case Kind::Adjacent:
    case Kind::Budget:
    case Kind::Similar:
    case Kind::Boost:  // two boosts add up
    case Kind::Mix:
    case Kind::Order:
    case Kind::Code:
      return false;
  }
  return false;
}

bool shadows(const RuleUse& a, const RuleUse& b, std::uint32_t page) {
  if (!b.enabled || !acts_whenever(a, b) || rank_of(a) > rank_of(b) || b.constraints.empty()) {
    return false;
  }
  const bool both_soft = rank_of(a) == 0xFFFFFFFFU;
  if (both_soft) return false;  // two wishes add up
  return std::all_of(b.constraints.begin(), b.constraints.end(), [&](const auto& wanted) {
    return std::any_of(a.constraints.begin(), a.constraints.end(),
                       [&](const auto& held) { return implies(held.spec, wanted.spec, page); });
  });
}

}  // namespace lineup
