// SPDX-License-Identifier: Apache-2.0
//
// How often a thread of this program allocated heap memory, plugins included.
#pragma once

#include <cstdint>

// Whether this build counts. [any]
bool lineup_probe_counts();
// Allocations of the calling thread. [any]
std::uint64_t lineup_probe_allocations();
