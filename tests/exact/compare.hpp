// SPDX-License-Identifier: Apache-2.0
//
// The solver's answers beside the truth, counted.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "constraint/solve.hpp"
#include "exact/families.hpp"

namespace lineup::exact {

struct Tally {
  std::uint32_t instances = 0;
  std::uint32_t feasible = 0;         // a page exists that breaks nothing
  std::uint32_t found = 0;            // and the solver found one
  std::uint32_t infeasible = 0;       // no page keeps every rule
  std::uint32_t least_broken = 0;     // and the solver's page breaks as little as any
  std::uint32_t limit = 0;            // the work limit ended the search
  std::uint32_t unknown = 0;          // the reference was not done in time
  std::vector<std::string> wrong;     // answers that contradict the truth, or themselves
  std::vector<std::string> not_best;  // fewer units or more value was possible
  std::vector<double> gaps;           // share of the value given up, where units are the least
  std::vector<double> us;
};

struct Options {
  bool all = false;           // instead of the sample
  std::uint32_t count = 0;    // instances per family, 0: the family's own
  std::uint64_t first = 1;    // the seed of the first of them
  SolveOptions solve;         // its gap is the family's
  double seconds_max = 20.0;  // for the reference, per solve
};

[[nodiscard]] Tally compare(const Family& family, const Options& options);

// Of sorted values the one at `part`; 0 when there are none.
[[nodiscard]] double share(std::vector<double> values, double part);
[[nodiscard]] double mean(const std::vector<double>& values);

}  // namespace lineup::exact
