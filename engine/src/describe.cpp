// SPDX-License-Identifier: Apache-2.0
//
// What an open engine's scenes are made of, and who is in which segment: for programs that compare
// and audit pages and need the policy's own words for it.
#include <cstdint>

#include "engine_state.hpp"
#include "facade.hpp"

namespace lineup {

namespace {

SceneDescription describe_scene(const Plan& plan, const std::string& revision) {
  SceneDescription out;
  out.revision = revision;
  out.scene = plan.scene;
  out.page = plan.page;
  for (std::uint32_t i = 0; i < plan.schema.size(); ++i) {
    const ColumnSpec& column = plan.schema[i];
    if (column.type == ColumnType::Category || column.type == ColumnType::Categories) {
      out.categories.push_back({column.name, column.split});
    }
  }
  for (const Objective& objective : plan.objectives) {
    const auto column = static_cast<std::uint32_t>(objective.column);
    out.objectives.push_back(
        {objective.name, objective.column < 0 ? std::string() : plan.schema[column].name});
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
