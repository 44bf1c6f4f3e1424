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
#include "policy/named_graphs.hpp"

namespace lineup {

namespace {

// What is said of a node of a named graph says where it was written, and where that is used.
template <typename Work>
void with_origin(const PolicyNode& node, Diagnostics& diagnostics, const Work& work) {
  Diagnostics found;
  work(found);
  append_with_origin(found, node.origin, diagnostics);
}

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

lineup_kind node_kind(PolicyNode::Kind kind) {
  switch (kind) {
    case PolicyNode::Kind::Score:
      return LINEUP_KIND_SCORER;
    case PolicyNode::Kind::Generate:
      return LINEUP_KIND_GENERATOR;
    default:
      return LINEUP_KIND_EVALUATOR;
  }
}

NodeKind plan_kind(PolicyNode::Kind kind) {
  switch (kind) {
    case PolicyNode::Kind::Score:
      return NodeKind::Scorer;
    case PolicyNode::Kind::Generate:
      return NodeKind::Generator;
    case PolicyNode::Kind::Evaluate:
      return NodeKind::Evaluator;
    case PolicyNode::Kind::Select:
    case PolicyNode::Kind::Constrain:
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

void say_unknown(const PolicyNode& node, PlanEnvironment& environment, Diagnostics& diagnostics) {
  const lineup_kind wanted = node_kind(node.kind);
  std::string hint;
  for (const lineup_kind kind :
       {LINEUP_KIND_SCORER, LINEUP_KIND_GENERATOR, LINEUP_KIND_EVALUATOR, LINEUP_KIND_CONSTRAINT}) {
    const auto names = environment.nodes.names(kind);
    if (kind != wanted && std::find(names.begin(), names.end(), node.plugin) != names.end()) {
      hint = fmt::format("`{}` is a {}: write `{}: {}`", node.plugin, name_of(kind), word_for(kind),
                         node.plugin);
    }
  }
  const std::string near = nearest(node.plugin, environment.nodes.names(wanted));
  if (hint.empty() && !near.empty()) hint = fmt::format("did you mean `{}`?", near);
  diagnostics
      .error(node.plugin_span, "policy/unknown-plugin",
             fmt::format("unknown {} `{}`", name_of(wanted), node.plugin), hint)
      .arguments = {{"plugin", node.plugin}, {"nearest", near}};
}

// What a node may read: generators scorers and generators whose slates they go on from, evaluators
// generators, selectors both.
void check_inputs(const PolicyNode& node, const std::vector<PolicyNode>& graph,
                  Diagnostics& diagnostics) {
  for (const std::uint32_t index : node.from) {
    const PolicyNode& other = graph[index];
    {
      const bool scorer = other.kind == PolicyNode::Kind::Score;
      const bool fits = node.kind == PolicyNode::Kind::Score ? scorer
                        : node.kind == PolicyNode::Kind::Generate
                            ? scorer || other.kind == PolicyNode::Kind::Generate
                        : node.kind == PolicyNode::Kind::Evaluate
                            ? other.kind == PolicyNode::Kind::Generate || scorer
                            : other.kind != PolicyNode::Kind::Select && !scorer;
      if (fits) continue;
      diagnostics.error(node.span, "policy/graph-kind",
                        fmt::format("node `{}` cannot read from node `{}`", node.id, other.id),
                        "scorers read scorers, generators read scorers and the generators before "
                        "them, evaluators read generators, a selector reads generators and "
                        "evaluators");
    }
  }
  const bool needs_input =
      node.kind == PolicyNode::Kind::Evaluate || node.kind == PolicyNode::Kind::Select;
  if (needs_input && node.from.empty()) {
    diagnostics.error(node.span, "policy/graph-input",
                      fmt::format("node `{}` has nothing to read", node.id),
                      "name the nodes before it: `from: [...]`");
  }
}

void add_node(const PolicyNode& document, PlanEnvironment& environment, Plan& plan,
              NodeLayout& layout, Diagnostics& diagnostics) {
  PlanNode node;
  node.id = document.id;
  node.used_as = document.used_as;
  node.kind = plan_kind(document.kind);
  node.seed = hash64(document.id);
  if (document.kind == PolicyNode::Kind::Select) {
    plan.nodes.push_back(std::move(node));
    return;
  }
  const lineup_kind kind = node_kind(document.kind);
  const bool is_apart = document.has_own_process;
  if (is_apart && !environment.isolate) {
    diagnostics.error(document.isolation_span, "policy/isolation",
                      "this engine cannot give a plugin a process of its own",
                      "leave `isolation` out, or install the helper lineup-worker");
    return;
  }
  auto type = is_apart ? environment.nodes.describe(kind, document.plugin)
                       : environment.nodes.find(kind, document.plugin);
  if (!type) {
    if (type.error().code == "plan/unknown") {
      say_unknown(document, environment, diagnostics);
    } else {
      diagnostics.error(document.plugin_span, type.error().code, type.error().message);
    }
    return;
  }
  const Span& at =
      document.with.kind == Value::Kind::Null ? document.plugin_span : document.with.span;
  auto config = complete_config((*type)->configuration_schema, to_json(document.with));
  const auto bind_live = [&](const NodeInstance* made) {
    return bind_live_numbers(document.with, document.id, **type, made, plan, diagnostics);
  };
  if (!config) {
    static_cast<void>(bind_live(nullptr));
    diagnostics.error(at, config.error().code,
                      fmt::format("node `{}`: {}", document.id, config.error().message));
    return;
  }
  layout.place = plan.scene + "/" + node.id;
  auto instance =
      environment.instances.get(*type, *config, layout, is_apart ? &environment.isolate : nullptr);
  if (!instance) {
    static_cast<void>(bind_live(nullptr));
    diagnostics.error(at, instance.error().code,
                      fmt::format("node `{}`: {}", document.id, instance.error().message));
    return;
  }
  // What runs in another process is not told: its table is there.
  if (node.kind == NodeKind::Generator && !is_apart) {
    node.chosen = static_cast<const lineup_chosen*>((*type)->table->extension(LINEUP_EXT_CHOSEN));
  }
  node.live_dials = bind_live(instance->get());
  node.instance = *std::move(instance);
  plan.nodes.push_back(std::move(node));
}

std::vector<PolicyNode> default_graph(const PolicyDocument& document) {
  PolicyNode page;
  page.id = "page";
  page.kind = PolicyNode::Kind::Generate;
  page.plugin = "score_order";
  page.span = page.plugin_span = document.scene_span;
  return {page};
}

// Evaluators value every slate there is: one that names only some generators would be misled.
void check_evaluator(const PolicyNode& node, const std::vector<PolicyNode>& graph,
                     Diagnostics& diagnostics) {
  for (std::uint32_t i = 0; i < graph.size(); ++i) {
    if (graph[i].kind != PolicyNode::Kind::Generate) continue;
    if (std::find(node.from.begin(), node.from.end(), i) != node.from.end()) continue;
    diagnostics.error(
        node.span, "policy/graph-coverage",
        fmt::format("evaluator `{}` does not read generator `{}`", node.id, graph[i].id),
        "an evaluator values the slates of all generators: add it to `from`");
  }
}

// Marks a node and what it reads, and what that reads.
void mark_read(const std::vector<PolicyNode>& graph, std::uint32_t node, std::vector<bool>& read) {
  if (read[node]) return;
  read[node] = true;
  for (const std::uint32_t input : graph[node].from) {
    if (input < graph.size()) mark_read(graph, input, read);
  }
}

// A selector picks among all slates there are, whatever it names.
void check_selector(const PolicyNode& node, const std::vector<PolicyNode>& graph,
                    Diagnostics& diagnostics) {
  std::vector<bool> read(graph.size(), false);
  for (const std::uint32_t input : node.from) {
    if (input < graph.size()) mark_read(graph, input, read);
  }
  for (std::uint32_t i = 0; i < graph.size(); ++i) {
    if (graph[i].kind != PolicyNode::Kind::Generate || read[i]) continue;
    diagnostics.error(
        node.span, "policy/graph-coverage",
        fmt::format("selector `{}` does not read generator `{}`", node.id, graph[i].id),
        "a selector picks among the slates of all generators: add it to `from`, or "
        "an evaluator that reads it");
  }
}

void check_node(const PolicyNode& node, const std::vector<PolicyNode>& graph,
                std::size_t& selectors, Diagnostics& diagnostics) {
  check_inputs(node, graph, diagnostics);
  if (node.kind == PolicyNode::Kind::Evaluate) check_evaluator(node, graph, diagnostics);
  if (node.kind == PolicyNode::Kind::Select) check_selector(node, graph, diagnostics);
  if (node.kind == PolicyNode::Kind::Constrain) {
    diagnostics.error(node.span, "policy/graph-kind",
                      fmt::format("node `{}`: constraints are no nodes", node.id),
                      fmt::format("write it under `rules`: {{use: {}, ...}}", node.plugin));
  }
  if (node.kind == PolicyNode::Kind::Select && ++selectors == 2) {
    diagnostics.error(node.span, "policy/graph-selector",
                      fmt::format("node `{}` is a second selector", node.id),
                      "a graph has one selector");
  }
}

void check_shape(const std::vector<PolicyNode>& graph, Diagnostics& diagnostics) {
  std::size_t generators = 0;
  std::size_t selectors = 0;
  for (const PolicyNode& node : graph) {
    if (node.kind == PolicyNode::Kind::Generate) ++generators;
    with_origin(node, diagnostics,
                [&](Diagnostics& found) { check_node(node, graph, selectors, found); });
  }
  if (generators == 0) {
    diagnostics.error(graph.front().span, "policy/graph-generator", "the graph has no generator",
                      "add a node such as `{id: page, generate: score_order}`");
  }
}

const char* word_of(NodeKind kind) {
  return kind == NodeKind::Generator ? "generator" : "evaluator";
}

void compile_load(const PolicyDocument& document, Plan& plan, Diagnostics& diagnostics) {
  std::vector<std::string> names;
  for (const PolicyNode& node : document.nodes) names.push_back(node.id);
  const auto refuse = [&](const Span& span, const char* code, std::string message,
                          std::string hint) {
    diagnostics.error(span, code, std::move(message), std::move(hint));
  };
  for (std::uint32_t level = 0; level < document.load.size(); ++level) {
    const PolicyLoadLevel& written = document.load[level];
    for (const auto& [name, span] : written.without) {
      const auto found = std::find(names.begin(), names.end(), name);
      if (found == names.end()) {
        const std::string near = nearest(name, names);
        refuse(span, "policy/unknown-node", fmt::format("unknown node `{}`", name),
               near.empty() ? "" : fmt::format("did you mean `{}`?", near));
      } else if (document.nodes[static_cast<std::size_t>(found - names.begin())].kind ==
                 PolicyNode::Kind::Select) {
        refuse(span, "policy/graph-load",
               fmt::format("node `{}` is the selector: it picks every page", name),
               "leave out nodes that it reads from");
      }
      for (PlanNode& node : plan.nodes) {
        if (node.id == name && node.shed_at == 0) node.shed_at = level + 1;
      }
    }
    for (const NodeKind kind : {NodeKind::Generator, NodeKind::Evaluator}) {
      const auto is_one = [&](const PlanNode& node) { return node.kind == kind; };
      const auto is_left = [&](const PlanNode& node) { return is_one(node) && node.shed_at == 0; };
      const auto& nodes = plan.nodes;
      if (std::none_of(nodes.begin(), nodes.end(), is_one)) continue;
      if (std::any_of(nodes.begin(), nodes.end(), is_left)) continue;
      refuse(written.span, "policy/graph-load",
             fmt::format("no {} is left at level `{}` of `load`", word_of(kind), written.name),
             "keep one in every level");
      return;
    }
  }
}

}  // namespace

void compile_branches(const PolicyDocument& document, Plan& plan, Diagnostics& diagnostics) {
  compile_load(document, plan, diagnostics);
  // A request's own condition: rows are no part of it.
  const ConditionScope scope{nullptr, &plan.context, &plan.lists, &plan.segment_names, &plan.zone};
  for (const PolicyNode& written : document.nodes) {
    if (written.when.kind != Value::Kind::Text) continue;
    with_origin(written, diagnostics, [&](Diagnostics& found) {
      if (written.kind == PolicyNode::Kind::Select) {
        found.error(written.when.span, "policy/graph-branch",
                    fmt::format("node `{}` is the selector: it picks every page", written.id),
                    "put `when` on the nodes that it reads from");
        return;
      }
      for (PlanNode& node : plan.nodes) {
        if (node.id != written.id) continue;
        node.when.compile(written.when.text, scope, written.when.span, written.when.text_offset,
                          found);
      }
    });
  }
  std::int64_t later_ns = 0;
  for (auto node = plan.nodes.rbegin(); node != plan.nodes.rend(); ++node) {
    node->later_ns = later_ns;
    for (const PolicyNode& written : document.nodes) {
      if (written.id == node->id && written.budget_ms && node->kind == NodeKind::Evaluator) {
        later_ns += static_cast<std::int64_t>(*written.budget_ms * 1e6);
      }
    }
  }
}

std::string to_json(const Value& value) {
  return value.kind == Value::Kind::Null ? "{}" : json_of(value).dump();
}

void check_isolation(const PolicyDocument& document, const Plan& plan, Diagnostics& diagnostics) {
  if (plan.opaques.empty()) return;
  for (const PolicyNode& node : document.nodes) {
    if (!node.has_own_process || node.kind != PolicyNode::Kind::Generate) continue;
    const RuleUse& use = plan.uses[plan.opaques.front().use];
    diagnostics.error(
        node.isolation_span, "policy/isolation",
        fmt::format("generator `{}` cannot have a process of its own beside rule `{}`: a rule that "
                    "is code or a plugin is asked for every row, in the service",
                    node.id, use.name),
        "write the rule with declarative constraints, or leave `isolation` out");
  }
}

void compile_graph(const PolicyDocument& document, PlanEnvironment& environment, Plan& plan,
                   NodeLayout& layout, Diagnostics& diagnostics) {
  if (environment.without_graph) return;
  const auto graph = document.nodes.empty() ? default_graph(document) : document.nodes;
  check_shape(graph, diagnostics);
  auto order = document.node_order;
  if (document.nodes.empty()) order = {0};
  // Scorers first: the columns they make are there when others bind names.
  std::stable_partition(order.begin(), order.end(),
                        [&](std::uint32_t i) { return graph[i].kind == PolicyNode::Kind::Score; });
  std::vector<std::int32_t> place(graph.size(), -1);  // of each in the plan; -1: it is not there
  for (const std::uint32_t index : order) {
    if (graph[index].kind == PolicyNode::Kind::Constrain) continue;
    const std::size_t before = plan.nodes.size();
    with_origin(graph[index], diagnostics, [&](Diagnostics& found) {
      add_node(graph[index], environment, plan, layout, found);
    });
    if (plan.nodes.size() == before) continue;
    place[index] = static_cast<std::int32_t>(before);
    for (const std::uint32_t from : graph[index].from) {
      if (place[from] < 0) continue;
      plan.nodes.back().inputs.push_back(static_cast<std::uint32_t>(place[from]));
    }
  }
  // Last: a selector may name any node.
  for (const PolicyNode& node : graph) {
    if (node.kind != PolicyNode::Kind::Select) continue;
    with_origin(node, diagnostics, [&](Diagnostics& found) {
      const auto spec = compile_selector(node, graph, place, plan, found);
      if (spec) plan.selector = *spec;
    });
  }
}

}  // namespace lineup
