// SPDX-License-Identifier: Apache-2.0
//
// The rules of benchmark policies as text. The bundles bring rules of their own, so that a
// benchmark measures the engine and not whichever rules happen to be installed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lineup::cli {

// One rule file per kind of constraint, each handing its parameters on.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> bench_rule_files();

// A use of the rule `bench_<kind>`: `with` is what stands inside its braces, `strength` such as
// "priority: 50".
[[nodiscard]] std::string bench_use(std::string_view kind, std::string_view name,
                                    std::string_view with, std::string_view strength);

// A policy of the scene with these uses. `limits`: what stands inside its braces.
[[nodiscard]] std::string bench_policy(std::string_view scene, std::uint32_t page,
                                       std::string_view uses, std::string_view limits);

}  // namespace lineup::cli
