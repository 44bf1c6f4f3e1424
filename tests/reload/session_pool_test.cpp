// SPDX-License-Identifier: Apache-2.0
//
// Sessions are held by one thread at a time, waiting ends, closing is clean.
#include "reload/session_pool.hpp"

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "base/clock.hpp"

namespace lineup {
namespace {

using Outcome = SessionPool::Outcome;
using std::chrono::milliseconds;

TEST_CASE("a thread gets the session back that it had before") {
  SessionPool pool(8);
  std::uint32_t first = 0;
  REQUIRE(pool.acquire(first) == Outcome::Ok);
  CHECK(pool.busy_count() == 1);
  pool.release(first);
  for (int i = 0; i < 10; ++i) {
    const SessionLease lease(pool);
    REQUIRE(lease.outcome() == Outcome::Ok);
    CHECK(lease.session() == first);
  }
  CHECK(pool.busy_count() == 0);
}

TEST_CASE("every session can be had, and then waiting ends at the deadline") {
  SessionPool pool(3);
  std::array<bool, 3> seen{};
  std::uint32_t session = 0;
  for (int i = 0; i < 3; ++i) {
    REQUIRE(pool.acquire(session) == Outcome::Ok);
    CHECK_FALSE(seen[session]);
    seen[session] = true;
  }
  const std::int64_t start = monotonic_ns();
  CHECK(pool.acquire(session, start + 20'000'000) == Outcome::Timeout);
  CHECK(monotonic_ns() - start >= 20'000'000);
  CHECK(pool.acquire(session, 0) == Outcome::Timeout);  // long past: one look, no waiting
  for (std::uint32_t i = 0; i < 3; ++i) pool.release(i);
}

TEST_CASE("who waits gets the session that is released") {
  SessionPool pool(1);
  std::uint32_t session = 0;
  REQUIRE(pool.acquire(session) == Outcome::Ok);
  std::atomic<bool> got{false};
  std::thread waiter([&] {
    const SessionLease lease(pool);
    got = lease.outcome() == Outcome::Ok;
  });
  std::this_thread::sleep_for(milliseconds(20));
  CHECK_FALSE(got);
  pool.release(session);
  waiter.join();
  CHECK(got);
}

TEST_CASE("closing turns away who waits and who comes, and waits for who serves") {
  auto pool = std::make_unique<SessionPool>(1);
  std::uint32_t session = 0;
  REQUIRE(pool->acquire(session) == Outcome::Ok);
  std::atomic<int> turned_away{0};
  std::vector<std::thread> waiters;
  for (int i = 0; i < 3; ++i) {
    waiters.emplace_back([&] {
      std::uint32_t mine = 0;
      if (pool->acquire(mine) == Outcome::Closed) ++turned_away;
    });
  }
  std::this_thread::sleep_for(milliseconds(20));
  std::atomic<bool> closed{false};
  std::thread closer([&] {
    pool->close();
    closed = true;
  });
  for (std::thread& waiter : waiters) waiter.join();
  CHECK(turned_away == 3);
  CHECK_FALSE(closed);
  std::uint32_t late = 0;
  CHECK(pool->acquire(late) == Outcome::Closed);
  pool->release(session);
  closer.join();
  CHECK(closed);
}

TEST_CASE("more threads than sessions: nobody shares a session, nobody is forgotten") {
  constexpr std::uint32_t kSessions = 3;
  constexpr int kThreads = 8;
  constexpr int kRounds = 2'000;
  SessionPool pool(kSessions);
  // Not atomic: the thread sanitizer reports when two threads are in one session.
  std::array<int, kSessions> served{};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < kRounds; ++round) {
        const SessionLease lease(pool);
        ++served[lease.session()];
        if (round % 64 == 0) std::this_thread::yield();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(served[0] + served[1] + served[2] == kThreads * kRounds);
}

TEST_CASE("a pool can be freed as soon as closing returns") {
  for (int round = 0; round < 200; ++round) {
    auto pool = std::make_unique<SessionPool>(2);
    std::atomic<int> inside{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&inside, raw = pool.get()] {
        std::uint32_t session = 0;
        const Outcome outcome = raw->acquire(session);
        ++inside;
        if (outcome == Outcome::Ok) raw->release(session);
      });
    }
    while (inside < 2) std::this_thread::yield();
    pool.reset();
    for (std::thread& thread : threads) thread.join();
  }
}

}  // namespace
}  // namespace lineup
