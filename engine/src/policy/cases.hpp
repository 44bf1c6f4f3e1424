// SPDX-License-Identifier: Apache-2.0
//
// The cases that stand beside a rule or a plugin, as they are written: rows, parameters, and what
// must come out. rules/README.md describes the file for people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.hpp"
#include "policy/yaml.hpp"

namespace lineup {

// One case. Maps that rules or policies understand are kept as they were written.
struct RuleCase {
  std::string name;
  Span span;      // of the name
  YamlNode with;  // Map, or Null
  // How strongly the rule holds; none of them: as the rule says, else a priority.
  std::optional<YamlNode> priority, weight, required;
  YamlNode when;           // Text, or Null
  YamlNode segments;       // Map, or Null
  YamlNode objectives;     // Map, or Null
  YamlNode rules, graph;   // List, or Null: besides the rule; instead of the plugin alone
  std::uint32_t page = 0;  // 0: as many slots as there are rows
  std::uint32_t page_columns = 1;
  YamlNode columns;  // Map, or Null: their types follow from the rows
  YamlNode context;  // Map, or Null
  std::string time;  // empty: now
  std::vector<std::pair<std::string, std::vector<std::string>>> lists;
  std::vector<YamlNode> history;  // Maps, oldest first
  std::vector<YamlNode> rows;     // Maps
  // A page to be judged, as ids; without it the page is made.
  std::optional<std::vector<std::string>> given;

  // What must come out; what is not said is not looked at.
  std::optional<std::vector<std::string>> slate;  // ids
  std::string status;
  std::optional<std::vector<std::pair<std::string, std::int64_t>>> relaxed;  // rule, violations
  std::optional<std::int64_t> violations;
  std::string refused;  // a part of the message with which the use is refused; empty: it is not
};

// Reads a cases file: a list of cases. Everything that is wrong is reported with codes cases/...;
// false when something was. [control]
[[nodiscard]] bool parse_cases(const std::string& path, std::string_view text,
                               std::vector<RuleCase>& out, Diagnostics& diagnostics);

}  // namespace lineup
