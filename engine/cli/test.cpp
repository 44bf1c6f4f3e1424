// SPDX-License-Identifier: Apache-2.0
//
// `lineup test`: the cases that stand beside the rules.
#include <fmt/format.h>
#include <unistd.h>

#include "cli/engine_handle.hpp"
#include "cli/print.hpp"
#include "cli/report_json.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"

namespace lineup::cli {

int test_verb(const TestOptions& options) {
  const Paint paint(wants_color(STDOUT_FILENO));
  std::size_t failed = 0;
  const auto show = [&](const CaseResult& result) {
    if (!result.passed) ++failed;
    if (options.json) {
      print_line(case_json(result));
    } else if (result.passed) {
      print_line(fmt::format("{}  {}: {}", paint.green("passed"), result.rule, result.name));
    } else {
      print_line(fmt::format("{}  {}: {}", paint.red("failed"), result.rule, result.name));
      print_line(fmt::format("        {}:{}: {}", result.file, result.line, result.message));
    }
  };
  Places places = places_of(options.bundle);
  places.at_ms = options.at;
  const auto results = run_cases(places, options.rule, show);
  if (results.empty()) {
    return could_not_run(options.rule.empty()
                             ? "no cases found: a rule `NAME.lua` has them in `NAME.cases.yaml`"
                             : fmt::format("no cases found for rule `{}`", options.rule));
  }
  if (!options.json) {
    print_line(fmt::format("{} passed, {} failed", results.size() - failed, failed));
  }
  if (!print_done()) return kCouldNotRun;
  return failed > 0 ? kNo : kYes;
}

}  // namespace lineup::cli
