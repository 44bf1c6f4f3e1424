// SPDX-License-Identifier: Apache-2.0
//
// The way of a revision in a running engine that has a state directory: what was quarantined is
// refused, a bundle that asks for it is proven, tried and watched, good revisions are kept on disk,
// and people say promote, abort or rollback. One thread does what takes time; the reload thread
// asks and tells.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/result.hpp"
#include "desk/desk.hpp"
#include "facade/revision.hpp"
#include "facade/state/state_files.hpp"
#include "reload/reloader.hpp"
#include "rollout/ledger.hpp"
#include "rollout/store.hpp"
#include "rollout/trial.hpp"

struct lineup_engine;

namespace lineup {

class RolloutControl {
 public:
  // Codes: rollout/disk, rollout/locked. [control]
  [[nodiscard]] static Result<std::unique_ptr<RolloutControl>> open(lineup_engine& engine);
  ~RolloutControl();
  RolloutControl(const RolloutControl&) = delete;
  RolloutControl& operator=(const RolloutControl&) = delete;

  // -- starting, before any request

  // Serves the newest good revision that did not crash twice, unless the bundle's directory holds
  // just that. Whether one serves.
  bool serve_last_good();
  // Begins to watch, to try, and to take commands.
  void begin();
  // Ends all that; what served is noted to have been closed in order. Before the reloader ends.
  void end();

  // -- [reload thread]

  // Refuses contents that are quarantined or that crashed the engine twice.
  [[nodiscard]] Result<void> see(const Bundle& bundle);
  void reached(const Bundle& bundle, Stage stage);
  void note_provenance(const Bundle& bundle, Provenance provenance);
  // In a process of its own. Findings go to the report.
  [[nodiscard]] Result<void> prove(const Bundle& bundle, const RolloutPlan& plan,
                                   BuildReport& report);
  // Whether the revision is to be tried before it serves.
  [[nodiscard]] bool try_first(const std::shared_ptr<const Bundle>& bundle,
                               const std::shared_ptr<const Revision>& revision,
                               const Diagnostics& diagnostics);
  void finished(const Attempt& attempt);

  // JSON. [any]
  [[nodiscard]] std::string status() const;

 private:
  struct OnTrial {
    std::shared_ptr<const Bundle> bundle;
    std::shared_ptr<const Revision> revision;
    Diagnostics diagnostics;
    RolloutPlan plan;
    Trial trial;
    Tally candidate;
    Tally before;
    Tally before_base;           // of what serves, when the canary began
    std::uint64_t sequence = 0;  // the last record that was looked at
    std::int64_t cpu_ns = 0;
    std::int64_t began_ns = 0;
  };
  struct Watched {
    BakeWatch watch;
    std::shared_ptr<const Revision> revision;
    Tally before;
  };
  // What serves or served, so that going back needs no disk.
  struct Served {
    std::shared_ptr<const Bundle> bundle;
    std::weak_ptr<const Revision> revision;
  };

  RolloutControl(lineup_engine& engine, StateLock lock);

  // rollout_control.cpp
  void run();
  void note_active(const Attempt& attempt);
  void keep_active();
  void persist();
  [[nodiscard]] Result<std::shared_ptr<const Bundle>> load_kept(const std::string& hash);
  [[nodiscard]] MadeRevision made_of(const std::string& hash);
  [[nodiscard]] std::string path(const char* name) const;

  // rollout_trial.cpp
  void tick_trial();
  void tick_watch();
  void shadow_some(OnTrial& on_trial);
  Result<std::string> promote(const std::string& who);
  Result<std::string> abort_trial(RolloutFault fault);
  Result<std::string> roll_back(RolloutFault fault);
  void stop_canary();
  void cancel_trial();
  void begin_canary(OnTrial& on_trial);

  // rollout_desk.cpp
  void take_commands();
  [[nodiscard]] DeskAnswer obey(const DeskCommand& command);

  lineup_engine& engine_;
  StateLock lock_;
  CommandDesk desk_;
  DiskStoreFiles files_;

  mutable std::mutex disk_mutex_;  // the store; taken after mutex_ or alone
  RevisionStore store_;

  mutable std::mutex mutex_;
  Ledger ledger_;
  std::shared_ptr<OnTrial> on_trial_;
  std::optional<Watched> watched_;
  std::deque<Served> served_;  // newest first
  bool is_going_back_ = false;
  bool is_to_be_kept_ = false;
  std::int64_t keep_at_ns_ = 0;  // not before
  std::string started_;          // whose start marker stands
  std::string to_start_;         // whose should: it began to serve
  std::int64_t stable_at_ms_ = 0;
  std::string last_verdict_;

  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace lineup
