// SPDX-License-Identifier: Apache-2.0
//
// The candidates in the order the search tries them: the largest utility first, equal ones by row.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "base/bits.hpp"
#include "constraint/problem.hpp"

namespace lineup {

class Ranking {
 public:
  // All candidates are unused. Borrows the problem's utilities.
  Ranking(const Problem& problem, Arena& arena);

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(rows_.size()); }
  [[nodiscard]] std::uint32_t row(std::uint32_t rank) const { return rows_[rank]; }
  // REQUIRES: the row is a candidate.
  [[nodiscard]] std::uint32_t rank_of(std::uint32_t row) const {
    return ranks_.empty() ? row : ranks_[row];
  }
  // Every row is a candidate, and they come in this order already: ranks are row numbers.
  [[nodiscard]] bool is_plain() const { return ranks_.empty(); }
  [[nodiscard]] std::span<const Word> unused() const { return unused_; }

  void take(std::uint32_t row) { clear_bit(unused_.data(), rank_of(row)); }
  void give(std::uint32_t row) { set_bit(unused_.data(), rank_of(row)); }
  void give_all() { set_first(unused_, rows_.size()); }

  // The first unused rank at or after `rank`; size() when there is none.
  [[nodiscard]] std::uint32_t next_unused(std::uint32_t rank) const {
    std::size_t word = rank / 64;
    if (word >= unused_.size()) return size();
    Word rest = unused_[word] & (~Word{0} << (rank % 64));
    while (rest == 0) {
      if (++word == unused_.size()) return size();
      rest = unused_[word];
    }
    return static_cast<std::uint32_t>(word * 64) +
           static_cast<std::uint32_t>(std::countr_zero(rest));
  }

 private:
  std::span<std::uint32_t> rows_;
  std::span<std::uint32_t> ranks_;  // by row; empty when every row has its own number as rank
  std::span<Word> unused_;
};

}  // namespace lineup
