// SPDX-License-Identifier: Apache-2.0
//
// How much any page could be worth: the certificate beside the best page, and the reason to stop.
#pragma once

#include "constraint/search.hpp"

namespace lineup {

// The most that the open slots of the page can hold when no rule but the page's length counts, plus
// the value of the filled slots, less the penalty that is certain. One walk over the best rows.
[[nodiscard]] double plain_bound(const Solver& solver);

// The same for a page of the same length that holds only the prefix and the pins of the rules that
// the best page keeps; the page itself stays as it is. REQUIRES: a best page exists, and there are
// no soft rules.
[[nodiscard]] double pinned_bound(Solver& solver);

// The same under the rules of the ranks of which the best page breaks nothing, each taken as limits
// on what the first slots can hold. REQUIRES: the page holds the prefix, and pins that every page
// with these units keeps; discounts fall; a best page exists. Ends early once the bound is not
// above `enough`.
[[nodiscard]] double ruled_bound(Solver& solver, double enough);

}  // namespace lineup
