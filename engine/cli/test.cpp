// SPDX-License-Identifier: Apache-2.0
//
// `lineup test`: the cases that stand beside rules and plugins.
#include <fmt/format.h>
#include <unistd.h>

#include "cli/engine_handle.hpp"
#include "cli/print/print.hpp"
#include "cli/print/report_json.hpp"
#include "cli/print/terminal.hpp"
#include "cli/print/text_table.hpp"
#include "cli/verbs.hpp"

namespace lineup::cli {

namespace {

// Of 100: what is reached of what there is to reach.
double percent_of(const RuleCoverage& coverage) {
  std::size_t reached = 0;
  for (const RuleCoverage::Item& item : coverage.items) reached += item.is_reached ? 1U : 0U;
  return coverage.items.empty()
             ? 0.0
             : 100.0 * static_cast<double>(reached) / static_cast<double>(coverage.items.size());
}

void print_coverage(const RuleCoverage& coverage, bool is_enough, const Paint& paint) {
  std::string sorts;
  for (const char* sort : {"parameter", "kind", "branch", "line"}) {
    std::size_t all = 0;
    std::size_t reached = 0;
    for (const RuleCoverage::Item& item : coverage.items) {
      if (item.sort != sort) continue;
      ++all;
      reached += item.is_reached ? 1U : 0U;
    }
    if (all > 0) sorts += fmt::format(", {} {} of {}", sort, reached, all);
  }
  const std::string percent = fmt::format("{:3.0f} %", percent_of(coverage));
  print_line(fmt::format("{}  {}{}", is_enough ? percent : paint.red(percent), coverage.rule,
                         sorts.empty() ? ": the rule does not load" : sorts));
  std::string missing;
  for (const RuleCoverage::Item& item : coverage.items) {
    if (!item.is_reached) missing += fmt::format("{}{}", missing.empty() ? "" : ", ", item.what);
  }
  if (missing.empty()) return;
  for (const std::string& line : wrap("no case: " + missing, terminal_width(STDOUT_FILENO) - 7)) {
    print_line("       " + line);
  }
}

}  // namespace

int test_verb(const TestOptions& options) {
  const Paint paint(wants_color(STDOUT_FILENO));
  std::size_t failed = 0;
  const auto show = [&](const CaseResult& result) {
    if (!result.passed) ++failed;
    if (options.json) {
      print_line(case_json(result));
    } else if (result.passed) {
      print_line(fmt::format("{}  {}: {}", paint.green("passed"), result.of, result.name));
    } else {
      print_line(fmt::format("{}  {}: {}", paint.red("failed"), result.of, result.name));
      print_line(fmt::format("        {}:{}: {}", result.file, result.line, result.message));
    }
  };
  Places places = places_of(options.bundle);
  places.at_ms = options.at;
  const bool wants_coverage = options.coverage || options.min_coverage > 0.0;
  std::vector<RuleCoverage> coverage;
  const auto results =
      run_cases(places, {options.rule, options.plugin}, show, wants_coverage ? &coverage : nullptr);
  if (results.empty()) {
    if (!options.rule.empty()) {
      return could_not_run(fmt::format("no cases found for rule `{}`", options.rule));
    }
    if (!options.plugin.empty()) {
      return could_not_run(fmt::format("no cases found for plugin `{}`", options.plugin));
    }
    return could_not_run(
        "no cases found: a rule `NAME.lua` or a plugin `NAME.so` has them in `NAME.cases.yaml`");
  }
  std::size_t below = 0;
  for (const RuleCoverage& each : coverage) {
    const bool is_enough = percent_of(each) >= options.min_coverage;
    if (!is_enough) ++below;
    if (options.json) {
      print_line(coverage_json(each, percent_of(each)));
    } else {
      print_coverage(each, is_enough, paint);
    }
  }
  if (!options.json && below > 0) {
    print_line(fmt::format("{} below {:.6g} %: {} of {}", paint.red("coverage"),
                           options.min_coverage, below, coverage.size()));
  }
  if (!options.json) {
    print_line(fmt::format("{} passed, {} failed", results.size() - failed, failed));
  }
  if (!print_done()) return kCouldNotRun;
  return failed > 0 || below > 0 ? kNo : kYes;
}

}  // namespace lineup::cli
