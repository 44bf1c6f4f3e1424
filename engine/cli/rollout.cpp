// SPDX-License-Identifier: Apache-2.0
//
// `lineup rollout`: what a running engine tries, serves and refuses, and what a person tells it to
// do about that.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/manage/login_name.hpp"
#include "cli/manage/rollout_verbs.hpp"
#include "cli/print/print.hpp"
#include "cli/verbs.hpp"
#include "facade/facade.hpp"

namespace lineup::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& json, const char* key) {
  return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : "";
}

void print_entry(const char* label, const Json& entry) {
  const std::string author = text_of(entry, "author");
  print_line(fmt::format("{:<12}{}  since {}{}{}", label, text_of(entry, "revision"),
                         text_of(entry, "since"), author.empty() ? "" : "  by ", author));
  if (!entry.contains("report")) return;
  const Json& report = entry["report"];
  const std::string file = text_of(report, "file");
  print_line(fmt::format("{:<12}{}: {}{}{}", "", text_of(report, "stage"),
                         file.empty() ? "" : fmt::format("{}:{}: ", file, report.value("line", 0)),
                         text_of(report, "message"),
                         text_of(report, "hint").empty() ? "" : "; " + text_of(report, "hint")));
}

void print_counts(const char* label, const Json& tally) {
  print_line(fmt::format(
      "{:<12}{} requests, {} errors, {} fallbacks, {} empty, {} late, {} breaches, {} changed, "
      "p99 {:.0f} us",
      label, tally.value("requests", 0ULL), tally.value("errors", 0ULL),
      tally.value("fallbacks", 0ULL), tally.value("empty", 0ULL), tally.value("late", 0ULL),
      tally.value("breaches", 0ULL), tally.value("changed", 0ULL), tally.value("p99_us", 0.0)));
}

void print_status(const Json& status) {
  if (status.value("pass_through", false)) {
    print_line("serves      the built-in pass-through: by score, without rules");
  }
  if (!status["active"].is_null()) print_entry("serves", status["active"]);
  if (status.contains("trial") && !status["trial"].is_null()) {
    const Json& trial = status["trial"];
    print_line(fmt::format("{:<12}{}  {} since {}{}{}{}", "on trial", text_of(trial, "revision"),
                           text_of(trial, "phase"), text_of(trial, "since"),
                           text_of(trial, "until").empty() ? "" : " until ",
                           text_of(trial, "until"),
                           text_of(trial, "why").empty() ? "" : ": " + text_of(trial, "why")));
    print_counts("  it", trial["candidate"]);
    print_counts("  before", trial["before"]);
  }
  if (status.contains("watch") && !status["watch"].is_null()) {
    print_line(fmt::format("{:<12}until {}", "watched", text_of(status["watch"], "until")));
    print_counts("  it", status["watch"]["active"]);
    print_counts("  before", status["watch"]["before"]);
  }
  for (const Json& entry : status["good"]) print_entry("good", entry);
  for (const Json& entry : status["quarantine"]) {
    print_entry(text_of(entry, "stage") == "rolled back" ? "rolled back" : "quarantine", entry);
  }
  if (!text_of(status, "last_verdict").empty()) {
    print_line(fmt::format("{:<12}{}", "last", text_of(status, "last_verdict")));
  }
}

}  // namespace

int rollout_verb(const RolloutOptions& options) {
  DeskCommand command;
  command.verb = options.verb;
  command.who = options.who.empty() ? login_name() : options.who;
  command.why = options.why;
  const auto reply = tell_rollout(options.state, command, options.timeout_ms);
  if (!reply) return could_not_run(reply.error().message);
  const DeskAnswer& answer = reply->answer;
  const Json status = Json::parse(answer.body, nullptr, false);
  if (status.is_discarded()) return could_not_run("the engine's status cannot be read");
  if (options.json) {
    print_line(Json{
        {"running", reply->is_running},
        {"done", answer.is_done},
        {"message", answer.message},
        {"rollout",
         status}}.dump());
  } else if (options.verb == "status") {
    if (!reply->is_running) print_line(answer.message);
    print_status(status);
  } else {
    print_line(answer.message);
  }
  if (!print_done()) return kCouldNotRun;
  return answer.is_done ? kYes : kNo;
}

}  // namespace lineup::cli
