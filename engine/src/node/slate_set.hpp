// SPDX-License-Identifier: Apache-2.0
//
// The slates that the generators of one request proposed, each with the builder's certificate.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "constraint/solve.hpp"

namespace lineup {

// What is known of a slate besides its rows.
struct Certificate {
  double value = 0.0;                // by the utility it was completed or emitted with
  double penalty = 0.0;              // of soft rules
  Search search = Search::Complete;  // how the solver's part ended; Complete when it had none
  std::uint32_t hand_placed = 0;     // rows that the generator placed; the solver placed the rest
  std::uint64_t work = 0;            // units the solver spent on it
  bool opaque_unbounded = false;     // an opaque constraint without bounds took part
};

// Finished slates in order of emission, none twice. Everything lives in the arena; several
// generators may add to one set.
struct SlateSet {
  std::uint32_t slots_max = 0;
  std::uint32_t use_count = 0;
  std::uint32_t capacity = 0;
  std::uint32_t count = 0;
  std::span<std::uint32_t> rows;             // [capacity * slots_max]
  std::span<std::uint32_t> lengths;          // [capacity]
  std::span<std::uint32_t> violations;       // [capacity * use_count] of hard and required rules
  std::span<std::uint32_t> soft_violations;  // [capacity * use_count]
  std::span<Certificate> certificates;       // [capacity]
  std::span<std::uint64_t> hashes;           // [capacity] of the rows
  std::uint8_t was_read = 0;  // 1: a generator asked for the slates so far (lineup/ext/slates.h)

  static SlateSet make(std::uint32_t capacity, std::uint32_t slots_max, std::uint32_t use_count,
                       Arena& arena);

  [[nodiscard]] bool is_full() const { return count == capacity; }
  [[nodiscard]] std::span<const std::uint32_t> slate(std::uint32_t index) const {
    return rows.subspan(std::size_t{index} * slots_max, lengths[index]);
  }
  [[nodiscard]] std::span<const std::uint32_t> violations_of(std::uint32_t index) const {
    return violations.subspan(std::size_t{index} * use_count, use_count);
  }
  [[nodiscard]] std::span<const std::uint32_t> soft_violations_of(std::uint32_t index) const {
    return soft_violations.subspan(std::size_t{index} * use_count, use_count);
  }
  [[nodiscard]] bool contains(std::span<const std::uint32_t> slate_rows) const;

  enum class Added : std::uint8_t { Yes, Duplicate, Full };
  // Takes a copy of the solution; its first `hand_placed` rows are the generator's own.
  // REQUIRES: solution.rows.size() <= slots_max, spans of use_count violations.
  Added add(const Solution& solution, std::uint32_t hand_placed);
  // Takes copies of all slates of `other`, in order, those that are known left out. False: there is
  // no room for all, and nothing was taken. REQUIRES: the same slots_max and use_count.
  bool append(const SlateSet& other);
};

}  // namespace lineup
