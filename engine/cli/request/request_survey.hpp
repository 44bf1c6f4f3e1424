// SPDX-License-Identifier: Apache-2.0
//
// What the rules of a bundle did on recorded requests: how often each applied, acted and was given
// up, and how many requests every segment had.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "cli/engine_handle.hpp"
#include "cli/explain/trace.hpp"
#include "cli/request/line_source.hpp"

namespace lineup::cli {

struct SurveyedRule {
  std::uint64_t requests = 0;                 // of its scene
  std::uint64_t active = 0;                   // it applied
  std::uint64_t acted = 0;                    // placed, held back, took out or boosted something
  std::uint64_t given_up = 0;                 // some violation of a rule that is not soft
  std::map<std::string, std::uint64_t> idle;  // why it did not apply -> requests
  std::string example;                        // the first request on which it was given up
  std::vector<TracedConflict> conflicts;      // of that request
};

using SceneName = std::pair<std::string, std::string>;  // scene, rule or segment

struct RequestSurvey {
  std::uint64_t requests = 0;
  std::uint64_t failed = 0;   // could not be read, or answered with an error
  std::string first_failure;  // with its line
  std::map<std::string, std::uint64_t> scenes;
  std::map<SceneName, SurveyedRule> rules;
  std::map<SceneName, std::uint64_t> segments;
};

// Ranks every request of the file, on all cores; `at` is the clock of all requests, when given.
// Errors: io/...
[[nodiscard]] Result<RequestSurvey> survey_requests(const EngineHandle& engine,
                                                    const std::string& path, At at);

// What is worth saying about it, as warnings (codes requests/...) at the places where `report` has
// the rules and segments.
void add_survey_findings(const RequestSurvey& survey, CheckReport& report);

}  // namespace lineup::cli
