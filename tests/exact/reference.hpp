// SPDX-License-Identifier: Apache-2.0
//
// The best page by an integer program: required rules first, then level by level, then the total.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "constraint/problem.hpp"

namespace lineup::exact {

struct Best {
  std::vector<std::uint32_t> rows;
  std::vector<std::uint32_t> levels;  // units of every priority
  double total = 0.0;
};

// The longest page that keeps required rules, with the fewest units, and of those the largest
// value less penalty. Nothing when CBC did not prove one of its steps in time. REQUIRES:
// can_express(problem).
[[nodiscard]] std::optional<Best> best_page(const Problem& problem, double seconds_max);

}  // namespace lineup::exact
