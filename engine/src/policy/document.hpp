// SPDX-License-Identifier: Apache-2.0
//
// A policy as it was written, read and checked as far as that goes without knowing rules, plugins
// or lists. What the plan is compiled from. Every part keeps the place it was written at.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/value.hpp"
#include "base/zone.hpp"
#include "batch/schema.hpp"
#include "constraint/spec.hpp"

namespace lineup {

// An objective and its weight. Without bounds of its own the weight cannot be changed at run time.
struct PolicyObjective {
  std::string name;
  std::string column;  // one of the policy's; empty: an evaluator supplies the values
  double weight = 1.0;
  double min = 1.0;
  double max = 1.0;
  double max_step = 0.0;
  Span span;  // of the name
};

// A named condition on context, and on the segments above it.
struct PolicySegment {
  std::string name;
  Value condition;  // Text
  Span span;        // of the name
};

// A number that is steered at run time: `{value: 3, live: {min: 1, max: 5, max_step: 1}}`. Numbers
// that are written so have the parameter's index in Value::live or Amount::live.
struct PolicyParameter {
  std::string name;  // "boost.add", "soft_author_spread.weight", "page.theta"
  double value = 0.0;
  double min = 0.0;
  double max = 0.0;
  double max_step = 0.0;
  Span span;
};

// `relevance: 0.5` of a `set`.
struct PolicySetting {
  std::string name;  // of an objective, or of a live parameter
  double value = 0.0;
  Span span;        // of the name
  Span value_span;  // of the value
};

// Values of weights and live parameters, while dates and segment hold.
struct PolicySteer {
  std::string segment;  // empty: every request
  Span segment_span;
  std::optional<std::int64_t> from_ms;
  std::optional<std::int64_t> until_ms;
  std::vector<PolicySetting> set;
};

// What a request goes without when the host says that it is this busy; and what the levels below
// say.
struct PolicyLoadLevel {
  std::string name;
  double from = 0.0;  // `context.load` at which it begins
  std::vector<PolicySetting> set;
  std::vector<std::pair<std::string, Span>> without;  // nodes
  Span span;                                          // of `from`
};

// A layer has this many buckets of users.
inline constexpr std::uint32_t kBuckets = 1000;

struct PolicyVariant {
  std::string name;
  std::uint32_t first_bucket = 0;
  std::uint32_t last_bucket = 0;  // the last one that is in it
  std::vector<PolicySetting> set;
  Span span;          // of the name
  Span buckets_span;  // of `buckets`
};

struct PolicyExperiment {
  std::string name;
  std::string layer;
  std::vector<PolicyVariant> variants;
  Span span;  // of the name
};

// When what keeps failing is asked no more: after so many failures within the window; after the
// cool-down one request tries it again.
struct PolicyBreaker {
  std::uint32_t failures = 5;
  double window_ms = 10'000.0;
  double cooldown_ms = 5'000.0;
};

// What is switched off, by name: rules, nodes, plugins, controllers.
struct PolicySwitch {
  enum class Kind : std::uint8_t { Rule, Node, Plugin, Controller };
  Kind kind = Kind::Rule;
  std::string name;
  Span span;
};

// Holds a target by moving a dial.
struct PolicyController {
  enum class Hold : std::uint8_t { Share, PerThousand };
  std::string name;
  Hold hold = Hold::Share;
  Value where;         // Text, or Null: every row
  std::string column;  // per_thousand: whose values count
  Span column_span;
  std::string event;  // per_thousand: the type of feedback's events that count instead
  double target = 0.0;
  double tolerance = 0.0;
  std::string move;  // a dial
  Span move_span;
  double gain = 0.0;  // dial units per unit of error; 0: it follows from the bounds
  double p = 0.0;
  double d = 0.0;
  double trend = 0.0;
  double every_ms = 60'000.0;
  double exposures = 1'000.0;
  double warm_up = 2'000.0;
  double patience_ms = 7'200'000.0;
  double give_up_ms = 3'600'000.0;
  double retry_ms = 14'400'000.0;
  bool releases_unheard = false;
  bool releases_unreachable = true;
  Span span;
};

// A column that the engine fills, with how often feedback told something of a row's item.
struct PolicyEvidence {
  std::string column;
  std::string event;              // the type of the events; empty: rows that were seen
  std::int64_t half_life_ms = 0;  // 0: what was told counts for ever
  std::uint32_t items = 100'000;  // that are remembered
};

// One use of a rule.
struct PolicyRule {
  std::string name;        // unique: `as`, else the rule's name, else name#2
  std::string rule;        // what `use` or `constrain` names
  bool is_plugin = false;  // by `constrain`: rules of that name do not count
  Span rule_span;
  Value with;  // Map, or Null when nothing is given
  // At most one of the three says how strongly it holds (`required: false` says nothing).
  std::optional<double> priority;
  std::optional<Amount> weight;
  std::optional<bool> required;
  Value when;  // Text, or Null: always
  // Milliseconds since the epoch, UTC. It acts from `from_ms` on and no longer at `until_ms`.
  std::optional<std::int64_t> from_ms;
  std::optional<std::int64_t> until_ms;
  std::optional<std::int64_t> expires_ms;
  bool enabled = true;
  std::string owner;
  std::string reason;
  PolicyBreaker breaker;  // of rules that are code
  Span span;
};

// A pool that the policy names: a file of pools/.
struct PolicyPool {
  std::string name;
  Span span;
};

struct PolicyNode {
  enum class Kind : std::uint8_t { Score, Generate, Evaluate, Select, Constrain };
  std::string id;
  Kind kind = Kind::Generate;
  std::string plugin;  // what stands behind the kind
  Span plugin_span;
  std::vector<std::uint32_t> from;  // indexes into PolicyDocument::nodes
  Value with;                       // Map, or Null when nothing is given
  bool has_own_process = false;     // isolation: process
  Span isolation_span;
  // What a request does without the node, when it fails or its breaker is open.
  enum class OnFailure : std::uint8_t { Default, Skip, Fallback };
  OnFailure on_failure = OnFailure::Default;
  std::optional<double> budget_ms;  // what a call may take
  Value when;                       // Text, or Null: every request
  PolicyBreaker breaker;
  Span span;
  // Of a node that came out of a named graph: the use of it in `graph`, and the graph.
  std::string used_as;  // the outermost use's id; empty: it stands in `graph` itself
  std::string origin;   // where it was written and used, for findings
};

struct PolicyLimits {
  double deadline_ms = 20.0;
  std::uint64_t work = 200'000;
  std::uint64_t improve = 10'000;
  double gap = 0.005;
  std::uint32_t slates = 256;
  std::uint32_t rows_max = 10'000;
};

struct PolicyDocument {
  // What happens where rules cannot fill the page: give up rules, or slots.
  enum class Fill : std::uint8_t { Full, Short };
  // What happens to a slate that breaks rules: the engine's own solution, or the fallback.
  enum class OnViolation : std::uint8_t { Solve, Discard };

