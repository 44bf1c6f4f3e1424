// SPDX-License-Identifier: Apache-2.0
//
// Nodes: found by name, configured, made (or taken over from what serves), put in an order in which
// each runs after what it reads.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/hash.hpp"
#include "native/metadata.hpp"
#include "plan/compile.hpp"

namespace lineup {

namespace {

nlohmann::json json_of(const Value& value) {
  switch (value.kind) {
    case Value::Kind::Null:
      return nullptr;
    case Value::Kind::Bool:
      return value.boolean;
    case Value::Kind::Integer:
      return value.integer;
    case Value::Kind::Float:
      return value.number;
    case Value::Kind::Text:
      return value.text;
    case Value::Kind::List: {
      auto list = nlohmann::json::array();
      for (const Value& item : value.items) list.push_back(json_of(item));
      return list;
    }
    case Value::Kind::Map: {
      auto map = nlohmann::json::object();
      for (const auto& [key, item] : value.entries) map[key] = json_of(item);
      return map;
    }
  }
  return nullptr;
}

lineup_kind node_kind(GraphKind kind) {
  switch (kind) {
    case GraphKind::Score:
      return LINEUP_KIND_SCORER;
    case GraphKind::Generate:
      return LINEUP_KIND_GENERATOR;
    default:
      return LINEUP_KIND_EVALUATOR;
  }
}

NodeKind plan_kind(GraphKind kind) {
  switch (kind) {
    case GraphKind::Score:
      return NodeKind::Scorer;
    case GraphKind::Generate:
      return NodeKind::Generator;
    case GraphKind::Evaluate:
      return NodeKind::Evaluator;
    case GraphKind::Select:
      return NodeKind::Selector;
  }
  return NodeKind::Selector;
}

std::string_view word_for(lineup_kind kind) {
  switch (kind) {
    case LINEUP_KIND_SCORER:
      return "score";
    case LINEUP_KIND_GENERATOR:
      return "generate";
    case LINEUP_KIND_EVALUATOR:
      return "evaluate";
    default:
      return "rules: use";
  }
}

void say_unknown(const GraphNodeDocument& node, PlanEnvironment& environment,
                 Diagnostics& diagnostics) {
  const lineup_kind wanted = node_kind(node.kind);
  std::string hint;
  for (const lineup_kind kind :
       {LINEUP_KIND_SCORER, LINEUP_KIND_GENERATOR, LINEUP_KIND_EVALUATOR, LINEUP_KIND_CONSTRAINT}) {
    const auto names = environment.nodes.names(kind);
    if (kind != wanted && std::find(names.begin(), names.end(), node.type) != names.end()) {
      hint = fmt::format("`{}` is a {}: write `{}: {}`", node.type, name_of(kind), word_for(kind),
                         node.type);
    }
  }
  const std::string near = nearest(node.type, environment.nodes.names(wanted));
  if (hint.empty() && !near.empty()) hint = fmt::format("did you mean `{}`?", near);
  diagnostics
      .error(node.type_span, "policy/unknown-plugin",
             fmt::format("unknown {} `{}`", name_of(wanted), node.type), hint)
      .arguments = {{"plugin", node.type}, {"nearest", near}};
}

// Input order is kept among nodes that do not wait for each other.
std::vector<std::uint32_t> run_order(const std::vector<GraphNodeDocument>& graph) {
  std::vector<std::uint32_t> order;
  std::vector<bool> placed(graph.size(), false);
  const auto is_ready = [&](const GraphNodeDocument& node) {
    return std::all_of(node.from.begin(), node.from.end(), [&](const std::string& id) {
      for (std::size_t i = 0; i < graph.size(); ++i) {
        if (graph[i].id == id) return static_cast<bool>(placed[i]);
      }
      return true;
    });
  };
  for (std::size_t round = 0; round < graph.size(); ++round) {
    for (std::uint32_t i = 0; i < graph.size(); ++i) {
      if (placed[i] || !is_ready(graph[i])) continue;
      placed[i] = true;
      order.push_back(i);
      break;
    }
  }
  return order;
}

// What a node may read: generators nothing, evaluators generators, selectors both.
void check_inputs(const GraphNodeDocument& node, const std::vector<GraphNodeDocument>& graph,
                  Diagnostics& diagnostics) {
  for (const std::string& id : node.from) {
    for (const GraphNodeDocument& other : graph) {
      if (other.id != id) continue;
      const bool scorer = other.kind == GraphKind::Score;
      const bool fits = node.kind == GraphKind::Score || node.kind == GraphKind::Generate ? scorer
                        : node.kind == GraphKind::Evaluate
                            ? other.kind == GraphKind::Generate || scorer
                            : other.kind != GraphKind::Select && !scorer;
      if (fits) continue;
      diagnostics.error(node.span, "policy/graph-kind",
                        fmt::format("node `{}` cannot read from node `{}`", node.id, id),
                        "scorers and generators read scorers, evaluators read generators, a "
                        "selector reads generators and evaluators");
    }
  }
  const bool needs_input = node.kind == GraphKind::Evaluate || node.kind == GraphKind::Select;
  if (needs_input && node.from.empty()) {
    diagnostics.error(node.span, "policy/graph-input",
                      fmt::format("node `{}` has nothing to read", node.id),
                      "name the nodes before it: `from: [...]`");
  }
}

std::int32_t index_of(const Plan& plan, const std::string& id) {
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    if (plan.nodes[i].id == id) return static_cast<std::int32_t>(i);
  }
  return -1;
}

void add_node(const GraphNodeDocument& document, PlanEnvironment& environment, Plan& plan,
              NodeLayout& layout, Diagnostics& diagnostics) {
  PlanNode node;
  node.id = document.id;
  node.kind = plan_kind(document.kind);
  node.seed = hash64(document.id);
  for (const std::string& id : document.from) {
    const std::int32_t input = index_of(plan, id);
    if (input >= 0) node.inputs.push_back(static_cast<std::uint32_t>(input));
  }
  if (document.kind == GraphKind::Select) {
    if (document.type != "best") {
      diagnostics.error(document.type_span, "policy/unknown-plugin",
                        fmt::format("unknown selector `{}`", document.type),
                        "`best` is the selector of this version");
    }
    plan.nodes.push_back(std::move(node));
    return;
  }
  auto type = environment.nodes.find(node_kind(document.kind), document.type);
  if (!type) {
    if (type.error().code == "plan/unknown") {
      say_unknown(document, environment, diagnostics);
    } else {
      diagnostics.error(document.type_span, type.error().code, type.error().message);
    }
    return;
  }
  const Span& at =
      document.with.kind == Value::Kind::Null ? document.type_span : document.with.span;
  auto config = complete_config((*type)->configuration_schema, to_json(document.with));
  if (!config) {
    diagnostics.error(at, config.error().code,
                      fmt::format("node `{}`: {}", document.id, config.error().message));
    return;
  }
  auto instance = environment.instances.get(*type, *config, layout);
  if (!instance) {
    diagnostics.error(at, instance.error().code,
                      fmt::format("node `{}`: {}", document.id, instance.error().message));
    return;
  }
  node.instance = *std::move(instance);
  plan.nodes.push_back(std::move(node));
}

std::vector<GraphNodeDocument> default_graph(const PolicyDocument& document) {
  GraphNodeDocument page;
  page.id = "page";
  page.kind = GraphKind::Generate;
  page.type = "score_order";
  page.span = page.type_span = document.scene_span;
  return {page};
}

// Evaluators value every slate there is: one that names only some generators would be misled.
void check_coverage(const std::vector<GraphNodeDocument>& graph, Diagnostics& diagnostics) {
  std::vector<std::string> generators;
  std::size_t selectors = 0;
  for (const GraphNodeDocument& node : graph) {
    if (node.kind == GraphKind::Generate) generators.push_back(node.id);
    if (node.kind == GraphKind::Select && ++selectors == 2) {
      diagnostics.error(node.span, "policy/graph-selector",
                        fmt::format("node `{}` is a second selector", node.id),
                        "a graph has one selector");
    }
  }
  if (generators.empty() && !graph.empty()) {
    diagnostics.error(graph.front().span, "policy/graph-generator", "the graph has no generator",
                      "add a node such as `{id: page, generate: score_order}`");
  }
  for (const GraphNodeDocument& node : graph) {
    if (node.kind != GraphKind::Evaluate) continue;
    for (const std::string& id : generators) {
      if (std::find(node.from.begin(), node.from.end(), id) != node.from.end()) continue;
      diagnostics.error(node.span, "policy/graph-coverage",
                        fmt::format("evaluator `{}` does not read generator `{}`", node.id, id),
                        "an evaluator values the slates of all generators: add it to `from`");
    }
  }
}

}  // namespace

std::string to_json(const Value& value) {
  return value.kind == Value::Kind::Null ? "{}" : json_of(value).dump();
}

void compile_graph(const PolicyDocument& document, PlanEnvironment& environment, Plan& plan,
                   NodeLayout& layout, Diagnostics& diagnostics) {
  const auto graph = document.graph.empty() ? default_graph(document) : document.graph;
  for (const GraphNodeDocument& node : graph) check_inputs(node, graph, diagnostics);
  check_coverage(graph, diagnostics);
  // Scorers first: the columns they make are there when others bind names.
  auto order = run_order(graph);
  std::stable_partition(order.begin(), order.end(),
                        [&](std::uint32_t i) { return graph[i].kind == GraphKind::Score; });
  for (const std::uint32_t index : order) {
    add_node(graph[index], environment, plan, layout, diagnostics);
  }
}

}  // namespace lineup
