// SPDX-License-Identifier: Apache-2.0
//
// What an open engine's scenes are made of, and who is in which segment: for programs that compare
// and audit pages and need the policy's own words for it.
#include <algorithm>
#include <cstdint>

#include "facade/engine_state.hpp"
#include "facade/facade.hpp"

namespace lineup {

namespace {

// Whether a scorer writes the column, so that a request need not carry it.
bool is_made(const Plan& plan, std::uint32_t column) {
  return std::any_of(plan.nodes.begin(), plan.nodes.end(), [column](const PlanNode& node) {
    if (node.kind != NodeKind::Scorer || node.instance == nullptr) return false;
    const auto outputs = node.instance->outputs();
    return std::find(outputs.begin(), outputs.end(), column) != outputs.end();
  });
}

std::string_view word_for(NodeKind kind) {
  switch (kind) {
    case NodeKind::Scorer:
      return "score";
    case NodeKind::Generator:
      return "generate";
    case NodeKind::Evaluator:
      return "evaluate";
    case NodeKind::Selector:
      return "select";
  }
  return "select";
}

SceneDescription describe_scene(const Plan& plan, const std::string& revision) {
  SceneDescription out;
  out.revision = revision;
  out.scene = plan.scene;
  out.page = plan.page;
  for (std::uint32_t i = 0; i < plan.schema.size(); ++i) {
    const ColumnSpec& column = plan.schema[i];
    out.columns.push_back(column.name);
    if (plan.wanted[i] != 0 && column.default_value.is_missing() && !is_made(plan, i)) {
      out.needed.push_back(column.name);
    }
    if (column.type == ColumnType::Category || column.type == ColumnType::Categories) {
      out.categories.push_back({column.name, column.split});
    }
  }
  for (const Objective& objective : plan.objectives) {
    const auto column = static_cast<std::uint32_t>(objective.column);
    out.objectives.push_back(
        {objective.name, objective.column < 0 ? std::string() : plan.schema[column].name});
  }
  for (const std::string& path : plan.context.paths()) {
    if (path.rfind(kExperimentPrefix, 0) != 0) out.context.push_back(path);
  }
  for (const auto* dials : {&plan.weights, &plan.parameters}) {
    for (const Dial& dial : *dials) out.settings.push_back({dial.name, dial.value});
  }
  for (const PlanNode& node : plan.nodes) {
    out.nodes.push_back({node.id, std::string(word_for(node.kind)),
                         node.instance == nullptr ? "best" : node.instance->type().name,
                         node.inputs, node.when.text(),
                         node.shed_at == 0 ? "" : plan.steering.load[node.shed_at - 1].name,
                         node.used_as});
  }
  out.segments = plan.segment_names;
  for (const RuleUse& use : plan.uses) out.rules.push_back(use.name);
  return out;
}

}  // namespace

std::vector<SceneDescription> describe_scenes(lineup_engine& engine) {
  std::vector<SceneDescription> out;
  const auto revision = engine.published.current();
  if (revision == nullptr) return out;
  for (const Scene& scene : revision->scenes) {
    out.push_back(describe_scene(*scene.plan, revision->id));
  }
  return out;
}

bool is_in_segment(lineup_engine& engine, const lineup_input& input, std::string_view segment) {
  const SessionLease lease(engine.pool);
  if (lease.outcome() != SessionPool::Outcome::Ok) return false;
  const bool is_in = is_in_segment(engine, *engine.sessions[lease.session()], input, segment);
  engine.published.unpin(lease.session());
  return is_in;
}

}  // namespace lineup
