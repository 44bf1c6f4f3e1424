// SPDX-License-Identifier: Apache-2.0
//
// What kinds of nodes there are and where they are found by name. Whoever loads plugins fills the
// registry; whoever compiles a policy looks up in it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lineup/plugin.h"

namespace lineup {

// Which calls on one instance of a plugin may overlap.
enum class ThreadClass : std::uint8_t {
  Reentrant,          // all
  InstancePerThread,  // none; the engine keeps several instances
  Serial,             // none; the engine lets one call in at a time
};

// One kind of node that a plugin offers. Immutable, shared by every revision that uses it.
struct NodeType {
  lineup_kind kind = 0;
  std::string name;  // what a policy writes
  std::string id;    // "dev.lineup.mmr/1"
  std::string about;
  std::string configuration_schema;  // JSON Schema of what create() takes, as text
  std::string metadata_json;         // of the whole plugin
  std::string content_hash;          // of the plugin's file; empty for a table in memory
  std::string path;                  // the file that the operator knows
  ThreadClass threads = ThreadClass::Serial;
  bool deterministic = false;
  const lineup_node_type* table = nullptr;  // valid while `library` lives
  const lineup_host* host = nullptr;    // what the plugin is given; lives as long as the process
  std::shared_ptr<const void> library;  // keeps the code loaded
};

// "scorer", "generator", "evaluator", "constraint"; for messages. [any]
[[nodiscard]] std::string_view name_of(lineup_kind kind);

// The id of the table that a node type of this kind must have (LINEUP_EXT_SCORER, ...), or null.
// [any]
[[nodiscard]] const char* table_id(lineup_kind kind);

// Node types by kind and name. Filled on one thread, then read by any.
class NodeRegistry {
 public:
  // A type of the same kind and name that was there before is replaced.
  void add(std::shared_ptr<const NodeType> type);
  // Null when there is none.
  [[nodiscard]] std::shared_ptr<const NodeType> find(lineup_kind kind, std::string_view name) const;
  // In alphabetical order: for messages and lists.
  [[nodiscard]] std::vector<std::string> names(lineup_kind kind) const;

 private:
  std::map<lineup_kind, std::map<std::string, std::shared_ptr<const NodeType>, std::less<>>> types_;
};

}  // namespace lineup
