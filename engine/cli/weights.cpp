// SPDX-License-Identifier: Apache-2.0
//
// `lineup weights`: the live values of a running engine, by its state directory. The engine decides
// what may be set and keeps the history; this asks it and shows what it says.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/manage/login_name.hpp"
#include "cli/print/print.hpp"
#include "cli/print/terminal.hpp"
#include "cli/print/text_table.hpp"
#include "cli/verbs.hpp"
#include "facade/facade.hpp"

namespace lineup::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string shown(const Json& value) {
  if (value.is_null()) return "-";
  return value.is_string() ? value.get<std::string>() : fmt::format("{:g}", value.get<double>());
}

void print_table(TextTable& table) {
  for (const std::string& line : table.lines(terminal_width(STDOUT_FILENO))) print_line(line);
}

void print_values(const Json& body) {
  TextTable table;
  table.add_column("scene");
  table.add_column("name", TextTable::Align::Left, TextTable::Shrink::Cut);
  for (const char* heading : {"policy", "live", "from", "to", "step"}) {
    table.add_column(heading, TextTable::Align::Right);
  }
  table.add_column("until");
  for (const Json& each : body) {
    table.add_row({shown(each.at("scene")), shown(each.at("name")), shown(each.at("policy")),
                   shown(each.at("live")), shown(each.at("min")), shown(each.at("max")),
                   shown(each.at("max_step")), shown(each.at("expires"))});
  }
  print_table(table);
}

void print_history(const Json& body) {
  TextTable table;
  for (const char* heading : {"at", "scene", "name"}) table.add_column(heading);
  for (const char* heading : {"before", "after"}) {
    table.add_column(heading, TextTable::Align::Right);
  }
  for (const char* heading : {"until", "who"}) table.add_column(heading);
  table.add_column("why, or why not", TextTable::Align::Left, TextTable::Shrink::Wrap);
  for (const Json& each : body) {
    const bool is_refused = !each.at("refused").is_null();
    table.add_row({shown(each.at("at")), shown(each.at("scene")), shown(each.at("name")),
                   shown(each.at("before")), shown(each.at("after")), shown(each.at("expires")),
                   shown(each.at("who")),
                   is_refused ? "refused: " + shown(each.at("refused")) : shown(each.at("why"))});
  }
  print_table(table);
}

DeskCommand command_of(const WeightsOptions& options) {
  DeskCommand command;
  command.verb = options.verb;
  command.who = options.who.empty() ? login_name() : options.who;
  command.why = options.why;
  command.scene = options.scene;
  command.name = options.name;
  command.value = options.value;
  command.ttl_ms = static_cast<std::int64_t>(options.ttl_s * 1000.0);
  return command;
}

}  // namespace

int weights_verb(const WeightsOptions& options) {
  const auto answer = tell_weights(options.state, command_of(options),
                                   static_cast<std::uint32_t>(std::max(options.wait_ms, 0)));
  if (!answer) return could_not_run(answer.error().message);
  const Json body = answer->body.empty() ? Json() : Json::parse(answer->body, nullptr, false);
  try {
    if (options.json) {
      print_line(
          Json{{"done", answer->is_done}, {"message", answer->message}, {"body", body}}.dump());
    } else if (!answer->is_done) {
      print_line("refused: " + answer->message);
    } else if (options.verb == "history") {
      print_history(body);
    } else {
      print_values(body);
    }
  } catch (const Json::exception& fault) {
    return could_not_run(fmt::format("the answer cannot be read: {}", fault.what()));
  }
  if (!print_done()) return kCouldNotRun;
  return answer->is_done ? kYes : kNo;
}

}  // namespace lineup::cli
