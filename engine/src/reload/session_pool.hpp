// SPDX-License-Identifier: Apache-2.0
//
// Who may serve: a fixed number of sessions, taken for one request and given back. A thread gets
// the session it had before when that is free, so its memory is warm and threads do not meet on a
// cache line. More requests than sessions wait.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>

namespace lineup {

class SessionPool {
 public:
  enum class Outcome : std::uint8_t { Ok, Timeout, Closed };

  static constexpr std::int64_t kNoDeadline = std::numeric_limits<std::int64_t>::max();

  // REQUIRES: count > 0.
  explicit SessionPool(std::uint32_t count);
  // Closes.
  ~SessionPool();
  SessionPool(const SessionPool&) = delete;
  SessionPool& operator=(const SessionPool&) = delete;

  // Takes a session, waiting for one until `deadline_ns` (CLOCK_MONOTONIC). Takes no lock;
  // `session` is set when the outcome is Ok. [request]
  [[nodiscard]] Outcome acquire(std::uint32_t& session,
                                std::int64_t deadline_ns = kNoDeadline) noexcept;
  // REQUIRES: acquired and not released since. Any thread may do it. [any]
  void release(std::uint32_t session) noexcept;

  // Refuses everybody who comes or waits, and returns when all sessions are back and no thread is
  // inside release() any more: then the pool may be freed. Twice is fine. [control]
  void close() noexcept;

  [[nodiscard]] std::uint32_t count() const { return count_; }
  [[nodiscard]] std::uint32_t busy_count() const noexcept;

 private:
  // Bit 0: taken. Above it: threads inside release(), so that close() can wait for them.
  struct alignas(64) Slot {
    std::atomic<std::uint32_t> state{0};
  };

  bool try_acquire(std::uint32_t& session) noexcept;
  bool try_take(std::uint32_t slot) noexcept;

  const std::uint32_t count_;
  std::unique_ptr<Slot[]> slots_;
  // Read by every release, written only when somebody waits or the pool closes.
  alignas(64) std::atomic<std::uint32_t> waiting_{0};
  std::atomic<bool> closed_{false};
  alignas(64) std::atomic<std::uint32_t> wake_{0};  // a futex word: counts wake-ups
};

// A session for the length of a scope.
class SessionLease {
 public:
  explicit SessionLease(SessionPool& pool, std::int64_t deadline_ns = SessionPool::kNoDeadline)
      : pool_(pool), outcome_(pool.acquire(session_, deadline_ns)) {}
  ~SessionLease() {
    if (outcome_ == SessionPool::Outcome::Ok) pool_.release(session_);
  }
  SessionLease(const SessionLease&) = delete;
  SessionLease& operator=(const SessionLease&) = delete;

  [[nodiscard]] SessionPool::Outcome outcome() const { return outcome_; }
  [[nodiscard]] std::uint32_t session() const { return session_; }

 private:
  SessionPool& pool_;
  std::uint32_t session_ = 0;
  SessionPool::Outcome outcome_;
};

}  // namespace lineup
