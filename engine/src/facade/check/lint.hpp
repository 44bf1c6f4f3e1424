// SPDX-License-Identifier: Apache-2.0
//
// What is allowed and probably not meant: findings about a compiled policy, all of them warnings.
// `lineup check` says them; serving does not look.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "plan/plan.hpp"

namespace lineup {

// Codes lint/...: expired, over, expires-soon, ends-soon, past-page, no-effect, never-fires,
// pins-one-slot, pin-two-slots, contradiction, duplicate, shadowed, minimums, unused-segment,
// empty-list. `now_ms`: the time at which the policy is to serve. A plan that is not complete,
// because parts of the policy have errors, is not searched for what nothing reads. [control]
void lint(const Plan& plan, std::int64_t now_ms, bool is_complete, Diagnostics& diagnostics);

// lint/not-remembered: reads of code rules that differ from row to row. A part of lint(). [control]
void lint_code(const Plan& plan, Diagnostics& diagnostics);

// lint/unused-list: lists that no policy reads, at the files that hold them. [control]
struct ListFile {
  std::string name;
  std::string path;
};
void lint_lists(const std::vector<const Plan*>& plans, const std::vector<ListFile>& lists,
                Diagnostics& diagnostics);

// Whether a condition or code of the plan has the name ("list.blocked") in it.
[[nodiscard]] bool reads_name(const Plan& plan, const std::string& name);

}  // namespace lineup
