// SPDX-License-Identifier: Apache-2.0
//
// A reload is a transaction: snapshot, build apart, publish at once; whatever fails on the way
// leaves what serves as it was. One thread does it, one attempt at a time; requests that come
// meanwhile share the next attempt.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/diagnostic.hpp"
#include "base/result.hpp"
#include "reload/bundle.hpp"
#include "reload/published.hpp"

namespace lineup {

// How far a revision came. In order; the last two end an attempt, like Shadow and Active.
enum class ReloadState : std::uint8_t {
  Seen,       // something changed, or somebody asked
  Staged,     // the files are in memory, both readings agree
  Verified,   // plugins were proven in a process of their own, files parse
  Compiled,   // plans, scripts and instances are made
  Tested,     // the bundle's own tests passed
  Shadow,     // it is on trial beside what serves
  Active,     // it serves
  Unchanged,  // the files are those of what serves: nothing to do
  Rejected,   // it will not serve; `reached` says how far it came
};
[[nodiscard]] std::string_view name_of(ReloadState state);

// One try to make the files serve.
struct Attempt {
  std::uint64_t number = 0;  // 1, 2, ... ; 0: there was none
  std::string revision;      // empty when the files could not be read
  ReloadState state = ReloadState::Seen;
  ReloadState reached = ReloadState::Seen;
  std::int64_t started_ms = 0;  // wall clock
  std::int64_t finished_ms = 0;
  std::int64_t elapsed_ns = 0;
  Error error;              // Rejected: why, in one sentence
  Diagnostics diagnostics;  // findings in files: errors, and warnings also when it is active
  std::string hint;         // what to do about it, when that is known
  std::shared_ptr<const Bundle> bundle;  // the files it was made of; null when not read

  // Whether the files, as they were asked for, serve now or are on trial to.
  [[nodiscard]] bool ok() const {
    return state == ReloadState::Active || state == ReloadState::Unchanged ||
           state == ReloadState::Shadow;
  }
};

// What a builder says while it works.
class BuildReport {
 public:
  explicit BuildReport(Attempt& attempt) : attempt_(attempt) {}
  // REQUIRES: Verified, Compiled or Tested, each no earlier than the one before.
  void reached(ReloadState state) { attempt_.reached = state; }
  [[nodiscard]] Diagnostics& diagnostics() { return attempt_.diagnostics; }
  void hint(std::string text) { attempt_.hint = std::move(text); }
  // The revision is good so far, but is not to serve yet: whoever tries it calls serve() or
  // reject() when he knows.
  void hold() { held_ = true; }
  [[nodiscard]] bool is_held() const { return held_; }

 private:
  Attempt& attempt_;
  bool held_ = false;
};

// Makes a revision of a bundle, apart from what serves. The bundle outlives the call as long as its
// shared pointer is kept. Diagnostics with errors reject the revision even when it returns one.
using RevisionBuilder = std::function<Result<std::shared_ptr<const void>>(
    const std::shared_ptr<const Bundle>& bundle, BuildReport& report)>;

// A revision that is made already, or of files that were good before: one that passed its trial,
// or served.
struct MadeRevision {
  std::shared_ptr<const Bundle> bundle;
  std::shared_ptr<const void> revision;
  // Or makes it, on the reload thread; an error: it does not serve after all.
  std::function<Result<std::shared_ptr<const void>>()> make;
  Diagnostics diagnostics;
  // Contents that were taken back for it: the files may still be these, and a hint does not try
  // them again. Empty: none.
  std::string instead_of;
  Error why;  // they were taken back
};

struct ReloaderOptions {
  BundleSources sources;
  FileSource* files = nullptr;   // null: the disk
  const Clock* clock = nullptr;  // null: the system's
  // Files that could not be read, or kept changing while being read, are tried again after so long,
  // and ever less often.
  std::uint32_t retry_ms = 500;
  // After every attempt, on the reload thread: for the log, and for `lineup watch`.
  std::function<void(const Attempt&)> finished;
};

struct ReloadStatus {
  std::string revision;       // what serves; empty: nothing yet
  std::int64_t since_ms = 0;  // when it became active
  Attempt last;               // the last attempt, whatever came of it
  Attempt last_rejected;      // number 0: none so far
  std::uint64_t attempts = 0;
  std::uint64_t activations = 0;
  std::uint64_t rejections = 0;
  // How long the files have been other than what serves, as far as was noticed; 0: they are not.
  std::int64_t stale_ms = 0;
};

class Reloader {
 public:
  // REQUIRES: `published` outlives this.
  Reloader(ReloaderOptions options, PublishedBase& published, RevisionBuilder build);
  // Waits for the attempt that runs; whoever still waits for one gets `reload/stopped`.
  ~Reloader();
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  // Builds and publishes what the files are now, and waits for it. Content that was rejected before
  // is tried again. REQUIRES: not called by the builder. [any]
  Attempt reload();
  // The same with another overlay; it stays for later reloads only if it could be made to serve.
  // [any]
  Attempt reload(std::vector<OverlayFile> overlay);
  // Serves what is made, and waits for that. REQUIRES: as for reload(). [any]
  Attempt serve(MadeRevision made);
  // Notes that contents which were on trial will not serve, and why. [any]
  Attempt reject(std::shared_ptr<const Bundle> bundle, Error why, std::string hint);
  // Something may have changed: returns at once. Content that was rejected is not tried again.
  // [any]
  void poke();

  [[nodiscard]] ReloadStatus status() const;
  // The files of what serves; null before the first. [any]
  [[nodiscard]] std::shared_ptr<const Bundle> active_bundle() const;

 private:
  class Worker;
  std::unique_ptr<Worker> worker_;
};

}  // namespace lineup
