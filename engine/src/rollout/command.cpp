// SPDX-License-Identifier: Apache-2.0
#include "rollout/command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace lineup {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 4> kVerbs = {"status", "promote", "abort", "rollback"};
// LIMIT: characters of who and why; they go into the log and the journal.
constexpr std::size_t kTextMax = 500;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

tl::unexpected<Error> bad(std::string message) {
  return failure("rollout/command", std::move(message));
}

}  // namespace

std::string_view name_of(RolloutVerb verb) { return kVerbs[static_cast<std::size_t>(verb)]; }

bool is_command_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string write_command(const RolloutCommand& command) {
  return dump({{"lineup_command", 1},
               {"id", command.id},
               {"verb", name_of(command.verb)},
               {"who", command.who},
               {"why", command.why}});
}

Result<RolloutCommand> parse_command(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    if (!json.is_object()) return bad("the command is no JSON object");
    RolloutCommand command;
    command.id = json.value("id", "");
    if (!is_command_id(command.id)) return bad("the command's `id` is no plain name");
    const std::string verb = json.value("verb", "");
    const auto at = std::find(kVerbs.begin(), kVerbs.end(), verb);
    if (at == kVerbs.end()) {
      return bad(fmt::format("there is no command `{}`; write status, promote, abort or rollback",
                             verb.substr(0, 40)));
    }
    command.verb = static_cast<RolloutVerb>(at - kVerbs.begin());
    command.who = json.value("who", "").substr(0, kTextMax);
    command.why = json.value("why", "").substr(0, kTextMax);
    return command;
  } catch (const Json::exception& fault) {
    return bad(fmt::format("the command cannot be read: {}", fault.what()));
  }
}

std::string write_answer(const RolloutAnswer& answer) {
  return dump({{"done", answer.is_done}, {"message", answer.message}, {"status", answer.status}});
}

Result<RolloutAnswer> parse_answer(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    if (!json.is_object()) return bad("the answer is no JSON object");
    return RolloutAnswer{json.value("done", false), json.value("message", ""),
                         json.value("status", "")};
  } catch (const Json::exception& fault) {
    return bad(fmt::format("the answer cannot be read: {}", fault.what()));
  }
}

}  // namespace lineup
