// SPDX-License-Identifier: Apache-2.0
#include "rollout/command.hpp"

#include <catch2/catch.hpp>

namespace lineup {

TEST_CASE("a command that was written is read as it was meant") {
  RolloutCommand command;
  command.id = "12-ab";
  command.verb = RolloutVerb::Rollback;
  command.who = "ada";
  command.why = "the \"ads\" are gone\n";
  const auto read = parse_command(write_command(command));
  REQUIRE(read);
  CHECK(read->id == command.id);
  CHECK(read->verb == command.verb);
  CHECK(read->who == command.who);
  CHECK(read->why == command.why);
  const auto answer = parse_answer(write_answer({true, "done", "{}"}));
  REQUIRE(answer);
  CHECK(answer->is_done);
  CHECK(answer->message == "done");
}

TEST_CASE("what is no command is refused with a sentence") {
  for (const char* text :
       {"", "{", "[]", "7", R"({"id":"../x","verb":"status"})", R"({"id":"","verb":"status"})",
        R"({"id":"a","verb":7})", R"({"id":7,"verb":"status"})", R"({"verb":"status"})"}) {
    INFO(text);
    const auto read = parse_command(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == "rollout/command");
  }
  CHECK(parse_command(R"({"id":"a","verb":"explode"})").error().message ==
        "there is no command `explode`; write status, promote, abort or rollback");
}

}  // namespace lineup
