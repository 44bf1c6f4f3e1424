// SPDX-License-Identifier: Apache-2.0
//
// The order matters: nodes before rules, because a scorer may make a column that a rule reads, and
// everything before the script workers, because they need the final columns and context.
#include "plan/compile.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/clock.hpp"

namespace lineup {

namespace {

void compile_objectives(const PolicyDocument& document, Plan& plan, Diagnostics& diagnostics) {
  for (const PolicyObjective& objective : document.objectives) {
    std::int32_t column = -1;
    if (!objective.column.empty()) {
      const auto found = plan.schema.find(objective.column);
      if (found) {
        column = static_cast<std::int32_t>(*found);
        const ColumnType type = plan.schema[*found].type;
        if (type != ColumnType::Float) {
          diagnostics.error(objective.span, "policy/type",
                            fmt::format("objective `{}` reads column `{}`, which is {}",
                                        objective.name, objective.column, name_of(type)),
                            "an objective's column must be float");
        }
      }
    }
    plan.objectives.push_back({objective.name, column});
    plan.weights.push_back(
        {objective.name, objective.weight, objective.min, objective.max, objective.max_step});
  }
  for (const PolicyParameter& parameter : document.parameters) {
    plan.parameters.push_back(
        {parameter.name, parameter.value, parameter.min, parameter.max, parameter.max_step});
  }
}

void compile_segments(const PolicyDocument& document, Plan& plan, Diagnostics& diagnostics) {
  for (const PolicySegment& segment : document.segments) {
    // A segment may name those above it, so that they can be evaluated in order.
    const ConditionScope scope{nullptr, &plan.context, &plan.lists, &plan.segment_names,
                               &plan.zone};
    Condition condition;
    condition.compile(segment.condition.text, scope, segment.condition.span,
                      segment.condition.text_offset, diagnostics);
    plan.segments.push_back(std::move(condition));
    plan.segment_names.push_back(segment.name);
    plan.segment_spans.push_back(segment.span);
  }
}

void want(Plan& plan, std::int32_t column) {
  if (column >= 0) plan.wanted[static_cast<std::size_t>(column)] = 1;
}

void want_all(Plan& plan, const std::vector<std::uint32_t>& columns) {
  for (const std::uint32_t column : columns) plan.wanted[column] = 1;
}

// Columns that nothing reads are not looked at, request by request.
void find_wanted(Plan& plan) {
  plan.wanted.assign(plan.schema.size(), plan.code_uses.empty() ? 0 : 1);
  want(plan, plan.score_column);
  for (const Objective& objective : plan.objectives) want(plan, objective.column);
  for (const RuleUse& use : plan.uses) {
    want_all(plan, use.when.columns());
    for (const CompiledConstraint& constraint : use.constraints) {
      want_all(plan, constraint.where.columns());
      want_all(plan, constraint.right.columns());
      for (const Condition& channel : constraint.channels) want_all(plan, channel.columns());
      for (const std::uint32_t column : constraint.within) {
        if (column != kIdColumn) plan.wanted[column] = 1;
      }
      for (const std::uint32_t column : constraint.by) {
        if (column != kIdColumn) plan.wanted[column] = 1;
      }
      want(plan, constraint.slot_column);
      want(plan, constraint.column);
    }
  }
  for (const PlanController& controller : plan.controllers) {
    want_all(plan, controller.where.columns());
    want(plan, controller.column);
  }
  const auto of_instance = [&](const std::shared_ptr<NodeInstance>& instance) {
    if (instance == nullptr) return;
    for (const std::int32_t column : instance->columns()) want(plan, column);
    for (const std::uint32_t column : instance->outputs()) plan.wanted[column] = 1;
  };
  for (const PlanNode& node : plan.nodes) of_instance(node.instance);
  for (const OpaqueSource& source : plan.opaques) of_instance(source.instance);
}

void bind_live(PlanEnvironment& environment, Plan& plan) {
  for (const Dial& dial : plan.weights)
    plan.live.push_back(environment.cell(plan.scene, dial.name));
  for (const Dial& dial : plan.parameters) {
    plan.live.push_back(environment.cell(plan.scene, dial.name));
  }
}

void warm_workers(const PolicyDocument& document, PlanEnvironment& environment, Plan& plan,
                  Diagnostics& diagnostics) {
  if (plan.code_uses.empty()) return;
  const auto recall = make_recall(plan.code_uses.size());
  for (std::uint32_t session = 0; session < environment.sessions; ++session) {
    auto worker =
        ScriptWorker::create(plan.code_uses, plan.schema, plan.context, plan.script_limits, recall);
    if (!worker) {
      Span span;
      span.file = document.path;
      diagnostics.error(span, worker.error().code, worker.error().message);
      return;
    }
    plan.workers.push_back(*std::move(worker));
  }
}

PlanLimits limits_of(const PolicyLimits& limits) {
  PlanLimits out;
  out.deadline_ns = static_cast<std::int64_t>(limits.deadline_ms * 1e6);
  out.work = limits.work;
  out.improve = limits.improve;
  out.gap = limits.gap;
  out.slates = limits.slates;
  out.rows_max = limits.rows_max;
  return out;
}

}  // namespace

std::unique_ptr<Plan> compile_plan(const PolicyDocument& document, PlanEnvironment& environment,
                                   Diagnostics& diagnostics) {
  auto plan = std::make_unique<Plan>();
  plan->scene = document.scene;
  plan->path = document.path;
  plan->zone = document.zone;
  plan->page = document.page;
  plan->page_columns = std::max(1U, document.page_columns);
  plan->schema = document.columns;
  plan->lists = environment.lists;
  plan->limits = limits_of(document.limits);
  plan->script_limits = environment.script_limits;
  plan->fill = document.fill == PolicyDocument::Fill::Short ? Fill::Short : Fill::Full;
  plan->on_violation = document.on_violation == PolicyDocument::OnViolation::Discard
                           ? OnViolation::Discard
                           : OnViolation::Solve;
  Diagnostics found;
  compile_objectives(document, *plan, found);
  plan->pools = compile_pools(document, plan->schema, environment.pools, environment.now_ms, found);
  NodeLayout layout;
  layout.schema = &plan->schema;
  layout.context = &plan->context;
  layout.objectives = plan->objectives;
  layout.rows_max =
      plan->limits.rows_max + (plan->pools == nullptr ? 0 : plan->pools->input().row_count);
  layout.slots_max = kPageMax;
  layout.threads_max = environment.sessions + environment.helpers;
  layout.history_max = plan->limits.rows_max;
  compile_graph(document, environment, *plan, layout, found);
  compile_segments(document, *plan, found);
  compile_steering(document, *plan, found);
  compile_branches(document, *plan, found);
  if (const auto score = plan->schema.find("score")) {
    plan->score_column = static_cast<std::int32_t>(*score);
    if (plan->schema[*score].type != ColumnType::Float) {
      found.error(plan->schema[*score].span, "policy/type", "column `score` must be float");
    }
  }
  if (document.fallback == "input_order") {
    plan->fallback = Fallback::InputOrder;
  } else if (document.fallback != "score_order") {
    found.error(document.fallback_span, "policy/unknown-fallback",
                fmt::format("unknown fallback `{}`", document.fallback),
                "there are: score_order, input_order");
  }
  compile_rules(document, environment, *plan, layout, found);
  check_isolation(document, *plan, found);
  compile_resilience(document, *plan, found);
  find_independent(*plan);
  compile_controllers(document, environment, *plan, found);
  plan->level_count = assign_levels(plan->uses);
  for (const RuleUse& use : plan->uses) {
    plan->expiry_texts.push_back(fmt::format("rule `{}` expired at {} and is not applied", use.name,
                                             format_time(use.expires_ms)));
  }
  find_contradictions(*plan, Severity::Error, found);
  find_wanted(*plan);
  bind_live(environment, *plan);
  plan->discounts.resize(kPageMax);
  for (std::size_t slot = 0; slot < plan->discounts.size(); ++slot) {
    plan->discounts[slot] = 1.0 / std::log2(static_cast<double>(slot) + 2.0);
  }
  if (!found.has_errors()) warm_workers(document, environment, *plan, found);
  const bool failed = found.has_errors();
  if (environment.inspect) environment.inspect(*plan, !failed, found);
  diagnostics.append(found);
  return failed ? nullptr : std::move(plan);
}

}  // namespace lineup
