// SPDX-License-Identifier: Apache-2.0
//
// What the facade offers to the `lineup` program and the sidecar beyond lineup/engine.h: checking a
// bundle without serving it, describing rules and plugins, running rule cases.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/result.hpp"
#include "desk/command.hpp"
#include "lineup/engine.h"

namespace lineup {

// Where things are looked for: the bundle first, then the directories in order, then the
// first-party ones.
struct Places {
  std::string bundle;  // may be empty: nothing but overlay and first-party things
  std::vector<std::string> rule_directories;
  std::vector<std::string> plugin_directories;
  std::vector<std::pair<std::string, std::string>> overlay = {};  // path in the bundle -> contents
  std::optional<std::int64_t> at_ms = {};  // the time to judge dates by; none: the clock's
};

// The first-party directories and the probe: of the build tree when the program runs from there,
// else of the installation. LINEUP_HOME in the environment (an installation prefix) wins.
struct FirstParty {
  std::string rules;
  std::string plugins;
  std::string probe;
  std::string templates;  // of plugins
};
[[nodiscard]] const FirstParty& first_party();

struct CheckReport {
  Diagnostics diagnostics;
  std::map<std::string, std::string> sources;  // path as in the diagnostics -> text, for carets
  std::vector<std::string> scenes;
  std::string revision;
  // Where rules and segments are written: by scene and name.
  std::map<std::pair<std::string, std::string>, Span> rules, segments;
};

// Everything that opening the bundle would check, without serving it, and what is allowed but
// probably not meant (codes lint/...). [control]
[[nodiscard]] CheckReport check_bundle(const Places& places);

// Ranks as lineup_rerank() does, with the trace, which also says why `row` (0-based; -1: none) is
// where it is. The result is given back by lineup_release(). [any]
[[nodiscard]] lineup_status explain_request(lineup_engine* engine, const lineup_input* input,
                                            std::int32_t row, const lineup_result** out);
// The same, with a trace of nothing but what each rule did: for many requests. [any]
[[nodiscard]] lineup_status trace_deeds(lineup_engine* engine, const lineup_input* input,
                                        const lineup_result** out);

struct ParameterDescription {
  std::string name;
  std::string type;
  std::string about;
  std::string default_text;  // as it would be written; empty: none
  std::string bounds;        // "2..50", "at least 1"; empty: none
  bool required = false;     // it must be given
};

struct RuleDescription {
  std::string name;
  std::string about;
  std::string path;
  bool is_code = false;
  bool required_by_default = false;
  std::vector<ParameterDescription> parameters;
  std::vector<Diagnostic> faults;  // a file that does not load is listed with its faults
};

// Every rule that a policy of the bundle could use. [control]
[[nodiscard]] std::vector<RuleDescription> describe_rules(const Places& places);

struct CaseResult {
  std::string file;
  std::string of;  // the rule or plugin
  bool is_of_plugin = false;
  std::string name;
  bool passed = false;
  std::string message;  // why not: what was expected, what came
  std::uint32_t line = 0;
};

// How much of a rule its cases reach.
struct RuleCoverage {
  struct Item {
    std::string sort;  // "parameter", "kind", "branch", "line"
    std::string what;  // in words
    bool is_reached = false;
  };
  std::string rule;
  std::string path;
  std::vector<Item> items;
};

// Which cases; no name: all.
struct CaseChoice {
  std::string rule;
  std::string plugin;
  bool is_bundle_only = false;  // not those of other directories
};

// Runs the cases (NAME.cases.yaml beside a rule or a plugin) of the bundle and of the directories
// of rules and plugins; `progress` is told of each as it ends. A cases file that cannot be read is
// one failed result. `coverage`, when given, gets how much of each rule its cases reach. [control]
[[nodiscard]] std::vector<CaseResult> run_cases(
    const Places& places, const CaseChoice& choice,
    const std::function<void(const CaseResult&)>& progress,
    std::vector<RuleCoverage>* coverage = nullptr);

struct ObjectiveDescription {
  std::string name;
  std::string column;  // empty: an evaluator knows
};

struct CategoryDescription {
  std::string column;
  char split = 0;  // where one text is cut into several values; 0: nowhere
};

// A weight or a live parameter, and what the policy sets it to.
struct SettingDescription {
  std::string name;
  double value = 0.0;
};

// A node of a scene's graph, as the policy chains it.
struct NodeDescription {
  std::string id;
  std::string kind;                 // "score", "generate", "evaluate", "select"
  std::string plugin;               // "best" for the engine's own selector
  std::vector<std::uint32_t> from;  // places in the list of nodes: all before this one
  std::string when = {};            // the condition of its branch; empty: every request
  std::string shed_at = {};         // the level of load that leaves it out; empty: none
  std::string used_as = {};         // the use of a named graph that it belongs to; empty: none
};

// What a scene of the revision that serves is made of, by its policy.
struct SceneDescription {
  std::string scene;
  std::string revision;
  std::uint32_t page = 0;
  std::vector<std::string> columns;  // all that are declared
  std::vector<std::string> needed;   // of these, what something reads and has no default
  std::vector<std::string> context;  // paths that conditions read
  std::vector<SettingDescription> settings;
  std::vector<CategoryDescription> categories;  // columns of type category and categories
  std::vector<ObjectiveDescription> objectives;
  std::vector<std::string> segments;
  std::vector<std::string> rules;      // names of uses
  std::vector<NodeDescription> nodes;  // in the order they run
};

// [any]
[[nodiscard]] std::vector<SceneDescription> describe_scenes(lineup_engine& engine);

// Whether the request is in that segment of its scene, as serving would find; no when the scene has
// no such segment or the request cannot be served. [request]
[[nodiscard]] bool is_in_segment(lineup_engine& engine, const lineup_input& input,
                                 std::string_view segment);

struct PluginCheck {
  std::string name;     // "one-export"
  std::string verdict;  // "passed", "failed", "crashed", "skipped", "warning"
  std::string message;
  std::string about;  // what the case asks, a sentence
};

struct PluginCheckRequest {
  std::string path;
  std::vector<std::string> cases;     // names; empty: all
  std::uint32_t timeout_ms = 10'000;  // of one case
  std::string config;                 // JSON for every type; empty: what its schema's defaults make
  std::uint64_t seed = 1;
  std::optional<std::uint64_t> reproduce;  // one round of the fuzzer
};

// The conformance cases there are, by name and sentence. [any]
[[nodiscard]] std::vector<PluginCheck> list_plugin_checks();
// Runs them, each in a process of its own. [control]
[[nodiscard]] Result<std::vector<PluginCheck>> check_plugin(const PluginCheckRequest& request);
// Runs one in this process, for a debugger: when the plugin crashes, so does the caller. [control]
[[nodiscard]] Result<PluginCheck> check_plugin_here(const PluginCheckRequest& request);

struct RolloutReply {
  bool is_running = false;  // an engine answered
  DeskAnswer answer;        // its body: "rollout" of the engine's status
};

// Tell the engine that runs on a state directory, in whatever process, what to do about its rollout
// (status, promote, abort, rollback) or its live values (list, set, history, revert). Without one
// the status of the rollout is what the last one left. Codes: desk/no-state, desk/no-engine, and
// those of ask_desk(). [control]
[[nodiscard]] Result<RolloutReply> tell_rollout(const std::string& state_directory,
                                                DeskCommand command, std::uint32_t timeout_ms);
[[nodiscard]] Result<DeskAnswer> tell_weights(const std::string& state_directory,
                                              DeskCommand command, std::uint32_t timeout_ms);

}  // namespace lineup
