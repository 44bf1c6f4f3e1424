// SPDX-License-Identifier: Apache-2.0
//
// The conformance suite as the program sees it: its reports under the facade's names.
#include "conformance/cases.hpp"
#include "conformance/suite.hpp"
#include "facade/facade.hpp"

namespace lineup {

namespace {

SuiteOptions options_of(const PluginCheckRequest& request) {
  SuiteOptions options;
  options.program = first_party().probe;
  options.timeout_ms = request.timeout_ms;
  options.cases = request.cases;
  options.config = request.config;
  options.seed = request.seed;
  options.reproduce = request.reproduce;
  return options;
}

PluginCheck check_of(CaseReport report) {
  return {std::move(report.name), std::move(report.verdict), std::move(report.message),
          std::move(report.about)};
}

}  // namespace

std::vector<PluginCheck> list_plugin_checks() {
  std::vector<PluginCheck> list;
  for (const ConformanceCase& each : conformance_cases()) {
    list.push_back({each.name, {}, {}, each.about});
  }
  return list;
}

Result<std::vector<PluginCheck>> check_plugin(const PluginCheckRequest& request) {
  auto reports = run_suite(request.path, options_of(request));
  if (!reports) return tl::unexpected(reports.error());
  std::vector<PluginCheck> checks;
  for (CaseReport& report : *reports) checks.push_back(check_of(std::move(report)));
  return checks;
}

Result<PluginCheck> check_plugin_here(const PluginCheckRequest& request) {
  auto report = run_case_here(request.path, request.cases.empty() ? "" : request.cases.front(),
                              options_of(request));
  if (!report) return tl::unexpected(report.error());
  return check_of(*std::move(report));
}

}  // namespace lineup
