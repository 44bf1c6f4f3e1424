// SPDX-License-Identifier: Apache-2.0
//
// Pins of required and hard rules stand on the page before its first slot is filled, so that every
// other rule sees them coming.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "constraint/search_ranking.hpp"
#include "constraint/state.hpp"

namespace lineup {

struct Pin {
  std::uint32_t row = 0;
  std::uint32_t slot = 0;
  std::uint32_t rank = 0;  // of its rule, as in a vector of units
};

// The `exactly` pins of candidates, the most important rule first.
[[nodiscard]] std::span<Pin> collect_pins(const State& state, Arena& arena);

// The `at_or_above` pins of candidates that their utility will not bring there in time, each with
// its last slot, the most important rule first.
[[nodiscard]] std::span<Pin> collect_late_pins(const State& state, const Ranking& ranking,
                                               Arena& arena);

// Whether the pin can be kept on the page as it is, and breaks nothing that matters as much.
// `scratch` has the size of state.units().
[[nodiscard]] bool can_reserve(const State& state, const Pin& pin,
                               std::span<std::uint32_t> scratch);

}  // namespace lineup
