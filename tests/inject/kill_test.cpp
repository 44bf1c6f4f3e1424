// SPDX-License-Identifier: Apache-2.0
//
// A whole rollout, there and back, in a process that is killed before the first operation on the
// disk of its state directory, before the second, and so on to the last. The next process serves
// something that was good, whatever was being written.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "inject/disk_faults.hpp"
#include "rollout_engine/rollout_host.hpp"

namespace lineup {
namespace {

// Looked at one by one to here, then in steps, so that the test does not take minutes.
constexpr std::uint32_t kOneByOne = 40;
// LIMIT: more means that a rollout does not come to an end.
constexpr std::uint32_t kOperationsMax = 5000;

// A change goes live, is kept, is watched, and is taken back; then the engine is closed. Ends with
// 0; 3 when something else than the disk went wrong.
[[noreturn]] void go_there_and_back(Kept& kept, std::uint32_t nth) {
  arm_disk(kept.state.root(), nth, EIO, DiskFault::Kills);
  try {
    kept.open();
    kept.open_with(9);
    bool is_fine = kept.reload();
    is_fine = kept.soon([&] {
      kept.ask(3);
      return kept.rollout_status()["good"].size() == 2;
    }) && is_fine;
    is_fine = kept.tell("rollback").is_done && is_fine;
    kept.engine.reset();
    ::_exit(is_fine ? 0 : 3);
  } catch (...) {
    ::_exit(3);
  }
}

TEST_CASE("killed at any operation of its disk, a rollout leaves what was good", "[inject]") {
  std::uint32_t killed = 0;
  bool is_through = false;
  for (std::uint32_t nth = 1; nth < kOperationsMax && !is_through;
       nth += 1 + (nth > kOneByOne ? nth / 12 : 0)) {
    CAPTURE(nth);
    Kept kept;
    kept.rollout(
        "  proof: false\n  watch: {time_ms: 20, requests_min: 1, p99_ratio: 1000, "
        "late_percent: 100}\n");
    kept.open();
    REQUIRE(kept.is_kept());
    kept.engine.reset();
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) go_there_and_back(kept, nth);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    is_through = WIFEXITED(status);
    if (is_through) REQUIRE(WEXITSTATUS(status) == 0);
    if (!is_through) REQUIRE(WTERMSIG(status) == SIGKILL);
    killed += is_through ? 0 : 1;
    kept.bundle.write("rules/opener.lua", "return rule {");  // only what is kept can serve
    kept.open();
    const int first = kept.first();
    CHECK((first == 1 || first == 9));
    CHECK_FALSE(kept.rollout_status()["pass_through"]);
    CHECK_FALSE(kept.rollout_status()["good"].empty());
  }
  CHECK(is_through);
  CHECK(killed > 20);
}

}  // namespace
}  // namespace lineup
