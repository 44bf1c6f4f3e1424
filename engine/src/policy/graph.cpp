// SPDX-License-Identifier: Apache-2.0
//
// The graph: which nodes there are, what they read from, and an order in which they can run.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "policy/named_graphs.hpp"
#include "policy/parse.hpp"

namespace lineup {

namespace {

const PolicyKeyTable& node_keys() { return *policy_keys().find("graph")->table; }

struct KindKey {
  const char* key;
  PolicyNode::Kind kind;
};

constexpr std::array kKindKeys = {
    KindKey{"score", PolicyNode::Kind::Score},
    KindKey{"generate", PolicyNode::Kind::Generate},
    KindKey{"evaluate", PolicyNode::Kind::Evaluate},
    KindKey{"select", PolicyNode::Kind::Select},
    KindKey{"constrain", PolicyNode::Kind::Constrain},
};

class GraphParser {
 public:
  GraphParser(PolicyDocument& document, Diagnostics& diagnostics)
      : document_(document), diagnostics_(diagnostics) {}

  void run(const ExpandedGraph& graph) {
    for (const ExpandedNode& item : graph.nodes) {
      with_origin(item.origin, [&] { add_item(item); });
    }
    for (std::size_t i = 0; i < document_.nodes.size(); ++i) {
      with_origin(document_.nodes[i].origin, [&] { link(i); });
    }
    order();
    replace_uses(graph);
  }

 private:
  // What is said of a node of a named graph says where that graph stands, and where it is used.
  template <typename Work>
  void with_origin(const std::string& origin, const Work& work) {
    Diagnostics found;
    std::swap(found, diagnostics_);
    work();
    std::swap(found, diagnostics_);
    append_with_origin(found, origin, diagnostics_);
  }

  void add_item(const ExpandedNode& item) {
    if (item.yaml.kind == Value::Kind::Map) return add_node(item);
    diagnostics_.error(item.yaml.span, "policy/type",
                       fmt::format("a node must be a map, found {}", describe(item.yaml.kind)),
                       "write {id: page, generate: score_order}, for example");
  }

  void add_node(const ExpandedNode& expanded) {
    const YamlNode& item = expanded.yaml;
    const PolicyFields fields(item, node_keys(), diagnostics_);
    PolicyNode node;
    node.id = fields.text("id");
    node.span = item.span;
    node.used_as = expanded.used_as;
    node.origin = expanded.origin;
    for (const KindKey& entry : kKindKeys) {
      const YamlNode* plugin = fields.find(entry.key);
      if (plugin == nullptr || !node.plugin.empty()) continue;
      node.kind = entry.kind;
      node.plugin = plugin->text;
      node.plugin_span = plugin->span;
    }
    if (node.id.empty()) return;
    if (const PolicyNode* first = find(node.id)) {
      diagnostics_
          .error(fields.span("id"), "policy/duplicate-name",
                 fmt::format("two nodes are called `{}`", node.id),
                 fmt::format("the other stands on line {}", first->span.line))
          .arguments = {{"name", node.id}};
      return;
    }
    if (const YamlNode* with = fields.find("with")) {
      node.with = parse_value(*with, node.id, document_, diagnostics_);
    }
    node.has_own_process = fields.text("isolation") == "process";
    node.isolation_span = node.has_own_process ? fields.span("isolation") : item.span;
    if (const YamlNode* when = fields.find("when")) {
      node.when = parse_value(*when, node.id, document_, diagnostics_);
    }
    if (const YamlNode* budget = fields.find("budget_ms")) node.budget_ms = budget->number;
    const std::string on_failure = fields.text("on_failure");
    if (on_failure == "skip") node.on_failure = PolicyNode::OnFailure::Skip;
    if (on_failure == "fallback") node.on_failure = PolicyNode::OnFailure::Fallback;
    node.breaker = parse_breaker(fields, diagnostics_);
    inputs_.push_back(fields.find("from"));
    document_.nodes.push_back(std::move(node));
  }

  [[nodiscard]] const PolicyNode* find(const std::string& id) const {
    const auto found = std::find_if(document_.nodes.begin(), document_.nodes.end(),
                                    [&](const PolicyNode& node) { return node.id == id; });
    return found == document_.nodes.end() ? nullptr : &*found;
  }

  // Turns the ids that node `index` reads from into indexes.
  void link(std::size_t index) {
    if (inputs_[index] == nullptr) return;
    if (inputs_[index]->kind == Value::Kind::Text) return link_to(index, *inputs_[index]);
    for (const YamlNode& item : inputs_[index]->items) link_to(index, item);
  }

