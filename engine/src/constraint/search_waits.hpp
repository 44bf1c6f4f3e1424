// SPDX-License-Identifier: Apache-2.0
//
// Rows that a walk from the first slot to the last need not ask about yet. Rows that come never
// make a rule more lenient, so what a rule refused it refuses until the slot that it tells: the one
// after a gap, the one that a full run no longer reaches, none at all for a value that is used up.
// Without this the best rows, which wait for their turn, would be asked about at every slot.
#pragma once

#include <bit>
#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "base/bits.hpp"
#include "constraint/search_ranking.hpp"

namespace lineup {

class Waits {
 public:
  // Nothing waits. Borrows the ranking.
  Waits(const Ranking& ranking, std::uint32_t length, Arena& arena)
      : ranking_(ranking),
        waiting_(arena.zeroed<Word>(ranking.unused().size())),
        first_(arena.filled<std::uint32_t>(length, kNoRow)),
        next_(arena.allocate<std::uint32_t>(ranking.size())) {}

  // The walk comes to `slot`. REQUIRES: slots in order, each of them.
  void reach(std::uint32_t slot) {
    for (std::uint32_t rank = first_[slot]; rank != kNoRow; rank = next_[rank]) {
      clear_bit(waiting_.data(), rank);
    }
  }
  // The rank is refused up to `slot`, which may be past the page. REQUIRES: it does not wait.
  void put_off(std::uint32_t rank, std::uint32_t slot) {
    set_bit(waiting_.data(), rank);
    if (slot >= first_.size()) return;
    next_[rank] = first_[slot];
    first_[slot] = rank;
  }
  // The first unused rank at or after `rank` that does not wait; the ranking's size when there is
  // none.
  [[nodiscard]] std::uint32_t next(std::uint32_t rank) const {
    const std::span<const Word> unused = ranking_.unused();
    std::size_t word = rank / 64;
    if (word >= unused.size()) return ranking_.size();
    Word rest = unused[word] & ~waiting_[word] & (~Word{0} << (rank % 64));
    while (rest == 0) {
      if (++word == unused.size()) return ranking_.size();
      rest = unused[word] & ~waiting_[word];
    }
    return static_cast<std::uint32_t>(word * 64) +
           static_cast<std::uint32_t>(std::countr_zero(rest));
  }

 private:
  const Ranking& ranking_;
  std::span<Word> waiting_;
  std::span<std::uint32_t> first_;  // by slot: a rank that waits for it, or kNoRow
  std::span<std::uint32_t> next_;   // by rank: another that waits for the same slot
};

}  // namespace lineup
