// SPDX-License-Identifier: Apache-2.0
#include "facade/state/resilience.hpp"

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "facade/revision.hpp"

namespace lineup {

namespace {

using Json = nlohmann::ordered_json;

const char* word_for(Breaker::State::Now now) {
  switch (now) {
    case Breaker::State::Now::Closed:
      return "closed";
    case Breaker::State::Now::HalfOpen:
      return "half_open";
    case Breaker::State::Now::Open:
      return "open";
  }
  return "closed";
}

Json json_of(const std::string& scene, const char* what, const std::string& name,
             const Breaker& breaker) {
  const Breaker::State state = breaker.state(monotonic_ns());
  return {{"scene", scene},
          {what, name},
          {"state", word_for(state.now)},
          {"failures", state.failures},
          {"opened", state.opened},
          {"held_back", state.held_back}};
}

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string breakers_json(const Revision* revision) {
  Json out = Json::array();
  if (revision == nullptr) return text_of(out);
  for (const Scene& scene : revision->scenes) {
    const Plan& plan = *scene.plan;
    for (const PlanNode& node : plan.nodes) {
      if (node.breaker != nullptr) {
        out.push_back(json_of(plan.scene, "node", node.id, *node.breaker));
      }
    }
    for (std::size_t use = 0; use < plan.uses.size(); ++use) {
      const auto& breaker = plan.rule_breakers[use];
      if (breaker == nullptr) continue;
      out.push_back(json_of(plan.scene, "rule", plan.uses[use].name, *breaker));
    }
  }
  return text_of(out);
}

std::string switches_json(const Revision* revision) {
  Json out = Json::array();
  if (revision == nullptr) return text_of(out);
  for (const Scene& scene : revision->scenes) {
    for (const std::string& what : scene.plan->switch_texts) {
      out.push_back({{"scene", scene.plan->scene}, {"what", what}});
    }
  }
  return text_of(out);
}

}  // namespace lineup
