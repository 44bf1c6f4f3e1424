// SPDX-License-Identifier: Apache-2.0
//
// Code rules whose answers will not be remembered: an answer is found again by the values that the
// call read, and values that differ from row to row are never the same again. Reads that compare
// two rows answer yes, no or a small number, and repeat well.
#include <set>

#include "facade/check/lint.hpp"

namespace lineup {

void lint_code(const Plan& plan, Diagnostics& diagnostics) {
  std::set<const RuleFile*> said;
  for (const CodeUse& use : plan.code_uses) {
    if (said.insert(use.rule.get()).second) {
      warn_not_remembered(*use.rule, plan.schema, diagnostics);
    }
  }
}

}  // namespace lineup