  std::string path;
  std::string scene;
  Span scene_span;
  TimeZone zone;  // of dates that name none
  std::uint32_t page = 0;
  std::uint32_t page_columns = 1;
  Span page_span;
  Schema columns;
  std::vector<PolicyObjective> objectives;
  std::vector<PolicySegment> segments;
  std::vector<PolicyPool> pools;
  std::vector<PolicySteer> steer;
  std::vector<PolicyLoadLevel> load;  // rising
  std::vector<PolicyExperiment> experiments;
  std::string holdout_salt;
  double holdout_percent = 0.0;
  std::vector<PolicyController> controllers;
  std::vector<PolicyEvidence> evidence;
  std::vector<PolicyRule> rules;
  std::vector<PolicyParameter> parameters;  // by live index
  std::vector<PolicyNode> nodes;            // as written
  std::vector<std::uint32_t> node_order;    // indexes: every node after those it reads from
  std::vector<PolicySwitch> switches;
  std::string fallback = "score_order";
  Span fallback_span;  // line 0: not written
  Fill fill = Fill::Full;
  OnViolation on_violation = OnViolation::Solve;
  PolicyLimits limits;
};

// Reads one policy. `path` is what findings show. Everything that is wrong is reported, in the
// order of the file, with codes policy/... Any bytes may be given.
//
// False when there was an error: `out` then holds what could be read, so that a caller can go on
// looking and show all findings at once, but must not be served. [control]
[[nodiscard]] bool parse_policy(const std::string& path, std::string_view text, PolicyDocument& out,
                                Diagnostics& diagnostics);

// The JSON Schema (draft 2020-12) of a policy file, for editors. Made from the same table of keys
// that parse_policy() checks with. [any]
[[nodiscard]] std::string policy_json_schema();

}  // namespace lineup
