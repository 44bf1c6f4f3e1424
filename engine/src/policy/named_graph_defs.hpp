// SPDX-License-Identifier: Apache-2.0
//
// The definitions under `graphs`, each checked once, however often it is used.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "policy/yaml.hpp"

namespace lineup {

// LIMIT: nodes of a graph with all of its uses; the policy's schema says so of what is written.
inline constexpr std::size_t kGraphNodesMax = 100;

struct NamedGraph {
  std::string name;
  Span span;                             // of the name
  std::vector<const YamlNode*> nodes;    // those that are maps with an id
  const YamlNode* parameters = nullptr;  // null: it has none
  std::size_t size = 0;                  // nodes once its own uses are replaced; capped
  bool is_sound = true;                  // else it is not expanded: what is wrong has been said
  bool is_used = false;

  [[nodiscard]] const YamlNode* node(const std::string& id) const;
  [[nodiscard]] std::vector<std::string> parameter_names() const;
};

// The text behind `key`; empty when there is none.
[[nodiscard]] std::string text_of(const YamlNode& node, std::string_view key);
// What `from` names: one name or a list.
[[nodiscard]] std::vector<const YamlNode*> names_in(const YamlNode* from);
// The parameter that a text stands for; empty: it is a text like any other.
[[nodiscard]] std::string parameter_in(const YamlNode& node);

class NamedGraphs {
 public:
  // Borrows the tree. Reports what is wrong with each definition. Null: there is none.
  NamedGraphs(const YamlNode* graphs, Diagnostics& diagnostics);

  [[nodiscard]] NamedGraph* find(const std::string& name);
  // Warns of what nothing used.
  void report_unused() const;
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  void add(const YamlEntry& entry);
  void check(NamedGraph& graph);
  void check_from(NamedGraph& graph, const YamlNode& node);
  void check_parameters(NamedGraph& graph);
  // False when the graph uses itself.
  bool measure(NamedGraph& graph, std::vector<std::string>& path);

  std::deque<NamedGraph> graphs_;
  Diagnostics& diagnostics_;
};

}  // namespace lineup
