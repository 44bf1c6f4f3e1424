// SPDX-License-Identifier: Apache-2.0
//
// From a number as written to the number of this request: live values, fractions, rounding. See
// instantiate() in compile.hpp for the rules.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include "constraint/problem.hpp"
#include "constraint/spec.hpp"

namespace lineup {

// What `amount` says now, not rounded, a fraction not yet taken of anything.
[[nodiscard]] inline double value_of(const Amount& amount, std::span<const double> live) {
  const auto index = static_cast<std::size_t>(amount.live);
  return amount.live >= 0 && index < live.size() ? live[index] : amount.value;
}

// LIMIT: a million slots, as in compile_check.cpp; live values can go past what was compiled.
[[nodiscard]] inline std::uint32_t to_slots(double value) {
  return value >= 1.0 ? static_cast<std::uint32_t>(std::min(value, 1e6)) : 0;
}

// The two roundings forgive what binary fractions add: 7 % of 100 is 7, not 8.
inline constexpr double kRoundingSlack = 1e-9;

// `amount` as a maximum over `present` slots.
[[nodiscard]] inline std::uint32_t at_most(const Amount& amount, std::span<const double> live,
                                           std::uint32_t present) {
  if (!amount.is_given()) return kUnlimited;
  const double value = value_of(amount, live);
  const double scale = amount.unit == Amount::Unit::Fraction ? present : 1.0;
  return to_slots(std::floor(value * scale + kRoundingSlack));
}

// `amount` as a minimum or a gap over `present` slots.
[[nodiscard]] inline std::uint32_t at_least(const Amount& amount, std::span<const double> live,
                                            std::uint32_t present) {
  if (!amount.is_given()) return 0;
  const double value = value_of(amount, live);
  const double scale = amount.unit == Amount::Unit::Fraction ? present : 1.0;
  return to_slots(std::ceil(value * scale - kRoundingSlack));
}

}  // namespace lineup
