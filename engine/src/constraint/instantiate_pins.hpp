// SPDX-License-Identifier: Apache-2.0
//
// Pins: which row is to stand at which slot, found in the batch of one request.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "base/bits.hpp"
#include "constraint/compile.hpp"

namespace lineup {

struct Pins {
  std::span<const std::uint32_t> rows;
  std::span<const std::uint32_t> slots;  // 0-based; may lie past the page
  bool idle = false;                     // a pin does not apply: its row is absent or filtered
};

// The candidate whose id is spec.id, or kNoRow.
[[nodiscard]] std::uint32_t find_id(const CompiledConstraint& constraint, const Table& rows,
                                    std::span<const Word> candidates);

// The pins of a `place` with the mode `exactly` or `at_or_above`. `matching` are the candidates
// that the constraint speaks of. [request]
[[nodiscard]] Pins find_pins(const CompiledConstraint& constraint, const RuleInput& input,
                             std::span<const Word> matching, Arena& arena);

}  // namespace lineup
