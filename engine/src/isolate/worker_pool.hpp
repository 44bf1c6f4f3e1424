// SPDX-License-Identifier: Apache-2.0
//
// The workers of one node, and the thread that starts them, sees them end and starts them again.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "isolate/isolated_node.hpp"
#include "isolate/region.hpp"
#include "isolate/setup.hpp"
#include "native/file.hpp"

namespace lineup {

// Who may touch a worker: Idle and Busy belong to requests, Dead to the thread of the pool.
enum class WorkerState : std::uint32_t { Dead, Idle, Busy };

struct WorkerSlot {
  explicit WorkerSlot(Region the_region) : region(std::move(the_region)) {}
  Region region;
  std::atomic<WorkerState> state{WorkerState::Dead};
  std::atomic<int> process_handle{-1};        // a pidfd: killing by it never meets another process
  std::atomic<int> end_status{0};             // as of waitpid(), of the last end
  std::atomic<std::int64_t> starts_at_ns{0};  // of a dead one: when it is to be started again
  // The pool's own.
  pid_t child = -1;
  std::int64_t started_ns = 0;
  std::int64_t ready_until_ns = 0;  // being set up: when that is given up; 0: it is not
  // Alive although no request may have it any more; 0: it is not.
  std::int64_t lingers_since_ns = 0;
  std::uint32_t backoff_ms = 0;
  [[nodiscard]] bool is_starting() const { return child >= 0 && ready_until_ns != 0; }
};

class WorkerPool {
 public:
  // `library` is opened at once: a file that is unlinked later, because a newer bundle serves, can
  // still be loaded by a worker that is started again.
  WorkerPool(std::string setup, const std::filesystem::path& library, IsolationOptions options);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Starts `count` workers; the answer is that of the first. [control]
  [[nodiscard]] Result<SetupAnswer> start(std::uint32_t count);

  // An idle worker, now busy; waits for one until the deadline. Null: none came, or all ended and
  // none is to be started yet. [request]
  [[nodiscard]] WorkerSlot* take(std::int64_t deadline_ns);
  // Gives it back to others, or to the pool to be started anew. [request]
  void give_back(WorkerSlot& slot, WorkerState state);
  // Ends a busy worker that did not come back. [request]
  void kill(WorkerSlot& slot);

  [[nodiscard]] const IsolationOptions& options() const { return options_; }

 private:
  void run();
  void notice_ends();
  void end_lingering();
  void restart_due();
  [[nodiscard]] int wait_ms() const;
  [[nodiscard]] Result<SetupAnswer> start_all();
  [[nodiscard]] Result<void> begin_start(WorkerSlot& slot);
  [[nodiscard]] std::optional<Result<SetupAnswer>> follow_start(WorkerSlot& slot);
  void follow_starts();
  void put_off(WorkerSlot& slot);
  static void await_turn(WorkerSlot& slot);
  [[nodiscard]] bool spawn(WorkerSlot& slot);
  void end(WorkerSlot& slot);
  void poke() const;

  const std::string setup_;
  const IsolationOptions options_;
  Descriptor library_;
  std::deque<WorkerSlot> slots_;
  std::atomic<std::uint32_t> released_{0};  // counts up whenever a worker may be idle
  Descriptor bell_;                         // an eventfd: a worker is dead, or the end is near
  std::atomic<bool> is_ending_{false};
  std::mutex mutex_;  // of `first_`
  std::condition_variable begun_;
  std::optional<Result<SetupAnswer>> first_;
  std::thread thread_;
};

}  // namespace lineup
