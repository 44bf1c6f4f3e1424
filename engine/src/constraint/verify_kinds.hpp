// SPDX-License-Identifier: Apache-2.0
//
// The verifier's counting of pairs, sums, mixes and sets of quotas: each the definition of its
// kind, from columns and conditions.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "constraint/compile.hpp"

namespace lineup {

// A finished page, as the verifier looks at it.
struct ShownPage {
  const RuleInput& input;
  std::span<const std::uint32_t> slate;
  std::uint32_t past = 0;                     // rows of the history that the constraint counts
  std::span<const std::uint32_t> candidates;  // where the constraint needs them
  Arena& arena;                               // scratch memory, not given back
};

// Units of violation. (verify_pairs.cpp)
[[nodiscard]] std::uint64_t count_adjacent(const CompiledConstraint& adjacent,
                                           const ShownPage& page);
[[nodiscard]] std::uint64_t count_order(const CompiledConstraint& order, const ShownPage& page);
[[nodiscard]] std::uint64_t count_similar(const CompiledConstraint& similar, std::int64_t size,
                                          const ShownPage& page);

// (verify_shares.cpp)
[[nodiscard]] std::uint64_t count_budget(const CompiledConstraint& budget, const ShownPage& page);
[[nodiscard]] std::uint64_t count_mix(const CompiledConstraint& mix, const ShownPage& page);
[[nodiscard]] std::uint64_t count_quota_set(const CompiledConstraint& quota, const ShownPage& page);
[[nodiscard]] std::uint64_t count_even_quota(const CompiledConstraint& quota,
                                             const ShownPage& page);

// Whether the 0-based slot is one of `slots`.
[[nodiscard]] bool is_in(const SlotSet& slots, std::int64_t slot);
// What a number says now.
[[nodiscard]] double number_now(const Amount& amount, const RuleInput& input);

}  // namespace lineup
