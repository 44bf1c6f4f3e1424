// SPDX-License-Identifier: Apache-2.0
//
// Single better rows for a page that is full: cheap steps that come before parts of the page are
// tried out whole.
#pragma once

#include "constraint/search.hpp"

namespace lineup {

// Brings better rows to their slots until none makes the best page better, or the meter's phase is
// over, or, when the options allow a gap, the last steps brought next to nothing. Leaves the best
// page on the page. Returns whether the first came true. REQUIRES: there is
// one, and no opaque constraint.
bool polish(Solver& solver);

}  // namespace lineup
