// SPDX-License-Identifier: Apache-2.0
//
// What a plan does about things that fail or are switched off. Breakers are asked once per request
// and told once, so that a request which tries a node sixteen times counts as one failure. A rule
// that is required is never left out: while its breaker is open it is not asked and allows nothing.
#include <fmt/format.h>

#include <algorithm>

#include "base/clock.hpp"
#include "plan/compile.hpp"
#include "plan/run.hpp"

namespace lineup {

namespace {

constexpr double kNsPerMs = 1e6;
// A node without a budget of its own has failed when one call took so many times what the whole
// request may take: that is no busy machine any more.
constexpr std::int64_t kLateDeadlines = 10;

BreakerOptions options_of(const PolicyBreaker& document) {
  return {document.failures, static_cast<std::int64_t>(document.window_ms * kNsPerMs),
          static_cast<std::int64_t>(document.cooldown_ms * kNsPerMs)};
}

// The node as the policy has it; null for the engine's own, where the policy has no graph.
const PolicyNode* node_of(const PolicyDocument& document, const std::string& id) {
  for (const PolicyNode& node : document.nodes) {
    if (node.id == id) return &node;
  }
  return nullptr;
}

void compile_node(const PolicyNode* document, const PlanLimits& limits, PlanNode& node) {
  node.skip_on_failure = node.kind == NodeKind::Generator;
  BreakerOptions options;
  if (document != nullptr) {
    if (document->on_failure != PolicyNode::OnFailure::Default) {
      node.skip_on_failure = document->on_failure == PolicyNode::OnFailure::Skip;
    }
    node.budget_ns = static_cast<std::int64_t>(document->budget_ms.value_or(0.0) * kNsPerMs);
    options = options_of(document->breaker);
  }
  node.late_ns = node.budget_ns > 0 ? node.budget_ns : kLateDeadlines * limits.deadline_ns;
  node.breaker = std::make_shared<Breaker>(options);
  node.held_back = fmt::format("node `{}` keeps failing and is held back by its breaker", node.id);
  node.late = fmt::format("node `{}` took longer than its budget", node.id);
}

void compile_breakers(const PolicyDocument& document, Plan& plan) {
  for (PlanNode& node : plan.nodes) {
    if (node.kind != NodeKind::Selector) {
      compile_node(node_of(document, node.id), plan.limits, node);
    }
  }
  plan.rule_breakers.resize(plan.uses.size());
  plan.held_back_texts.resize(plan.uses.size());
  for (const OpaqueSource& source : plan.opaques) {
    const std::string& name = plan.uses[source.use].name;
    const auto rule = std::find_if(document.rules.begin(), document.rules.end(),
                                   [&](const PolicyRule& one) { return one.name == name; });
    if (rule == document.rules.end()) continue;
    plan.rule_breakers[source.use] = std::make_shared<Breaker>(options_of(rule->breaker));
    plan.held_back_texts[source.use] =
        fmt::format("rule `{}` keeps failing and is held back by its breaker", name);
  }
}

// A plugin without the version or file that may be named behind `@`.
std::string_view plugin_of(std::string_view name) { return name.substr(0, name.find('@')); }

// Takes what the switches name out of the plan.
class Switches {
 public:
  Switches(const PolicyDocument& document, Plan& plan, Diagnostics& diagnostics)
      : document_(document), plan_(plan), diagnostics_(diagnostics) {}

  void throw_all() {
    for (const PolicySwitch& entry : document_.switches) {
      switch (entry.kind) {
        case PolicySwitch::Kind::Rule:
          switch_rules(entry);
          break;
        case PolicySwitch::Kind::Node:
          switch_nodes(entry);
          break;
        case PolicySwitch::Kind::Controller:  // controllers.cpp
          break;
        case PolicySwitch::Kind::Plugin:
          switch_plugin(entry);
          break;
      }
    }
  }

 private:
  void say(const std::string& text) {
    if (std::find(plan_.switch_texts.begin(), plan_.switch_texts.end(), text) ==
        plan_.switch_texts.end()) {
      plan_.switch_texts.push_back(text);
    }
  }

  // Rules that were refused are not in the plan: a switch may name them all the same.
  RuleUse* use_of(const PolicyRule& rule) {
    for (RuleUse& use : plan_.uses) {
      if (use.name == rule.name) return &use;
    }
    return nullptr;
  }

  // Filters too are never given up; boosts forbid nothing.
  bool is_required(const PolicyRule& rule) {
    const RuleUse* use = use_of(rule);
    return use != nullptr && use->strength.kind == Strength::Kind::Required &&
           std::any_of(use->constraints.begin(), use->constraints.end(),
                       [](const CompiledConstraint& one) { return one.spec.kind != Kind::Boost; });
  }

  void switch_rules(const PolicySwitch& entry) {
    bool found = false;
    for (const PolicyRule& rule : document_.rules) {
      if (rule.name != entry.name && rule.rule != entry.name) continue;
      found = true;
      if (is_required(rule)) {
        diagnostics_
            .warning(entry.span, "policy/switched-off",
                     fmt::format("rule `{}` is required and switched off", rule.name),
                     "pages may show what it forbids until the switch is taken back")
            .arguments = {{"name", rule.name}};
      }
      switch_off(rule);
    }
    if (found) return;
    std::vector<std::string> names;
    for (const PolicyRule& rule : document_.rules) names.push_back(rule.name);
    say_unknown(entry, "rule", names);
  }

  void switch_off(const PolicyRule& rule) {
    if (RuleUse* use = use_of(rule)) use->enabled = false;
    say(fmt::format("rule `{}` is switched off", rule.name));
  }

