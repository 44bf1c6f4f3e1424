// SPDX-License-Identifier: Apache-2.0
//
// Which rules cannot hold together, when a page had to give some up. For explanations: it solves
// the problem again and again under fewer rules, on a work budget of its own.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/arena.hpp"
#include "constraint/problem.hpp"

namespace lineup {

struct ConflictOptions {
  std::uint64_t work_limit = 4'000'000;  // units over all solves
  std::uint64_t solve_limit = 200'000;   // units of one solve
};

enum class Holds : std::uint8_t { Yes, No, Unknown };

// Whether a page of problem.slot_count rows exists that breaks none of the hard and required
// constraints of the uses with 1 in `kept`. `work` gets the units used added. [control]
[[nodiscard]] Holds can_hold(const Problem& problem, std::span<const std::uint8_t> kept,
                             std::uint64_t work_limit, Arena& arena, std::uint64_t& work);

struct Conflict {
  // Uses that cannot hold together on a page of the length asked for, in policy order; empty: all
  // hold together, or it was not proven that they do not.
  std::vector<std::uint16_t> uses;
  bool is_minimal = false;  // proven: without any one of them the others hold together
  std::uint64_t work = 0;
};

// An irreducible conflicting set among the hard and required uses with 1 in `kept`, by taking out
// one after the other. `order` lists the uses in the order in which they are tried: those that come
// last stay in it the longest. [control]
[[nodiscard]] Conflict find_conflict(const Problem& problem, std::span<const std::uint8_t> kept,
                                     std::span<const std::uint16_t> order,
                                     const ConflictOptions& options, Arena& arena);

}  // namespace lineup
