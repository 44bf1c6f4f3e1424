// SPDX-License-Identifier: Apache-2.0
//
// What the solver is judged by: units of violation counted straight from the definitions of the
// kinds, and the best page found by trying all of them. Slow and obvious on purpose; it shares
// nothing with the engine but the types of a problem.
#pragma once

#include <cstdint>
#include <vector>

#include "constraint/problem.hpp"

namespace lineup::brute {

using Rows = std::vector<std::uint32_t>;

// Units of violation of one constraint on a finished page; opaque ones are asked row by row.
std::uint32_t units_of(const Problem& problem, const Constraint& constraint, const Rows& page);

// The same of the kinds that brute_kinds.cpp counts.
std::uint32_t adjacent_units(const Constraint& adjacent, const Rows& page);
std::uint32_t order_units(const Constraint& order, const Rows& page);
std::uint32_t similar_units(const Problem& problem, const Constraint& similar, const Rows& page);
std::uint32_t budget_units(const Constraint& budget, const Rows& page);
std::uint32_t mix_units(const Constraint& mix, const Rows& page);

struct Score {
  std::uint32_t required = 0;
  std::vector<std::uint32_t> levels;  // [level_count]
  double value = 0.0;
  double penalty = 0.0;
  [[nodiscard]] double total() const { return value - penalty; }
};

Score score_of(const Problem& problem, const Rows& page);

// Whether `a` is better than `b`: fewer violations, then a larger total, then the smaller sequence.
bool is_better(const Score& a, const Rows& a_rows, const Score& b, const Rows& b_rows);

struct Best {
  Rows rows;
  Score score;
};

// The best page of the longest length that breaks no required rule; the prefix itself when every
// length does.
Best best_page(const Problem& problem, const Rows& prefix = {});

}  // namespace lineup::brute
