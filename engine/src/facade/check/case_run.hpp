// SPDX-License-Identifier: Apache-2.0
//
// One case of a rule, run on an open engine as any host would, and compared with what it expects.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "lineup/engine.h"
#include "policy/cases.hpp"

namespace lineup {

// What came of a case that ran.
struct RuleCaseOutcome {
  std::string status;
  std::vector<std::string> slate;               // ids
  std::map<std::string, std::int64_t> relaxed;  // rule -> violations
  std::string error;
};

// Ranks the rows, or judges the page that is given, at `at_ms` where the case says no time. Errors:
// cases/..., table/...
[[nodiscard]] Result<RuleCaseOutcome> run_case(lineup_engine* engine, const RuleCase& rule_case,
                                               const std::string& scene,
                                               std::optional<std::int64_t> at_ms = {});

// How the outcome differs from what the case expects; empty: not at all.
[[nodiscard]] std::string difference(const RuleCase& expected, const RuleCaseOutcome& came);

}  // namespace lineup
