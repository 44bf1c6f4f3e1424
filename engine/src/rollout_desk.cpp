// SPDX-License-Identifier: Apache-2.0
//
// Commands that people leave in the state directory, and what the rollout tells of itself.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "engine_state.hpp"
#include "rollout_control.hpp"
#include "rollout_json.hpp"

namespace lineup {

namespace {

using Json = nlohmann::ordered_json;

// LIMIT: answers that nobody fetched; beyond, the oldest names go.
constexpr std::size_t kAnswersMax = 64;

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
  for (const std::string& name : files_.list(path("commands"))) {
    if (!name.ends_with(".json")) continue;  // it is being written
    const std::string place = path("commands") + "/" + name;
    const auto text = files_.read(place);
    // Taken away first: a command is obeyed once, even when obeying it kills the engine.
    (void)files_.remove(place);
    if (!text) continue;
    const auto command = parse_command(*text);
    const std::string id =
        command ? command->id : name.substr(0, name.size() - std::string_view(".json").size());
    if (!is_command_id(id)) continue;
    RolloutAnswer answer;
    if (command) {
      answer = obey(*command);
    } else {
      answer.message = command.error().message;
    }
    answer.status = status();
    const std::string target = path("answers") + "/" + id + ".json";
    if (auto written = files_.write(target + ".new", write_answer(answer)); written) {
      (void)files_.rename(target + ".new", target);
    }
    const auto answers = files_.list(path("answers"));
    for (std::size_t i = 0; i + kAnswersMax < answers.size(); ++i) {
      if (answers[i] != id + ".json") (void)files_.remove(path("answers") + "/" + answers[i]);
    }
  }
}

RolloutAnswer RolloutControl::obey(const RolloutCommand& command) {
  const std::string who = command.who.empty() ? "somebody" : command.who;
  const auto told = [&](const char* code, const char* what) {
    RolloutFault fault;
    fault.stage = command.verb == RolloutVerb::Rollback ? Stage::Active : Stage::Shadow;
    fault.code = code;
    fault.message =
        fmt::format("{} by {}{}{}", what, who, command.why.empty() ? "" : ": ", command.why);
    fault.hint = "these contents are not tried again: change them";
    return fault;
  };
  Result<std::string> done = std::string("ok");
  if (command.verb == RolloutVerb::Promote) done = promote(who);
  if (command.verb == RolloutVerb::Abort) done = abort_trial(told("rollout/aborted", "aborted"));
  if (command.verb == RolloutVerb::Rollback) {
    done = roll_back(told("rollout/taken-back", "taken back"));
  }
  if (command.verb != RolloutVerb::Status) {
    const auto current = engine_.published.current();
    engine_.audit.note({0, wall_ms(), who, "rollout",
                        current == nullptr ? std::string() : current->id, command.why,
                        done ? std::string(name_of(command.verb)) : "refused",
                        done ? *done : done.error().message});
    engine_.log.write(LogLevel::Info, fmt::format("rollout {} by {}{}{}: {}", name_of(command.verb),
                                                  who, command.why.empty() ? "" : ": ", command.why,
                                                  done ? *done : done.error().message));
  }
  return {done.has_value(), done ? *done : done.error().message, {}};
}

}  // namespace lineup
