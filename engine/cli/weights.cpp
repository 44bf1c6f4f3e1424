// SPDX-License-Identifier: Apache-2.0
//
// `lineup weights`: the live values of a running engine, by its state directory. The engine decides
// what may be set and keeps the history; this asks it and shows what it says.
#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cli/print.hpp"
#include "cli/state_command.hpp"
#include "cli/terminal.hpp"
#include "cli/text_table.hpp"
#include "cli/verbs.hpp"

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

Json command_of(const WeightsOptions& options, const std::string& id) {
  return {{"lineup_command", 1},
          {"id", id},
          {"verb", options.verb},
          {"scene", options.scene},
          {"name", options.name},
          {"value", options.value},
          {"ttl_ms", static_cast<std::int64_t>(options.ttl_s * 1000.0)},
          {"who", options.who.empty() ? login_name() : options.who},
          {"why", options.why}};
}

}  // namespace

int weights_verb(const WeightsOptions& options) {
  const std::string id = new_command_id();
  const auto text =
      ask_engine(options.state + "/weights", id, command_of(options, id).dump(), options.wait_ms);
  if (!text) return could_not_run(text.error().message);
  Json answer;
  try {
    answer = Json::parse(*text);
    const bool is_done = answer.at("done").get<bool>();
    if (options.json) {
      print_line(answer.dump());
    } else if (!is_done) {
      print_line("refused: " + answer.at("message").get<std::string>());
    } else if (options.verb == "history") {
      print_history(answer.at("body"));
    } else {
      print_values(answer.at("body"));
    }
    if (!print_done()) return kCouldNotRun;
    return is_done ? kYes : kNo;
  } catch (const Json::exception& fault) {
    return could_not_run(fmt::format("the answer cannot be read: {}", fault.what()));
  }
}

}  // namespace lineup::cli
