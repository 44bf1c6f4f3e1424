// SPDX-License-Identifier: Apache-2.0
//
// A process that is killed at any moment of a rollout leaves a state directory from which the next
// one serves a revision that was good.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "rollout_host.hpp"

namespace lineup {

namespace {

// Edits and reloads until it is killed. REQUIRES: the only thread of its process.
[[noreturn]] void reload_for_ever(Kept& kept, int first_item) {
  try {
    kept.open();
    for (int i = 0;; ++i) {
      kept.open_with(first_item + i % 20);
      (void)kept.reload();
      kept.ask(3);
    }
  } catch (...) {
    ::_exit(3);
  }
}

}  // namespace

TEST_CASE("killed at any moment of a rollout, the next start serves what was good") {
  for (const char* block :
       {"", "  proof: true\n",
        "  proof: false\n  watch: {time_ms: 30, requests_min: 1, p99_ratio: "
        "1000, late_percent: 100}\n",
        "  proof: false\n  shadow: {time_ms: 30, percent: 100, requests_min: 1, "
        "p99_ratio: 1000, late_percent: 100}\n"}) {
    INFO("rollout: " << block);
    Kept kept;
    if (*block != 0) kept.rollout(block);
    kept.open();
    REQUIRE(kept.is_kept());
    kept.engine.reset();
    for (const int delay_ms : {3, 11, 23, 41, 67, 110, 170}) {
      INFO("killed after " << delay_ms << " ms");
      const pid_t child = ::fork();
      REQUIRE(child >= 0);
      if (child == 0) reload_for_ever(kept, 20 + delay_ms % 7);
      ::usleep(static_cast<useconds_t>(delay_ms) * 1000);
      ::kill(child, SIGKILL);
      int status = 0;
      REQUIRE(::waitpid(child, &status, 0) == child);
      REQUIRE(WIFSIGNALED(status));
      kept.open();
      const int first = kept.first();
      CHECK((first == 1 || first >= 20));
      CHECK_FALSE(kept.rollout_status()["pass_through"]);
      CHECK_FALSE(kept.rollout_status()["good"].empty());
      kept.engine.reset();
    }
  }
}

}  // namespace lineup
