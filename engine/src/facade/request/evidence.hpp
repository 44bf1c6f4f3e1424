// SPDX-License-Identifier: Apache-2.0
//
// A request with the columns that the engine knows of its rows, as if the host had given them: the
// rest of the path, records and replays know no difference.
#pragma once

#include <cstdint>

#include "base/arena.hpp"
#include "facade/revision.hpp"
#include "lineup/engine.h"

namespace lineup {

// The key by which records and feedback know a row. [request]
[[nodiscard]] std::uint64_t item_of(const lineup_ids* ids, std::uint32_t row);

// `input` itself where the scene keeps no evidence; else a copy in the arena, whose other columns
// are borrowed. What the host gave for a row stays. [request]
[[nodiscard]] const lineup_input& with_evidence(const lineup_input& input, const Scene& scene,
                                                std::int64_t now_ms, Arena& arena);

}  // namespace lineup
