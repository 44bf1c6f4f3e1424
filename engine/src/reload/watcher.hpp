// SPDX-License-Identifier: Apache-2.0
//
// Notices that a bundle changed. Events of the system are a hint that makes it quick; looking at
// the files' stamps every few seconds is the guarantee, because network and overlay file systems,
// and a queue that overflowed, lose events.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/log.hpp"
#include "reload/bundle.hpp"
#include "reload/notifier.hpp"

namespace lineup {

struct WatcherOptions {
  BundleSources sources;  // the overlay is not looked at
  std::uint32_t quiet_ms = 100;
  // No later than this many quiet times after the first change of a burst.
  std::uint32_t longest_wait_quiets = 10;
  std::uint32_t poll_ms = 5000;
  FileSource* files = nullptr;         // null: the disk
  std::unique_ptr<Notifier> notifier;  // null: inotify; without that, polling only
  Log* log = nullptr;                  // null: says nothing
};

// Calls `changed` on a thread of its own, some quiet time after the last change. Everything written
// after the call began is reported by a later call, and so is everything written after the watcher
// was made: make it before the first reload. Stops when destroyed, promptly.
class Watcher {
 public:
  Watcher(WatcherOptions options, std::function<void()> changed);
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace lineup
