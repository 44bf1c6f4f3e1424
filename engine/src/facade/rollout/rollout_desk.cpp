// SPDX-License-Identifier: Apache-2.0
//
// Commands that people leave in the state directory, and what the rollout tells of itself.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "facade/engine_state.hpp"
#include "facade/rollout/rollout_control.hpp"
#include "facade/rollout/rollout_json.hpp"

namespace lineup {

namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Tally& tally) {
  return Json{
      {"requests", tally.requests},   {"errors", tally.errors},
      {"fallbacks", tally.fallbacks}, {"empty", tally.empty},
      {"late", tally.late},           {"breaches", tally.breaches},
      {"changed", tally.changed},     {"p99_us", static_cast<double>(tally.p99_ns()) / 1000.0}};
}

}  // namespace

std::string RolloutControl::status() const {
  const auto current = engine_.published.current();
  const std::lock_guard lock(mutex_);
  Json out = rollout_json(ledger_);
  out["state_directory"] = engine_.options.state_directory;
  out["pass_through"] = current != nullptr && current->is_pass_through;
  out["trial"] = nullptr;
  out["watch"] = nullptr;
  out["last_verdict"] = last_verdict_;
  if (on_trial_ != nullptr) {
    const Trial& trial = on_trial_->trial;
    out["trial"] = {
        {"revision", on_trial_->bundle->id},      {"phase", name_of(trial.phase())},
        {"since", format_time(trial.since_ms())}, {"verdict", name_of(trial.judgement().verdict)},
        {"why", trial.judgement().why},           {"candidate", json_of(on_trial_->candidate)},
        {"before", json_of(on_trial_->before)}};
    if (trial.phase() != Trial::Phase::Paused) {
      out["trial"]["until"] = format_time(trial.until_ms());
    }
  }
  if (watched_) {
    out["watch"] = {{"revision", watched_->revision->id},
                    {"until", format_time(watched_->watch.until_ms())},
                    {"active", json_of(watched_->revision->traffic->sum())},
                    {"before", json_of(watched_->before)}};
  }
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void RolloutControl::take_commands() {
  desk_.take([this](const DeskCommand& command) {
    DeskAnswer answer = obey(command);
    answer.body = status();
    return answer;
  });
}

DeskAnswer RolloutControl::obey(const DeskCommand& command) {
  if (command.verb == "status") return {true, "ok", {}};
  const std::string who = command.who.empty() ? "somebody" : command.who;
  const auto told = [&](Stage stage, const char* code, const char* what) {
    RolloutFault fault;
    fault.stage = stage;
    fault.code = code;
    fault.message =
        fmt::format("{} by {}{}{}", what, who, command.why.empty() ? "" : ": ", command.why);
    fault.hint = "these contents are not tried again: change them";
    return fault;
  };
  Result<std::string> done;
  if (command.verb == "promote") {
    done = promote(who);
  } else if (command.verb == "abort") {
    done = abort_trial(told(Stage::Shadow, "rollout/aborted", "aborted"));
  } else if (command.verb == "rollback") {
    done = roll_back(told(Stage::Active, "rollout/taken-back", "taken back"));
  } else {
    return {false,
            fmt::format("there is no command `{}`; write status, promote, abort or rollback",
                        command.verb.substr(0, 40)),
            {}};
  }
  const std::string& said = done ? *done : done.error().message;
  const auto current = engine_.published.current();
  engine_.audit.note({0, wall_ms(), who, "rollout",
                      current == nullptr ? std::string() : current->id, command.why,
                      done ? command.verb : "refused", said});
  engine_.log.write(LogLevel::Info,
                    fmt::format("rollout {} by {}{}{}: {}", command.verb, who,
                                command.why.empty() ? "" : ": ", command.why, said));
  return {done.has_value(), said, {}};
}

}  // namespace lineup
