// SPDX-License-Identifier: Apache-2.0
//
// `lineup check`: everything that is wrong with a bundle, all at once.
#include <fmt/format.h>
#include <unistd.h>

#include <optional>

#include "cli/engine_handle.hpp"
#include "cli/interrupt.hpp"
#include "cli/print/print.hpp"
#include "cli/print/report_json.hpp"
#include "cli/print/terminal.hpp"
#include "cli/print/text_table.hpp"
#include "cli/request/request_survey.hpp"
#include "cli/verbs.hpp"

namespace lineup::cli {

namespace {

std::string counted(std::size_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

// How often every rule applied and acted, as a table.
void print_survey(const RequestSurvey& survey) {
  TextTable table;
  table.add_column("scene");
  table.add_column("rule", TextTable::Align::Left, TextTable::Shrink::Cut);
  for (const char* heading : {"requests", "applied", "acted", "given up"}) {
    table.add_column(heading, TextTable::Align::Right);
  }
  for (const auto& [name, rule] : survey.rules) {
    if (rule.requests == 0) continue;
    table.add_row({name.first, name.second, std::to_string(rule.requests),
                   std::to_string(rule.active), std::to_string(rule.acted),
                   std::to_string(rule.given_up)});
  }
  for (const std::string& line : table.lines(terminal_width(STDOUT_FILENO))) print_line(line);
}

void print_for_people(const CheckReport& report, const RequestSurvey* survey) {
  const bool color = wants_color(STDOUT_FILENO);
  const Paint paint(color);
  std::size_t errors = 0;
  std::size_t warnings = 0;
  for (const Diagnostic& found : report.diagnostics.all()) {
    ++(found.severity == Severity::Error ? errors : warnings);
    const auto source = report.sources.find(found.span.file);
    std::string text =
        render(found, source == report.sources.end() ? "" : source->second, {.color = color});
    if (text.ends_with('\n')) text.pop_back();
    print_line(text);
  }
  if (survey != nullptr) print_survey(*survey);
  if (errors > 0) {
    print_line(fmt::format("{}: {}, {}", paint.red("not ok"), counted(errors, "error"),
                           counted(warnings, "warning")));
    return;
  }
  std::string scenes;
  for (const std::string& scene : report.scenes) {
    scenes += fmt::format("{}{}", scenes.empty() ? "" : ", ", scene);
  }
  print_line(fmt::format("{}: {}{}{}, revision {}{}", paint.green("ok"),
                         counted(report.scenes.size(), "scene"), scenes.empty() ? "" : ": ", scenes,
                         report.revision,
                         warnings > 0 ? fmt::format(", {}", counted(warnings, "warning")) : ""));
}

}  // namespace

int check_verb(const CheckOptions& options) {
  Places places = places_of(options.bundle);
  places.at_ms = options.at;
  CheckReport report = check_bundle(places);
  std::optional<RequestSurvey> survey;
  // Requests say nothing about a bundle that cannot be served.
  if (!options.requests.empty() && !report.diagnostics.has_errors()) {
    const auto engine = open_engine(options.bundle);
    if (!engine) return could_not_run(engine.error().message);
    auto done = survey_requests(*engine, options.requests, options.at);
    if (!done) return could_not_run(done.error().message);
    if (interrupted() != 0) return interrupted_exit_code();
    survey = *std::move(done);
    add_survey_findings(*survey, report);
    report.diagnostics.sort();
  }
  if (options.json) {
    print_line(check_json(report, survey ? &*survey : nullptr));
  } else {
    print_for_people(report, survey ? &*survey : nullptr);
  }
  if (!print_done()) return kCouldNotRun;
  return report.diagnostics.has_errors() ? kNo : kYes;
}

}  // namespace lineup::cli
