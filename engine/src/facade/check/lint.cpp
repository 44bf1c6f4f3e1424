// SPDX-License-Identifier: Apache-2.0
//
// One function per sort of finding. A finding stands where the rule is used, because that is what
// its reader can change.
#include "facade/check/lint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/clock.hpp"
#include "constraint/describe.hpp"
#include "plan/compile.hpp"
#include "plan/rule_pairs.hpp"

namespace lineup {

namespace {

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;
constexpr std::int64_t kSoonMs = 14 * kDayMs;

Span span_of(const RuleUse& use) {
  return use.constraints.empty() ? use.span : use.constraints.front().spec.span;
}

bool is_soft(const RuleUse& use) { return use.strength.kind == Strength::Kind::Soft; }

class Linter {
 public:
  Linter(const Plan& plan, std::int64_t now_ms, Diagnostics& diagnostics)
      : plan_(plan), now_ms_(now_ms), diagnostics_(diagnostics) {}

  void run() {
    for (const RuleUse& use : plan_.uses) {
      if (!use.enabled) continue;
      const bool has_ended = check_dates(use);
      if (!has_ended) check_effect(use);
    }
    for (std::size_t later = 0; later < plan_.uses.size(); ++later) {
      for (std::size_t first = 0; first < plan_.uses.size(); ++first) {
        if (first < later) check_pins(plan_.uses[first], plan_.uses[later]);
      }
      check_shadowed(later);
    }
    check_minimums();
    check_empty_lists();
  }

  void check_segments() {
    for (std::size_t i = 0; i < plan_.segment_names.size(); ++i) {
      if (reads_name(plan_, "segment." + plan_.segment_names[i])) continue;
      diagnostics_
          .warning(plan_.segment_spans[i], "lint/unused-segment",
                   fmt::format("segment `{}` is read by no rule", plan_.segment_names[i]),
                   fmt::format("write `when: segment.{}`, or take it out", plan_.segment_names[i]))
          .arguments = {{"segment", plan_.segment_names[i]}};
    }
  }

 private:
  void warn(const RuleUse& use, const char* code, std::string message, std::string hint) {
    diagnostics_.warning(span_of(use), code, std::move(message), std::move(hint)).arguments = {
        {"rule", use.name}};
  }

  [[nodiscard]] bool has_ended(const RuleUse& use) const {
    return use.expires_ms <= now_ms_ || use.until_ms <= now_ms_;
  }

  // True when it does not act any more.
  bool check_dates(const RuleUse& use) {
    const std::string owner = use.owner.empty() ? "" : fmt::format(" (ask {})", use.owner);
    if (use.expires_ms <= now_ms_) {
      warn(use, "lint/expired",
           fmt::format("`{}` expired at {}: it is not applied", use.name,
                       format_time(use.expires_ms)),
           fmt::format("set a later `expires`, or take the rule out{}", owner));
      return true;
    }
    if (use.until_ms <= now_ms_) {
      warn(use, "lint/over",
           fmt::format("`{}` ended at {}: it is not applied", use.name, format_time(use.until_ms)),
           fmt::format("set a later `until`, or take the rule out{}", owner));
      return true;
    }
    const auto days = [this](std::int64_t when) {
      const std::int64_t left = (when - now_ms_) / kDayMs;
      return left == 0   ? std::string("today")
             : left == 1 ? std::string("in 1 day")
                         : fmt::format("in {} days", left);
    };
    // Differences are taken only between moments that lie near.
    if (use.expires_ms < now_ms_ + kSoonMs) {
      warn(use, "lint/expires-soon",
           fmt::format("`{}` expires {}, at {}", use.name, days(use.expires_ms),
                       format_time(use.expires_ms)),
           fmt::format("set a later `expires` if it should go on{}", owner));
    } else if (use.until_ms < now_ms_ + kSoonMs) {
      warn(use, "lint/ends-soon",
           fmt::format("`{}` ends {}, at {}", use.name, days(use.until_ms),
                       format_time(use.until_ms)),
           fmt::format("set a later `until` if it should go on{}", owner));
    }
    return false;
  }

