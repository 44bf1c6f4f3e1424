// SPDX-License-Identifier: Apache-2.0
//
// How often this thread asked for memory: `operator new` of the whole program, the engine's
// included, is replaced by one that counts. What C code takes from malloc is not seen; on the
// request path that is Lua's heap alone, which is capped and has counters of its own.
#pragma once

#include <cstdint>

namespace lineup::cli {

// Calls of operator new by this thread since it began. 0 under sanitizers, which bring their own.
[[nodiscard]] std::uint64_t allocation_count();

}  // namespace lineup::cli
