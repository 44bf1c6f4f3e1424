// SPDX-License-Identifier: Apache-2.0
//
// Starting, keeping, and what the reload thread asks. `mutex_` guards what is known and is never
// held while the reload thread is waited for; the disk has a mutex of its own, so that status can
// be asked while a revision is written.
#include "facade/rollout/rollout_control.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/clock.hpp"
#include "facade/engine_state.hpp"
#include "facade/rollout/proof.hpp"

namespace lineup {

namespace {

constexpr std::chrono::milliseconds kTick{50};
// A revision that served for so long is not what ends the process when it ends.
constexpr std::int64_t kStableMs = 10'000;
// Keeping flushes a dozen files, and each wakes somebody on a core that serves: of revisions that
// follow each other faster than this, only the last is kept.
constexpr std::int64_t kKeepEveryNs = 500'000'000;
// Served revisions whose bundles are kept in memory, so that going back reads nothing.
constexpr std::size_t kServedMax = 2;

bool has_drafts(const Bundle& bundle) {
  return std::any_of(bundle.files.begin(), bundle.files.end(),
                     [](const BundleFile& file) { return !file.library && file.origin.empty(); });
}

// Who only asks whether an engine runs holds the lock for a moment.
Result<StateLock> take_lock(const std::string& path) {
  constexpr int kTries = 10;
  for (int tried = 1;; ++tried) {
    auto lock = StateLock::take(path);
    if (lock || lock.error().code != "rollout/locked" || tried == kTries) return lock;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

std::string prover_beside(const std::string& probe) {
  if (probe.empty()) return {};
  return (std::filesystem::path(probe).parent_path() / "lineup-prover").string();
}

}  // namespace

Result<std::unique_ptr<RolloutControl>> RolloutControl::open(lineup_engine& engine) {
  const std::string directory = engine.options.state_directory + "/rollout";
  DiskStoreFiles files;
  if (auto made = files.make_directory(directory); !made) return tl::unexpected(made.error());
  auto lock = take_lock(directory + "/lock");
  if (!lock) return tl::unexpected(lock.error());
  if (auto made = CommandDesk(directory).open(); !made) return tl::unexpected(made.error());
  return std::unique_ptr<RolloutControl>(new RolloutControl(engine, *std::move(lock)));
}

RolloutControl::RolloutControl(lineup_engine& engine, StateLock lock)
    : engine_(engine),
      lock_(std::move(lock)),
      desk_(engine.options.state_directory + "/rollout"),
      store_(files_, engine.options.state_directory + "/revisions"),
      ledger_(system_clock()) {
  const std::string journal = store_.read_journal();
  if (!journal.empty() && !ledger_.read(journal)) {
    engine_.log.write(LogLevel::Warning,
                      fmt::format("`{}/revisions/journal.json` cannot be read: no good revision is "
                                  "known",
                                  engine.options.state_directory));
  }
}

RolloutControl::~RolloutControl() { end(); }

std::string RolloutControl::path(const char* name) const {
  return engine_.options.state_directory + "/rollout/" + name;
}

void RolloutControl::begin() {
  thread_ = std::thread([this] { run(); });
}

void RolloutControl::end() {
  {
    const std::lock_guard lock(mutex_);
    if (stop_) return;
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  keep_active();
  const std::lock_guard lock(mutex_);
  const std::lock_guard disk(disk_mutex_);
  if (!started_.empty()) store_.end_start(started_);
}

void RolloutControl::run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    lock.unlock();
    take_commands();
    tick_trial();
    tick_watch();
    keep_active();
    lock.lock();
    wake_.wait_for(lock, kTick, [this] { return stop_; });
  }
}

// Puts what serves on the disk once it is good, and takes its start marker away once it is stable.
void RolloutControl::keep_active() {
  std::shared_ptr<const Bundle> bundle;
  std::string stable;
  std::string begun;
  {
    const std::lock_guard lock(mutex_);
    if (!to_start_.empty() && to_start_ != started_) {
      stable = std::exchange(started_, to_start_);
      begun = to_start_;
      stable_at_ms_ = wall_ms() + kStableMs;
    }
    to_start_.clear();
    if (is_to_be_kept_ && (stop_ || monotonic_ns() >= keep_at_ns_)) {
      is_to_be_kept_ = false;
      keep_at_ns_ = monotonic_ns() + kKeepEveryNs;
      if (!served_.empty()) bundle = served_.front().bundle;
    }
    // What stands in memory only is a draft, not something to come back to.
    if (bundle != nullptr && has_drafts(*bundle)) bundle = nullptr;
    if (!started_.empty() && wall_ms() >= stable_at_ms_) stable = std::exchange(started_, {});
  }
  {
    const std::lock_guard disk(disk_mutex_);
    if (!stable.empty()) store_.end_start(stable);
    if (!begun.empty()) (void)store_.begin_start(begun);
  }
  if (bundle == nullptr) return;
  Result<void> kept;
  {
    const auto files = staged_contents(*bundle);
    const std::lock_guard disk(disk_mutex_);
    kept = store_.keep({bundle->id, bundle->hash, bundle->directory, files, false, 0});
  }
  if (!kept) {
    engine_.log.write(LogLevel::Error, fmt::format("revision {} cannot be kept: {}", bundle->id,
                                                   kept.error().message));
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    const LedgerEntry* active = ledger_.active();
    if (active == nullptr || active->hash != bundle->hash) return;  // another one serves meanwhile
    ledger_.mark_good();
  }
  persist();
}

void RolloutControl::persist() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> hashes;
  for (const LedgerEntry& entry : ledger_.good()) hashes.push_back(entry.hash);
  for (const LedgerEntry* entry : {ledger_.active(), ledger_.on_its_way()}) {
    if (entry != nullptr) hashes.push_back(entry->hash);
  }
  const std::lock_guard disk(disk_mutex_);
  if (auto written = store_.write_journal(ledger_.write()); !written) {
    engine_.log.write(LogLevel::Error, fmt::format("the journal of revisions cannot be kept: {}",
                                                   written.error().message));
    return;
  }
  store_.keep_only(hashes);
}

Result<std::shared_ptr<const Bundle>> RolloutControl::load_kept(const std::string& hash) {
  Result<KeptRevision> kept = failure("", "");
  {
    const std::lock_guard disk(disk_mutex_);
    kept = store_.find(hash);
  }
  if (!kept) return tl::unexpected(kept.error());
  BundleSources sources;
  sources.directory = kept->bundle;
  if (!kept->rules.empty()) sources.rule_directories = {kept->rules};
  if (!kept->plugins.empty()) sources.plugin_directories = {kept->plugins};
  auto bundle = read_bundle(sources);
  if (!bundle) return tl::unexpected(bundle.error());
  if (bundle->hash != hash) {
    return failure("rollout/damaged",
                   fmt::format("`{}` is not revision `{}` any more: it was damaged", kept->bundle,
                               hash.substr(0, 12)));
  }
  return std::make_shared<const Bundle>(*std::move(bundle));
}

MadeRevision RolloutControl::made_of(const std::string& hash) {
  MadeRevision made;
  const std::lock_guard lock(mutex_);
  for (const Served& served : served_) {
    if (served.bundle->hash != hash) continue;
    made.bundle = served.bundle;
    made.revision = served.revision.lock();
  }
  return made;
}

bool RolloutControl::serve_last_good() {
  std::string in_directory;
  if (const auto bundle = read_bundle(engine_.options.sources)) in_directory = bundle->hash;
  const std::deque<LedgerEntry> good = ledger_.good();
  for (const LedgerEntry& entry : good) {
    if (store_.unclean_starts(entry.hash) >= RevisionStore::kUncleanMax) {
      engine_.log.write(LogLevel::Error,
                        fmt::format("revision {} is passed over: the engine died twice soon after "
                                    "it began to serve it",
                                    entry.id));
      continue;
    }
    // The reload that follows makes just this, from files that people can look at.
    if (entry.hash == in_directory) return false;
    auto bundle = load_kept(entry.hash);
    if (!bundle) {
      engine_.log.write(LogLevel::Error, bundle.error().message);
      continue;
    }
    if (!see(**bundle)) continue;
    MadeRevision made;
    made.bundle = *bundle;
    made.make = [this, kept = *bundle]() -> Result<std::shared_ptr<const void>> {
      Diagnostics found;
      return make_revision(engine_, *kept, true, found);
    };
    const Attempt attempt = engine_.reloader->serve(std::move(made));
    if (attempt.ok()) return true;
    engine_.log.write(LogLevel::Error, fmt::format("the kept revision {} cannot be served: {}",
                                                   entry.id, attempt.error.message));
  }
  return false;
}

Result<void> RolloutControl::see(const Bundle& bundle) {
  const bool is_first = engine_.published.current() == nullptr;
  int unclean = 0;
  {
    const std::lock_guard disk(disk_mutex_);
    unclean = store_.unclean_starts(bundle.hash);
  }
  {
    const std::lock_guard lock(mutex_);
    if (unclean >= RevisionStore::kUncleanMax && ledger_.quarantined(bundle.hash) == nullptr) {
      RolloutFault fault;
      fault.stage = Stage::Active;
      fault.code = "rollout/crashed";
      fault.message = "the engine died twice soon after it began to serve them";
      fault.hint = "these contents are not tried again: change them";
      (void)ledger_.quarantine(bundle.hash, std::move(fault));
    }
    if (auto seen = ledger_.see(bundle.hash, bundle.id); !seen) return seen;
    cancel_trial();
    if (auto staged = ledger_.reach(bundle.hash, Stage::Staged); !staged) return staged;
    if (is_first) started_ = bundle.hash;
    if (is_first) stable_at_ms_ = wall_ms() + kStableMs;
  }
  if (!is_first) return {};
  // While nothing serves, building is part of starting: what kills the engine is found by name.
  const std::lock_guard disk(disk_mutex_);
  return store_.begin_start(bundle.hash);
}

void RolloutControl::reached(const Bundle& bundle, Stage stage) {
  const std::lock_guard lock(mutex_);
  (void)ledger_.reach(bundle.hash, stage);
}

void RolloutControl::note_provenance(const Bundle& bundle, Provenance provenance) {
  const std::lock_guard lock(mutex_);
  ledger_.set_provenance(bundle.hash, std::move(provenance));
}

Result<void> RolloutControl::prove(const Bundle& bundle, const RolloutPlan& plan,
                                   BuildReport& report) {
  if (!plan.proof) return {};
  {
    // What was good once is not tried again: a start is not the time for it.
    const std::lock_guard lock(mutex_);
    for (const LedgerEntry& good : ledger_.good()) {
      if (good.hash == bundle.hash) return {};
    }
  }
  ProofOrder order;
  order.hash = bundle.hash;
  const std::string records = path("records");
  {
    const auto files = staged_contents(bundle);
    const std::lock_guard disk(disk_mutex_);
    if (auto kept = store_.keep({bundle.id, bundle.hash, bundle.directory, files, false, 0}); !kept)
      return kept;
    auto found = store_.find(bundle.hash);
    if (!found) return tl::unexpected(found.error());
    order.files = *std::move(found);
    if (plan.replay) {
      const auto recorded = engine_.recorder.whole_after(0, plan.replay->requests);
      if (auto written = files_.write(records, write_records(recorded)); !written) return written;
      order.records = records;
    }
  }
  ProofOutcome outcome = run_proof(prover_beside(engine_.options.probe), order, plan);
  (void)files_.remove(records);
  if (outcome.is_good) return {};
  report.diagnostics().append(outcome.diagnostics);
  report.reached(outcome.fault.stage == Stage::Tested ? ReloadState::Compiled
                                                      : ReloadState::Verified);
  report.hint(outcome.fault.hint);
  Error error{outcome.fault.code, outcome.fault.message};
  if (outcome.is_quarantined) {
    {
      const std::lock_guard lock(mutex_);
      (void)ledger_.quarantine(bundle.hash, std::move(outcome.fault));
    }
    persist();
  }
  return tl::unexpected(std::move(error));
}

bool RolloutControl::try_first(const std::shared_ptr<const Bundle>& bundle,
                               const std::shared_ptr<const Revision>& revision,
                               const Diagnostics& diagnostics) {
  const auto current = engine_.published.current();
  if (!revision->rollout.has_trial() || current == nullptr || current->is_pass_through)
    return false;
  const auto newest = engine_.recorder.whole_after(0, 1);
  const std::lock_guard lock(mutex_);
  on_trial_ = std::make_shared<OnTrial>(OnTrial{bundle,
                                                revision,
                                                diagnostics,
                                                revision->rollout,
                                                Trial(revision->rollout, wall_ms()),
                                                {},
                                                {},
                                                {},
                                                newest.empty() ? 0 : newest.back().record.sequence,
                                                0,
                                                monotonic_ns()});
  return true;
}

void RolloutControl::finished(const Attempt& attempt) {
  if (attempt.bundle == nullptr) return;
  const std::string& hash = attempt.bundle->hash;
  const std::lock_guard lock(mutex_);
  switch (attempt.state) {
    case ReloadState::Shadow:
      (void)ledger_.reach(hash, Stage::Shadow);
      return;
    case ReloadState::Active:
      return note_active(attempt);
    case ReloadState::Rejected:
      ledger_.turn_down(hash);
      break;
    default:
      // The files are again what serves: what was tried is not wanted any more.
      cancel_trial();
      if (const LedgerEntry* way = ledger_.on_its_way()) ledger_.turn_down(std::string(way->hash));
      break;
  }
  // A start that was refused did not crash.
  if (started_ != hash || attempt.state != ReloadState::Rejected) return;
  const std::lock_guard disk(disk_mutex_);
  store_.end_start(std::exchange(started_, {}));
}

// REQUIRES: mutex_ is held.
void RolloutControl::note_active(const Attempt& attempt) {
  cancel_trial();
  watched_.reset();
  is_to_be_kept_ = false;
  std::optional<Tally> before;
  if (!served_.empty()) {
    if (const auto last = served_.front().revision.lock()) before = last->traffic->sum();
  }
  const auto revision = engine_.published.current();
  if (revision == nullptr || revision->is_pass_through) return;
  served_.push_front({attempt.bundle, revision});
  if (served_.size() > kServedMax) served_.pop_back();
  to_start_ = attempt.bundle->hash;
  if (is_going_back_) return;
  (void)ledger_.reach(attempt.bundle->hash, Stage::Active);
  if (revision->rollout.watch && before) {
    watched_.emplace(Watched{BakeWatch(*revision->rollout.watch, wall_ms()), revision, *before});
  } else {
    is_to_be_kept_ = true;
  }
}

}  // namespace lineup
