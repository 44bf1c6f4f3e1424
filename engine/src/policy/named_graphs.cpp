// SPDX-License-Identifier: Apache-2.0
//
// A use `{id: left, graph: ranked}` becomes the nodes of `ranked`, called `left-NAME`. Inside,
// names are those of the definition; where the use is read, its id stands for its results: the
// nodes that no other node of it reads, and for evaluators, which value every slate, its
// generators. Nodes of the definition that read nothing read what the use reads.
#include "policy/named_graphs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "policy/fields.hpp"
#include "policy/keys.hpp"
#include "policy/named_graph_defs.hpp"

namespace lineup {

namespace {

// What a name stands for.
struct Members {
  std::vector<std::string> results;
  std::vector<std::string> generators;
};

// Names as one list of nodes may say them.
struct Scope {
  const Scope* outer = nullptr;  // where the use stands; null: `graph` itself
  std::map<std::string, Members> names;
  std::map<std::string, YamlNode> values;  // of parameters
  std::string prefix;
  std::string used_as;
  std::string origin;
  std::string_view graph;  // the definition's name
};

// What the nodes of a use read when they name nothing: the use's own `from`, in its scope.
struct Feed {
  std::vector<YamlNode> names;
  const Scope* scope = nullptr;
};

YamlNode text_node(const std::string& text, const Span& span) {
  YamlNode out;
  out.kind = Value::Kind::Text;
  out.text = text;
  out.span = span;
  return out;
}

void set_entry(YamlNode& map, const std::string& key, YamlNode value) {
  for (YamlEntry& entry : map.entries) {
    if (entry.key != key) continue;
    entry.value = std::move(value);
    return;
  }
  const Span span = value.span;
  map.entries.push_back({key, span, std::move(value)});
}

// Puts values in the place of parameters.
void substitute(YamlNode& node, const Scope& scope) {
  const std::string name = parameter_in(node);
  if (!name.empty()) {
    const auto found = scope.values.find(name);
    if (found != scope.values.end()) node = found->second;
    return;
  }
  if (node.kind == Value::Kind::Text && node.text.rfind("$$", 0) == 0) {
    node.text.erase(0, 1);
    ++node.text_offset;
    return;
  }
  for (YamlNode& item : node.items) substitute(item, scope);
  for (YamlEntry& entry : node.entries) substitute(entry.value, scope);
}

// Both conditions hold.
YamlNode both(const YamlNode& inner, const YamlNode& outer) {
  YamlNode out = inner;
  out.text = fmt::format("({}) and ({})", inner.text, outer.text);
  if (out.text_offset > 0) --out.text_offset;  // carets stay under what was written
  return out;
}

bool is_text(const YamlNode* node) {
  return node != nullptr && node->kind == Value::Kind::Text &&
         node->text.find_first_not_of(" \t\r\n") != std::string::npos;
}

class Expander {
 public:
  Expander(NamedGraphs& graphs, Diagnostics& diagnostics)
      : graphs_(graphs), diagnostics_(diagnostics) {}

  ExpandedGraph run(const YamlNode& list) {
    std::vector<const YamlNode*> items;
    for (const YamlNode& item : list.items) items.push_back(&item);
    if (!fits(items)) return std::move(out_);
    Scope top;
    name_all(items, top);
    for (const YamlNode* item : items) place(*item, top, Feed(), nullptr);
    return std::move(out_);
  }

 private:
  // Whether the graph stays within its limit; named graphs that use others twice grow fast.
  bool fits(const std::vector<const YamlNode*>& items) {
    std::size_t size = 0;
    for (const YamlNode* item : items) {
      NamedGraph* graph = used_by(*item);
      if (graph != nullptr) graph->is_used = true;
      size += graph == nullptr ? 1 : graph->size;
      if (graph == nullptr || size <= kGraphNodesMax) continue;
      diagnostics_.error(
          item->span, "policy/too-many",
          fmt::format("with the nodes of `{}` the graph has more than {}", graph->name,
                      kGraphNodesMax),
          fmt::format("`{}` is defined on line {} and comes to {}{} nodes", graph->name,
                      graph->span.line, graph->size > kGraphNodesMax ? "more than " : "",
                      std::min(graph->size, kGraphNodesMax)));
      return false;
    }
    return true;
  }

  // The graph that a node is a use of; null: it is a node, or what it names cannot be used.
  NamedGraph* used_by(const YamlNode& item) {
    NamedGraph* graph = graphs_.find(text_of(item, "graph"));
    return graph != nullptr && graph->is_sound ? graph : nullptr;
  }

