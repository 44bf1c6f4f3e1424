// SPDX-License-Identifier: Apache-2.0
#include "desk/command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace lineup {

namespace {

using Json = nlohmann::ordered_json;

// LIMIT: characters of what a person writes; they go into the log, the journal and the audit.
constexpr std::size_t kTextMax = 500;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string text_of(const Json& json, const char* key) {
  return json.value(key, std::string()).substr(0, kTextMax);
}

}  // namespace

bool is_command_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string write_command(const DeskCommand& command) {
  Json out{{"lineup_command", 1},
           {"id", command.id},
           {"verb", command.verb},
           {"who", command.who},
           {"why", command.why}};
  if (!command.scene.empty()) out["scene"] = command.scene;
  if (!command.name.empty()) {
    out["name"] = command.name;
    out["value"] = command.value;
    out["ttl_ms"] = command.ttl_ms;
  }
  return dump(out);
}

Result<DeskCommand> parse_command(std::string_view text) {
  const auto bad = [](std::string message) { return failure("desk/command", std::move(message)); };
  try {
    const Json json = Json::parse(text);
    if (!json.is_object()) return bad("the command is no JSON object");
    DeskCommand command;
    command.id = json.value("id", std::string());
    if (!is_command_id(command.id)) return bad("the command's `id` is no plain name");
    command.verb = text_of(json, "verb");
    command.who = text_of(json, "who");
    command.why = text_of(json, "why");
    command.scene = text_of(json, "scene");
    command.name = text_of(json, "name");
    command.value = json.value("value", 0.0);
    command.ttl_ms = json.value("ttl_ms", std::int64_t{0});
    return command;
  } catch (const Json::exception& fault) {
    return bad(fmt::format("the command cannot be read: {}", fault.what()));
  }
}

std::string write_answer(const DeskAnswer& answer) {
  Json body = answer.body.empty() ? Json() : Json::parse(answer.body, nullptr, false);
  if (body.is_discarded()) body = nullptr;
  return dump({{"done", answer.is_done}, {"message", answer.message}, {"body", std::move(body)}});
}

Result<DeskAnswer> parse_answer(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    if (!json.is_object()) return failure("desk/answer", "the answer is no JSON object");
    DeskAnswer answer;
    answer.is_done = json.value("done", false);
    answer.message = json.value("message", std::string());
    if (json.contains("body") && !json.at("body").is_null()) {
      answer.body = json.at("body").dump(-1, ' ', false, Json::error_handler_t::replace);
    }
    return answer;
  } catch (const Json::exception& fault) {
    return failure("desk/answer", fmt::format("the answer cannot be read: {}", fault.what()));
  }
}

}  // namespace lineup
