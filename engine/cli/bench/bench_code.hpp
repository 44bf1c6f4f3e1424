// SPDX-License-Identifier: Apache-2.0
//
// The rules of w1 written as code: what a rule costs that no kind of constraint expresses.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lineup::cli {

// How the rules are written: asked row by row, with answers remembered or not, or of all rows at
// once (`allow_all`).
enum class CodeForm : std::uint8_t { Remembered, Plain, Vectorised };

// The rule files.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> bench_code_files(CodeForm form);
// Their uses in a policy.
[[nodiscard]] std::string bench_code_uses();

}  // namespace lineup::cli
