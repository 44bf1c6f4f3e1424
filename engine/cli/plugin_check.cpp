// SPDX-License-Identifier: Apache-2.0
//
// `lineup plugin check`: the conformance cases, one line each.
#include <fmt/format.h>
#include <unistd.h>

#include "cli/print.hpp"
#include "cli/report_json.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "facade.hpp"

namespace lineup::cli {

namespace {

bool is_fault(const PluginCheck& check) {
  return check.verdict == "failed" || check.verdict == "crashed";
}

std::string painted(const PluginCheck& check, const Paint& paint) {
  const std::string verdict = fmt::format("{:<8}", check.verdict);
  if (is_fault(check)) return paint.red(verdict);
  if (check.verdict == "passed") return paint.green(verdict);
  return paint.yellow(verdict);
}

}  // namespace

int plugin_check_verb(const PluginCheckOptions& options) {
  const auto checks = check_plugin(options.path);
  if (!checks) return could_not_run(checks.error().message);
  const Paint paint(wants_color(STDOUT_FILENO));
  std::size_t faults = 0;
  for (const PluginCheck& check : *checks) {
    if (is_fault(check)) ++faults;
    if (options.json) continue;
    print_line(fmt::format("{} {}{}{}", painted(check, paint), check.name,
                           check.message.empty() ? "" : ": ", check.message));
  }
  if (options.json) {
    print_line(plugin_check_json(options.path, *checks));
  } else {
    print_line(fmt::format("{}: {} cases, {} at fault",
                           faults == 0 ? paint.green("ok") : paint.red("not ok"), checks->size(),
                           faults));
  }
  if (!print_done()) return kCouldNotRun;
  return faults > 0 ? kNo : kYes;
}

}  // namespace lineup::cli
