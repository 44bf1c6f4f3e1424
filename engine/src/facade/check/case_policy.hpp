// SPDX-License-Identifier: Apache-2.0
//
// From a case to what the engine serves: a policy with that one rule or node, and owned rows.
#pragma once

#include <string>

#include "base/result.hpp"
#include "policy/cases.hpp"
#include "table/owned_rows.hpp"

namespace lineup {

// What cases are of.
struct CaseSubject {
  enum class Kind { Rule, Plugin };
  Kind kind = Kind::Rule;
  std::string name;
};

// The text of a policy for `scene` that uses the subject as the case says. `with_priority` adds one
// where the case does not say how strongly the rule holds.
[[nodiscard]] std::string case_policy(const RuleCase& rule_case, const CaseSubject& subject,
                                      const std::string& scene, bool with_priority);

// The rows as columns. Errors: table/..., with the row.
[[nodiscard]] Result<void> fill_rows(const std::vector<YamlNode>& rows, OwnedRows& out);

}  // namespace lineup
