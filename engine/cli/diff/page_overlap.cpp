// SPDX-License-Identifier: Apache-2.0
//
// One walk down both pages counts what they share so far; overlap at a depth and rank-biased
// overlap are both made of these counts.
#include "cli/diff/page_overlap.hpp"

#include <algorithm>
#include <cmath>

namespace lineup::cli {

namespace {

// The extrapolation: what lies below the shorter page is taken to agree as its end does.
struct Rbo {
  double sum = 0.0;
  double weight = 1.0;         // persistence ^ depth
  std::uint32_t at_short = 0;  // shared rows where the shorter page ends

  void add(std::uint32_t depth, std::uint32_t shared, std::uint32_t shorter) {
    weight *= kRboPersistence;
    const double d = depth;
    sum += shared / d * weight;
    if (depth == shorter) at_short = shared;
    if (depth > shorter && shorter > 0) {
      sum += at_short * (d - shorter) / (shorter * d) * weight;
    }
  }
  [[nodiscard]] double end(std::uint32_t longer, std::uint32_t shared,
                           std::uint32_t shorter) const {
    if (shorter == 0) return 0.0;
    const double tail =
        (shared - at_short) / static_cast<double>(longer) + at_short / static_cast<double>(shorter);
    return (1.0 - kRboPersistence) / kRboPersistence * sum + tail * weight;
  }
};

}  // namespace

PageOverlap PageComparer::compare(std::span<const std::uint32_t> old_page,
                                  std::span<const std::uint32_t> new_page,
                                  std::uint32_t row_count) {
  PageOverlap out;
  out.at.fill(1.0);
  const auto longer = static_cast<std::uint32_t>(std::max(old_page.size(), new_page.size()));
  const auto shorter = static_cast<std::uint32_t>(std::min(old_page.size(), new_page.size()));
  out.slots = longer;
  if (longer == 0) return out;
  seen_.assign(row_count, 0);
  Rbo rbo;
  std::uint32_t shared = 0;
  const auto meet = [&](std::uint32_t row, std::uint8_t mine, std::uint8_t others) {
    if ((seen_[row] & others) != 0) ++shared;
    seen_[row] |= mine;
  };
  std::size_t next = 0;
  for (std::uint32_t slot = 0; slot < longer; ++slot) {
    if (slot < old_page.size()) meet(old_page[slot], 1, 2);
    if (slot < new_page.size()) meet(new_page[slot], 2, 1);
    if (slot >= shorter || old_page[slot] != new_page[slot]) ++out.slots_changed;
    rbo.add(slot + 1, shared, shorter);
    if (next < kOverlapDepths.size() && kOverlapDepths[next] == slot + 1) {
      out.at[next++] = shared / static_cast<double>(slot + 1);
    }
  }
  out.whole = shared / static_cast<double>(longer);
  for (; next < kOverlapDepths.size(); ++next) out.at[next] = out.whole;
  out.rbo = out.slots_changed == 0 ? 1.0 : std::clamp(rbo.end(longer, shared, shorter), 0.0, 1.0);
  return out;
}

}  // namespace lineup::cli
