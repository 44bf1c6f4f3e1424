// SPDX-License-Identifier: Apache-2.0
#include "facade/state/weights_desk.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "facade/engine_state.hpp"

namespace lineup {

namespace {

using Json = nlohmann::ordered_json;

// How often the desk is looked at: a look is one call that finds no directory.
constexpr std::chrono::milliseconds kLook{20};

DeskAnswer done(const Json& body) {
  return {true, "ok", body.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

Json time_or_null(std::int64_t ms) {
  return ms <= 0 || ms == INT64_MAX ? Json(nullptr) : Json(format_time(ms));
}

Json number_or_null(double value) { return std::isnan(value) ? Json(nullptr) : Json(value); }

// Every dial of every scene, or of one: what the policy says, its bounds, what is set now.
Json list(lineup_engine& engine, const DeskCommand& command) {
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

Json history(lineup_engine& engine, const DeskCommand& command) {
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
DeskAnswer change(lineup_engine& engine, const DeskCommand& command) {
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
  if (status != LINEUP_OK) return {false, why, {}};
  return done(list(engine, command));
}

}  // namespace

DeskAnswer obey_weights(lineup_engine& engine, const DeskCommand& command) {
  if (command.verb == "list") return done(list(engine, command));
  if (command.verb == "history") return done(history(engine, command));
  if (command.verb == "set" || command.verb == "revert") return change(engine, command);
  return {false,
          fmt::format("there is no command `{}`; write list, set, history or revert",
                      command.verb.substr(0, 40)),
          {}};
}

WeightsDesk::WeightsDesk(lineup_engine& engine, const std::string& state_directory)
    : engine_(engine),
      desk_(state_directory + "/weights"),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

WeightsDesk::~WeightsDesk() = default;

void WeightsDesk::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    desk_.take([this](const DeskCommand& command) { return obey_weights(engine_, command); });
    wake_.wait_for(lock, stop, kLook, [] { return false; });
  }
}

}  // namespace lineup