  void check_effect(const RuleUse& use) {
    if (use.constraints.empty()) {
      return warn(use, "lint/no-effect",
                  fmt::format("`{}` makes no constraint of these parameters", use.name),
                  "give it parameters that ask for something, or take it out");
    }
    for (const CompiledConstraint& constraint : use.constraints) {
      const Spec& spec = constraint.spec;
      if (!spec.slots.is_all() && count_slots(page_slots(spec.slots, plan_.page)) == 0) {
        warn(use, "lint/past-page",
             fmt::format("`{}` speaks of slots past the page, which has {}: {}", use.name,
                         plan_.page, describe(constraint)),
             fmt::format("slots go from 1 to {}", plan_.page));
      } else if (const RuleUse* filter = filter_of(use, spec)) {
        warn(use, "lint/never-fires",
             fmt::format("`{}` can never fire: {} takes out all rows it speaks of", use.name,
                         other_rule(*filter)),
             "take one of the two out");
      }
    }
    const bool idle = std::all_of(use.constraints.begin(), use.constraints.end(),
                                  [this](const auto& each) { return has_no_effect(each.spec); });
    const bool weightless =
        is_soft(use) && use.strength.weight.live < 0 && use.strength.weight.value == 0.0;
    if (idle || weightless) {
      warn(use, "lint/no-effect",
           weightless ? fmt::format("`{}` has the weight 0: it changes nothing", use.name)
                      : fmt::format("`{}` can never fire on a page of {} slots: {}", use.name,
                                    plan_.page, describe(use)),
           "tighten its parameters, or take it out");
    }
  }

  // A rule that takes out every row that `spec` speaks of, whenever it acts.
  const RuleUse* filter_of(const RuleUse& use, const Spec& spec) const {
    if (spec.kind == Kind::Filter || spec.kind == Kind::Boost || !spec.by.empty()) return nullptr;
    for (const RuleUse& other : plan_.uses) {
      if (&other == &use || !acts_whenever(other, use)) continue;
      for (const CompiledConstraint& each : other.constraints) {
        if (each.spec.kind == Kind::Filter && covers(each.spec, subject_of(spec))) return &other;
      }
    }
    return nullptr;
  }

  // Whether no page of the policy's length can break it, or it changes no score.
  [[nodiscard]] bool has_no_effect(const Spec& spec) const {
    const std::uint32_t page = plan_.page;
    const auto never_above = [](const Amount& max, std::uint32_t most) {
      const auto fixed = fixed_count(max);
      return !max.is_given() || (fixed && *fixed >= most);
    };
    const auto is_zero = [](const Amount& amount) {
      return !amount.is_given() || (amount.live < 0 && amount.value == 0.0);
    };
    switch (spec.kind) {
      case Kind::Window: {
        const auto size = fixed_count(spec.size);
        const std::uint32_t most = std::min(size.value_or(page), page);
        return size && is_zero(spec.min) && never_above(spec.max, most);
      }
      case Kind::Spacing: {
        const auto first = fixed_count(spec.first_slot);
        return is_zero(spec.gap) && (!spec.first_slot.is_given() || (first && *first <= 1));
      }
      case Kind::Quota:
      case Kind::Cap:
        if (!spec.channels.empty() || spec.even || spec.history.is_given()) return false;
        return is_zero(spec.min) &&
               never_above(spec.max, count_slots(page_slots(spec.slots, page)));
      case Kind::Boost:
        return is_zero(spec.add) && (!spec.multiply.is_given() ||
                                     (spec.multiply.live < 0 && spec.multiply.value == 1.0));
      case Kind::Place:
      case Kind::Adjacent:
      case Kind::Budget:
      case Kind::Similar:
      case Kind::Filter:
      case Kind::Mix:
      case Kind::Order:
      case Kind::Code:
        return false;
    }
    return false;
  }

  // Pins of two rules: on one slot, or of one row on two slots. Which rows are there decides
  // whether that matters, so it is no error.
  void check_pins(const RuleUse& first, const RuleUse& later) {
    if (!act_together(first, later) || is_soft(first) || is_soft(later)) return;
    if (has_ended(first) || has_ended(later)) return;
    for (const CompiledConstraint& a : first.constraints) {
      for (const CompiledConstraint& b : later.constraints) {
        if (!is_exact_pin(a.spec) || !is_exact_pin(b.spec)) continue;
        const std::uint32_t slot = shared_slot(a.spec, b.spec);
        const bool one_row = subject_of(a.spec) == subject_of(b.spec);
        const std::string weaker = first.level < later.level ? later.name : first.name;
        if (!one_row && slot > 0) {
          warn(later, "lint/pins-one-slot",
               fmt::format("`{}` and {} both pin a row to slot {}: when both rows are there, `{}` "
                           "loses",
                           later.name, other_rule(first), slot, weaker),
               "move one of the pins to another slot");
        } else if (one_row && a.spec.id && slot == 0) {
          warn(later, "lint/pin-two-slots",
               fmt::format("`{}` and {} pin one row to different slots: `{}` loses", later.name,
                           other_rule(first), weaker),
               "take one of the pins out");
        }
      }
    }
  }

