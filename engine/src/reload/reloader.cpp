// SPDX-License-Identifier: Apache-2.0
//
// One thread, one queue. Whoever asks for a reload gets the answer of an attempt that began after
// he asked, never of one that may have read the files before. A hint from the watcher is cheaper:
// it is dropped when the content is the one that was rejected last, so that a broken file is
// compiled and complained about once, not at every look.
#include "reload/reloader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace lineup {

namespace {

using std::chrono::milliseconds;

// How often revisions that are still in use are looked at again.
constexpr milliseconds kCollectEvery{20};

// LIMIT: files that cannot be read are tried again at 1, 2, 4, 8, 16 times retry_ms, then at that.
constexpr std::uint32_t kMostBackoff = 16;

bool is_passing(const Error& error) {
  return error.code == "reload/unstable" || error.code == "reload/unreadable";
}

Error first_error(const Diagnostics& diagnostics) {
  for (const Diagnostic& finding : diagnostics.all()) {
    if (finding.severity != Severity::Error) continue;
    const Span& span = finding.span;
    std::string where = span.file;
    if (span.line > 0) where += fmt::format(":{}:{}", span.line, span.column);
    return Error{finding.code, where.empty() ? finding.message : where + ": " + finding.message};
  }
  return Error{"reload/rejected", "the builder made no revision"};
}

}  // namespace

class Reloader::Worker {
 public:
  Worker(ReloaderOptions options, PublishedBase& published, RevisionBuilder build)
      : options_(std::move(options)),
        files_(options_.files == nullptr ? disk() : *options_.files),
        clock_(options_.clock == nullptr ? system_clock() : *options_.clock),
        published_(published),
        build_(std::move(build)),
        overlay_(options_.sources.overlay),
        thread_([this] { run(); }) {}

