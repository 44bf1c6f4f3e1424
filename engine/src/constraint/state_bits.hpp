// SPDX-License-Identifier: Apache-2.0
//
// Questions about ranges of bits: how many stand in a run of slots, and which is the nearest. Most
// pages fit one word and most limits are 1 or 2, so the common answers take a shift and a mask.
#pragma once

#include <bit>
#include <cstdint>

#include "base/bits.hpp"

namespace lineup {

inline constexpr std::uint32_t kNoBit = 0xFFFFFFFFU;

// A word with the bits [0, count) set. REQUIRES: count <= 64.
[[nodiscard]] inline Word low_bits(std::uint32_t count) {
  return count >= 64 ? ~Word{0} : (Word{1} << count) - 1;
}

// The bits [begin, begin + count) moved to the bottom. REQUIRES: 1 <= count <= 64, all inside.
[[nodiscard]] inline Word bits_between(const Word* bits, std::uint32_t begin, std::uint32_t count) {
  const std::uint32_t word = begin / 64;
  const std::uint32_t shift = begin % 64;
  Word out = bits[word] >> shift;
  if (shift + count > 64) out |= bits[word + 1] << (64 - shift);
  return out & low_bits(count);
}

// Whether `word` has at least `count` bits. Faster than counting them all: limits are small.
[[nodiscard]] inline bool has_at_least(Word word, std::uint32_t count) {
  for (; count > 0; --count, word &= word - 1) {
    if (word == 0) return false;
  }
  return true;
}

// How many of the bits [begin, end) are set.
[[nodiscard]] inline std::uint32_t count_between(const Word* bits, std::uint32_t begin,
                                                 std::uint32_t end) {
  std::uint32_t total = 0;
  while (begin < end) {
    const std::uint32_t count = end - begin < 64 ? end - begin : 64;
    total += static_cast<std::uint32_t>(std::popcount(bits_between(bits, begin, count)));
    begin += count;
  }
  return total;
}

// Whether at least `count` of the bits [begin, end) are set.
[[nodiscard]] inline bool at_least_between(const Word* bits, std::uint32_t begin, std::uint32_t end,
                                           std::uint32_t count) {
  if (count == 0) return true;
  if (begin >= end) return false;
  if (end - begin <= 64) return has_at_least(bits_between(bits, begin, end - begin), count);
  return count_between(bits, begin, end) >= count;
}

// The last set bit in [begin, end), or kNoBit.
[[nodiscard]] inline std::uint32_t last_between(const Word* bits, std::uint32_t begin,
                                                std::uint32_t end) {
  while (begin < end) {
    const std::uint32_t count = end - begin < 64 ? end - begin : 64;
    const Word word = bits_between(bits, end - count, count);
    if (word != 0) return end - count + 63U - static_cast<std::uint32_t>(std::countl_zero(word));
    end -= count;
  }
  return kNoBit;
}

// The first set bit in [begin, end), or kNoBit.
[[nodiscard]] inline std::uint32_t first_between(const Word* bits, std::uint32_t begin,
                                                 std::uint32_t end) {
  while (begin < end) {
    const std::uint32_t count = end - begin < 64 ? end - begin : 64;
    const Word word = bits_between(bits, begin, count);
    if (word != 0) return begin + static_cast<std::uint32_t>(std::countr_zero(word));
    begin += count;
  }
  return kNoBit;
}

}  // namespace lineup
