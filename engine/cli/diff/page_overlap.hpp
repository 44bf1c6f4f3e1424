// SPDX-License-Identifier: Apache-2.0
//
// How far two pages of the same candidates are apart.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace lineup::cli {

// Depths at which overlap is told; the whole page is told apart from them.
inline constexpr std::array<std::uint32_t, 6> kOverlapDepths = {1, 3, 5, 10, 20, 50};
// How much less each further slot counts in rank-biased overlap.
inline constexpr double kRboPersistence = 0.9;

struct PageOverlap {
  std::uint32_t slots = 0;          // of the longer page
  std::uint32_t slots_changed = 0;  // that hold another row, or one where the other page ends
  // Share of rows that both pages have in their first so many slots; 1 where both are empty. Past
  // the end of both pages: what it is at the end.
  std::array<double, kOverlapDepths.size()> at = {};
  double whole = 1.0;
  // Rank-biased overlap, extrapolated to pages of any length (Webber, Moffat and Zobel 2010,
  // equation 32): 1 for the same page, 0 for pages without a row in common.
  double rbo = 1.0;
};

// Compares pages. One per thread: it keeps the memory.
class PageComparer {
 public:
  // REQUIRES: no page holds a row twice; rows are below `row_count`.
  [[nodiscard]] PageOverlap compare(std::span<const std::uint32_t> old_page,
                                    std::span<const std::uint32_t> new_page,
                                    std::uint32_t row_count);

 private:
  std::vector<std::uint8_t> seen_;  // [rows] 1: in the old page so far, 2: in the new one
};

}  // namespace lineup::cli
