// SPDX-License-Identifier: Apache-2.0
//
// What a window or a spacing will cost at least, exactly, if it were the only rule: tables over the
// slots that are left, the last few positions of one group, and how many of its rows are still to
// come. They are worth making when a small page is tried whole; larger pages make do with the
// supply's counts.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "constraint/state.hpp"

namespace lineup {

class Forecast {
 public:
  // For the page as it is: every slot that is filled now stays so. Borrows the state.
  Forecast(const State& state, Arena& arena);
  Forecast(const Forecast&) = delete;
  Forecast& operator=(const Forecast&) = delete;

  [[nodiscard]] bool knows(std::size_t tracker) const { return plans_[tracker].cold != nullptr; }
  [[nodiscard]] bool knows_misses(std::size_t tracker) const {
    return plans_[tracker].misses != nullptr;
  }
  // What the constraint will break more, when `slot` and all open slots after it are filled, and of
  // its open slots at most `free` are taken by rows of no group, and the others by rows of groups
  // of which so many are `there`. REQUIRES: knows(tracker), and all slots before `slot` are filled.
  [[nodiscard]] std::uint32_t added(std::size_t tracker, std::uint32_t slot,
                                    std::span<const std::uint32_t> there, std::uint32_t free) const;
  // The same for a window's minimum: at most `matching` of its open slots are taken by rows that
  // match.
  [[nodiscard]] std::uint32_t added_by_misses(std::size_t tracker, std::uint32_t slot,
                                              std::uint32_t matching) const;

 private:
  using Cost = std::uint16_t;
  struct Plan {
    const Cost* cold = nullptr;    // [slots + 1][masks][rows + 1] for groups that no filled slot
                                   // ahead holds
    const Cost** own = nullptr;    // [group_count] for those that one holds; else null
    const Cost* misses = nullptr;  // for a window's minimum
    std::uint32_t mask_bits = 0;
    std::uint32_t* open_from = nullptr;  // [slots + 1] open slots of the constraint from a slot on
  };

  [[nodiscard]] const Cost* make(const Tracker& tracker, const Plan& plan, const Word* lane,
                                 std::uint32_t max, bool whole_only);
  [[nodiscard]] std::uint32_t cost_at(const Tracker& tracker, std::uint32_t slot,
                                      std::uint32_t mask, bool is_set, std::uint32_t max,
                                      bool whole_only) const;
  [[nodiscard]] const Cost* row_of(const Plan& plan, const Cost* table, const Tracker& tracker,
                                   const Word* lane, std::uint32_t slot) const;

  const State& state_;
  Arena& arena_;
  std::span<Plan> plans_;
  std::uint32_t length_ = 0;
};

}  // namespace lineup
