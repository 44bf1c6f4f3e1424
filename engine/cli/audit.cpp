// SPDX-License-Identifier: Apache-2.0
//
// `lineup audit` and `lineup metrics`: what an engine wrote into its state directory.
#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "cli/manage/bundle_verbs.hpp"
#include "cli/print/print.hpp"
#include "cli/print/terminal.hpp"
#include "cli/print/text_table.hpp"
#include "cli/request/lines.hpp"
#include "cli/verbs.hpp"
#include "facade/trust_facade.hpp"

namespace lineup::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string json_of(const ChangeMade& change) {
  // What the engine wrote as JSON stays JSON.
  Json detail = Json::parse(change.detail, nullptr, false);
  if (detail.is_discarded()) detail = change.detail;
  const Json out{{"number", change.number}, {"at", format_time(change.at_ms)}, {"who", change.who},
                 {"what", change.what},     {"target", change.target},         {"why", change.why},
                 {"result", change.result}, {"detail", std::move(detail)}};
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The sentence of what was refused; the rest of a detail is for machines.
std::string message_of(const ChangeMade& change) {
  const Json detail = Json::parse(change.detail, nullptr, false);
  if (detail.is_object()) return detail.value("message", "");
  return detail.is_discarded() ? change.detail : std::string();
}

void print_table(const std::vector<ChangeMade>& changes) {
  TextTable table;
  table.add_column("at");
  table.add_column("who");
  table.add_column("what");
  table.add_column("target", TextTable::Align::Left, TextTable::Shrink::Cut);
  table.add_column("result");
  table.add_column("why", TextTable::Align::Left, TextTable::Shrink::Wrap);
  table.add_column("message", TextTable::Align::Left, TextTable::Shrink::Wrap);
  for (const ChangeMade& change : changes) {
    table.add_row({format_time(change.at_ms), change.who, change.what, change.target, change.result,
                   change.why, message_of(change)});
  }
  for (const std::string& line : table.lines(terminal_width(STDOUT_FILENO))) print_line(line);
}

}  // namespace

int changes_verb(const ChangesOptions& options) {
  const auto changes = read_changes(options.state, options.since.value_or(INT64_MIN), options.most);
  if (!changes) return could_not_run(changes.error().message);
  if (options.json) {
    for (const ChangeMade& change : *changes) print_line(json_of(change));
  } else if (!changes->empty()) {
    print_table(*changes);
  } else {
    print_line("no changes");
  }
  if (!print_done()) return kCouldNotRun;
  return changes->empty() ? kNo : kYes;
}

int metrics_verb(const MetricsOptions& options) {
  auto text = read_text_file(options.state + "/metrics.prom");
  if (!text) return could_not_run(text.error().message);
  if (text->ends_with('\n')) text->pop_back();
  print_line(*text);
  return print_done() ? kYes : kCouldNotRun;
}

}  // namespace lineup::cli
