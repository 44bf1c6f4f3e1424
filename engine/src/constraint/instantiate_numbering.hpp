// SPDX-License-Identifier: Apache-2.0
//
// Dense numbers for sparse values: the hash table behind grouping by integers and by several
// columns. Open addressing in an arena, at most half full.
#pragma once

#include <bit>
#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "base/hash.hpp"
#include "constraint/problem.hpp"

namespace lineup {

class Numbering {
 public:
  // REQUIRES: no more than `values_max` different values will be numbered.
  Numbering(std::size_t values_max, Arena& arena)
      : slots_(arena.filled<Slot>(std::bit_ceil(values_max * 2 + 2), Slot{0, kNoGroup})) {}

  // The number of `value`: 0 for the first that was seen, 1 for the next, ...
  std::uint32_t number(std::uint64_t value) {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = mix64(value) & mask;; at = (at + 1) & mask) {
      Slot& slot = slots_[at];
      if (slot.number == kNoGroup) {
        slot = {value, count_};
        return count_++;
      }
      if (slot.value == value) return slot.number;
    }
  }

  [[nodiscard]] std::uint32_t count() const { return count_; }

 private:
  struct Slot {
    std::uint64_t value;
    std::uint32_t number;
  };
  std::span<Slot> slots_;
  std::uint32_t count_ = 0;
};

}  // namespace lineup