  static bool is_exact_pin(const Spec& spec) {
    return spec.kind == Kind::Place && spec.mode == PlaceMode::Exactly && !spec.slots.is_all();
  }

  // The first slot that both speak of, 1-based; 0: none.
  std::uint32_t shared_slot(const Spec& a, const Spec& b) const {
    const PageSlots of_a = page_slots(a.slots, plan_.page);
    const PageSlots of_b = page_slots(b.slots, plan_.page);
    for (std::uint32_t slot = 0; slot < plan_.page; ++slot) {
      if (of_a[slot] != 0 && of_b[slot] != 0) return slot + 1;
    }
    return 0;
  }

  void check_shadowed(std::size_t index) {
    const RuleUse& use = plan_.uses[index];
    if (has_ended(use)) return;
    for (std::size_t at = 0; at < plan_.uses.size(); ++at) {
      const RuleUse& other = plan_.uses[at];
      if (at == index || !shadows(other, use, plan_.page)) continue;
      const bool is_twin = shadows(use, other, plan_.page);
      if (is_twin && at > index) continue;  // said at the later of the two
      warn(use, is_twin ? "lint/duplicate" : "lint/shadowed",
           is_twin ? fmt::format("`{}` asks for the same as {}: {}", use.name, other_rule(other),
                                 describe(use))
                   : fmt::format("`{}` never decides anything: {} asks for as much or more, {}",
                                 use.name, other_rule(other), describe(other)),
           is_twin ? "take one of the two out" : "take it out, or tighten it");
      return;
    }
  }

  // Minimums for different values of one column add up: no row counts for two of them.
  void check_minimums() {
    struct Sum {
      std::uint32_t total = 0;
      std::string names;
      const RuleUse* last = nullptr;
    };
    std::map<std::string, Sum> sums;  // by column
    for (const RuleUse& use : plan_.uses) {
      if (!use.enabled || is_soft(use) || !use.when.is_empty() || has_ended(use)) continue;
      for (const CompiledConstraint& constraint : use.constraints) {
        const Spec& spec = constraint.spec;
        const std::string column = shared_column(subject_of(spec));
        const auto index = plan_.schema.find(column);
        const bool is_single = index && plan_.schema[*index].type != ColumnType::Categories;
        const auto min = fixed_count(spec.min);
        if (spec.kind != Kind::Quota || !spec.by.empty() || !is_single || !min) continue;
        Sum& sum = sums[column];
        sum.total += *min;
        sum.names += fmt::format("{}`{}`", sum.names.empty() ? "" : ", ", use.name);
        if (sum.last != nullptr && sum.total > plan_.page) {
          warn(use, "lint/minimums",
               fmt::format("the minimums of {} add up to {}, the page has {} slots", sum.names,
                           sum.total, plan_.page),
               "lower one of them, or make the page longer");
          break;
        }
        sum.last = &use;
      }
    }
  }

  void check_empty_lists() {
    for (const auto& [name, list] : plan_.lists) {
      if (list->size() > 0) continue;
      const std::string text = "list." + name;
      for (const RuleUse& use : plan_.uses) {
        const bool does = std::any_of(
            use.constraints.begin(), use.constraints.end(),
            [&](const auto& each) { return each.where.text().find(text) != text.npos; });
        if (!does || !use.enabled) continue;
        warn(use, "lint/empty-list",
             fmt::format("`{}` reads the list `{}`, which is empty", use.name, name),
             fmt::format("write ids into lists/{}.txt, one a line", name));
      }
    }
  }

  const Plan& plan_;
  std::int64_t now_ms_;
  Diagnostics& diagnostics_;
};

}  // namespace

void lint(const Plan& plan, std::int64_t now_ms, bool is_complete, Diagnostics& diagnostics) {
  Linter linter(plan, now_ms, diagnostics);
  linter.run();
  find_contradictions(plan, Severity::Warning, diagnostics);
  lint_code(plan, diagnostics);
  if (is_complete) linter.check_segments();
}

}  // namespace lineup
