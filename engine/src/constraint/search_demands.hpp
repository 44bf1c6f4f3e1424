// SPDX-License-Identifier: Apache-2.0
//
// Minimums that other rules allow to be met only a few rows at a time. A walk that puts their rows
// off until every slot left has to take one finds that the slots cannot: so it is told in time.
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

  // Whether a minimum can hardly be met any more unless the slot takes one of its rows.
  // REQUIRES: the slot is open. What serves() says afterwards is for this slot.
  [[nodiscard]] bool press(std::uint32_t slot);
  // Whether the row is of all minimums that press.
  [[nodiscard]] bool serves(std::uint32_t row) const;

 private:
  struct Demand {
    const Tracker* quota = nullptr;
    std::uint32_t size = 1;  // so many neighbouring slots
    std::uint32_t max = 1;   // take at most so many of the rows
    bool presses = false;
  };

  static bool limits(const Tracker& quota, const Tracker& other, Demand& demand);

  std::span<Demand> demands_;
};

}  // namespace lineup
