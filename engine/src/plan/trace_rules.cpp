// SPDX-License-Identifier: Apache-2.0
//
// Rule by rule: whether it acted, how often on this page, and what it cost. The cost compares two
// pages of the engine's own search, with and without the rule, by what the scores predict; nobody
// saw the other page, so it is called predicted everywhere.
#include <algorithm>
#include <cmath>

#include "constraint/describe.hpp"
#include "plan/trace.hpp"

namespace lineup {

namespace {

std::string_view word_for(Idle idle) {
  switch (idle) {
    case Idle::Active:
      return "active";
    case Idle::Disabled:
      return "disabled";
    case Idle::When:
      return "when";
    case Idle::NotYet:
      return "not yet";
    case Idle::Over:
      return "over";
    case Idle::Expired:
      return "expired";
    case Idle::SwitchedOff:
      return "switched off";
  }
  return "active";
}

std::string_view word_for(Strength::Kind kind) {
  switch (kind) {
    case Strength::Kind::Required:
      return "required";
    case Strength::Kind::Hard:
      return "hard";
    case Strength::Kind::Soft:
      return "soft";
  }
  return "hard";
}

bool has_kind(const RuleUse& use, Kind kind) {
  return std::any_of(use.constraints.begin(), use.constraints.end(),
                     [kind](const CompiledConstraint& each) { return each.spec.kind == kind; });
}

class RuleTrace {
 public:
  RuleTrace(TraceScene& scene, std::size_t use, const RuleDeeds& deeds)
      : scene_(scene),
        run_(scene.run),
        index_(use),
        rule_(scene.use(use)),
        deeds_(deeds),
        batch_(scene.run.batch),
        input_(scene.run.input) {
    // Conditions of filters and boosts read columns as they were before any of them acted.
    batch_.rows.columns = run_.before.columns;
    input_.batch = &batch_;
  }
  RuleTrace(const RuleTrace&) = delete;
  RuleTrace& operator=(const RuleTrace&) = delete;

  TraceJson json() {
    const bool is_active = run_.idle[index_] == Idle::Active;
    const bool is_absent = is_active && scene_.pin_absent[index_] != 0;
    TraceJson out = {{"rule", rule_.name},
                     {"status", is_absent ? "pin absent" : word_for(run_.idle[index_])},
                     {"strength", word_for(rule_.strength.kind)}};
    if (rule_.strength.kind == Strength::Kind::Hard) out["priority"] = rule_.strength.priority;
    out["asks"] = describe(rule_, run_.parameters);
    out["violations"] = index_ < scene_.base.size() ? scene_.base[index_] : 0;
    if (is_active) {
      add_deeds(out);
      if (!scene_.is_brief()) add_cost(out);
    }
    if (!rule_.owner.empty()) out["owner"] = rule_.owner;
    if (!rule_.reason.empty()) out["reason"] = rule_.reason;
    return out;
  }

 private:
  void add_deeds(TraceJson& out) const {
    std::vector<std::uint32_t> slots = deeds_.placed;
    slots.insert(slots.end(), deeds_.held_back.begin(), deeds_.held_back.end());
    std::sort(slots.begin(), slots.end());
    slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
    const std::uint32_t filtered = has_kind(rule_, Kind::Filter) ? rows_filtered() : 0;
    const std::uint32_t boosted = has_kind(rule_, Kind::Boost) ? rows_boosted() : 0;
    out["acted"] = slots.size() + filtered + boosted;
    out["slots_placed"] = deeds_.placed;
    out["slots_held_back"] = deeds_.held_back;
    if (has_kind(rule_, Kind::Filter)) out["rows_filtered"] = filtered;
    if (has_kind(rule_, Kind::Boost)) out["rows_boosted"] = boosted;
  }

  // Only this use acts.
  [[nodiscard]] std::vector<Idle> alone() const {
    std::vector<Idle> idle(scene_.use_count(), Idle::Disabled);
    idle[index_] = Idle::Active;
    return idle;
  }

  [[nodiscard]] std::uint32_t rows_filtered() const {
    const auto mark = run_.arena.mark();
    auto rows = run_.arena.allocate<Word>(run_.before.candidates.size());
    std::copy(run_.before.candidates.begin(), run_.before.candidates.end(), rows.begin());
    filter_rows(run_.plan.uses, alone(), input_, run_.arena, rows);
    const auto left = count_bits(rows);
    run_.arena.rewind(mark);
    return static_cast<std::uint32_t>(count_bits(run_.before.candidates) - left);
  }

  // Candidates that it gives another value, in any column it boosts.
  [[nodiscard]] std::uint32_t rows_boosted() const {
    const auto mark = run_.arena.mark();
    auto changed = run_.arena.zeroed<Word>(run_.candidates.size());
    const auto idle = alone();
    constexpr double kAnyScore = 0.7310585786300049;  // no boost that is written gives it back
    for (const std::uint32_t column : run_.plan.boosted) {
      auto values = run_.arena.filled<double>(run_.score.size(), kAnyScore);
      apply_boosts(run_.plan.uses, idle, input_, column, run_.arena, values);
      for (std::uint32_t row = 0; row < values.size(); ++row) {
        if (values[row] != kAnyScore) set_bit(changed.data(), row);
      }
    }
    for (std::size_t w = 0; w < changed.size(); ++w) changed[w] &= run_.candidates[w];
    const auto count = static_cast<std::uint32_t>(count_bits(changed));
    run_.arena.rewind(mark);
    return count;
  }

  void add_cost(TraceJson& out) {
    const auto without = scene_.replay.without(index_);
    if (!without) {
      out["cost_predicted"] = nullptr;
      return;
    }
    const OtherPage& own = *scene_.replay.own_page();
    TraceJson frees = TraceJson::array();
    bool is_worse = false;
    for (std::size_t use = 0; use < scene_.use_count(); ++use) {
      if (use == index_) continue;
      if (without->page.violations[use] < own.violations[use])
        frees.push_back(scene_.use(use).name);
      is_worse = is_worse || without->page.violations[use] > own.violations[use];
    }
    double cost = without->page.total - without->own_total;
    // With fewer rules and all others kept alike a page cannot be worth less: the search stopped.
    if (frees.empty() && !is_worse) cost = std::max(0.0, cost);
    if (std::fabs(cost) < 1e-12) cost = 0.0;
    out["cost_predicted"] = cost;
    out["slots_changed"] = slots_changed(own.rows, without->page.rows);
    if (!frees.empty()) out["frees"] = std::move(frees);
  }

  static std::size_t slots_changed(const std::vector<std::uint32_t>& a,
                                   const std::vector<std::uint32_t>& b) {
    const std::size_t both = std::min(a.size(), b.size());
    std::size_t changed = std::max(a.size(), b.size()) - both;
    for (std::size_t slot = 0; slot < both; ++slot) changed += a[slot] != b[slot] ? 1U : 0U;
    return changed;
  }

  TraceScene& scene_;
  Run& run_;
  std::size_t index_;
  const RuleUse& rule_;
  const RuleDeeds& deeds_;
  Batch batch_;
  RuleInput input_;
};

}  // namespace

TraceJson trace_rules(TraceScene& scene, std::span<const RuleDeeds> deeds) {
  TraceJson out = TraceJson::array();
  for (std::size_t use = 0; use < scene.use_count(); ++use) {
    out.push_back(RuleTrace(scene, use, deeds[use]).json());
  }
  return out;
}

}  // namespace lineup
