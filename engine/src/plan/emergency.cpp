// SPDX-License-Identifier: Apache-2.0
//
// What is to be blocked becomes one condition over lists, so that it is evaluated as every filter
// is: a column at a time, on codes.
#include "plan/emergency.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "plan/run.hpp"

namespace lineup {

namespace {

class Binder {
 public:
  Binder(const EmergencyDocument& document, const Plan& plan, Emergency& out,
         Diagnostics& diagnostics)
      : document_(document), plan_(plan), out_(out), diagnostics_(diagnostics) {}

  void bind() {
    for (const auto& block : document_.values) {
      std::string text;
      for (const std::string& value : block.values) text += value + '\n';
      add(block.column, std::make_shared<const IdList>(text), block.span);
    }
    for (const auto& use : document_.lists) {
      const auto list = plan_.lists.find(use.list);
      if (list == plan_.lists.end()) {
        missing(use.span, fmt::format("there is no list `{}`", use.list));
      } else {
        add(use.column, list->second, use.span);
      }
    }
    out_.wanted = plan_.wanted;
    if (!text_.empty()) {
      const ConditionScope scope{&plan_.schema, nullptr, &lists_, nullptr, &plan_.zone};
      Span span;
      span.file = document_.path;
      if (out_.blocked.compile(text_, scope, span, 0, diagnostics_)) {
        for (const std::uint32_t column : out_.blocked.columns()) out_.wanted[column] = 1;
      }
    }
    for (const auto& name : document_.switched_off) switch_off(name);
  }

 private:
  void missing(const Span& span, const std::string& what) {
    diagnostics_.warning(span, "emergency/unknown",
                         fmt::format("scene `{}`: {}", plan_.scene, what));
  }

  void add(const std::string& column, std::shared_ptr<const IdList> list, const Span& span) {
    const bool is_id = column == kIdName;
    if (!is_id && !plan_.schema.find(column)) {
      return missing(span, fmt::format("there is no column `{}`", column));
    }
    const std::string name = fmt::format("emergency_{}", lists_.size());
    lists_.emplace(name, std::move(list));
    text_ += fmt::format("{}{} in list.{}", text_.empty() ? "" : " or ", column, name);
  }

  void switch_off(const EmergencyDocument::Name& name) {
    for (std::uint32_t use = 0; use < plan_.uses.size(); ++use) {
      if (plan_.uses[use].name != name.name) continue;
      const std::string why = why_not(plan_.uses[use]);
      if (why.empty()) {
        out_.off.push_back(use);
      } else {
        diagnostics_.error(name.span, "emergency/not-off",
                           fmt::format("`{}` of scene `{}` cannot be switched off: {}", name.name,
                                       plan_.scene, why),
                           "an overlay only takes away; change the policy");
      }
      return;
    }
    missing(name.span, fmt::format("there is no rule `{}`", name.name));
  }

  // Empty: it can.
  static std::string why_not(const RuleUse& use) {
    for (const CompiledConstraint& constraint : use.constraints) {
      const Spec& spec = constraint.spec;
      if (spec.kind == Kind::Filter) return "it is a filter, without which rows would come in";
      const bool lowers = (spec.add.is_given() && spec.add.value < 0.0) ||
                          (spec.multiply.is_given() && spec.multiply.value < 1.0);
      if (spec.kind == Kind::Boost && lowers) {
        return "it keeps rows down, which would come up without it";
      }
      // Boosts are no constraints: how strongly they hold is not said.
      if (spec.kind != Kind::Boost && use.strength.kind == Strength::Kind::Required) {
        return "it is required";
      }
    }
    return {};
  }

  const EmergencyDocument& document_;
  const Plan& plan_;
  Emergency& out_;
  Diagnostics& diagnostics_;
  Lists lists_;
  std::string text_;
};

}  // namespace

std::unique_ptr<Emergency> bind_emergency(const EmergencyDocument& document, const Plan& plan,
                                          std::shared_ptr<EmergencyCounts> counts,
                                          Diagnostics& diagnostics) {
  auto out = std::make_unique<Emergency>();
  out->plan = &plan;
  out->until_ms = document.until_ms;
  out->most = document.most;
  out->counts = std::move(counts);
  Binder(document, plan, *out, diagnostics).bind();
  return out;
}

void subtract(Run& run) {
  const Emergency* emergency = run.request.emergency;
  if (emergency == nullptr || run.request.now_ms >= emergency->until_ms) return;
  const std::uint32_t rows = run.batch.rows.row_count;
  if (!emergency->blocked.is_empty()) {
    auto blocked = run.arena.allocate<Word>(word_count(rows));
    emergency->blocked.select(run.batch.rows, run.batch.vocabularies, run.context, run.arena,
                              blocked);
    for (std::size_t i = 0; i < blocked.size(); ++i) blocked[i] &= run.candidates[i];
    const auto taken = static_cast<std::uint32_t>(count_bits(blocked));
    const auto all = static_cast<std::uint32_t>(count_bits(run.candidates));
    // A share of at least one row, so that small batches are not beyond its reach.
    const double most = std::max(1.0, std::floor(emergency->most * all));
    if (taken > most) {
      emergency->counts->left_out.fetch_add(1, std::memory_order_relaxed);
      warn_subtracted(run, taken, all, false);
      return;
    }
    if (taken > 0) {
      warn_subtracted(run, taken, all, true);
      auto absent = run.arena.zeroed<Word>(word_count(rows));
      for (std::size_t i = 0; i < blocked.size(); ++i) {
        run.candidates[i] &= ~blocked[i];
        absent[i] = blocked[i] | (run.input.absent.empty() ? 0 : run.input.absent[i]);
      }
      run.input.absent = absent;  // the proof is told, too
      emergency->counts->rows.fetch_add(taken, std::memory_order_relaxed);
    }
  }
  bool is_any_off = false;
  for (const std::uint32_t use : emergency->off) {
    if (run.idle[use] != Idle::Active) continue;
    run.idle[use] = Idle::Disabled;  // not SwitchedOff: that a rule broke is not what happened
    is_any_off = true;
  }
  if (is_any_off) warn(run, "the emergency overlay switched rules off");
  emergency->counts->requests.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace lineup
