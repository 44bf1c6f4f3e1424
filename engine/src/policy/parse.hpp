// SPDX-License-Identifier: Apache-2.0
//
// The parts of a policy, each read by a file of its own into the same document.
#pragma once

#include <string>
#include <string_view>

#include "policy/document.hpp"
#include "policy/fields.hpp"
#include "policy/yaml.hpp"

namespace lineup {

// rules: -> PolicyDocument::rules
void parse_rules(const YamlNode& list, PolicyDocument& out, Diagnostics& diagnostics);
// steer:, load:, experiments:, holdout: -> PolicyDocument::steer, load, experiments, holdout_*
void parse_steer(const YamlNode& list, PolicyDocument& out, Diagnostics& diagnostics);
void parse_load(const YamlNode& list, PolicyDocument& out, Diagnostics& diagnostics);
void parse_experiments(const YamlNode& map, PolicyDocument& out, Diagnostics& diagnostics);
void parse_controllers(const YamlNode& map, PolicyDocument& out, Diagnostics& diagnostics);
// evidence: -> PolicyDocument::evidence; `columns` as written, null without any. After columns.
void parse_evidence(const YamlNode& map, const YamlNode* columns, PolicyDocument& out,
                    Diagnostics& diagnostics);
void parse_holdout(const YamlNode& map, PolicyDocument& out, Diagnostics& diagnostics);
// graphs:, graph: -> PolicyDocument::nodes, node_order; either may be null. After load: and
// switches:, whose names of uses become names of nodes.
void parse_graph(const YamlNode* graphs, const YamlNode* list, PolicyDocument& out,
                 Diagnostics& diagnostics);

// `breaker` of a rule or node: {failures: 5, window_ms: 10000, cooldown_ms: 5000}.
[[nodiscard]] PolicyBreaker parse_breaker(const PolicyFields& owner, Diagnostics& diagnostics);
// switches: -> PolicyDocument::switches
void parse_switches(const YamlNode& node, PolicyDocument& out, Diagnostics& diagnostics);

// A value as rules and plugins get it. Live numbers in it are added to the parameters of the
// document, named after `path`: "boost" makes "boost.add" of its entry `add`.
[[nodiscard]] Value parse_value(const YamlNode& node, const std::string& path, PolicyDocument& out,
                                Diagnostics& diagnostics);

}  // namespace lineup
