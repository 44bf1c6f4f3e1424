// SPDX-License-Identifier: Apache-2.0
//
// Hashes name what records hold, so they are the same bits whatever the processor has to make them.
#include "base/hash.hpp"

#include <catch2/catch.hpp>
#include <string>

namespace lineup {
namespace {

TEST_CASE("hashes are the same bits on every machine") {
  struct Known {
    std::size_t size;
    std::uint64_t seed;
    std::uint64_t hash;
  };
  // The plain functions of xxHash 0.8.1, around the size from which wide vectors are used.
  constexpr Known kKnown[] = {
      {240, 0, 0x64556dc6b462a6cfULL},  {240, 11, 0x3ade638c2be0e884ULL},
      {241, 0, 0x8beadd3a8874fe17ULL},  {241, 11, 0xdeb57e83170af76cULL},
      {1024, 0, 0x9b81661c641c72b1ULL}, {1024, 11, 0xe1c4fcbcd9891474ULL},
      {5000, 0, 0x799aaddd7339581dULL}, {5000, 11, 0xb80a15875a455ce0ULL},
  };
  for (const Known& known : kKnown) {
    CAPTURE(known.size, known.seed);
    std::string bytes(known.size, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7 + 3);
    CHECK(hash64(bytes, known.seed) == known.hash);
  }
}

}  // namespace
}  // namespace lineup
