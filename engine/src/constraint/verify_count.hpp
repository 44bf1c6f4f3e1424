// SPDX-License-Identifier: Apache-2.0
//
// The verifier's counting: what a page breaks, once it is known which values stand where. Plain
// functions of occurrences and numbers, each the definition of its kind in rules.md.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.hpp"

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
// out, and what the history breaks in the others by itself. `begin` is below 0 when the history
// counts. REQUIRES: begin < end, end > 0.
[[nodiscard]] std::uint64_t count_window(Occurrences occurrences, std::int64_t begin,
                                         std::int64_t end, const WindowRule& rule);

// The rows missing between two neighbouring occurrences of a value, summed over all of the page.
[[nodiscard]] std::uint64_t count_spacing(Occurrences occurrences, std::int64_t gap);

struct CountRule {
  std::int64_t min = 0;
  std::int64_t max = 0;
};

// How often one value occurs.
struct UnitTally {
  std::uint64_t value = 0;
  std::int64_t on_page = 0;  // on the slots that count
  std::int64_t past = 0;     // in the history
  bool is_bound = false;     // whether the rule speaks of this value
};

// The rows of the page that are too many or too few of one value; a history that went over the
// maximum leaves nothing of it, and no more than that.
[[nodiscard]] std::uint64_t count_total(const UnitTally& tally, const CountRule& rule);

// A tally for every value that was asked for.
class Tallies {
 public:
  // REQUIRES: no more than `values_max` different values are asked for.
  Tallies(std::size_t values_max, Arena& arena);
  [[nodiscard]] UnitTally& of(std::uint64_t value);
  [[nodiscard]] std::span<const UnitTally> all() const { return tallies_.first(count_); }

 private:
  static constexpr std::uint32_t kFree = UINT32_MAX;
  std::span<std::uint32_t> places_;  // open addressing, at most half full: indexes of tallies_
  std::span<UnitTally> tallies_;
  std::size_t count_ = 0;
};

}  // namespace lineup
