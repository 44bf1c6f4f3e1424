// SPDX-License-Identifier: Apache-2.0
//
// Gets a page that breaks too much to break as little as is possible, row by row: where look-ahead
// and search over parts are slow, many small steps are not.
#pragma once

#include <cstdint>

#include "constraint/search.hpp"

namespace lineup {

// Changes the best page until it breaks no more than `goal` [1 + level_count], or it has got no
// better for a while, or the meter's phase is over; every better page on the way is offered.
// `round` tells apart attempts from the same page. REQUIRES: a best page exists; no opaque
// constraint takes part.
void settle(Solver& solver, std::span<const std::uint32_t> goal, std::uint64_t round);

}  // namespace lineup
