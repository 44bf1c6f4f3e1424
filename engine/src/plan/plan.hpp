// SPDX-License-Identifier: Apache-2.0
//
// A plan: one policy compiled. Names are indexes, conditions are programs, plugins are activated,
// scripts are warm. Immutable, except for what one session alone uses (its script worker, its
// instances of plugins that are made per thread) and the live values, which are atomics.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "batch/schema.hpp"
#include "condition/condition.hpp"
#include "constraint/compile.hpp"
#include "lineup/ext/chosen.h"
#include "node/instance.hpp"
#include "node/node_type.hpp"
#include "plan/breaker.hpp"
#include "plan/controllers.hpp"
#include "plan/pools.hpp"
#include "plan/select.hpp"
#include "plan/steering.hpp"
#include "script/rule.hpp"

namespace lineup {

// A number that can be steered: an objective's weight, or a live parameter of a rule or node.
struct Dial {
  std::string name;    // "relevance", "boost.add"
  double value = 0.0;  // of the policy
  double min = 0.0;
  double max = 0.0;
  double max_step = 0.0;
};

// The live value of a dial, set while requests run. NaN: none is set.
struct LiveValue {
  std::atomic<double> value{std::numeric_limits<double>::quiet_NaN()};
  std::atomic<std::int64_t> expires_ms{0};
};

enum class NodeKind : std::uint8_t { Scorer, Generator, Evaluator, Selector };

// What was found out of a node as it ran.
struct NodeHabits {
  std::atomic<bool> looks_at_others{false};  // at slates: it then runs after those who make them
  std::atomic<std::int64_t> usual_ns{-1};    // what a call takes; -1: there was none
};

struct PlanNode {
  std::string id;
  std::string used_as;  // the use of a named graph that it belongs to; empty: none
  NodeKind kind = NodeKind::Generator;
  std::vector<std::uint32_t> inputs;       // indexes of nodes that ran before
  std::shared_ptr<NodeInstance> instance;  // null for the engine's own selector
  std::vector<std::int32_t> live_dials;    // parameters behind its live numbers; see NodeRequest
  std::uint64_t seed = 0;                  // mixed into the request's, so that nodes differ
  std::int64_t budget_ns = 0;              // of one call; 0: what the request has left
  std::int64_t late_ns = INT64_MAX;        // a call that took longer is a failure
  bool skip_on_failure = false;            // else the fallback answers
  bool is_off = false;                     // by a switch: it is not called
  Condition when;                          // of the branch it is on; empty: every request
  std::uint32_t shed_at = 0;               // levels of `load` that leave it out; 0: none does
  std::int64_t later_ns = 0;               // budgets of the nodes after it: kept back for them
  std::shared_ptr<Breaker> breaker;        // null for selectors
  const lineup_chosen* chosen = nullptr;   // generators that want to know what was picked
  bool is_independent = false;             // the policy lets it run beside its neighbours
  std::shared_ptr<NodeHabits> habits;      // where threads may help
  std::string held_back;                   // what is said while the breaker is open
  std::string late;                        // what is said of a call over its budget
};

// Where an opaque constraint comes from.
struct OpaqueSource {
  std::uint16_t use = 0;
  bool required = false;
  bool is_score = false;
  std::int32_t script = -1;                // index into a worker's code uses, or
  std::shared_ptr<NodeInstance> instance;  // of a constraint plugin
  std::vector<std::int32_t> live_dials;    // parameters behind its live numbers
};

struct PlanLimits {
  std::int64_t deadline_ns = 20'000'000;
  std::uint64_t work = 200'000;
  std::uint64_t improve = 10'000;
  double gap = 0.005;
  std::uint32_t slates = 256;
  std::uint32_t rows_max = 10'000;
};

enum class Fill : std::uint8_t { Full, Short };
// Who answers when the graph cannot: the engine's own page by score, or the order of the request.
enum class Fallback : std::uint8_t { ScoreOrder, InputOrder };
enum class OnViolation : std::uint8_t { Solve, Discard };

struct Plan {
  std::string scene;
  std::string path;  // of the policy, in the bundle
  TimeZone zone;     // of dates that name none
  std::uint32_t page = 10;
  std::uint32_t page_columns = 1;  // slots side by side
  Schema schema;
  std::vector<std::uint8_t> wanted;  // [schema size] columns that something reads
  std::int32_t score_column = -1;
  ContextLayout context;
  Lists lists;
  std::unique_ptr<const PoolTable> pools;  // null: no rows are inserted
  std::vector<std::string> segment_names;
  std::vector<Condition> segments;  // in the order that lets each read those before it
  std::vector<Span> segment_spans;  // of their names, for findings
  std::vector<RuleUse> uses;
  std::vector<std::string> expiry_texts;  // [uses] what is said once a use has expired
  // [uses] null where nothing of the use is code; and what is said while the breaker is open.
  std::vector<std::shared_ptr<Breaker>> rule_breakers;
  std::vector<std::string> held_back_texts;
  std::vector<std::string> switch_texts;  // said in every response: what is switched off
  std::uint32_t level_count = 0;
  std::vector<CodeUse> code_uses;
  std::vector<OpaqueSource> opaques;
  std::vector<Objective> objectives;
  SelectorSpec selector;                    // as the node that selects has it
  std::vector<Dial> weights;                // [objectives]
  std::vector<Dial> parameters;             // live parameters of rules, by live index
  Steering steering;                        // what moves both besides people
  std::vector<PlanController> controllers;  // what moves both to hold a target
  std::vector<PlanNode> nodes;              // in the order they run
  Fill fill = Fill::Full;
  Fallback fallback = Fallback::ScoreOrder;
  OnViolation on_violation = OnViolation::Solve;
  PlanLimits limits;
  std::vector<double> discounts;       // [most slots of a page] 1 / log2(slot + 2)
  std::vector<std::uint32_t> boosted;  // columns that some rule boosts
  ScriptLimits script_limits;

  // Per session: Lua states. Null where no rule is code.
  std::vector<std::unique_ptr<ScriptWorker>> workers;
  // Live values, [weights] then [parameters]: cells that every revision of the scene shares.
  std::vector<std::shared_ptr<const LiveValue>> live;

  [[nodiscard]] std::size_t dial_count() const { return weights.size() + parameters.size(); }
};

// LIMIT: no page is longer. A page is what one person looks at; windows and slots stay small.
inline constexpr std::uint32_t kPageMax = 1000;

}  // namespace lineup
