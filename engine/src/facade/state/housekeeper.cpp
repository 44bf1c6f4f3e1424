// SPDX-License-Identifier: Apache-2.0
//
// One thread for all chores: each takes far less than a millisecond, and none is in a hurry.
#include "facade/state/housekeeper.hpp"

#include <algorithm>
#include <chrono>

#include "base/clock.hpp"

namespace lineup {

void Housekeeper::every(std::uint32_t interval_ms, std::function<void()> chore) {
  const std::int64_t interval_ns = std::int64_t{interval_ms} * 1'000'000;
  chores_.push_back({interval_ns, monotonic_ns() + interval_ns, std::move(chore)});
}

void Housekeeper::start() {
  if (!chores_.empty() && !thread_.joinable()) thread_ = std::thread([this] { work(); });
}

void Housekeeper::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Housekeeper::work() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    const auto next = std::min_element(chores_.begin(), chores_.end(),
                                       [](auto& a, auto& b) { return a.due_ns < b.due_ns; });
    const std::int64_t wait_ns = next->due_ns - monotonic_ns();
    if (wait_ns > 0) {
      wake_.wait_for(lock, std::chrono::nanoseconds(wait_ns));
      continue;
    }
    lock.unlock();
    try {
      next->run();
    } catch (...) {
      // Out of memory, most likely: the next turn finds out whether that has passed.
    }
    lock.lock();
    next->due_ns = monotonic_ns() + next->interval_ns;
  }
}

}  // namespace lineup
