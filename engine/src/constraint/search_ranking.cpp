// SPDX-License-Identifier: Apache-2.0
//
// Rows usually come ranked: one pass sees that, and then nothing is sorted.
#include "constraint/search_ranking.hpp"

#include <algorithm>

namespace lineup {

Ranking::Ranking(const Problem& problem, Arena& arena) {
  const std::span<const Word> candidates(problem.candidates, word_count(problem.row_count));
  rows_ = arena.allocate<std::uint32_t>(problem.row_count);
  std::size_t count = 0;
  for (std::size_t w = 0; w < candidates.size(); ++w) {
    const auto base = static_cast<std::uint32_t>(w * 64);
    if (candidates[w] == ~Word{0}) {
      for (std::uint32_t i = 0; i < 64; ++i) rows_[count++] = base + i;
      continue;
    }
    for (Word rest = candidates[w]; rest != 0; rest &= rest - 1) {
      rows_[count++] = base + static_cast<std::uint32_t>(std::countr_zero(rest));
    }
  }
  rows_ = rows_.subspan(0, count);
  unused_ = arena.allocate<Word>(word_count(count));
  give_all();

  const double* utility = problem.utility.data();
  bool is_sorted = true;
  for (std::size_t i = 1; i < count; ++i) is_sorted &= utility[rows_[i - 1]] >= utility[rows_[i]];
  if (!is_sorted) {
    std::sort(rows_.begin(), rows_.end(), [utility](std::uint32_t a, std::uint32_t b) {
      return utility[a] != utility[b] ? utility[a] > utility[b] : a < b;
    });
  }
  if (is_sorted && count == problem.row_count) return;
  ranks_ = arena.filled<std::uint32_t>(problem.row_count, kNoRow);
  for (std::size_t rank = 0; rank < count; ++rank) {
    ranks_[rows_[rank]] = static_cast<std::uint32_t>(rank);
  }
}

}  // namespace lineup