  // What a node or use called `id` stands for.
  Members members_of(const YamlNode& item, const std::string& id) {
    Members out;
    const NamedGraph* graph = used_by(item);
    if (graph == nullptr) {
      out.results = {id};
      if (item.entry("generate") != nullptr) out.generators = {id};
      return out;
    }
    std::vector<std::string> all;
    for (const YamlNode* node : graph->nodes) {
      const std::string inner = text_of(*node, "id");
      const Members members = members_of(*node, id + "-" + inner);
      all.insert(all.end(), members.results.begin(), members.results.end());
      out.generators.insert(out.generators.end(), members.generators.begin(),
                            members.generators.end());
      if (is_read(*graph, inner)) continue;
      out.results.insert(out.results.end(), members.results.begin(), members.results.end());
    }
    if (out.results.empty()) out.results = std::move(all);  // a circle: said of the nodes later
    return out;
  }

  static bool is_read(const NamedGraph& graph, const std::string& id) {
    return std::any_of(graph.nodes.begin(), graph.nodes.end(), [&](const YamlNode* node) {
      const YamlEntry* from = node->entry("from");
      const auto names = names_in(from == nullptr ? nullptr : &from->value);
      return std::any_of(names.begin(), names.end(),
                         [&](const YamlNode* name) { return name->text == id; });
    });
  }

  void name_all(const std::vector<const YamlNode*>& items, Scope& scope) {
    std::map<std::string, const YamlNode*> uses;
    for (const YamlNode* item : items) {
      const std::string id = text_of(*item, "id");
      if (id.empty()) continue;
      const bool is_use = item->entry("graph") != nullptr;
      const bool is_new = scope.names.emplace(id, members_of(*item, scope.prefix + id)).second;
      if (is_new && is_use) uses[id] = item;
      if (is_new || (!is_use && uses.count(id) == 0)) continue;  // two nodes: said of the nodes
      diagnostics_
          .error(item->entry("id")->value.span, "policy/duplicate-name",
                 fmt::format("two nodes are called `{}`", id),
                 "a use of a graph has an id of its own, which its nodes' names begin with")
          .arguments = {{"name", id}};
      if (is_use) left_out_.push_back(item);
    }
  }

  // Puts the nodes that `item` comes to behind those there are.
  void place(const YamlNode& item, const Scope& scope, const Feed& feed, const YamlNode* when) {
    const YamlEntry* used = item.entry("graph");
    if (used == nullptr || item.kind != Value::Kind::Map)
      return place_node(item, scope, feed, when);
    if (std::find(left_out_.begin(), left_out_.end(), &item) != left_out_.end()) return;
    Diagnostics found;
    YamlNode use = item;
    substitute_but_from(use, scope);
    const YamlNode checked = without_parameters(use, scope);
    const PolicyFields fields(checked, *policy_keys().find("graph")->table, found);
    const std::string id = fields.text("id");
    check_use(use, found);
    NamedGraph* graph = graphs_.find(used->value.text);
    if (graph == nullptr && scope.outer == nullptr && used->value.kind == Value::Kind::Text) {
      found
          .error(used->value.span, "policy/unknown-graph",
                 fmt::format("unknown graph `{}`", used->value.text),
                 graphs_.names().empty() ? "define it under `graphs`"
                                         : key_hint(used->value.text, graphs_.names()))
          .arguments = {{"name", used->value.text}};
    }
    Scope inner;
    if (graph != nullptr) give_values(use, *graph, inner, found);
    append_with_origin(found, scope.origin, diagnostics_);
    if (graph == nullptr || !graph->is_sound || id.empty()) return;
    inner.outer = &scope;
    inner.prefix = scope.prefix + id + "-";
    inner.graph = graph->name;
    inner.used_as = scope.used_as.empty() ? id : scope.used_as;
    const Span& at = item.span;
    inner.origin = fmt::format("it stands in graph `{}` ({}:{}), used as `{}` ({}:{})", graph->name,
                               at.file, graph->span.line, scope.prefix + id, at.file, at.line);
    name_all(graph->nodes, inner);
    Feed inner_feed = feed_of(use, scope, feed);
    const YamlNode* own = fields.find("when");
    YamlNode joined;
    if (is_text(own) && is_text(when)) joined = both(*own, *when);
    const YamlNode* inner_when = !is_text(own) ? when : is_text(when) ? &joined : own;
    const std::size_t before = out_.nodes.size();
    for (const YamlNode* node : graph->nodes) place(*node, inner, inner_feed, inner_when);
    auto& members = out_.uses[scope.prefix + id];
    for (std::size_t i = before; i < out_.nodes.size(); ++i) {
      members.push_back(text_of(out_.nodes[i].yaml, "id"));
    }
  }

