// SPDX-License-Identifier: Apache-2.0
//
// Rows usually come ranked: one pass sees that, and then nothing is sorted.
#include "constraint/search_ranking.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace lineup {

namespace {

// Whether no value is above the one before it. Rises are counted side by side and the loop is never
// left, so that it is a vector to the compiler.
bool falls(std::span<const double> values) {
  constexpr std::size_t kCounts = 8;
  std::array<double, kCounts> counts{};
  std::size_t i = 0;
  for (; i + kCounts < values.size(); i += kCounts) {
    for (std::size_t c = 0; c < kCounts; ++c) {
      counts[c] += values[i + c] < values[i + c + 1] ? 1.0 : 0.0;
    }
  }
  double total = 0.0;
  for (const double count : counts) total += count;
  for (; i + 1 < values.size(); ++i) total += values[i] < values[i + 1] ? 1.0 : 0.0;
  return total == 0.0;
}

}  // namespace

Ranking::Ranking(const Problem& problem, Arena& arena) {
  const std::span<const Word> candidates(problem.candidates, word_count(problem.row_count));
  const double* utility = problem.utility.data();
  std::size_t count = count_bits(candidates);
  rows_ = arena.allocate<std::uint32_t>(count);
  unused_ = arena.allocate<Word>(word_count(count));
  give_all();
  bool is_sorted = true;
  if (count == problem.row_count) {
    std::iota(rows_.begin(), rows_.end(), 0U);
    if (falls(problem.utility.first(count))) return;
    is_sorted = false;
  } else {
    count = 0;
    for_each_bit(candidates,
                 [&](std::size_t row) { rows_[count++] = static_cast<std::uint32_t>(row); });
    for (std::size_t i = 1; i < count; ++i) is_sorted &= utility[rows_[i - 1]] >= utility[rows_[i]];
  }
  if (!is_sorted) {
    std::sort(rows_.begin(), rows_.end(), [utility](std::uint32_t a, std::uint32_t b) {
      return utility[a] != utility[b] ? utility[a] > utility[b] : a < b;
    });
  }
  ranks_ = arena.filled<std::uint32_t>(problem.row_count, kNoRow);
  for (std::size_t rank = 0; rank < count; ++rank) {
    ranks_[rows_[rank]] = static_cast<std::uint32_t>(rank);
  }
}

}  // namespace lineup
