// SPDX-License-Identifier: Apache-2.0
#include "weights_desk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <system_error>
#include <vector>

#include "base/clock.hpp"
#include "engine_state.hpp"

namespace lineup {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// LIMIT: characters of who and why, as in the audit; bytes of a command; answers nobody fetched.
constexpr std::size_t kTextMax = 500;
constexpr std::uintmax_t kCommandMax = 64 * 1024;
constexpr std::size_t kAnswersMax = 64;
// How often the desk is looked at: a look is one call that finds no directory.
constexpr std::chrono::milliseconds kLook{20};

struct Command {
  std::string verb, scene, name, who, why;
  double value = 0.0;
  std::int64_t ttl_ms = 0;
};

std::string answer(bool is_done, const std::string& message, Json body = nullptr) {
  return Json{{"done", is_done}, {"message", message}, {"body", std::move(body)}}.dump(
             -1, ' ', false, Json::error_handler_t::replace) +
         "\n";
}

Json time_or_null(std::int64_t ms) {
  return ms <= 0 || ms == INT64_MAX ? Json(nullptr) : Json(format_time(ms));
}

Json number_or_null(double value) { return std::isnan(value) ? Json(nullptr) : Json(value); }

// Every dial of every scene, or of one: what the policy says, its bounds, what is set now.
Json list(lineup_engine& engine, const Command& command) {
  Json out = Json::array();
  const auto revision = engine.published.current();
  if (revision == nullptr) return out;
  const auto set = engine.weights.current(wall_ms());
  for (const Scene& scene : revision->scenes) {
    if (!command.scene.empty() && scene.plan->scene != command.scene) continue;
    for (const auto* dials : {&scene.plan->weights, &scene.plan->parameters}) {
      for (const Dial& dial : *dials) {
        Json entry{{"scene", scene.plan->scene},
                   {"name", dial.name},
                   {"policy", dial.value},
                   {"min", dial.min},
                   {"max", dial.max},
                   {"max_step", dial.max_step},
                   {"live", nullptr},
                   {"expires", nullptr}};
        for (const LiveChange& live : set) {
          if (live.scene != scene.plan->scene || live.name != dial.name) continue;
          entry["live"] = live.after;
          entry["expires"] = time_or_null(live.expires_ms);
        }
        out.push_back(std::move(entry));
      }
    }
  }
  return out;
}

Json history(lineup_engine& engine, const Command& command) {
  Json out = Json::array();
  for (const LiveChange& change : engine.weights.history()) {
    if (!command.scene.empty() && change.scene != command.scene) continue;
    if (!command.name.empty() && change.name != command.name) continue;
    out.push_back({{"at", format_time(change.at_ms)},
                   {"scene", change.scene},
                   {"name", change.name},
                   {"before", number_or_null(change.before)},
                   {"after", number_or_null(change.after)},
                   {"expires", time_or_null(change.expires_ms)},
                   {"who", change.who},
                   {"why", change.why},
                   {"refused", change.refusal.empty() ? Json(nullptr) : Json(change.refusal)}});
  }
  return out;
}

lineup_text text(const std::string& value) { return {value.data(), value.size()}; }

// Through the call that a host would make: the same bounds, the same history.
std::string change(lineup_engine& engine, const Command& command) {
  std::string why;
  lineup_error_sink errors{
      sizeof(lineup_error_sink), 0, &why,
      [](lineup_error_sink* sink, lineup_status, lineup_text message) {
        static_cast<std::string*>(sink->context)->assign(message.data, message.size);
      }};
  const lineup_status status =
      command.verb == "set"
          ? lineup_set_weight(&engine, text(command.scene), text(command.name), command.value,
                              command.ttl_ms, text(command.who), text(command.why), &errors)
          : lineup_clear_weight(&engine, text(command.scene), text(command.name), text(command.who),
                                text(command.why), &errors);
  if (status != LINEUP_OK) return answer(false, why);
  return answer(true, "ok", list(engine, command));
}

Result<Command> read(std::string_view bytes) {
  try {
    const Json json = Json::parse(bytes);
    if (!json.is_object()) return failure("weights/command", "the command is no JSON object");
    Command command;
    command.verb = json.value("verb", "");
    command.scene = json.value("scene", "");
    command.name = json.value("name", "");
    command.who = json.value("who", "").substr(0, kTextMax);
    command.why = json.value("why", "").substr(0, kTextMax);
    command.value = json.value("value", 0.0);
    command.ttl_ms = json.value("ttl_ms", std::int64_t{0});
    return command;
  } catch (const Json::exception& fault) {
    return failure("weights/command", fmt::format("the command cannot be read: {}", fault.what()));
  }
}

bool is_plain_name(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

void put_answer(const fs::path& directory, const std::string& id, const std::string& answer) {
  std::error_code fault;
  fs::create_directories(directory, fault);
  const fs::path target = directory / (id + ".json");
  const fs::path draft = directory / (id + ".new");
  {
    std::ofstream out(draft, std::ios::binary | std::ios::trunc);
    out << answer;
    if (!out.flush()) return;
  }
  fs::rename(draft, target, fault);
  std::vector<fs::directory_entry> kept;
  for (const auto& entry : fs::directory_iterator(directory, fault)) kept.push_back(entry);
  if (kept.size() <= kAnswersMax) return;
  std::sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) {
    std::error_code ignored;
    return a.last_write_time(ignored) < b.last_write_time(ignored);
  });
  for (std::size_t i = 0; i + kAnswersMax < kept.size(); ++i) fs::remove(kept[i].path(), fault);
}

void take_commands(lineup_engine& engine, const fs::path& desk) {
  std::error_code fault;
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(desk / "commands", fault)) {
    if (entry.path().extension() == ".json") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  for (const fs::path& place : found) {
    const std::string id = place.stem().string();
    std::string bytes;
    if (fs::file_size(place, fault) <= kCommandMax && !fault) {
      std::ifstream in(place, std::ios::binary);
      bytes.assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    // Taken away first: a command is obeyed once.
    fs::remove(place, fault);
    if (is_plain_name(id)) put_answer(desk / "answers", id, obey_weights(engine, bytes));
  }
}

}  // namespace

std::string obey_weights(lineup_engine& engine, std::string_view bytes) {
  const auto command = read(bytes);
  if (!command) return answer(false, command.error().message);
  if (command->verb == "list") return answer(true, "ok", list(engine, *command));
  if (command->verb == "history") return answer(true, "ok", history(engine, *command));
  if (command->verb == "set" || command->verb == "revert") return change(engine, *command);
  return answer(false, fmt::format("there is no command `{}`; write list, set, history or revert",
                                   command->verb.substr(0, 40)));
}

WeightsDesk::WeightsDesk(lineup_engine& engine, const std::string& state_directory)
    : engine_(engine),
      desk_(state_directory + "/weights"),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

WeightsDesk::~WeightsDesk() = default;

void WeightsDesk::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    take_commands(engine_, desk_);
    wake_.wait_for(lock, stop, kLook, [] { return false; });
  }
}

}  // namespace lineup
