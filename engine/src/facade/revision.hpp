// SPDX-License-Identifier: Apache-2.0
//
// A revision: everything that serves at one moment, made of a bundle and never changed again.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "facade/live_weights.hpp"
#include "facade/state/evidence.hpp"
#include "facade/symbols.hpp"
#include "native/inspect.hpp"
#include "native/library.hpp"
#include "plan/compile.hpp"
#include "reload/bundle.hpp"
#include "rollout/plan.hpp"
#include "rollout/traffic.hpp"

namespace lineup {

struct Scene {
  std::unique_ptr<Plan> plan;
  SymbolMap columns;     // handle -> schema index
  SymbolMap context;     // handle -> layout slot
  SymbolMap objectives;  // handle -> objective
  SymbolMap parameters;  // handle -> live parameter
  // The experiments that conditions read, and the context slots that their variants go to.
  std::vector<std::pair<std::string, std::uint32_t>> experiments;
  std::vector<SceneEvidence> evidence;
};

struct Revision {
  std::string id;
  std::vector<Scene> scenes;
  SymbolMap scene_of;  // handle -> index
  RolloutPlan rollout;
  // What its requests came to: the one thing about it that changes.
  std::shared_ptr<Traffic> traffic;
  InstanceCache::Places places;  // whose state the next revision goes on with
  bool is_pass_through = false;  // its one scene answers for all
  [[nodiscard]] const Scene* find(std::string_view scene) const;
};

struct MakerOptions {
  std::uint32_t sessions = 1;
  std::string staging_directory;
  std::string probe;
  ScriptLimits script_limits;
  std::optional<std::int64_t> at_ms = {};  // what dates are held against; none: the clock
  bool owns_staging = false;  // nobody else uses that directory: old copies are removed from it
  PlanInspector inspect = {};
  // Where controllers come from; see PlanEnvironment. None: they move nothing.
  std::function<std::shared_ptr<Controller>(std::string_view, std::string_view)> controller = {};
  std::uint32_t helpers = 0;  // worker threads
  // Where counts of what feedback told come from. None: columns of evidence stay the host's.
  std::function<std::shared_ptr<const ItemCounts>(const PolicyEvidence&)> counts = {};
};

// Makes revisions, one at a time, on the thread that reloads. Keeps what the next one may take
// over: rule files, plugin metadata, loaded libraries, instances.
class RevisionMaker {
 public:
  RevisionMaker(MakerOptions options, Symbols& symbols, LiveWeights& weights);

  // Findings go to `diagnostics`; null when there was an error. What plugins learnt in `heir_of`
  // goes on in their new versions; null: they begin cold. [control]
  [[nodiscard]] std::shared_ptr<const Revision> make(const Bundle& bundle, Diagnostics& diagnostics,
                                                     const Revision* heir_of = nullptr);

  // Pages by score, without rules and plugins, for every scene. Null: it does not compile.
  // [control]
  [[nodiscard]] std::shared_ptr<const Revision> make_pass_through();

  // Every rule of the bundle that loads, by name; the faults of the others. [control]
  [[nodiscard]] std::map<std::string, std::shared_ptr<const RuleFile>> load_rules(
      const Bundle& bundle, Diagnostics& diagnostics);

 private:
  class Rules;
  [[nodiscard]] Scene scene_of(std::unique_ptr<Plan> plan, const PolicyDocument& document) const;
  class Nodes;
  std::shared_ptr<const RuleFile> rule_of(const BundleFile& file, Diagnostics& diagnostics);
  // A plugin's file, copied and tried in the helper.
  struct Proven {
    StagedFile file;
    Verdict verdict;
  };
  Result<Proven> stage_plugin(const BundleFile& file);
  Result<std::shared_ptr<const Library>> library_of(const BundleFile& file);
  // How plugins get a process of their own; empty when there is no lineup-worker beside the probe.
  [[nodiscard]] Isolate isolation() const;
  // Forgets what is kept of files that `bundle` does not have.
  void forget_others(const Bundle& bundle);

  MakerOptions options_;
  Symbols& symbols_;
  LiveWeights& weights_;
  InstanceCache instances_;
  std::optional<StagingDirectory> staging_;
  std::map<std::string, std::shared_ptr<const RuleFile>> rules_;  // by path and content hash
  std::map<std::string, Result<LibraryFacts>> facts_;             // by content hash
  // A plugin that was staged; without a library when it was refused.
  struct Staged {
    std::filesystem::path copy;
    std::optional<Proven> proven;
    std::shared_ptr<const Library> library;
  };
  std::map<std::string, Staged> libraries_;  // by content hash
};

// What bundle.yaml says; without it, nothing. [control]
void plan_of(const Bundle& bundle, RolloutPlan& plan, Diagnostics& diagnostics);

// How a bundle file is called in messages: inside the bundle, or where a library's file lies.
[[nodiscard]] std::string shown_path(const BundleFile& file);

}  // namespace lineup
