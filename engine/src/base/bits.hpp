// SPDX-License-Identifier: Apache-2.0
//
// Sets of rows or slots as words of 64 bits. Bit i of word w stands for row 64 * w + i; bits past
// the end are zero.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace lineup {

using Word = std::uint64_t;

[[nodiscard]] constexpr std::size_t word_count(std::size_t bits) { return (bits + 63) / 64; }

[[nodiscard]] inline bool test_bit(const Word* words, std::size_t bit) {
  return (words[bit / 64] >> (bit % 64)) & 1U;
}
inline void set_bit(Word* words, std::size_t bit) { words[bit / 64] |= Word{1} << (bit % 64); }
inline void clear_bit(Word* words, std::size_t bit) { words[bit / 64] &= ~(Word{1} << (bit % 64)); }

// Sets the bits [0, count) and clears the rest of the words.
inline void set_first(std::span<Word> words, std::size_t count) {
  for (std::size_t w = 0; w < words.size(); ++w) {
    const std::size_t base = w * 64;
    words[w] = count >= base + 64 ? ~Word{0} : count > base ? (Word{1} << (count - base)) - 1 : 0;
  }
}

[[nodiscard]] inline std::size_t count_bits(std::span<const Word> words) {
  std::size_t total = 0;
  for (const Word word : words) total += static_cast<std::size_t>(std::popcount(word));
  return total;
}

[[nodiscard]] inline bool any_bit(std::span<const Word> words) {
  for (const Word word : words) {
    if (word != 0) return true;
  }
  return false;
}

// Calls visit(index) for every set bit, in increasing order.
template <typename Visit>
void for_each_bit(std::span<const Word> words, Visit&& visit) {
  for (std::size_t w = 0; w < words.size(); ++w) {
    for (Word rest = words[w]; rest != 0; rest &= rest - 1) {
      visit(w * 64 + static_cast<std::size_t>(std::countr_zero(rest)));
    }
  }
}

}  // namespace lineup
