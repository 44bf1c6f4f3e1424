// SPDX-License-Identifier: Apache-2.0
//
// What any row costs at least in soft rules, once every row that is left must break some. It lets a
// walk stop looking early: a row further down cannot make good what it lacks in utility.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "constraint/state.hpp"

namespace lineup {

class SoftFloor {
 public:
  // Counts the candidates that the page does not hold, unless nobody wants to know. Borrows the
  // state.
  SoftFloor(const State& state, Arena& arena, bool is_wanted);
  SoftFloor(const SoftFloor&) = delete;
  SoftFloor& operator=(const SoftFloor&) = delete;

  // `row` was placed.
  void take(std::uint32_t row);
  // The least penalty that any row that is left adds on any open slot.
  [[nodiscard]] double least() const { return least_; }

 private:
  // A limit per value over the whole page.
  struct Limit {
    const Tracker* tracker = nullptr;
    std::uint32_t* placed = nullptr;  // [group_count] rows of the group that count
    std::uint32_t* left = nullptr;    // [group_count] rows of the group that are left
    std::uint32_t free = 0;           // rows left that would break nothing
  };

  [[nodiscard]] static bool is_limit(const State& state, const Tracker& tracker);
  static void count_placed(const State& state, Limit& limit);
  void close(const Limit& limit) { least_ += limit.tracker->constraint->weight; }

  std::span<Limit> limits_;
  double least_ = 0.0;
};

}  // namespace lineup
