// SPDX-License-Identifier: Apache-2.0
//
// Makes the best page better by parts: frees a few of its slots and fills them anew in the best
// way.
#pragma once

#include <cstdint>
#include <span>

#include "constraint/search.hpp"
#include "constraint/search_exact.hpp"

namespace lineup {

// Goes on until nothing breaks more than the solver's least, and then until no part of the page can
// be made better; or until the meter's phase is over. REQUIRES: a best page exists.
void improve(Solver& solver, const Classes& classes);

}  // namespace lineup
