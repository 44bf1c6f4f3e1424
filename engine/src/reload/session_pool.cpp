// SPDX-License-Identifier: Apache-2.0
//
// One word per session, each on a cache line of its own. A thread first tries the session of its
// own number, so as long as there are no more threads than sessions nobody shares a line. Waiting
// is a futex with an absolute deadline (std::atomic::wait knows no deadline); a waiter announces
// itself and then looks again, a releaser frees and then looks for waiters, both in one total
// order, so no wake-up is lost.
#include "reload/session_pool.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <chrono>
#include <climits>
#include <thread>

#include "base/clock.hpp"

namespace lineup {

namespace {

constexpr std::uint32_t kTaken = 1;
constexpr std::uint32_t kLeaving = 2;

std::uint32_t thread_number() {
  static std::atomic<std::uint32_t> next{0};
  thread_local const std::uint32_t mine = next.fetch_add(1, std::memory_order_relaxed);
  return mine;
}

static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));

// Sleeps while `word` is `value`, until woken, `deadline_ns` or for no reason.
void futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t value, std::int64_t deadline_ns) {
  timespec until{};
  until.tv_sec = deadline_ns / 1'000'000'000;
  until.tv_nsec = deadline_ns % 1'000'000'000;
  const bool forever = deadline_ns == SessionPool::kNoDeadline;
  syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, value, forever ? nullptr : &until, nullptr,
          FUTEX_BITSET_MATCH_ANY);
}

void futex_wake(std::atomic<std::uint32_t>& word, int most) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, most, nullptr, nullptr, 0);
}

}  // namespace

SessionPool::SessionPool(std::uint32_t count)
    : count_(count), slots_(std::make_unique<Slot[]>(count)) {
  assert(count > 0);
}

SessionPool::~SessionPool() { close(); }

bool SessionPool::try_take(std::uint32_t slot) noexcept {
  std::atomic<std::uint32_t>& state = slots_[slot].state;
  std::uint32_t seen = state.load(std::memory_order_seq_cst);
  while ((seen & kTaken) == 0) {
    if (state.compare_exchange_weak(seen, seen | kTaken, std::memory_order_seq_cst)) return true;
  }
  return false;
}

bool SessionPool::try_acquire(std::uint32_t& session) noexcept {
  const std::uint32_t home = thread_number() % count_;
  for (std::uint32_t i = 0; i < count_; ++i) {
    const std::uint32_t slot = home + i < count_ ? home + i : home + i - count_;
    if (try_take(slot)) {
      session = slot;
      return true;
    }
  }
  return false;
}

SessionPool::Outcome SessionPool::acquire(std::uint32_t& session,
                                          std::int64_t deadline_ns) noexcept {
  bool taken = try_acquire(session);
  bool late = false;
  while (!taken && !late && !closed_.load(std::memory_order_seq_cst)) {
    waiting_.fetch_add(1, std::memory_order_seq_cst);
    const std::uint32_t wake = wake_.load(std::memory_order_seq_cst);
    taken = try_acquire(session);
    if (!taken && !closed_.load(std::memory_order_seq_cst)) {
      futex_wait(wake_, wake, deadline_ns);
      // The clock is read before the last try: whoever was woken for a session also tries for it.
      late = deadline_ns != kNoDeadline && monotonic_ns() >= deadline_ns;
      taken = try_acquire(session);
    }
    waiting_.fetch_sub(1, std::memory_order_seq_cst);
  }
  if (closed_.load(std::memory_order_seq_cst)) {
    if (taken) release(session);
    return Outcome::Closed;
  }
  return taken ? Outcome::Ok : Outcome::Timeout;
}

void SessionPool::release(std::uint32_t session) noexcept {
  assert(session < count_ && (slots_[session].state.load() & kTaken) != 0);
  std::atomic<std::uint32_t>& state = slots_[session].state;
  state.fetch_add(kLeaving - kTaken, std::memory_order_seq_cst);
  if (waiting_.load(std::memory_order_seq_cst) > 0) {
    wake_.fetch_add(1, std::memory_order_seq_cst);
    futex_wake(wake_, 1);
  }
  // The last touch: close() may return, and the pool be freed, right after it.
  state.fetch_sub(kLeaving, std::memory_order_release);
}

void SessionPool::close() noexcept {
  closed_.store(true, std::memory_order_seq_cst);
  wake_.fetch_add(1, std::memory_order_seq_cst);
  futex_wake(wake_, INT_MAX);
  const auto is_quiet = [this] {
    for (std::uint32_t i = 0; i < count_; ++i) {
      if (slots_[i].state.load(std::memory_order_seq_cst) != 0) return false;
    }
    return waiting_.load(std::memory_order_seq_cst) == 0;
  };
  // Looks instead of being told: telling would be a touch after the last one.
  while (!is_quiet()) std::this_thread::sleep_for(std::chrono::microseconds(200));
}

std::uint32_t SessionPool::busy_count() const noexcept {
  std::uint32_t busy = 0;
  for (std::uint32_t i = 0; i < count_; ++i) {
    busy += slots_[i].state.load(std::memory_order_relaxed) & kTaken;
  }
  return busy;
}

}  // namespace lineup
