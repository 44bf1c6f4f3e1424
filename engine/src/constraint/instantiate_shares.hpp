// SPDX-License-Identifier: Apache-2.0
//
// How several businesses or quotas share the slots: which channel every row belongs to, how many
// slots each gets by largest remainder, and, for a mix, which slot is whose.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "constraint/problem.hpp"
#include "constraint/spec.hpp"

namespace lineup {

// The channel of every candidate: the first whose rows hold it.
struct Channels {
  std::span<std::uint32_t> of_row;  // [row_count] kNoGroup: of none
  std::span<std::uint32_t> supply;  // [channels] candidates of each
};

// `rows` are the candidates that each channel's condition holds for. [request]
[[nodiscard]] Channels assign_channels(std::span<const std::span<const Word>> rows,
                                       std::uint32_t row_count, Arena& arena);

// Shares out `slots` by largest remainder: every weight gets the whole part of its share, the slots
// left over go to the largest remainders, of equal ones to the first. `out` has the size of
// `weights`; all is 0 when the weights are.
void share_out(std::span<const std::uint64_t> weights, std::uint32_t slots,
               std::span<std::uint32_t> out);

// The channel of every slot of a mix, in the order of its slots: `plan` has one for each, kNoGroup
// where any row may stand. A channel gets no more slots than it has candidates. [request]
void plan_pattern(std::span<const std::uint32_t> pattern, std::span<const std::uint32_t> supply,
                  Arena& arena, std::span<std::uint32_t> plan);
void plan_ratio(std::span<const std::uint64_t> weights, std::span<const std::uint32_t> supply,
                Arena& arena, std::span<std::uint32_t> plan);

// The slots for each of several groups when all get the same number, as far as their rows go: the
// whole number that every group can be given, and whether some get one more.
struct Even {
  std::uint32_t level = 0;
  bool has_rest = false;
};
[[nodiscard]] Even even_level(std::span<const std::uint32_t> supply, std::uint32_t slots);

}  // namespace lineup
