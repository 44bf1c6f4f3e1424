// SPDX-License-Identifier: Apache-2.0
//
// What a person tells a running engine, and what it answers: the one form of all commands, as JSON.
//   {"lineup_command": 1, "id", "verb", "who", "why", "scene", "name", "value", "ttl_ms"}
//   {"done", "message", "body"}
// The verbs are the business of whoever keeps the desk.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace lineup {

struct DeskCommand {
  std::string id;  // letters, digits, `-`: names the files of the command and of its answer
  std::string verb;
  std::string who;
  std::string why;
  // Of commands about one live value.
  std::string scene;
  std::string name;
  double value = 0.0;
  std::int64_t ttl_ms = 0;
};

struct DeskAnswer {
  bool is_done = false;
  std::string message;
  std::string body;  // JSON; empty: none
};

[[nodiscard]] std::string write_command(const DeskCommand& command);
// Of any bytes. Code: desk/command.
[[nodiscard]] Result<DeskCommand> parse_command(std::string_view text);
[[nodiscard]] std::string write_answer(const DeskAnswer& answer);
// Of any bytes. Code: desk/answer.
[[nodiscard]] Result<DeskAnswer> parse_answer(std::string_view text);
[[nodiscard]] bool is_command_id(std::string_view id);

}  // namespace lineup
