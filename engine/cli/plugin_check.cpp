// SPDX-License-Identifier: Apache-2.0
//
// `lineup plugin check`: the conformance cases, one line each.
#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "cli/print/print.hpp"
#include "cli/print/report_json.hpp"
#include "cli/print/terminal.hpp"
#include "cli/verbs.hpp"
#include "facade/facade.hpp"

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

int print_list(bool json) {
  const std::vector<PluginCheck> list = list_plugin_checks();
  if (json) print_line(plugin_cases_json(list));
  for (const PluginCheck& each : list) {
    if (!json) print_line(fmt::format("{:<18} {}", each.name, each.about));
  }
  return print_done() ? kYes : kCouldNotRun;
}

// The JSON itself, or what the file of that name holds.
Result<std::string> read_config(const std::string& given) {
  if (given.empty() || given.find('{') != std::string::npos) return given;
  std::ifstream stream(given, std::ios::binary);
  if (!stream) {
    return failure("cli/config", fmt::format("`{}` is neither a JSON object nor a file that can "
                                             "be read",
                                             given));
  }
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

Result<std::vector<PluginCheck>> run(const PluginCheckOptions& options) {
  PluginCheckRequest request{options.path, options.cases, options.timeout_ms,
                             {},           options.seed,  options.reproduce};
  auto config = read_config(options.config);
  if (!config) return tl::unexpected(config.error());
  request.config = *std::move(config);
  if (!options.in_process) return check_plugin(request);
  if (options.cases.size() != 1) {
    return failure("cli/case", "--in-process runs one case: give --case once");
  }
  auto check = check_plugin_here(request);
  if (!check) return tl::unexpected(check.error());
  return std::vector<PluginCheck>{*std::move(check)};
}

}  // namespace

int plugin_check_verb(const PluginCheckOptions& options) {
  if (options.list) return print_list(options.json);
  if (options.path.empty()) return could_not_run("which plugin? give its file: FILE.so");
  const auto checks = run(options);
  if (!checks) return could_not_run(checks.error().message);
  const Paint paint(wants_color(STDOUT_FILENO));
  std::size_t faults = 0;
  for (const PluginCheck& check : *checks) {
    if (is_fault(check)) ++faults;
    if (options.json) continue;
    print_line(fmt::format("{} {:<18} {}", painted(check, paint), check.name,
                           check.message.empty() ? check.about : check.message));
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
