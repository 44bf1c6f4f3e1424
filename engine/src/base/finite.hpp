// SPDX-License-Identifier: Apache-2.0
//
// Whether numbers are finite, for whole columns.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <span>

namespace lineup {

// Whether no value is NaN or infinite. A finite number times zero is zero and anything else is NaN,
// which no sum loses again; several sums side by side are a vector to the compiler. [any]
[[nodiscard]] inline bool all_finite(std::span<const double> values) {
  constexpr std::size_t kSums = 8;
  std::array<double, kSums> sums{};
  std::size_t i = 0;
  for (; i + kSums <= values.size(); i += kSums) {
    for (std::size_t s = 0; s < kSums; ++s) sums[s] += values[i + s] * 0.0;
  }
  double total = 0.0;
  for (const double sum : sums) total += sum;
  for (; i < values.size(); ++i) total += values[i] * 0.0;
  return !std::isnan(total);
}

}  // namespace lineup
