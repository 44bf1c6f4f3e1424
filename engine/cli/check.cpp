// SPDX-License-Identifier: Apache-2.0
//
// `lineup check`: everything that is wrong with a bundle, all at once.
#include <fmt/format.h>
#include <unistd.h>

#include "cli/engine_handle.hpp"
#include "cli/print.hpp"
#include "cli/report_json.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"

namespace lineup::cli {

namespace {

std::string counted(std::size_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

void print_for_people(const CheckReport& report) {
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
  const CheckReport report = check_bundle(places);
  if (options.json) {
    print_line(check_json(report));
  } else {
    print_for_people(report);
  }
  if (!print_done()) return kCouldNotRun;
  return report.diagnostics.has_errors() ? kNo : kYes;
}

}  // namespace lineup::cli
