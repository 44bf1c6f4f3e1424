// SPDX-License-Identifier: Apache-2.0
//
// The solver: the engine's own answer to a problem. score_order, repair and the fallback all call
// it. Deterministic: the same problem, options and prefix give the same slate, unless the wall
// clock ended it.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "constraint/problem.hpp"

namespace lineup {

enum class Search : std::uint8_t {
  Complete,  // proven: no slate of this length has fewer violations or more value (within the gap)
  Limit,     // the work limit ended it
  Deadline,  // the wall clock ended it
};

struct SolveOptions {
  std::uint64_t work_limit = 200'000;        // row checks, the unit every search step is counted in
  std::uint64_t improve_limit = UINT64_MAX;  // of them, for making a page that breaks as little as
                                             // possible worth more
  double gap = 0.0;              // stop improving once the value is within this share of the bound
  std::int64_t deadline_ns = 0;  // CLOCK_MONOTONIC; 0: none; read every some thousand units
};

// What a slate is and what it breaks. The certificate of the builder: the verifier recomputes it.
struct Solution {
  std::span<std::uint32_t> rows;        // [length] in slot order; length < slot_count only when
                                        // rules that are required allow no longer page
  std::span<std::uint32_t> violations;  // [use_count] units of violation by hard and required rules
  std::span<std::uint32_t> soft_violations;  // [use_count]
  double value = 0.0;                        // sum of utility[row] * discount[slot]
  double penalty = 0.0;                      // of soft rules and opaque preferences
  double bound = 0.0;  // no slate with these violations has a larger value - penalty
  Search search = Search::Complete;
  std::uint64_t work = 0;         // units used
  bool opaque_unbounded = false;  // an opaque constraint without bounds took part
  std::int32_t broken_use = -1;   // an opaque constraint of this use broke: switch it off and
                                  // solve again; rows are then of no use
};

// Finds the slate with the lexicographically least violation vector, then the largest value minus
// penalty, that begins with `prefix` (rows at slots 0 ..; usually empty). The answer's spans live
// in `arena`. [request]
[[nodiscard]] Solution solve(const Problem& problem, std::span<const std::uint32_t> prefix,
                             const SolveOptions& options, Arena& arena);

}  // namespace lineup