  ~Worker() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_all();
    thread_.join();
    Attempt stopped;
    stopped.state = ReloadState::Rejected;
    stopped.error = Error{"reload/stopped", "the engine is being closed"};
    for (Request& request : queue_) request.answer.set_value(stopped);
  }

  struct Request {
    std::optional<std::vector<OverlayFile>> overlay;
    std::optional<MadeRevision> made;  // without a revision: rejected
    std::string hint;
    std::promise<Attempt> answer;
  };

  Attempt ask(Request request) {
    std::future<Attempt> answer;
    {
      const std::lock_guard lock(mutex_);
      queue_.push_back(std::move(request));
      answer = queue_.back().answer.get_future();
      // Under the lock: once it is given back, this object may be on its way out.
      wake_.notify_all();
    }
    return answer.get();
  }

  void poke() {
    const std::lock_guard lock(mutex_);
    poked_ = true;
    wake_.notify_all();
  }

  ReloadStatus status() const {
    const std::lock_guard lock(mutex_);
    ReloadStatus status = status_;
    if (stale_since_ms_)
      status.stale_ms = std::max<std::int64_t>(clock_.wall_ms() - *stale_since_ms_, 1);
    return status;
  }

  std::shared_ptr<const Bundle> active_bundle() const {
    const std::lock_guard lock(mutex_);
    return active_;
  }

 private:
  // One attempt, and who waits for it.
  struct Work {
    std::vector<Request> requests;  // empty: a hint
    std::vector<OverlayFile> overlay;
  };

  void run() {
    for (;;) {
      Work work;
      Attempt current;
      try {
        if (!next(work)) return;
        attempt(work, current);
      } catch (const std::exception& error) {
        // Lack of memory, as a rule: this attempt is given up, the thread and what serves are not.
        give_up(work, current, error.what());
      }
    }
  }

  void attempt(Work& work, Attempt& attempt) {
    if (!work.requests.empty() && work.requests.front().made) {
      return settle(work.requests.front(), attempt);
    }
    const bool asked = !work.requests.empty();
    if (!try_once(work, asked, attempt)) return;
    if (attempt.ok()) overlay_ = std::move(work.overlay);
    if (options_.finished) options_.finished(attempt);
    for (Request& request : work.requests) request.answer.set_value(attempt);
  }

  // Answers who was not answered yet: what was published before something failed is live, and is
  // said to be. Where even that has no memory, the promise breaks, and who waits is told so.
  void give_up(Work& work, Attempt& failed, const char* why) noexcept {
    try {
      if (!failed.ok()) {
        failed.state = ReloadState::Rejected;
        failed.error = Error{"reload/internal", fmt::format("the reload failed: {}", why)};
      }
      failed.finished_ms = clock_.wall_ms();
      const bool is_made = !work.requests.empty() && work.requests.front().made;
      remember(failed, !is_made || !work.requests.front().made->make);
      for (Request& request : work.requests) {
        try {
          request.answer.set_value(failed);
        } catch (const std::future_error&) {
          continue;  // was answered before
        }
      }
    } catch (const std::exception&) {
      return;
    }
  }

  // Waits for something to do, and meanwhile destroys what nobody uses any more. False: stop.
  bool next(Work& work) {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (stop_) return false;
      const bool retry = retry_at_ns_ && monotonic_ns() >= *retry_at_ns_;
      if (!queue_.empty() || poked_ || retry) {
        take_work(work);
        return true;
      }
      lock.unlock();
      const bool waiting = published_.collect() > 0;
      lock.lock();
      if (stop_ || poked_ || !queue_.empty()) continue;
      if (waiting || retry_at_ns_) {
        wake_.wait_for(lock, kCollectEvery);
      } else {
        wake_.wait(lock);
      }
    }
  }

  // INVARIANT: requests are answered in the order they came; only plain ones share an attempt.
  void take_work(Work& work) {
    work.overlay = overlay_;
    if (!queue_.empty() && queue_.front().made) {
      work.requests.push_back(std::move(queue_.front()));
      queue_.pop_front();
      return;
    }
    poked_ = false;
    retry_at_ns_.reset();
    while (!queue_.empty()) {
      const bool has_overlay = queue_.front().overlay.has_value();
      if (queue_.front().made || (has_overlay && !work.requests.empty())) break;
      if (has_overlay) work.overlay = std::move(*queue_.front().overlay);
      work.requests.push_back(std::move(queue_.front()));
      queue_.pop_front();
      if (has_overlay) break;
    }
  }

  // False: a hint that turned out to be none.
  bool try_once(const Work& work, bool asked, Attempt& attempt) {
    attempt.started_ms = clock_.wall_ms();
    const std::int64_t started_ns = clock_.monotonic_ns();
    BundleSources sources = options_.sources;
    sources.overlay = work.overlay;
    std::shared_ptr<const void> made;
    Result<Bundle> bundle = read_bundle(sources, files_, active_bundle().get());
    if (!bundle) {
      attempt.error = bundle.error();
      if (attempt.error.code == "reload/unstable") {
        attempt.hint = "write files under another name and rename them when they are complete";
      }
      plan_retry(attempt.error, work);
    } else {
      failures_ = 0;
      attempt.bundle = std::make_shared<const Bundle>(std::move(*bundle));
      attempt.revision = attempt.bundle->id;
      attempt.reached = ReloadState::Staged;
      const bool is_active = active_ != nullptr && attempt.bundle->hash == active_->hash;
      if (!asked && is_old_news(attempt, is_active)) return false;
      if (is_active) {
        attempt.reached = attempt.state = ReloadState::Unchanged;
        attempt.diagnostics = active_diagnostics_;
      } else {
        attempt.diagnostics.append(attempt.bundle->warnings);
        made = build(attempt);
      }
    }
    if (made == nullptr && !attempt.ok()) attempt.state = ReloadState::Rejected;
    attempt.finished_ms = clock_.wall_ms();
    attempt.elapsed_ns = clock_.monotonic_ns() - started_ns;
    remember(attempt, true, std::move(made));
    return true;
  }

  // Whether a hint needs no attempt: the content is what was rejected last, or is what serves and
  // nothing has failed since.
  bool is_old_news(const Attempt& attempt, bool is_active) {
    const std::string& hash = attempt.bundle->hash;
    if (!is_active) return hash == rejected_hash_ || hash == held_hash_;
    const std::lock_guard lock(mutex_);
    if (stale_since_ms_) return false;
    active_ = attempt.bundle;  // its stamps are the fresher ones: more can be taken over unread
    return true;
  }

  // What is to serve; null: nothing new is.
  std::shared_ptr<const void> build(Attempt& attempt) {
    BuildReport report(attempt);
    try {
      Result<std::shared_ptr<const void>> revision = build_(attempt.bundle, report);
      attempt.diagnostics.sort();
      if (!revision) {
        attempt.error = revision.error();
      } else if (*revision == nullptr || attempt.diagnostics.has_errors()) {
        attempt.error = first_error(attempt.diagnostics);
      } else if (report.is_held()) {
        attempt.reached = attempt.state = ReloadState::Shadow;
      } else {
        return *std::move(revision);
      }
    } catch (const std::exception& error) {
      attempt.error =
          Error{"reload/internal", fmt::format("building the revision failed: {}", error.what())};
    }
    return nullptr;
  }

  // What was made before serves, or will not.
  void settle(Request& request, Attempt& attempt) {
    MadeRevision& made = *request.made;
    attempt.started_ms = clock_.wall_ms();
    const std::int64_t started_ns = clock_.monotonic_ns();
    attempt.bundle = made.bundle;
    attempt.revision = made.bundle->id;
    attempt.diagnostics = std::move(made.diagnostics);
    attempt.hint = std::move(request.hint);
    if (made.revision == nullptr && made.make) {
      auto revision = made.make();
      if (revision) made.revision = *std::move(revision);
      if (!revision) made.why = revision.error();
    }
    if (made.revision == nullptr) {
      attempt.reached = made.make ? ReloadState::Staged : ReloadState::Shadow;
      attempt.state = ReloadState::Rejected;
      attempt.error = made.why;
    }
    attempt.finished_ms = clock_.wall_ms();
    attempt.elapsed_ns = clock_.monotonic_ns() - started_ns;
    const bool is_of_files = made.revision != nullptr || !made.make;
    remember(attempt, is_of_files, std::move(made.revision));
    if (attempt.ok() && !made.instead_of.empty()) {
      const std::lock_guard lock(mutex_);
      rejected_hash_ = made.instead_of;
      stale_since_ms_ = attempt.started_ms;
    }
    if (options_.finished) options_.finished(attempt);
    request.answer.set_value(attempt);
  }

  void plan_retry(const Error& error, const Work& work) {
    // A draft that could not be read is its author's to send again.
    const bool draft = !work.requests.empty() && work.requests.front().overlay;
    if (!is_passing(error) || draft) return;
    const std::uint32_t factor = std::min(1U << std::min(failures_, 10U), kMostBackoff);
    ++failures_;
    const std::lock_guard lock(mutex_);
    retry_at_ns_ = monotonic_ns() + std::int64_t{options_.retry_ms} * factor * 1'000'000;
  }

  // Publishes what was made, if anything was, and tells the status in the same breath: who has seen
  // a revision serve finds its attempt there.
  void remember(Attempt& attempt, bool is_of_files, std::shared_ptr<const void> made = nullptr) {
    const bool is_new = made != nullptr;
    {
      const std::lock_guard lock(mutex_);
      if (is_new) {
        published_.place(attempt.revision, std::move(made));
        attempt.reached = attempt.state = ReloadState::Active;
      }
      note(attempt, is_of_files);
    }
    // Not under the lock: code of plugins runs here.
    if (is_new) published_.collect();
  }

  // `is_of_files`: false when something else than the files, an older revision, was to serve and
  // could not be made. What is on trial stays on trial then, and what was rejected stays rejected.
  // REQUIRES: the lock.
  void note(Attempt& attempt, bool is_of_files) {
    attempt.number = ++status_.attempts;
    if (attempt.state == ReloadState::Active) {
      ++status_.activations;
      status_.revision = attempt.revision;
      status_.since_ms = attempt.finished_ms;
    }
    // Files that could not be read say nothing of what is on trial either.
    if (is_of_files && attempt.bundle) held_hash_.clear();
    if (attempt.state == ReloadState::Shadow) {
      held_hash_ = attempt.bundle->hash;
      if (!stale_since_ms_) stale_since_ms_ = attempt.started_ms;
    } else if (attempt.ok()) {
      active_ = attempt.bundle;
      active_diagnostics_ = attempt.diagnostics;
      rejected_hash_.clear();
      stale_since_ms_.reset();
    } else {
      ++status_.rejections;
      status_.last_rejected = attempt;
      if (is_of_files && attempt.bundle) rejected_hash_ = attempt.bundle->hash;
      if (is_of_files && !stale_since_ms_) stale_since_ms_ = attempt.started_ms;
    }
    status_.last = attempt;
  }

  const ReloaderOptions options_;
  FileSource& files_;
  const Clock& clock_;
  PublishedBase& published_;
  const RevisionBuilder build_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Request> queue_;
  bool poked_ = false;
  bool stop_ = false;
  std::optional<std::int64_t> retry_at_ns_;
  ReloadStatus status_;
  std::optional<std::int64_t> stale_since_ms_;
  std::shared_ptr<const Bundle> active_;

  // The reload thread's own.
  std::vector<OverlayFile> overlay_;
  std::string rejected_hash_;
  std::string held_hash_;
  Diagnostics active_diagnostics_;
  std::uint32_t failures_ = 0;

  std::thread thread_;
};

