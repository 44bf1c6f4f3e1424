// SPDX-License-Identifier: Apache-2.0
//
// What a person tells a running engine about its rollout, through files: DIR/commands/ID.json is
// written under another name and renamed; the engine removes it and answers in DIR/answers/ID.json.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace lineup {

enum class RolloutVerb : std::uint8_t {
  Status,
  Promote,   // what is on trial serves now
  Abort,     // what is on trial is quarantined
  Rollback,  // what serves is taken back
};
[[nodiscard]] std::string_view name_of(RolloutVerb verb);

struct RolloutCommand {
  std::string id;  // letters, digits, `-`: names the answer's file
  RolloutVerb verb = RolloutVerb::Status;
  std::string who;
  std::string why;
};

struct RolloutAnswer {
  bool is_done = false;
  std::string message;
  std::string status;  // JSON, of after it
};

[[nodiscard]] std::string write_command(const RolloutCommand& command);
// Of any bytes. Code: rollout/command.
[[nodiscard]] Result<RolloutCommand> parse_command(std::string_view text);
[[nodiscard]] std::string write_answer(const RolloutAnswer& answer);
[[nodiscard]] Result<RolloutAnswer> parse_answer(std::string_view text);
[[nodiscard]] bool is_command_id(std::string_view id);

}  // namespace lineup
