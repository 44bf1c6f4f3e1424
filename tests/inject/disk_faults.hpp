// SPDX-License-Identifier: Apache-2.0
//
// A disk that fails on command. Only calls about files below one directory count, so that what the
// test writes elsewhere is left alone.
#pragma once

#include <cstdint>
#include <string>

namespace lineup {

enum class DiskFault : std::uint8_t {
  Fails,  // the call fails
  Half,   // a write takes half of its bytes; the next call fails
  Kills,  // the process is killed before the call, as by `kill -9`
};

// The `nth` call from now about a file below `directory` meets `fault` with `error`, and so does
// every one after it, until disarm(). Calls that change the disk count; with `reads`, those that
// read, too.
void arm_disk(const std::string& directory, std::uint32_t nth, int error, DiskFault fault,
              bool reads = false);
// How many calls were counted since.
std::uint32_t disarm_disk();

// From now on the file system below `directory` says that it is mounted noexec; empty: none does.
void mount_noexec(const std::string& directory);

}  // namespace lineup
