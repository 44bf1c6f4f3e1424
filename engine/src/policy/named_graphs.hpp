// SPDX-License-Identifier: Apache-2.0
//
// Named graphs: lists of nodes that are written once, with parameters, and used in a graph as often
// as wanted. Uses are replaced by their nodes before anything else reads the graph, so that plans
// and requests know nothing of them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "policy/yaml.hpp"

namespace lineup {

// A node of the graph once every use was replaced.
struct ExpandedNode {
  YamlNode yaml;        // names, parameters and conditions as they count here
  std::string used_as;  // the outermost use's id; empty: it stands in `graph` itself
  std::string origin;   // where it was written and used, as a hint goes on
};

struct ExpandedGraph {
  std::vector<ExpandedNode> nodes;
  std::map<std::string, std::vector<std::string>> uses;  // by id: the nodes of each
};

// `graphs`: null when the policy names none. Codes: policy/type, policy/missing-key, policy/name,
// policy/unknown-graph, policy/unknown-node, policy/unknown-parameter, policy/missing-parameter,
// policy/duplicate-name, policy/misplaced-key, policy/cycle, policy/too-many, lint/unused-graph,
// lint/unused-parameter. [control]
[[nodiscard]] ExpandedGraph expand_graph(const YamlNode* graphs, const YamlNode& list,
                                         Diagnostics& diagnostics);
// The findings of definitions alone, where the policy has no graph to use them. [control]
void check_named_graphs(const YamlNode& graphs, Diagnostics& diagnostics);

// Adds `found` to `diagnostics`, each finding with `origin` behind its hint; what was said already
// of the same place is not said again. [control]
void append_with_origin(const Diagnostics& found, const std::string& origin,
                        Diagnostics& diagnostics);

}  // namespace lineup
