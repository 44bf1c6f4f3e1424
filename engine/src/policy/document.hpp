// SPDX-License-Identifier: Apache-2.0
//
// A policy file as it was written, checked as far as that is possible without knowing rules and
// plugins. The plan is compiled from this.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/value.hpp"
#include "batch/schema.hpp"

namespace lineup {

// Bounds of a number that may be steered while the policy serves.
struct LiveBounds {
  double min = 0.0;
  double max = 0.0;
  double max_step = 0.0;  // 0: any step
};

struct ObjectiveDocument {
  std::string name;
  std::string column;  // empty: an evaluator computes it
  double value = 1.0;  // `default`
  LiveBounds bounds;
  Span span;
};

struct SegmentDocument {
  std::string name;
  Value condition;  // text
};

// A number in `rules` or `graph` that was declared live; Value::live of the number, or
// RuleUseDocument::weight_live, is its index in PolicyDocument::live.
struct LiveDocument {
  std::string name;  // "boost.add", "soft_author_spread.weight", "page.theta"
  double value = 0.0;
  LiveBounds bounds;
  Span span;
};

struct RuleUseDocument {
  std::string use;   // the rule file's or constraint plugin's name
  std::string name;  // unique: `as`, else `use`, else use#2
  Value with;        // a map, or Null
  std::optional<double> priority;
  std::optional<double> weight;
  std::int32_t weight_live = -1;
  std::optional<bool> required;
  Value when;        // text, or Null
  std::optional<std::int64_t> from_ms;
  std::optional<std::int64_t> until_ms;
  std::optional<std::int64_t> expires_ms;
  bool enabled = true;
  std::string owner;
  std::string reason;
  Span span;         // of the whole entry
  Span use_span;     // of the rule's name
};

enum class GraphKind : std::uint8_t { Score, Generate, Evaluate, Select };

struct GraphNodeDocument {
  std::string id;
  GraphKind kind = GraphKind::Generate;
  std::string type;                // the plugin's node type: "mmr"
  std::vector<std::string> from;   // ids; known, without cycles
  Value with;                      // a map, or Null
  Span span;
  Span type_span;
};

struct LimitsDocument {
  double deadline_ms = 20.0;
  std::uint64_t work = 200'000;
  double gap = 0.0;
  std::uint32_t slates = 256;
  std::uint32_t rows_max = 10'000;
};

struct PolicyDocument {
  std::string path;
  std::string scene;
  Span scene_span;
  std::uint32_t page = 0;
  std::uint32_t page_columns = 1;
  Schema schema;
  std::vector<ObjectiveDocument> objectives;
  std::vector<SegmentDocument> segments;
  std::vector<RuleUseDocument> rules;
  std::vector<LiveDocument> live;
  std::vector<GraphNodeDocument> graph;  // as written; empty: the default graph (score_order)
  std::string fallback = "score_order";
  bool fill_short = false;
  bool discard_on_violation = false;
  LimitsDocument limits;
};

// Reads a policy. Every finding goes to `diagnostics` (codes policy/...), sorted; nothing when there
// was an error. Never throws, whatever the text is. [control]
[[nodiscard]] std::optional<PolicyDocument> parse_policy(std::string path, std::string_view yaml,
                                                         Diagnostics& diagnostics);

// The JSON Schema of the file, made from the same table of keys that the parser checks with.
[[nodiscard]] std::string policy_json_schema();

}  // namespace lineup
