// SPDX-License-Identifier: Apache-2.0
//
// Rules that contradict each other, or the page, whatever the batch. Only hard and required rules
// contradict; soft ones weigh. What depends on which rows are there is left to lints and to the
// answers of requests.
//
// It is an error when nothing says which of the two is to give way: a rule alone, two of the same
// priority, two that are required, an item that is pinned where it may not stand. Where one is more
// important the policy can be served, the other will always be given up, and that is a warning.
#include <fmt/format.h>

#include <algorithm>

#include "constraint/describe.hpp"
#include "plan/compile.hpp"
#include "plan/rule_pairs.hpp"

namespace lineup {

namespace {

bool is_soft(const RuleUse& use) { return use.strength.kind == Strength::Kind::Soft; }

bool is_filter(const Spec& spec) { return spec.kind == Kind::Filter; }

// Whether neither is more important than the other.
bool is_undecided(const RuleUse& a, const RuleUse& b) {
  return a.strength.kind == b.strength.kind && a.level == b.level;
}

class Contradictions {
 public:
  Contradictions(const Plan& plan, Severity wanted, Diagnostics& diagnostics)
      : uses_(plan.uses), page_(plan.page), wanted_(wanted), diagnostics_(diagnostics) {}

  void find() {
    for (const RuleUse& use : uses_) {
      if (!use.enabled || is_soft(use)) continue;
      for (const CompiledConstraint& constraint : use.constraints) {
        check_minimum(use, constraint);
        check_pin(use, constraint);
      }
    }
  }

 private:
  // A minimum that the page, or what another rule leaves on its slots, cannot hold.
  void check_minimum(const RuleUse& use, const CompiledConstraint& constraint) {
    const Spec& spec = constraint.spec;
    const auto min = fixed_count(spec.min);
    if (spec.kind != Kind::Quota || !spec.by.empty() || !min || *min == 0) return;
    const PageSlots slots = page_slots(spec.slots, page_);
    const std::uint32_t room = count_slots(slots);
    if (*min > room) {
      if (wanted_ != Severity::Error) return;
      diagnostics_
          .error(
              spec.span, "policy/above-page",
              fmt::format("`{}` needs {} rows where `{}`, but the page has {} {}", use.name, *min,
                          spec.where, room, spec.slots.is_all() ? "slots" : "of its slots"),
              fmt::format("lower `min` to at most {}, or make the page longer", room))
          .arguments = {{"rule", use.name}, {"min", fmt::format("{}", *min)}};
      return;
    }
    for (const RuleUse& other : uses_) check_room(use, spec, *min, slots, other);
  }

  void check_room(const RuleUse& use, const Spec& spec, std::uint32_t min, const PageSlots& slots,
                  const RuleUse& other) {
    if (!act_together(use, other)) return;
    for (const CompiledConstraint& limit : other.constraints) {
      if (is_soft(other) && !is_filter(limit.spec)) continue;
      if (&limit.spec == &spec || !covers(limit.spec, subject_of(spec))) continue;
      const auto room = capacity_of(limit.spec, slots, page_);
      if (!room || *room >= min) continue;
      const bool is_error = &use == &other || is_filter(limit.spec) || is_undecided(use, other);
      report(is_error, spec, use, other,
             fmt::format("`{}` needs {} row{} where `{}`, but {} leaves room for {}: {}", use.name,
                         min, min == 1 ? "" : "s", spec.where,
                         &use == &other ? std::string("itself") : other_rule(other), *room,
                         describe(limit)),
             *room == 0
                 ? std::string("take one of the two out")
                 : fmt::format("lower `min` to at most {}, or loosen `{}`", *room, other.name));
      return;
    }
  }

  // A pin on slots from which another rule keeps the same rows away.
  void check_pin(const RuleUse& use, const CompiledConstraint& constraint) {
    const Spec& spec = constraint.spec;
    const bool is_pin = spec.kind == Kind::Place && spec.slot_column.empty() &&
                        (spec.mode == PlaceMode::Exactly || spec.mode == PlaceMode::AtOrAbove);
    if (!is_pin || subject_of(spec).empty() || spec.slots.is_all()) return;
    PageSlots slots = page_slots(spec.slots, page_);
    if (spec.mode == PlaceMode::AtOrAbove) {
      const auto last = std::find(slots.rbegin(), slots.rend(), 1);
      std::fill(last, slots.rend(), std::uint8_t{1});
    }
    if (count_slots(slots) == 0) return;
    for (const RuleUse& other : uses_) {
      if (&other == &use || is_soft(other) || !act_together(use, other)) continue;
      for (const CompiledConstraint& limit : other.constraints) {
        const Kind kind = limit.spec.kind;
        if (kind != Kind::Place && kind != Kind::Spacing) continue;
        if (!limit.spec.by.empty() || subject_of(limit.spec) != subject_of(spec)) continue;
        if (capacity_of(limit.spec, slots, page_).value_or(1) > 0) continue;
        report(spec.id.has_value() || is_undecided(use, other), spec, use, other,
               fmt::format("`{}` asks for {}, but {} keeps it away from there: {}", use.name,
                           describe(constraint), other_rule(other), describe(limit)),
               fmt::format("move the pin, or take the slot out of `{}`", other.name));
        return;
      }
    }
  }

  void report(bool is_error, const Spec& spec, const RuleUse& use, const RuleUse& other,
              std::string message, std::string hint) {
    if (is_error != (wanted_ == Severity::Error)) return;
    Diagnostic& found = is_error ? diagnostics_.error(spec.span, "policy/contradiction",
                                                      std::move(message), std::move(hint))
                                 : diagnostics_.warning(
                                       spec.span, "lint/contradiction",
                                       std::move(message) + fmt::format("; `{}` is always given up",
                                                                        weaker(use, other).name),
                                       std::move(hint));
    found.arguments = {{"rule", use.name}, {"other", other.name}};
  }

  static const RuleUse& weaker(const RuleUse& a, const RuleUse& b) {
    if (a.strength.kind != b.strength.kind) {
      return a.strength.kind == Strength::Kind::Required ? b : a;
    }
    return a.level > b.level ? a : b;
  }

  const std::vector<RuleUse>& uses_;
  std::uint32_t page_;
  Severity wanted_;
  Diagnostics& diagnostics_;
};

}  // namespace

void find_contradictions(const Plan& plan, Severity wanted, Diagnostics& diagnostics) {
  Contradictions(plan, wanted, diagnostics).find();
}

}  // namespace lineup