  static Feed feed_of(const YamlNode& use, const Scope& scope, const Feed& outer) {
    const YamlEntry* from = use.entry("from");
    if (from == nullptr) return outer;
    Feed out;
    for (const YamlNode* name : names_in(&from->value)) out.names.push_back(*name);
    out.scope = &scope;
    return out;
  }

  // `from` keeps its parameters: their names are those of another scope.
  static void substitute_but_from(YamlNode& node, const Scope& scope) {
    if (scope.outer == nullptr) return;
    for (YamlEntry& entry : node.entries) {
      if (entry.key != "from" && entry.key != "id") substitute(entry.value, scope);
    }
  }

  // The names that a parameter brings are those of another scope: they are checked there.
  static YamlNode without_parameters(const YamlNode& use, const Scope& scope) {
    YamlNode out = use;
    const YamlEntry* from = use.entry("from");
    const auto names = names_in(from == nullptr ? nullptr : &from->value);
    const bool has = std::any_of(names.begin(), names.end(),
                                 [](const YamlNode* name) { return !parameter_in(*name).empty(); });
    if (!has || scope.outer == nullptr) return out;
    const auto is_from = [](const YamlEntry& entry) { return entry.key == "from"; };
    out.entries.erase(std::find_if(out.entries.begin(), out.entries.end(), is_from));
    return out;
  }

  static void check_use(const YamlNode& use, Diagnostics& found) {
    constexpr std::array<std::string_view, 5> kKeys = {"id", "graph", "from", "with", "when"};
    for (const YamlEntry& entry : use.entries) {
      const bool fits = std::find(kKeys.begin(), kKeys.end(), entry.key) != kKeys.end();
      if (fits || policy_keys().find("graph")->table->find(entry.key) == nullptr) continue;
      found
          .error(entry.key_span, "policy/misplaced-key",
                 fmt::format("`{}` has no meaning for a use of a graph", entry.key),
                 fmt::format("write it at the nodes of `{}`", text_of(use, "graph")))
          .arguments = {{"key", entry.key}};
    }
  }

  // Values of parameters: the use's, else those of the definition.
  static void give_values(const YamlNode& use, const NamedGraph& graph, Scope& out,
                          Diagnostics& found) {
    const YamlEntry* with = use.entry("with");
    const auto names = graph.parameter_names();
    for (std::size_t i = 0; with != nullptr && i < with->value.entries.size(); ++i) {
      const YamlEntry& entry = with->value.entries[i];
      out.values[entry.key] = entry.value;
      if (std::find(names.begin(), names.end(), entry.key) != names.end()) continue;
      found
          .error(entry.key_span, "policy/unknown-parameter",
                 fmt::format("graph `{}` ({}:{}) has no parameter `{}`", graph.name,
                             graph.span.file, graph.span.line, entry.key),
                 key_hint(entry.key, names))
          .arguments = {{"name", entry.key}};
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
      const YamlEntry& declared = graph.parameters->entries[i];
      if (!out.values.emplace(declared.key, declared.value).second) continue;
      if (declared.value.kind != Value::Kind::Null) continue;
      found
          .error(use.span, "policy/missing-parameter",
                 fmt::format("graph `{}` ({}:{}) needs the parameter `{}`", graph.name,
                             graph.span.file, graph.span.line, declared.key),
                 fmt::format("write with: {{{}: ...}} at the use, or a value behind its name "
                             "under `parameters`",
                             declared.key))
          .arguments = {{"name", declared.key}};
    }
  }

  void place_node(const YamlNode& item, const Scope& scope, const Feed& feed,
                  const YamlNode* when) {
    ExpandedNode out{item, scope.used_as, scope.origin};
    if (item.kind == Value::Kind::Map) {
      substitute_but_from(out.yaml, scope);
      rename(out.yaml, item, scope, feed);
      const YamlEntry* own = out.yaml.entry("when");
      if (is_text(when)) {
        const bool joins = own != nullptr && is_text(&own->value);
        set_entry(out.yaml, "when", joins ? both(own->value, *when) : *when);
      }
    }
    out_.nodes.push_back(std::move(out));
  }

