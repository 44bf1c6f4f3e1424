// SPDX-License-Identifier: Apache-2.0
//
// The verbs' reports for machines: one JSON value each, on one line.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/bench/bench_report.hpp"
#include "cli/explain/explanation.hpp"
#include "cli/manage/reload_status.hpp"
#include "cli/request/page_audit.hpp"
#include "cli/request/request_survey.hpp"
#include "facade/facade.hpp"

namespace lineup::cli {

[[nodiscard]] std::string check_json(const CheckReport& report,
                                     const RequestSurvey* survey = nullptr);
[[nodiscard]] std::string explanation_json(const RequestLine& request,
                                           const Explanation& explanation);
[[nodiscard]] std::string case_json(const CaseResult& result);
[[nodiscard]] std::string coverage_json(const RuleCoverage& coverage, double percent);
[[nodiscard]] std::string rule_json(const RuleDescription& rule);
[[nodiscard]] std::string plugin_check_json(const std::string& path,
                                            const std::vector<PluginCheck>& checks);
[[nodiscard]] std::string plugin_cases_json(const std::vector<PluginCheck>& cases);
[[nodiscard]] std::string audit_json(const AuditReport& report);
[[nodiscard]] std::string bench_json(const BenchReport& report);

// One event of `lineup watch`.
struct WatchEvent {
  std::string event;  // "page", "reloaded", "refused"
  std::string revision;
  const RequestLine* request = nullptr;  // page: whose
  std::span<const std::uint32_t> slate;  // page: rows
  std::string status;                    // page
  double elapsed_ms = 0.0;
  std::string message;                  // refused: what is wrong
  std::vector<Diagnostic> diagnostics;  // refused
};
[[nodiscard]] std::string watch_json(const WatchEvent& event);

// The outcome of a replay.
struct ReplayReport {
  std::string id;
  bool is_same = false;
  std::string recorded_revision, revision;
  std::string recorded, replayed;  // response lines
};
[[nodiscard]] std::string replay_json(const ReplayReport& report);

}  // namespace lineup::cli
