// SPDX-License-Identifier: Apache-2.0
#include "desk/command.hpp"

#include <catch2/catch.hpp>

namespace lineup {

TEST_CASE("a command that was written is read as it was meant") {
  DeskCommand command;
  command.id = "12-ab";
  command.verb = "set";
  command.who = "ada";
  command.why = "the \"ads\" are gone\n";
  command.scene = "home";
  command.name = "relevance";
  command.value = 1.25;
  command.ttl_ms = 60'000;
  const auto read = parse_command(write_command(command));
  REQUIRE(read);
  CHECK(read->id == command.id);
  CHECK(read->verb == command.verb);
  CHECK(read->who == command.who);
  CHECK(read->why == command.why);
  CHECK(read->scene == command.scene);
  CHECK(read->name == command.name);
  CHECK(read->value == command.value);
  CHECK(read->ttl_ms == command.ttl_ms);
}

TEST_CASE("an answer that was written is read as it was meant") {
  const auto answer = parse_answer(write_answer({true, "done", "{\"a\":[1,2]}"}));
  REQUIRE(answer);
  CHECK(answer->is_done);
  CHECK(answer->message == "done");
  CHECK(answer->body == "{\"a\":[1,2]}");
  CHECK(parse_answer(write_answer({false, "no", {}}))->body.empty());
  CHECK(parse_answer(write_answer({false, "no", "{half"}))->body.empty());
}

TEST_CASE("what is no command is refused with a sentence") {
  for (const char* text :
       {"", "{", "[]", "7", R"({"id":"../x","verb":"status"})", R"({"id":"","verb":"status"})",
        R"({"id":"a","verb":7})", R"({"id":7,"verb":"status"})", R"({"verb":"status"})",
        R"({"id":"a","verb":"set","value":"x"})"}) {
    INFO(text);
    const auto read = parse_command(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == "desk/command");
    CHECK_FALSE(read.error().message.empty());
  }
}

TEST_CASE("what is no answer is refused with a sentence") {
  for (const char* text : {"", "{", "[]", R"({"done":7})"}) {
    INFO(text);
    const auto read = parse_answer(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == "desk/answer");
  }
}

}  // namespace lineup
