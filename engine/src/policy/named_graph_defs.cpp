// SPDX-License-Identifier: Apache-2.0
//
// A definition is read without knowing its uses: what its nodes read from, which parameters stand
// in them, and how many nodes it comes to. The keys of nodes are checked where they are used, once
// parameters have values.
#include "policy/named_graph_defs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "policy/fields.hpp"
#include "policy/keys.hpp"
#include "policy/scalars.hpp"

namespace lineup {

namespace {

void collect_parameters(const YamlNode& node, std::vector<const YamlNode*>& out) {
  if (!parameter_in(node).empty()) out.push_back(&node);
  for (const YamlNode& item : node.items) collect_parameters(item, out);
  for (const YamlEntry& entry : node.entries) collect_parameters(entry.value, out);
}

}  // namespace

const YamlNode* NamedGraph::node(const std::string& id) const {
  for (const YamlNode* each : nodes) {
    if (text_of(*each, "id") == id) return each;
  }
  return nullptr;
}

std::vector<std::string> NamedGraph::parameter_names() const {
  std::vector<std::string> out;
  if (parameters == nullptr) return out;
  for (const YamlEntry& entry : parameters->entries) out.push_back(entry.key);
  return out;
}

std::string text_of(const YamlNode& node, std::string_view key) {
  const YamlEntry* entry = node.entry(key);
  return entry == nullptr || entry->value.kind != Value::Kind::Text ? "" : entry->value.text;
}

std::vector<const YamlNode*> names_in(const YamlNode* from) {
  std::vector<const YamlNode*> out;
  if (from == nullptr) return out;
  if (from->kind == Value::Kind::Text) out.push_back(from);
  for (const YamlNode& item : from->items) out.push_back(&item);
  return out;
}

std::string parameter_in(const YamlNode& node) {
  const bool is_one = node.kind == Value::Kind::Text && node.text.size() > 1 &&
                      node.text[0] == '$' && node.text[1] != '$';
  return is_one ? node.text.substr(1) : std::string();
}

NamedGraphs::NamedGraphs(const YamlNode* graphs, Diagnostics& diagnostics)
    : diagnostics_(diagnostics) {
  if (graphs == nullptr) return;
  for (const YamlEntry& entry : graphs->entries) add(entry);
  for (NamedGraph& graph : graphs_) check(graph);
  for (NamedGraph& graph : graphs_) {
    std::vector<std::string> path;
    if (!measure(graph, path)) graph.is_sound = false;
  }
}

NamedGraph* NamedGraphs::find(const std::string& name) {
  const auto found = std::find_if(graphs_.begin(), graphs_.end(),
                                  [&](const NamedGraph& graph) { return graph.name == name; });
  return found == graphs_.end() ? nullptr : &*found;
}

std::vector<std::string> NamedGraphs::names() const {
  std::vector<std::string> out;
  for (const NamedGraph& graph : graphs_) out.push_back(graph.name);
  return out;
}

void NamedGraphs::report_unused() const {
  for (const NamedGraph& graph : graphs_) {
    if (graph.is_used || !graph.is_sound) continue;
    diagnostics_
        .warning(graph.span, "lint/unused-graph",
                 fmt::format("nothing uses the graph `{}`", graph.name),
                 fmt::format("use it in `graph`: {{id: NAME, graph: {}}}", graph.name))
        .arguments = {{"name", graph.name}};
  }
}

void NamedGraphs::add(const YamlEntry& entry) {
  if (!is_name(entry.key)) {
    diagnostics_.error(entry.key_span, "policy/name", fmt::format("`{}` is no name", entry.key),
                       "names begin with a letter and go on with letters, digits, `_` or `-`");
    return;
  }
  if (entry.value.kind != Value::Kind::Map) {
    diagnostics_.error(
        entry.value.span, "policy/type",
        fmt::format("graph `{}` must be a map, found {}", entry.key, describe(entry.value.kind)),
        "write its nodes under `nodes`");
    return;
  }
  const PolicyFields fields(entry.value, *policy_keys().find("graphs")->table, diagnostics_);
  NamedGraph graph;
  graph.name = entry.key;
  graph.span = entry.key_span;
  graph.parameters = fields.find("parameters");
  const YamlNode* nodes = fields.find("nodes");
  graph.is_sound = nodes != nullptr;
  if (nodes != nullptr && nodes->items.empty()) {
    diagnostics_.error(nodes->span, "policy/missing-key",
                       fmt::format("graph `{}` has no node", entry.key),
                       "write - {id: page, generate: score_order}, for example");
    graph.is_sound = false;
  }
  for (std::size_t i = 0; nodes != nullptr && i < nodes->items.size(); ++i) {
    const YamlNode& node = nodes->items[i];
    if (node.kind == Value::Kind::Map && !text_of(node, "id").empty()) {
      graph.nodes.push_back(&node);
      continue;
    }
    diagnostics_.error(node.span, "policy/type",
                       fmt::format("a node of graph `{}` must be a map with an `id`", entry.key),
                       "write {id: page, generate: score_order}, for example");
    graph.is_sound = false;
  }
  graphs_.push_back(std::move(graph));
}

void NamedGraphs::check(NamedGraph& graph) {
  std::set<std::string> ids;
  for (const YamlNode* node : graph.nodes) {
    const std::string id = text_of(*node, "id");
    if (!ids.insert(id).second) {
      diagnostics_
          .error(node->entry("id")->value.span, "policy/duplicate-name",
                 fmt::format("two nodes of graph `{}` are called `{}`", graph.name, id),
                 fmt::format("the other stands on line {}", graph.node(id)->span.line))
          .arguments = {{"name", id}};
      graph.is_sound = false;
    }
    check_from(graph, *node);
  }
  check_parameters(graph);
}

void NamedGraphs::check_from(NamedGraph& graph, const YamlNode& node) {
  const YamlEntry* from = node.entry("from");
  for (const YamlNode* name : names_in(from == nullptr ? nullptr : &from->value)) {
    if (!parameter_in(*name).empty() || graph.node(name->text) != nullptr) continue;
    std::vector<std::string> ids;
    for (const YamlNode* each : graph.nodes) ids.push_back(text_of(*each, "id"));
    const std::string near = nearest(name->text, ids);
    diagnostics_
        .error(name->span, "policy/unknown-node",
               fmt::format("graph `{}` has no node `{}`", graph.name, name->text),
               near.empty() ? "nodes outside of it are read through `from` of its use, or a "
                              "parameter: `from: $source`"
                            : fmt::format("did you mean `{}`?", near))
        .arguments = {{"name", name->text}};
    graph.is_sound = false;
  }
}

void NamedGraphs::check_parameters(NamedGraph& graph) {
  const auto names = graph.parameter_names();
  std::set<std::string> read;
  bool is_fine = true;
  std::vector<const YamlNode*> found;
  for (const YamlNode* node : graph.nodes) collect_parameters(*node, found);
  for (const YamlNode* node : found) {
    const std::string name = parameter_in(*node);
    read.insert(name);
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    diagnostics_
        .error(node->span, "policy/unknown-parameter",
               fmt::format("graph `{}` has no parameter `{}`", graph.name, name),
               names.empty() ? "declare it under `parameters`; a text that begins with `$` is "
                               "written with two of them"
                             : key_hint(name, names))
        .arguments = {{"name", name}};
    graph.is_sound = is_fine = false;
  }
  // Where a name is misspelt, the one that was meant is not read either.
  if (graph.parameters == nullptr || !is_fine) return;
  for (const YamlEntry& entry : graph.parameters->entries) {
    if (read.count(entry.key) > 0) continue;
    diagnostics_
        .warning(
            entry.key_span, "lint/unused-parameter",
            fmt::format("no node of graph `{}` reads its parameter `{}`", graph.name, entry.key),
            fmt::format("write `${}` where its value belongs", entry.key))
        .arguments = {{"name", entry.key}};
  }
}

bool NamedGraphs::measure(NamedGraph& graph, std::vector<std::string>& path) {
  if (graph.size > 0) return graph.is_sound;
  path.push_back(graph.name);
  std::size_t size = 0;
  for (const YamlNode* node : graph.nodes) {
    const YamlEntry* used = node->entry("graph");
    if (used == nullptr) {
      ++size;
      continue;
    }
    // A parameter may not say which graph: what is used is known before any use is.
    NamedGraph* inner = find(used->value.text);
    if (inner == nullptr) {
      diagnostics_
          .error(used->value.span, "policy/unknown-graph",
                 fmt::format("unknown graph `{}`", used->value.text),
                 key_hint(used->value.text, names()))
          .arguments = {{"name", used->value.text}};
      graph.is_sound = false;
      continue;
    }
    inner->is_used = true;
    const auto begin = std::find(path.begin(), path.end(), inner->name);
    if (begin != path.end()) {
      std::string circle;
      for (auto at = begin; at != path.end(); ++at) circle += fmt::format("`{}` -> ", *at);
      diagnostics_
          .error(used->value.span, "policy/cycle",
                 fmt::format("graph `{0}` uses itself: {1}`{0}`", inner->name, circle),
                 fmt::format("`{}` is defined on line {}; a graph uses only graphs that do not "
                             "come back to it",
                             inner->name, inner->span.line))
          .arguments = {{"name", inner->name}};
      graph.is_sound = inner->is_sound = false;
      continue;
    }
    if (!measure(*inner, path)) graph.is_sound = false;
    size = std::min(size + inner->size, kGraphNodesMax + 1);
  }
  graph.size = std::max<std::size_t>(size, 1);
  path.pop_back();
  return graph.is_sound;
}

}  // namespace lineup
