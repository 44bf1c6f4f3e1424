// SPDX-License-Identifier: Apache-2.0
//
// From a rule's case to what the engine serves: a policy with that one rule, and owned rows.
#pragma once

#include <string>

#include "base/result.hpp"
#include "policy/cases.hpp"
#include "table/owned_rows.hpp"

namespace lineup {

// The text of a policy for `scene` that uses `rule` as the case says. `with_priority` adds one
// where the case does not say how strongly the rule holds.
[[nodiscard]] std::string case_policy(const RuleCase& rule_case, const std::string& rule,
                                      const std::string& scene, bool with_priority);

// The rows as columns. Errors: table/..., with the row.
[[nodiscard]] Result<void> fill_rows(const std::vector<YamlNode>& rows, OwnedRows& out);

}  // namespace lineup