  // Gives a node, and what it names, the names that they have in the whole graph.
  void rename(YamlNode& node, const YamlNode& written, const Scope& scope, const Feed& feed) {
    const std::string id = text_of(written, "id");
    if (!id.empty() && scope.outer != nullptr) {
      set_entry(node, "id", text_node(scope.prefix + id, written.entry("id")->value.span));
    }
    const bool is_evaluator = written.entry("evaluate") != nullptr;
    const YamlEntry* from = written.entry("from");
    std::vector<YamlNode> ids;
    if (from != nullptr) {
      if (from->value.kind != Value::Kind::Text && from->value.kind != Value::Kind::List) return;
      for (const YamlNode* name : names_in(&from->value)) {
        resolve(*name, scope, is_evaluator, ids);
      }
    } else {
      for (const YamlNode& name : feed.names) resolve(name, *feed.scope, is_evaluator, ids);
    }
    if (!ids.empty()) {
      YamlNode list;
      list.kind = Value::Kind::List;
      list.span = from == nullptr ? ids.front().span : from->value.span;
      list.items = std::move(ids);
      set_entry(node, "from", std::move(list));
    }
    if (written.entry("select") != nullptr) rename_incumbent(node, scope);
  }

  // The nodes that `name` stands for where `scope` says it. What is not known stays as it is, and
  // is said of the graph.
  static void resolve(const YamlNode& name, const Scope& scope, bool is_evaluator,
                      std::vector<YamlNode>& out) {
    const std::string parameter = parameter_in(name);
    if (!parameter.empty() && scope.outer != nullptr) {
      const auto value = scope.values.find(parameter);
      if (value == scope.values.end()) return;
      for (const YamlNode* each : names_in(&value->second)) {
        resolve(*each, *scope.outer, is_evaluator, out);
      }
      return;
    }
    for (const Scope* at = &scope; at != nullptr; at = at->outer) {
      const auto found = at->names.find(name.text);
      if (found == at->names.end()) continue;
      const Members& members = found->second;
      const bool wants_generators = is_evaluator && !members.generators.empty();
      for (const auto& id : wants_generators ? members.generators : members.results) {
        out.push_back(text_node(id, name.span));
      }
      return;
    }
    out.push_back(name);
  }

  // `incumbent` of a selector names a generator, in the middle of its parameters.
  static void rename_incumbent(YamlNode& node, const Scope& scope) {
    for (YamlEntry& entry : node.entries) {
      if (entry.key != "with") continue;
      for (YamlEntry& parameter : entry.value.entries) {
        if (parameter.key != "incumbent") continue;
        const auto found = scope.names.find(parameter.value.text);
        if (found == scope.names.end() || found->second.results.size() != 1) continue;
        parameter.value = text_node(found->second.results.front(), parameter.value.span);
      }
    }
  }

  NamedGraphs& graphs_;
  Diagnostics& diagnostics_;
  ExpandedGraph out_;
  std::vector<const YamlNode*> left_out_;  // uses whose id another one has
};

}  // namespace

ExpandedGraph expand_graph(const YamlNode* graphs, const YamlNode& list, Diagnostics& diagnostics) {
  NamedGraphs named(graphs, diagnostics);
  ExpandedGraph out = Expander(named, diagnostics).run(list);
  named.report_unused();
  return out;
}

void check_named_graphs(const YamlNode& graphs, Diagnostics& diagnostics) {
  NamedGraphs(&graphs, diagnostics).report_unused();
}

void append_with_origin(const Diagnostics& found, const std::string& origin,
                        Diagnostics& diagnostics) {
  if (origin.empty()) return diagnostics.append(found);
  for (const Diagnostic& each : found.all()) {
    const auto is_same = [&](const Diagnostic& said) {
      return said.span.line == each.span.line && said.span.column == each.span.column &&
             said.code == each.code && said.message == each.message;
    };
    const auto& said = diagnostics.all();
    if (std::any_of(said.begin(), said.end(), is_same)) continue;
    const std::string hint = each.hint.empty() ? origin : each.hint + "; " + origin;
    Diagnostic& out = each.severity == Severity::Error
                          ? diagnostics.error(each.span, each.code, each.message, hint)
                          : diagnostics.warning(each.span, each.code, each.message, hint);
    out.arguments = each.arguments;
  }
}

}  // namespace lineup
