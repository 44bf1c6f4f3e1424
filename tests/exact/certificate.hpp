// SPDX-License-Identifier: Apache-2.0
//
// What no page can be worth more than: for pages too large to be solved.
#pragma once

#include <optional>

#include "constraint/problem.hpp"

namespace lineup::exact {

// The relaxed program's optimum over pages of `length` that keep every hard rule: rows may be
// split. Nothing when it was not solved in time. REQUIRES: can_express(problem).
[[nodiscard]] std::optional<double> relaxed_bound(const Problem& problem, std::uint32_t length,
                                                  double seconds_max);

}  // namespace lineup::exact
