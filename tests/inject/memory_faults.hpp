// SPDX-License-Identifier: Apache-2.0
//
// A heap that fails on command, for all threads.
#pragma once

#include <cstdint>

namespace lineup {

// The `nth` operator new from now throws; one only.
void arm_memory(std::uint64_t nth);
// Whether it did.
bool disarm_memory();

}  // namespace lineup
