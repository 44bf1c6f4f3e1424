// SPDX-License-Identifier: Apache-2.0
//
// The worker's side: sets the node up, then answers call after call until the service is gone.
#pragma once

#include <cstdint>

#include "isolate/region.hpp"

namespace lineup {

// LIMIT: of the memory limit, the share after which a worker ends itself between two calls: a leak
// then costs a start and no request.
inline constexpr double kRetireShare = 0.75;

// Returns the exit code of the process. REQUIRES: the region was opened. `memory_max_bytes`: 0 for
// no limit. [control]
int serve_calls(const Region& region, std::uint64_t memory_max_bytes);

}  // namespace lineup
