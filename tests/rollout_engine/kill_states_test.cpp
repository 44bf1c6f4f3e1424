// SPDX-License-Identifier: Apache-2.0
//
// A process that kills itself the moment its own status says that a change has come to a certain
// state; the next one must serve what was good. The states that take no time, and the way back, are
// cut at every operation of the disk by tests/inject/kill_test.cpp.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <functional>
#include <thread>

#include "rollout_host.hpp"
#include "support/paths.hpp"

namespace lineup {

namespace {

struct Moment {
  const char* name;
  const char* block;                  // of `rollout`
  std::function<void(Kept&)> change;  // what is saved
  std::function<bool(const Json& rollout)> is_now;
};

void open_with_nine(Kept& kept) { kept.open_with(9); }

// Loading it takes longer than the test waits for anything.
void use_sleeper(Kept& kept) {
  kept.bundle.write("policies/home.yaml",
                    policy("", "graph:\n  - {id: page, generate: sleeps_in_init}\n"));
  kept.bundle.add_plugin(kBinaryDir + "/tests/hostile/sleeps_in_init.so", "sleeps_in_init");
}

bool is_phase(const Json& rollout, const char* phase) {
  return !rollout["trial"].is_null() && rollout["trial"]["phase"] == phase;
}

// Compiling stands still where a plugin is loaded for the first time.
bool is_verified(const Json& rollout) {
  return !rollout["on_its_way"].is_null() && rollout["on_its_way"]["stage"] == "verified";
}

const std::vector<Moment>& moments() {
  static const std::vector<Moment> all = {
      {"verified, in the proof", "  proof: true\n", use_sleeper, is_verified},
      {"verified, while it is compiled", "  proof: false\n", use_sleeper, is_verified},
      {"shadow", "  proof: false\n  shadow: {percent: 100, time_ms: 3600000}\n", open_with_nine,
       [](const Json& rollout) { return is_phase(rollout, "shadow"); }},
      {"canary", "  proof: false\n  canary: {percent: 50, time_ms: 3600000}\n", open_with_nine,
       [](const Json& rollout) { return is_phase(rollout, "canary"); }},
      {"paused", "  proof: false\n  shadow: {percent: 100, time_ms: 1, requests_min: 1000000}\n",
       open_with_nine, [](const Json& rollout) { return is_phase(rollout, "paused"); }},
      {"active, watched", "  proof: false\n  watch: {time_ms: 3600000}\n", open_with_nine,
       [](const Json& rollout) { return !rollout["watch"].is_null(); }},
  };
  return all;
}

// Changes the bundle and ends with SIGKILL at the moment. REQUIRES: the only thread of its process.
[[noreturn]] void die_at(Kept& kept, const Moment& moment) {
  try {
    kept.open();
    std::thread killer([&] {
      while (!moment.is_now(kept.rollout_status())) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      ::kill(::getpid(), SIGKILL);
    });
    moment.change(kept);
    (void)kept.reload();
    killer.join();
  } catch (...) {
    ::_exit(3);
  }
  ::_exit(4);
}

}  // namespace

TEST_CASE("killed in any state that lasts, the next start serves what was good") {
  for (const Moment& moment : moments()) {
    INFO(moment.name);
    Kept kept;
    kept.rollout(moment.block);
    kept.open();
    REQUIRE(kept.is_kept());
    kept.engine.reset();
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) die_at(kept, moment);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(WTERMSIG(status) == SIGKILL);
    // The change is taken back, so that what is met is what the dead process left.
    kept.bundle.remove("plugins");
    kept.bundle.write("rules/opener.lua", "return rule {");
    kept.open();
    CHECK(kept.first() == 1);
    const Json rollout = kept.rollout_status();
    CHECK_FALSE(rollout["pass_through"]);
    CHECK(rollout["good"].size() == 1);
    CHECK(rollout["quarantine"].empty());
    // And it goes on from there.
    kept.bundle.remove("bundle.yaml");
    kept.bundle.write("policies/home.yaml",
                      policy("  - {use: opener, priority: 100}\n",
                             std::string(kGraph) + "limits: {deadline_ms: 60000}\n"));
    kept.open_with(5);
    CHECK(kept.reload());
    CHECK(kept.first() == 5);
  }
}

}  // namespace lineup