Reloader::Reloader(ReloaderOptions options, PublishedBase& published, RevisionBuilder build)
    : worker_(std::make_unique<Worker>(std::move(options), published, std::move(build))) {}

Reloader::~Reloader() = default;

Attempt Reloader::reload() { return worker_->ask({}); }

Attempt Reloader::serve(MadeRevision made) {
  Worker::Request request;
  request.made = std::move(made);
  return worker_->ask(std::move(request));
}

Attempt Reloader::reject(std::shared_ptr<const Bundle> bundle, Error why, std::string hint) {
  Worker::Request request;
  request.made.emplace();
  request.made->bundle = std::move(bundle);
  request.made->why = std::move(why);
  request.hint = std::move(hint);
  return worker_->ask(std::move(request));
}

Attempt Reloader::reload(std::vector<OverlayFile> overlay) {
  Worker::Request request;
  request.overlay = std::move(overlay);
  return worker_->ask(std::move(request));
}

void Reloader::poke() { worker_->poke(); }

ReloadStatus Reloader::status() const { return worker_->status(); }

std::shared_ptr<const Bundle> Reloader::active_bundle() const { return worker_->active_bundle(); }

std::string_view name_of(ReloadState state) {
  switch (state) {
    case ReloadState::Seen:
      return "seen";
    case ReloadState::Staged:
      return "staged";
    case ReloadState::Verified:
      return "verified";
    case ReloadState::Compiled:
      return "compiled";
    case ReloadState::Tested:
      return "tested";
    case ReloadState::Shadow:
      return "shadow";
    case ReloadState::Active:
      return "active";
    case ReloadState::Unchanged:
      return "unchanged";
    case ReloadState::Rejected:
      return "rejected";
  }
  return "seen";
}

}  // namespace lineup
