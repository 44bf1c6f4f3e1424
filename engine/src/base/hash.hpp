// SPDX-License-Identifier: Apache-2.0
//
// Hashes: fast ones for tables and records, a 128-bit one that names contents. (xxHash XXH3.)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lineup {

// 64 bits of XXH3. The same on every machine and in every run. [any]
[[nodiscard]] std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0);

// XXH3-128 as 32 hexadecimal digits: names contents, revisions and staged files. It finds
// accidents, not attacks. [any]
[[nodiscard]] std::string content_hash(std::string_view bytes);

// A cheap mix of one integer (splitmix64's finaliser), for open addressing. [any]
[[nodiscard]] inline std::uint64_t mix64(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

}  // namespace lineup
