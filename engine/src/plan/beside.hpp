// SPDX-License-Identifier: Apache-2.0
//
// What a session needs to run nodes of its requests side by side: a seat in the crew of helpers,
// and memory for each node that runs at once. A node's memory goes by its place among those it runs
// beside, not by the thread that happens to take it, so a session is warm after the requests that
// would warm it without helpers.
#pragma once

#include <array>
#include <cstdint>

#include "base/arena.hpp"
#include "crew/crew.hpp"

namespace lineup {

// LIMIT: nodes that run at once in one request; more go in turns.
inline constexpr std::uint32_t kBesideMax = 16;

class Beside {
 public:
  // The crew outlives it; nobody else offers at the seat.
  Beside(Crew& crew, std::uint32_t seat) : crew_(crew), seat_(seat) {}

  // A new request: what nodes left of the last one is gone.
  void reset() {
    for (Arena& arena : arenas_) arena.reset();
  }
  // REQUIRES: place < kBesideMax.
  [[nodiscard]] Arena& arena(std::uint32_t place) { return arenas_[place]; }
  void run(std::uint32_t count, Crew::Work work, void* context) {
    crew_.run(seat_, count, work, context);
  }

 private:
  Crew& crew_;
  const std::uint32_t seat_;
  std::array<Arena, kBesideMax> arenas_;
};

}  // namespace lineup
