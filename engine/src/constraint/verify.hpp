// SPDX-License-Identifier: Apache-2.0
//
// The verifier: recomputes what a page breaks, straight from columns and compiled rules. It shares
// no code with the builder, the solver or instantiate(), so that a fault there cannot hide itself:
// conditions are asked row by row, values are compared directly, counts are taken anew.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/arena.hpp"
#include "constraint/compile.hpp"

namespace lineup {

struct Verification {
  // Every row is in the batch and passes the filters, no row and no id stands twice, and the slate
  // is not longer than was asked.
  bool well_formed = false;
  // [uses] units of violation; soft rules too. All zero when a row is not in the batch.
  std::span<std::uint32_t> violations;
};

// What `slate` (0-based rows of the batch) breaks. `page_slots` is the length asked for: fractions
// and slot ranges refer to min(page_slots, slate length). Opaque constraints are asked again, from
// the empty page on. The answer's span lives in `arena`. [request]
[[nodiscard]] Verification verify(std::span<const RuleUse> uses, std::span<const Idle> idle,
                                  const RuleInput& input, std::span<const std::uint32_t> slate,
                                  std::uint32_t page_slots, Arena& arena);

}  // namespace lineup
