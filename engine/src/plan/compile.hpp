// SPDX-License-Identifier: Apache-2.0
//
// From a policy document to a plan: names are resolved, rules become constraints, plugins become
// instances, scripts are warmed. Everything that can be wrong is found here, all at once.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "plan/plan.hpp"
#include "policy/document.hpp"

namespace lineup {

// Where node types come from. Finding one may load a plugin.
class NodeSource {
 public:
  virtual ~NodeSource() = default;
  // Codes: plan/unknown (there is none of that name), or why the plugin could not be loaded.
  virtual Result<std::shared_ptr<const NodeType>> find(lineup_kind kind, std::string_view name) = 0;
  // The same out of the plugin's metadata, without loading its code: for a process of its own.
  virtual Result<std::shared_ptr<const NodeType>> describe(lineup_kind kind,
                                                           std::string_view name) {
    (void)kind;
    return failure("plan/unknown", "`" + std::string(name) + "` has no file of its own");
  }
  [[nodiscard]] virtual std::vector<std::string> names(lineup_kind kind) const = 0;
};

// Makes an instance whose plugin runs in a process of its own.
using Isolate = std::function<Result<std::shared_ptr<NodeInstance>>(
    std::shared_ptr<const NodeType>, const std::string& config_json, NodeLayout& layout)>;

// Where rule files come from. Null: there is none of that name; a file that does not load has put
// its faults into the diagnostics.
class RuleSource {
 public:
  virtual ~RuleSource() = default;
  struct Found {
    bool exists = false;
    std::shared_ptr<const RuleFile> rule;
  };
  virtual Found find(std::string_view name, Diagnostics& diagnostics) = 0;
  [[nodiscard]] virtual std::vector<std::string> names() const = 0;
};

// Instances that serve now and may serve on: taken over when the plugin's content, configuration,
// resolved columns and limits are all equal. Used by one thread, the one that builds revisions.
class InstanceCache {
 public:
  // Where each instance of a revision stands.
  using Places = std::map<std::string, std::weak_ptr<NodeInstance>>;

  [[nodiscard]] Result<std::shared_ptr<NodeInstance>> get(std::shared_ptr<const NodeType> type,
                                                          const std::string& config_json,
                                                          NodeLayout& layout,
                                                          const Isolate* isolate = nullptr);
  // Begins a revision whose new instances go on with the state of those of another one, by place.
  void begin(Places heir_of) {
    heir_of_ = std::move(heir_of);
    placed_.clear();
  }
  // What has been given out for the revision since.
  [[nodiscard]] Places placed() const { return placed_; }
  [[nodiscard]] std::uint64_t taken_over() const { return taken_over_; }

 private:
  struct Entry {
    std::weak_ptr<NodeInstance> instance;
    std::vector<std::pair<std::string, std::int32_t>> columns;   // name and type; index -1: absent
    std::vector<std::pair<std::string, std::uint32_t>> context;  // path -> slot
    std::string fixed;                                           // limits and objectives
  };
  // Whose state a new instance of the type goes on with, or null.
  [[nodiscard]] std::shared_ptr<NodeInstance> predecessor(const NodeType& type,
                                                          const std::string& place) const;
  [[nodiscard]] Result<std::shared_ptr<NodeInstance>> make_here(
      const std::shared_ptr<const NodeType>& type, const std::string& config_json,
      NodeLayout& layout) const;

  std::multimap<std::string, Entry> entries_;
  std::uint64_t taken_over_ = 0;
  Places heir_of_;
  Places placed_;
};

// Looks at a plan while the policy is checked and adds findings, warnings only. A plan with errors
// is shown as far as it goes: `is_complete` says that nothing is missing from it.
using PlanInspector =
    std::function<void(const Plan& plan, bool is_complete, Diagnostics& diagnostics)>;

struct PlanEnvironment {
  RuleSource& rules;
  NodeSource& nodes;
  const Lists& lists;
  InstanceCache& instances;
  std::function<std::shared_ptr<const LiveValue>(std::string_view scene, std::string_view name)>
      cell;
  // Controllers by scene and name: the same one for ever.
  std::function<std::shared_ptr<Controller>(std::string_view scene, std::string_view name)>
      controller;
  std::uint32_t sessions = 1;
  ScriptLimits script_limits;
  const Pools& pools;
  std::int64_t now_ms = 0;  // what dates are held against
  PlanInspector inspect = {};
  bool without_graph = false;  // no plugin: pages are the engine's own, by score
  Isolate isolate = {};        // empty: this engine runs every plugin in its own process
  std::uint32_t helpers = 0;   // threads that call nodes beside those of the sessions
};

// Null when there was an error; warnings alone give a plan. [control]
[[nodiscard]] std::unique_ptr<Plan> compile_plan(const PolicyDocument& document,
                                                 PlanEnvironment& environment,
                                                 Diagnostics& diagnostics);

// compile_rules.cpp
void compile_rules(const PolicyDocument& document, PlanEnvironment& environment, Plan& plan,
                   NodeLayout& layout, Diagnostics& diagnostics);
// resilience.cpp: budgets and breakers of nodes and rules, and what is switched off. After the
// rules are compiled.
void compile_resilience(const PolicyDocument& document, Plan& plan, Diagnostics& diagnostics);
// beside.cpp: which nodes need none of those before them of their kind.
void find_independent(Plan& plan);
// contradictions.cpp: rules that contradict each other, or the page, whatever the batch: errors
// (policy/contradiction, policy/above-page), or those of which the policy says who gives way, as
// warnings (lint/contradiction).
void find_contradictions(const Plan& plan, Severity wanted, Diagnostics& diagnostics);
// compile_graph.cpp
void compile_graph(const PolicyDocument& document, PlanEnvironment& environment, Plan& plan,
                   NodeLayout& layout, Diagnostics& diagnostics);
// Refuses generators in a process of their own beside rules that only the service can ask.
void check_isolation(const PolicyDocument& document, const Plan& plan, Diagnostics& diagnostics);
// live_numbers.cpp: which dial steers each live number that `instance` bound, for
// NodeRequest::live_dials; empty: none. Refuses what is declared live and not bound, and bounds
// that the plugin would not take. `instance` is null when it could not be made: then only names
// that the plugin does not know are refused. Codes: policy/live, policy/range.
[[nodiscard]] std::vector<std::int32_t> bind_live_numbers(
    const Value& with, const std::string& name, const NodeType& type, const NodeInstance* instance,
    const Plan& plan, Diagnostics& diagnostics);
// Which requests each node acts on, and what later nodes are kept back of the time. After segments
// and budgets. Code: policy/graph-branch.
void compile_branches(const PolicyDocument& document, Plan& plan, Diagnostics& diagnostics);
// A configuration as JSON text, for plugins.
[[nodiscard]] std::string to_json(const Value& value);

}  // namespace lineup