  void link_to(std::size_t index, const YamlNode& id) {
    const PolicyNode* input = find(id.text);
    if (input == nullptr) {
      std::vector<std::string> ids;
      for (const PolicyNode& node : document_.nodes) ids.push_back(node.id);
      diagnostics_
          .error(id.span, "policy/unknown-node", fmt::format("unknown node `{}`", id.text),
                 key_hint(id.text, ids))
          .arguments = {{"name", id.text}};
      return;
    }
    auto& from = document_.nodes[index].from;
    const auto position = static_cast<std::uint32_t>(input - document_.nodes.data());
    if (std::find(from.begin(), from.end(), position) == from.end()) {
      from.push_back(position);
      return;
    }
    diagnostics_
        .error(id.span, "policy/duplicate-name",
               fmt::format("`{}` is named twice in `from`", id.text))
        .arguments = {{"name", id.text}};
  }

  // Where levels of load and switches name a use, they mean all of its nodes.
  void replace_uses(const ExpandedGraph& graph) {
    for (PolicyLoadLevel& level : document_.load) {
      std::vector<std::pair<std::string, Span>> without;
      for (const auto& [name, span] : level.without) {
        const auto use = graph.uses.find(name);
        if (use == graph.uses.end()) {
          without.emplace_back(name, span);
          continue;
        }
        for (const std::string& id : use->second) without.emplace_back(id, span);
      }
      level.without = std::move(without);
    }
    std::vector<PolicySwitch> switches;
    for (PolicySwitch& entry : document_.switches) {
      const auto use = graph.uses.find(entry.name);
      if (entry.kind != PolicySwitch::Kind::Node || use == graph.uses.end()) {
        switches.push_back(std::move(entry));
        continue;
      }
      for (const std::string& id : use->second) switches.push_back({entry.kind, id, entry.span});
    }
    document_.switches = std::move(switches);
  }

  // Takes, again and again, the first node all of whose inputs were taken. What remains runs in
  // circles.
  void order() {
    const std::size_t count = document_.nodes.size();
    std::vector<bool> taken(count, false);
    const auto is_ready = [&](std::size_t index) {
      const auto& from = document_.nodes[index].from;
      return !taken[index] && std::all_of(from.begin(), from.end(),
                                          [&](std::uint32_t input) { return taken[input]; });
    };
    for (std::size_t step = 0; step < count; ++step) {
      std::size_t next = 0;
      while (next < count && !is_ready(next)) ++next;
      if (next == count) return report_cycle(taken);
      taken[next] = true;
      document_.node_order.push_back(static_cast<std::uint32_t>(next));
    }
  }

  void report_cycle(const std::vector<bool>& taken) {
    // From any node that remains, inputs that remain lead into a circle.
    auto at =
        static_cast<std::size_t>(std::find(taken.begin(), taken.end(), false) - taken.begin());
    std::vector<std::size_t> path;
    while (std::find(path.begin(), path.end(), at) == path.end()) {
      path.push_back(at);
      const auto& from = document_.nodes[at].from;
      at = *std::find_if(from.begin(), from.end(),
                         [&](std::uint32_t input) { return !taken[input]; });
    }
    path.erase(path.begin(), std::find(path.begin(), path.end(), at));
    path.push_back(at);
    std::string shown;
    for (const std::size_t node : path) {
      shown += fmt::format("{}`{}`", shown.empty() ? "" : " <- ", document_.nodes[node].id);
    }
    diagnostics_
        .error(inputs_[at]->span, "policy/cycle",
               fmt::format("the graph runs in a circle: {}", shown),
               "a node reads only from nodes that do not wait for it")
        .arguments = {{"name", document_.nodes[at].id}};
  }

  PolicyDocument& document_;
  Diagnostics& diagnostics_;
  std::vector<const YamlNode*> inputs_;  // [nodes] `from` as written, or null
};

}  // namespace

void parse_graph(const YamlNode* graphs, const YamlNode* list, PolicyDocument& out,
                 Diagnostics& diagnostics) {
  if (list == nullptr) {
    if (graphs != nullptr) check_named_graphs(*graphs, diagnostics);
    return;
  }
  const ExpandedGraph graph = expand_graph(graphs, *list, diagnostics);
  GraphParser(out, diagnostics).run(graph);
}

}  // namespace lineup
