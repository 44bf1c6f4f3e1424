// SPDX-License-Identifier: Apache-2.0
//
// The verifier's counting: what a page breaks, once it is known which values stand where. Plain
// functions of occurrences and numbers, each the definition of its kind in rules.md.
#pragma once

#include <cstdint>
#include <span>

namespace lineup {

// A value that stands at a position: 0 is the first slot of the page, -1 the last row of the
// history. A row with several values occurs once for each. Without a `by` all rows that match have
// one value.
struct Occurrence {
  std::int32_t position;
  std::uint64_t value;
};

// Occurrences in order of position.
using Occurrences = std::span<const Occurrence>;

struct WindowRule {
  std::int64_t size = 1;
  std::int64_t min = 0;
  std::int64_t max = 0;
  bool has_by = false;
  bool tumbling = false;
};

// What the runs inside the positions [begin, end) cost, runs that lie wholly in the history left
// out. `begin` is below 0 when the history counts. REQUIRES: begin < end, end > 0.
[[nodiscard]] std::uint64_t count_window(Occurrences occurrences, std::int64_t begin,
                                         std::int64_t end, const WindowRule& rule);

// The rows missing between two neighbouring occurrences of a value, summed over all of the page.
[[nodiscard]] std::uint64_t count_spacing(Occurrences occurrences, std::int64_t gap);

struct CountRule {
  std::int64_t min = 0;
  std::int64_t max = 0;
};

// The rows too many or too few when `count` stand on the page and `past` in the history.
[[nodiscard]] std::uint64_t count_total(std::int64_t count, std::int64_t past,
                                        const CountRule& rule);

}  // namespace lineup
