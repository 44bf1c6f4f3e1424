// SPDX-License-Identifier: Apache-2.0
//
// What a walk has to see coming: minimums that other rules allow to be met only a few rows at a
// time, and sums. A walk that puts the rows of a minimum off until every slot left has to take one
// finds that the slots cannot; one that lets a sum run away finds no rows to make up for it.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "constraint/state.hpp"

namespace lineup {

class Demands {
 public:
  // Borrows the state.
  Demands(const State& state, Arena& arena);
  Demands(const Demands&) = delete;
  Demands& operator=(const Demands&) = delete;

  // Whether a minimum can hardly be met any more unless the slot takes one of its rows, or a sum
  // unless it takes care. REQUIRES: the slot is open. What serves() says afterwards is for this
  // slot.
  [[nodiscard]] bool press(std::uint32_t slot);
  // Whether the row is of all minimums that press, and keeps the sums within reach.
  [[nodiscard]] bool serves(std::uint32_t row) const;

 private:
  struct Demand {
    const Tracker* quota = nullptr;
    std::uint32_t size = 1;  // so many neighbouring slots
    std::uint32_t max = 1;   // take at most so many of the rows
    bool presses = false;
  };

  // A budget, and what rows that are easy to find add: not the extremes, which are soon used up.
  // Rows of a minimum over the same slots, when they are unlike the others, have to come as well.
  struct Sum {
    const Tracker* budget = nullptr;
    std::int64_t low = 0;
    std::int64_t high = 0;
    const Tracker* quota = nullptr;  // or null
    std::int64_t of_quota = 0;       // what its rows add, on average
    bool presses = false;
    [[nodiscard]] bool holds(std::int64_t amount, bool is_of_quota) const;
  };

  void find_quotas(const State& state, std::span<const Tracker> hard, Arena& arena);
  void find_budgets(const State& state, std::span<const Tracker> hard, Arena& arena);
  static void find_quota(Sum& sum, const State& state, std::int64_t mean);
  static bool limits(const State& state, const Tracker& quota, const Tracker& other,
                     Demand& demand);

  std::span<Demand> demands_;
  std::span<Sum> sums_;
};

}  // namespace lineup
