// SPDX-License-Identifier: Apache-2.0
//
// Uses of rules: a name is a Lua rule or a constraint plugin; either becomes constraints of one
// strength.
#include <fmt/format.h>

#include <algorithm>

#include "native/metadata.hpp"
#include "plan/compile.hpp"

namespace lineup {

namespace {

bool needs_no_strength(const std::vector<Spec>& specs) {
  return std::all_of(specs.begin(), specs.end(), [](const Spec& spec) {
    return spec.kind == Kind::Filter || spec.kind == Kind::Boost;
  });
}

bool set_strength(const PolicyRule& document, bool required_by_default, bool may_lack, RuleUse& use,
                  Diagnostics& diagnostics) {
  if (document.required.value_or(false)) {
    use.strength.kind = Strength::Kind::Required;
  } else if (document.priority) {
    use.strength.kind = Strength::Kind::Hard;
    use.strength.priority = *document.priority;
  } else if (document.weight) {
    use.strength.kind = Strength::Kind::Soft;
    use.strength.weight = *document.weight;
  } else if (required_by_default && !document.required.has_value()) {
    use.strength.kind = Strength::Kind::Required;
  } else if (may_lack) {
    use.strength.kind = Strength::Kind::Required;  // filters and boosts are never given up
  } else {
    diagnostics.error(document.span, "policy/no-strength",
                      fmt::format("rule `{}` does not say how strongly it holds", document.name),
                      "give it `priority` (hard), `weight` (soft) or `required: true`");
    return false;
  }
  return true;
}

// What both kinds of uses share.
void set_common(const PolicyRule& document, const ConditionScope& scope, RuleUse& use,
                Diagnostics& diagnostics) {
  use.name = document.name;
  use.rule = document.rule;
  use.span = document.span;
  use.enabled = document.enabled;
  use.owner = document.owner;
  use.reason = document.reason;
  use.from_ms = document.from_ms.value_or(INT64_MIN);
  use.until_ms = document.until_ms.value_or(INT64_MAX);
  use.expires_ms = document.expires_ms.value_or(INT64_MAX);
  if (document.when.kind == Value::Kind::Text) {
    ConditionScope request_only = scope;
    request_only.schema = nullptr;
    use.when.compile(document.when.text, request_only, document.when.span,
                     document.when.text_offset, diagnostics);
  }
}

// Rules that pin or boost and say when they begin end by themselves after this long.
constexpr std::int64_t kCampaignMs = 90LL * 24 * 3600 * 1000;

void set_expiry(const PolicyRule& document, const std::vector<Spec>& specs, RuleUse& use) {
  if (document.expires_ms || !document.from_ms) return;
  for (const Spec& spec : specs) {
    if (spec.kind == Kind::Place || spec.kind == Kind::Boost) {
      use.expires_ms = *document.from_ms + kCampaignMs;
    }
  }
}

// Every opaque constraint of the use gets its place among the plan's.
void add_code(std::uint16_t index, const CodeUse& code, RuleUse& use, Plan& plan) {
  for (CompiledConstraint& constraint : use.constraints) {
    if (constraint.spec.kind != Kind::Code) continue;
    constraint.opaque_index = static_cast<std::uint32_t>(plan.opaques.size());
    OpaqueSource source;
    source.use = index;
    source.required = use.strength.kind == Strength::Kind::Required;
    source.is_score = constraint.spec.code_is_score;
    source.script = static_cast<std::int32_t>(plan.code_uses.size());
    plan.opaques.push_back(std::move(source));
    plan.code_uses.push_back(code);
    plan.code_uses.back().is_score = constraint.spec.code_is_score;
  }
}

bool add_rule(const PolicyRule& document, const std::shared_ptr<const RuleFile>& rule,
              const ConditionScope& scope, PlanEnvironment& environment, Plan& plan,
              Diagnostics& diagnostics) {
  RuleUse use;
  set_common(document, scope, use, diagnostics);
  Value with = document.with;
  if (with.kind == Value::Kind::Null) with.span = document.rule_span;
  Value arguments;
  const bool fits = check_arguments(*rule, with, arguments, diagnostics);
  // Names are looked up even then: all that is wrong with a use is said at once.
  std::vector<Condition> conditions;
  if (!bind_names(*rule, arguments, scope, conditions, diagnostics) || !fits) return false;
  auto specs = make_specs(*rule, arguments, environment.script_limits, diagnostics);
  if (!specs) return false;
  // What a rule became is wrong because of what its use says: show the use. A fault inside the rule
  // file was shown there by make_specs.
  for (Spec& spec : *specs) {
    spec.span = document.with.kind == Value::Kind::Null ? document.rule_span : document.with.span;
  }
  if (!set_strength(document, rule->required_by_default, needs_no_strength(*specs), use,
                    diagnostics)) {
    return false;
  }
  set_expiry(document, *specs, use);
  if (!compile_constraints(*std::move(specs), scope, use, diagnostics)) return false;
  for (const CompiledConstraint& constraint : use.constraints) {
    if (constraint.spec.kind != Kind::Boost || constraint.column < 0) continue;
    const auto column = static_cast<std::uint32_t>(constraint.column);
    if (std::find(plan.boosted.begin(), plan.boosted.end(), column) == plan.boosted.end()) {
      plan.boosted.push_back(column);
    }
  }
  add_code(static_cast<std::uint16_t>(plan.uses.size()), {rule, arguments, false, conditions}, use,
           plan);
  plan.uses.push_back(std::move(use));
  return true;
}

bool add_plugin(const PolicyRule& document, const std::shared_ptr<const NodeType>& type,
                const ConditionScope& scope, PlanEnvironment& environment, Plan& plan,
                NodeLayout& layout, Diagnostics& diagnostics) {
  RuleUse use;
  set_common(document, scope, use, diagnostics);
  if (!set_strength(document, false, false, use, diagnostics)) return false;
  auto config = complete_config(type->configuration_schema, to_json(document.with));
  layout.place = plan.scene + "/rules/" + document.name;
  auto instance = config.and_then(
      [&](const std::string& text) { return environment.instances.get(type, text, layout); });
  auto live_dials = bind_live_numbers(document.with, document.name, *type,
                                      instance ? instance->get() : nullptr, plan, diagnostics);
  if (!instance) {
    diagnostics.error(
        document.with.kind == Value::Kind::Null ? document.rule_span : document.with.span,
        instance.error().code,
        fmt::format("constraint `{}`: {}", document.name, instance.error().message));
    return false;
  }
  CompiledConstraint constraint;
  constraint.spec.kind = Kind::Code;
  constraint.spec.code_is_score = use.strength.kind == Strength::Kind::Soft;
  constraint.spec.span = document.span;
  constraint.opaque_index = static_cast<std::uint32_t>(plan.opaques.size());
  OpaqueSource source;
  source.use = static_cast<std::uint16_t>(plan.uses.size());
  source.required = use.strength.kind == Strength::Kind::Required;
  source.is_score = constraint.spec.code_is_score;
  source.instance = *instance;
  source.live_dials = std::move(live_dials);
  plan.opaques.push_back(std::move(source));
  use.constraints.push_back(std::move(constraint));
  plan.uses.push_back(std::move(use));
  return true;
}

void say_unknown(const PolicyRule& document, PlanEnvironment& environment,
                 Diagnostics& diagnostics) {
  std::vector<std::string> names;
  if (!document.is_plugin) names = environment.rules.names();
  for (std::string& name : environment.nodes.names(LINEUP_KIND_CONSTRAINT)) {
    names.push_back(std::move(name));
  }
  const std::string near = nearest(document.rule, names);
  std::string hint = "`lineup rules` lists the rules there are";
  if (document.is_plugin) hint = "the bundle and the engine have no constraint plugin of that name";
  if (!near.empty()) hint = fmt::format("did you mean `{}`?", near);
  diagnostics
      .error(document.rule_span, "policy/unknown-rule",
             fmt::format("unknown {} `{}`", document.is_plugin ? "constraint plugin" : "rule",
                         document.rule),
             std::move(hint))
      .arguments = {{"rule", document.rule}, {"nearest", near}};
}

}  // namespace

void compile_rules(const PolicyDocument& document, PlanEnvironment& environment, Plan& plan,
                   NodeLayout& layout, Diagnostics& diagnostics) {
  const ConditionScope scope{&plan.schema, &plan.context, &plan.lists, &plan.segment_names,
                             &plan.zone};
  for (const PolicyRule& rule : document.rules) {
    if (!rule.is_plugin) {
      const RuleSource::Found found = environment.rules.find(rule.rule, diagnostics);
      if (found.rule != nullptr) {
        add_rule(rule, found.rule, scope, environment, plan, diagnostics);
        continue;
      }
      if (found.exists) continue;  // its faults were said
    }
    auto type = environment.nodes.find(LINEUP_KIND_CONSTRAINT, rule.rule);
    if (type) {
      add_plugin(rule, *type, scope, environment, plan, layout, diagnostics);
    } else if (type.error().code == "plan/unknown") {
      say_unknown(rule, environment, diagnostics);
    } else {
      diagnostics.error(rule.rule_span, type.error().code, type.error().message);
    }
  }
}

}  // namespace lineup
