// SPDX-License-Identifier: Apache-2.0
#include "rollout/stage.hpp"

#include <catch2/catch.hpp>
#include <set>
#include <utility>

namespace lineup {

TEST_CASE("there are exactly these steps on the way of a revision") {
  using enum Stage;
  std::set<std::pair<Stage, Stage>> steps = {
      {Seen, Staged},       {Staged, Verified},   {Verified, Compiled}, {Compiled, Tested},
      {Tested, Shadow},     {Tested, Active},     {Shadow, Active},     {Active, RolledBack},
      {Active, Superseded}, {Superseded, Active},
  };
  for (const Stage early : {Seen, Staged, Verified, Compiled, Tested, Shadow}) {
    steps.emplace(early, Superseded);
    steps.emplace(early, Quarantined);
  }
  for (int from = 0; from <= static_cast<int>(Quarantined); ++from) {
    for (int to = 0; to <= static_cast<int>(Quarantined); ++to) {
      const std::pair step(static_cast<Stage>(from), static_cast<Stage>(to));
      INFO(name_of(step.first) << " -> " << name_of(step.second));
      CHECK(is_step(step.first, step.second) == (steps.count(step) > 0));
    }
  }
}

TEST_CASE("a fault is one sentence that says stage, place, what, and what would be right") {
  RolloutFault fault;
  fault.stage = Stage::Compiled;
  fault.file = "rules/pin.lua";
  fault.line = 3;
  fault.column = 7;
  fault.message = "unknown column `tpye`";
  fault.hint = "did you mean `type`?";
  CHECK(describe(fault) ==
        "compiled: rules/pin.lua:3:7: unknown column `tpye`; did you mean `type`?");
  CHECK(describe({Stage::Tested, "", "", 0, 0, "2 of 3 cases failed", ""}) ==
        "tested: 2 of 3 cases failed");
}

}  // namespace lineup
