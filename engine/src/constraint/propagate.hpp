// SPDX-License-Identifier: Apache-2.0
//
// Counting bounds: what the open slots will break whatever fills them. For one constraint at a
// time, how many rows of every group the open slots can hold without a violation, against how many
// rows there are; the slots that then stay empty must be filled by rows that break something.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "constraint/propagate_forecast.hpp"
#include "constraint/state.hpp"

namespace lineup {

// The unused candidates of every group of every constraint, and the bounds that follow.
class Supply {
 public:
  // Allocates; counts nothing yet. Borrows the state.
  Supply(const State& state, Arena& arena);
  Supply(const Supply&) = delete;
  Supply& operator=(const Supply&) = delete;

  // Counts the candidates that the page does not hold.
  void start();
  // `row` was placed, or came back.
  void take(std::uint32_t row) { change(row, 0U - 1U); }
  void give(std::uint32_t row) { change(row, 1U); }

  // Adds to `units` [1 + level_count] what every way to fill the open slots adds at least, and
  // returns the same for the penalty of soft rules.
  double add_unavoidable(std::span<std::uint32_t> units) const;
  // Tables to use instead of counts while a page is filled from its first open slot on; null: none.
  void use(const Forecast* forecast) { forecast_ = forecast; }
  // Bounds computed so far: what the search counts as work.
  [[nodiscard]] std::uint64_t effort() const { return effort_; }

 private:
  // Per tracker: how many unused rows every group has, and how many are in none.
  struct Stock {
    std::uint32_t* of_group = nullptr;  // [group_count]; null: this tracker gives no bound
    std::uint32_t free = 0;
  };

  // A quota's minimum, and a lane of another constraint in which all its rows are: what the lane
  // cannot hold the quota lacks, or the other constraint breaks.
  struct Squeeze {
    std::uint32_t quota = 0;  // trackers
    std::uint32_t other = 0;
    std::uint32_t group = 0;  // of the other
  };

  void find_squeezes(Arena& arena);
  [[nodiscard]] bool find_lane(std::size_t quota, std::size_t other, std::uint32_t& group) const;
  void change(std::uint32_t row, std::uint32_t by);
  [[nodiscard]] std::uint32_t unavoidable(std::size_t index, std::uint32_t first_open) const;
  [[nodiscard]] std::uint32_t overflow(const Tracker& tracker, const Stock& stock) const;
  [[nodiscard]] std::uint32_t capacity(const Tracker& tracker, std::uint32_t group,
                                       std::uint32_t enough) const;
  [[nodiscard]] std::uint32_t miss_overflow(const Tracker& tracker, const Stock& stock) const;
  template <typename Fits>
  std::uint32_t fill(const Word* lane, const Tracker& tracker, std::uint32_t enough,
                     Fits&& fits) const;

  const State& state_;
  std::span<Stock> stocks_;
  std::span<std::uint32_t> counts_;
  std::span<std::uint32_t> more_;  // [trackers] what each is bound to break more
  std::span<Squeeze> squeezes_;    // no tracker takes part in two: their bounds are summed
  const Forecast* forecast_ = nullptr;
  Word* scratch_ = nullptr;  // a lane that is filled to see how much it holds
  mutable std::uint64_t effort_ = 0;
};

}  // namespace lineup
