// SPDX-License-Identifier: Apache-2.0
//
// The library is built for any machine of its kind. On x86 it also has the code for wider vectors
// and asks the processor which to use: the same bits, several times as fast over whole columns.
#include "base/hash.hpp"

#include <fmt/format.h>
#include <xxhash.h>
#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
#define XXH_DISPATCH_DISABLE_REPLACE
#include <xxh_x86dispatch.h>
#define LINEUP_HASH_DISPATCH
#endif

namespace lineup {

namespace {

#ifdef LINEUP_HASH_DISPATCH
// LIMIT: bytes from which on the library uses wide vectors.
constexpr std::size_t kWideFrom = 241;

// The library leaves the upper halves of the vector registers as they are, and until they are
// cleared everything that is not built for wide vectors takes a fifth longer.
__attribute__((target("avx"))) void clear_upper_halves() { __builtin_ia32_vzeroupper(); }

const bool kHasUpperHalves = __builtin_cpu_supports("avx") != 0;
#endif

}  // namespace

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed) {
#ifdef LINEUP_HASH_DISPATCH
  if (bytes.size() >= kWideFrom) {
    const std::uint64_t hash = XXH3_64bits_withSeed_dispatch(bytes.data(), bytes.size(), seed);
    if (kHasUpperHalves) clear_upper_halves();
    return hash;
  }
#endif
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

std::string content_hash(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace lineup
