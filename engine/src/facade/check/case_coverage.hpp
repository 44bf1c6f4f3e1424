// SPDX-License-Identifier: Apache-2.0
//
// How much of a rule its cases reach.
#pragma once

#include <string>
#include <vector>

#include "facade/facade.hpp"
#include "policy/cases.hpp"
#include "script/coverage.hpp"

namespace lineup {

// `path`: of the rule file; `ran`: what was noted while `cases` ran.
[[nodiscard]] RuleCoverage coverage_of(const std::string& rule, const std::string& path,
                                       const std::vector<RuleCase>& cases,
                                       const ScriptCoverage& ran);

}  // namespace lineup
