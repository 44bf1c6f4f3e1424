// SPDX-License-Identifier: Apache-2.0
//
// What stands between the search and a constraint that may fail. A required rule fails closed: a
// row it cannot judge must not be shown. Any other rule that fails is switched off for the request.
#pragma once

#include "plan/run.hpp"

namespace lineup {

// `opaque`, wrapped when it is of a required rule; null (it could not be bound) becomes a
// constraint that is broken, or forbids every row when it is required. Lives in the arena.
[[nodiscard]] Opaque* guarded(Run& run, const OpaqueSource& source, Opaque* opaque);

}  // namespace lineup