  void switch_nodes(const PolicySwitch& entry) {
    bool found = false;
    for (const PolicyNode& node : document_.nodes) {
      if (node.id != entry.name) continue;
      found = true;
      if (node.kind == PolicyNode::Kind::Select) {
        diagnostics_
            .error(entry.span, "policy/switch",
                   fmt::format("node `{}` is the selector: no page is made without it", node.id),
                   "switch off the nodes it reads from")
            .arguments = {{"name", node.id}};
      }
      switch_off(node);
    }
    if (found) return;
    std::vector<std::string> names;
    for (const PolicyNode& node : document_.nodes) names.push_back(node.id);
    say_unknown(entry, "node", names);
  }

  void switch_off(const PolicyNode& node) {
    for (PlanNode& made : plan_.nodes) {
      if (made.id == node.id) made.is_off = true;
    }
    say(fmt::format("node `{}` is switched off", node.id));
  }

  void switch_plugin(const PolicySwitch& entry) {
    bool found = false;
    std::vector<std::string> names;
    for (const PolicyNode& node : document_.nodes) {
      if (node.kind == PolicyNode::Kind::Select) continue;
      names.emplace_back(plugin_of(node.plugin));
      if (plugin_of(node.plugin) != entry.name) continue;
      found = true;
      switch_off(node);
    }
    for (const PolicyRule& rule : document_.rules) {
      const RuleUse* use = use_of(rule);
      if (use == nullptr || !is_plugin(*use)) continue;
      names.emplace_back(plugin_of(rule.rule));
      if (plugin_of(rule.rule) != entry.name) continue;
      found = true;
      if (is_required(rule)) {
        refuse_required(entry, rule);
      } else {
        switch_off(rule);
      }
    }
    if (!found) say_unknown(entry, "plugin", names);
  }

  // A required rule is given up by its own name only: who switches a plugin off may not know that
  // what must never be shown hangs on it.
  void refuse_required(const PolicySwitch& entry, const PolicyRule& rule) {
    for (const PolicySwitch& other : document_.switches) {
      if (other.kind == PolicySwitch::Kind::Rule && other.name == rule.name) return;
    }
    diagnostics_
        .error(
            entry.span, "policy/switch",
            fmt::format("plugin `{}` is what required rule `{}` is made of", entry.name, rule.name),
            fmt::format("to show what the rule forbids, name it too: `rules: [{}]`", rule.name))
        .arguments = {{"name", rule.name}};
  }

  bool is_plugin(const RuleUse& use) const {
    const auto index = static_cast<std::size_t>(&use - plan_.uses.data());
    return std::any_of(plan_.opaques.begin(), plan_.opaques.end(), [&](const OpaqueSource& source) {
      return source.use == index && source.instance != nullptr;
    });
  }

  void say_unknown(const PolicySwitch& entry, const char* what,
                   const std::vector<std::string>& names) {
    const std::string near = nearest(entry.name, names);
    diagnostics_
        .error(entry.span, "policy/switch",
               fmt::format("the policy has no {} `{}` to switch off", what, entry.name),
               near.empty() ? std::string("take the switch out")
                            : fmt::format("did you mean `{}`?", near))
        .arguments = {{"name", entry.name}, {"nearest", near}};
  }

  const PolicyDocument& document_;
  Plan& plan_;
  Diagnostics& diagnostics_;
};

}  // namespace

void compile_resilience(const PolicyDocument& document, Plan& plan, Diagnostics& diagnostics) {
  compile_breakers(document, plan);
  Switches(document, plan, diagnostics).throw_all();
}

void ask_breakers(Run& run) {
  const Plan& plan = run.plan;
  for (std::size_t n = 0; n < plan.nodes.size(); ++n) {
    const PlanNode& node = plan.nodes[n];
    if (node.breaker != nullptr && !node.is_off)
      run.node_gates[n] = node.breaker->ask(run.began_ns);
  }
  for (std::size_t use = 0; use < plan.uses.size(); ++use) {
    Breaker* breaker = plan.rule_breakers[use].get();
    if (breaker == nullptr || run.idle[use] != Idle::Active) continue;
    run.rule_gates[use] = breaker->ask(run.began_ns);
    if (run.rule_gates[use] != Breaker::Gate::Open) continue;
    warn(run, plan.held_back_texts[use]);
    if (plan.uses[use].strength.kind == Strength::Kind::Required) continue;
    run.off[use] = 1;
    run.idle[use] = Idle::SwitchedOff;
  }
}

void tell_breakers(Run& run) {
  const Plan& plan = run.plan;
  for (std::size_t n = 0; n < plan.nodes.size(); ++n) {
    const NodeOutcome& outcome = run.outcomes[n];
    Breaker* breaker = plan.nodes[n].breaker.get();
    if (breaker == nullptr || !outcome.has_run) continue;
    if (outcome.has_failed) {
      breaker->failed(run.node_gates[n], monotonic_ns());
    } else {
      breaker->answered(run.node_gates[n]);
    }
  }
  for (std::size_t use = 0; use < plan.uses.size(); ++use) {
    Breaker* breaker = plan.rule_breakers[use].get();
    if (breaker == nullptr || run.rule_gates[use] == Breaker::Gate::Open) continue;
    if (run.rules_failed[use] != 0) {
      breaker->failed(run.rule_gates[use], monotonic_ns());
    } else if (run.failure.empty()) {
      // After another failure nobody knows whether the rule was asked at all.
      breaker->answered(run.rule_gates[use]);
    }
  }
}

}  // namespace lineup
