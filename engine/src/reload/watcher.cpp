// SPDX-License-Identifier: Apache-2.0
//
// One thread waits for events, for the end of a quiet time, for the next look at the stamps, or for
// the end. Before it reports, it watches what has appeared meanwhile: what is written later than
// that makes an event of its own, what was written before is there to be read.
#include "reload/watcher.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <thread>
#include <utility>

#include "base/clock.hpp"
#include "reload/debouncer.hpp"
#include "reload/watch_map.hpp"

namespace lineup {

namespace {

constexpr std::int64_t kMs = 1'000'000;

BundleSources without_overlay(BundleSources sources) {
  sources.overlay.clear();
  return sources;
}

}  // namespace

class Watcher::Loop {
 public:
  Loop(WatcherOptions options, std::function<void()> changed)
      : sources_(without_overlay(std::move(options.sources))),
        files_(options.files == nullptr ? disk() : *options.files),
        notifier_(std::move(options.notifier)),
        log_(options.log),
        changed_(std::move(changed)),
        quiet_ns_(options.quiet_ms * kMs),
        poll_ns_(std::max<std::int64_t>(options.poll_ms, 1) * kMs),
        debouncer_(quiet_ns_, quiet_ns_ * std::max<std::int64_t>(options.longest_wait_quiets, 1)),
        stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!notifier_) open_notifier();
    // Before the constructor returns, so that nothing that is written after it goes unnoticed.
    seen_ = survey_bundle(sources_, files_).signature;
    watch_directories();
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }

  ~Loop() {
    thread_.request_stop();
    const std::uint64_t one = 1;
    // An eventfd that is full is readable already: nothing to do about a failing write.
    [[maybe_unused]] const ssize_t written = ::write(stop_, &one, sizeof one);
    thread_.join();
    ::close(stop_);
  }

 private:
  struct Watched {
    std::string directory;
    WatchInterest interest;
  };

  void run(const std::stop_token& stop) {
    std::int64_t next_look_ns = monotonic_ns() + poll_ns_;
    while (!stop.stop_requested()) {
      wait_until(std::min(next_look_ns, debouncer_.due_ns().value_or(next_look_ns)));
      if (stop.stop_requested()) return;
      if (notifier_) take_events();
      if (monotonic_ns() >= next_look_ns) {
        look();
        next_look_ns = monotonic_ns() + poll_ns_;
      }
      if (debouncer_.is_due(monotonic_ns())) report();
    }
  }

  void wait_until(std::int64_t when_ns) {
    std::array<pollfd, 2> waits{pollfd{stop_, POLLIN, 0},
                                pollfd{notifier_ ? notifier_->descriptor() : -1, POLLIN, 0}};
    const std::int64_t left_ns = std::max<std::int64_t>(when_ns - monotonic_ns(), 0);
    timespec timeout{};
    timeout.tv_sec = left_ns / 1'000'000'000;
    timeout.tv_nsec = left_ns % 1'000'000'000;
    ::ppoll(waits.data(), waits.size(), &timeout, nullptr);
  }

  void take_events() {
    bool watches_changed = false;
    for (const DirectoryEvent& event : notifier_->read()) {
      const auto at = watched_.find(event.watch);
      if (event.overflow) {
        watches_changed = true;
      } else if (at == watched_.end() || !at->second.interest.covers(event.name)) {
        continue;
      } else if (event.gone || event.directory) {
        watches_changed = true;
      } else if (event.created && is_being_written(at->second.directory + "/" + event.name)) {
        continue;
      }
      debouncer_.change(monotonic_ns());
    }
    if (watches_changed) watch_directories();
  }

  // A regular file with one name was opened to be written: its closing will be reported. A link
  // that was made is complete.
  static bool is_being_written(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1;
  }

  // The guarantee: finds what no event has told.
  void look() {
    watch_directories();
    const std::uint64_t signature = survey_bundle(sources_, files_).signature;
    if (signature == seen_) return;
    seen_ = signature;
    debouncer_.change(monotonic_ns());
  }

  void report() {
    watch_directories();
    const BundleSurvey survey = survey_bundle(sources_, files_);
    const std::int64_t now_ns = monotonic_ns();
    // Events tell the end of writing only; a file that grows without being closed is young.
    const std::int64_t age_ns = wall_ms() * kMs - survey.newest_change_ns;
    if (age_ns >= 0 && age_ns < quiet_ns_ / 2 && !debouncer_.is_overdue(now_ns)) {
      debouncer_.change(now_ns);
      return;
    }
    seen_ = survey.signature;
    debouncer_.done();
    changed_();
  }

  void open_notifier() {
    Result<std::unique_ptr<Notifier>> opened = open_inotify();
    if (opened) {
      notifier_ = std::move(*opened);
    } else {
      warn(opened.error());
    }
  }

  // Makes the watches what they have to be now.
  void watch_directories() {
    if (!notifier_) return;
    std::map<int, Watched> watched;
    for (auto& [directory, interest] : map_watches(sources_)) {
      const Result<int> watch = notifier_->add(directory);
      if (!watch) {
        // A directory that vanished right now is seen by its parent, or by the next look.
        struct stat ignored {};
        if (::stat(directory.c_str(), &ignored) == 0) warn(watch.error());
        continue;
      }
      Watched& entry = watched[*watch];
      entry.directory = directory;
      entry.interest.every_name |= interest.every_name;
      entry.interest.names.merge(interest.names);
    }
    for (const auto& old : watched_) {
      if (watched.count(old.first) == 0) notifier_->remove(old.first);
    }
    watched_ = std::move(watched);
  }

  void warn(const Error& error) {
    if (log_ == nullptr || warned_) return;
    warned_ = true;
    log_->write(LogLevel::Warning,
                fmt::format("{}: changes are found by looking every {} ms instead", error.message,
                            poll_ns_ / kMs));
  }

  const BundleSources sources_;
  FileSource& files_;
  std::unique_ptr<Notifier> notifier_;  // null: none is to be had
  Log* log_;
  bool warned_ = false;
  std::function<void()> changed_;
  const std::int64_t quiet_ns_;
  const std::int64_t poll_ns_;
  Debouncer debouncer_;
  std::uint64_t seen_ = 0;  // the signature that was reported, or is about to be
  std::map<int, Watched> watched_;
  int stop_;
  std::jthread thread_;
};

Watcher::Watcher(WatcherOptions options, std::function<void()> changed)
    : loop_(std::make_unique<Loop>(std::move(options), std::move(changed))) {}

Watcher::~Watcher() = default;

}  // namespace lineup
