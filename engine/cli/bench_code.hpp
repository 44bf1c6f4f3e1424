// SPDX-License-Identifier: Apache-2.0
//
// The rules of w1 written as code: what a rule costs that no kind of constraint expresses.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace lineup::cli {

// The rule files. Without `remember` their code runs for every question.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> bench_code_files(bool remember);
// Their uses in a policy.
[[nodiscard]] std::string bench_code_uses();

}  // namespace lineup::cli
