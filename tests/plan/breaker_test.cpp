// SPDX-License-Identifier: Apache-2.0
//
// The breaker by itself, on a clock that the test turns.
#include "plan/breaker.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

namespace lineup {
namespace {

using Gate = Breaker::Gate;
using Now = Breaker::State::Now;

constexpr std::int64_t kMs = 1'000'000;
constexpr BreakerOptions kThree = {3, 100 * kMs, 50 * kMs};

// A request that fails at `at_ms`.
Gate fail(Breaker& breaker, std::int64_t at_ms) {
  const Gate gate = breaker.ask(at_ms * kMs);
  breaker.failed(gate, at_ms * kMs);
  return gate;
}

TEST_CASE("a breaker opens at the last of so many failures within the window", "[breaker]") {
  Breaker breaker(kThree);
  CHECK(fail(breaker, 1000) == Gate::Closed);
  CHECK(fail(breaker, 1050) == Gate::Closed);
  CHECK(breaker.ask(1060 * kMs) == Gate::Closed);
  CHECK(fail(breaker, 1100) == Gate::Closed);
  CHECK(breaker.ask(1101 * kMs) == Gate::Open);
  CHECK(breaker.state(1101 * kMs).now == Now::Open);
  CHECK(breaker.state(1101 * kMs).opened == 1);
  CHECK(breaker.state(1101 * kMs).held_back == 1);
}

TEST_CASE("failures that lie apart do not open it", "[breaker]") {
  Breaker breaker(kThree);
  for (int i = 0; i < 50; ++i) CHECK(fail(breaker, 1000 + 51 * i) == Gate::Closed);
  CHECK(breaker.state(9000 * kMs).failures == 50);
  CHECK(breaker.state(9000 * kMs).opened == 0);
}

TEST_CASE("after the cool-down one request probes, and what it finds decides", "[breaker]") {
  Breaker breaker(kThree);
  for (int i = 0; i < 3; ++i) fail(breaker, 1000);
  CHECK(breaker.ask(1049 * kMs) == Gate::Open);
  CHECK(breaker.state(1050 * kMs).now == Now::HalfOpen);
  CHECK(breaker.ask(1050 * kMs) == Gate::Probe);
  CHECK(breaker.ask(1050 * kMs) == Gate::Open);
  SECTION("a failure keeps it open for another cool-down") {
    breaker.failed(Gate::Probe, 1060 * kMs);
    CHECK(breaker.ask(1109 * kMs) == Gate::Open);
    CHECK(breaker.ask(1110 * kMs) == Gate::Probe);
  }
  SECTION("an answer closes it, and the failures before are forgotten") {
    breaker.answered(Gate::Probe);
    CHECK(breaker.ask(1061 * kMs) == Gate::Closed);
    fail(breaker, 1062);
    fail(breaker, 1063);
    CHECK(breaker.ask(1064 * kMs) == Gate::Closed);
    fail(breaker, 1065);
    CHECK(breaker.ask(1066 * kMs) == Gate::Open);
  }
  SECTION("a probe that nobody hears of gives way to another") {
    CHECK(breaker.ask(1099 * kMs) == Gate::Open);
    CHECK(breaker.ask(1100 * kMs) == Gate::Probe);
  }
}

TEST_CASE("one failure can open it, and none can when it is told so", "[breaker]") {
  Breaker one({1, 100 * kMs, 50 * kMs});
  fail(one, 1000);
  CHECK(one.ask(1001 * kMs) == Gate::Open);
  Breaker never({0, 100 * kMs, 50 * kMs});
  for (int i = 0; i < 100; ++i) CHECK(fail(never, 1000) == Gate::Closed);
  CHECK(never.state(1000 * kMs).failures == 100);
}

TEST_CASE("of many threads one probes", "[breaker][threads]") {
  Breaker breaker(kThree);
  for (int i = 0; i < 3; ++i) fail(breaker, 1000);
  std::atomic<int> probes{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        if (breaker.ask(1060 * kMs) == Gate::Probe) ++probes;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(probes == 1);
}

}  // namespace
}  // namespace lineup
