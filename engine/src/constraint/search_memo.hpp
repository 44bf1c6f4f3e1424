// SPDX-License-Identifier: Apache-2.0
//
// Partial pages seen before. Two ways to fill the first slots are the same to every later slot when
// they hold the same rows and no constraint can tell their orders apart any more; of those only the
// better one need be gone on from.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "constraint/state.hpp"

namespace lineup {

class Memo {
 public:
  // For pages of the state's length. Borrows the state.
  Memo(const State& state, Arena& arena, double slack);
  Memo(const Memo&) = delete;
  Memo& operator=(const Memo&) = delete;

  // Whether a partial page with the slots before `slot` filled was noted that is the same to all
  // later slots and better: fewer units, then a larger total, then the smaller rows. Notes this
  // one otherwise. `seed` tells apart pages whose later slots are filled differently.
  bool is_dominated(std::uint32_t slot, double total, std::uint64_t seed);

 private:
  [[nodiscard]] std::uint64_t code_of(std::uint32_t slot, std::uint32_t position) const;
  [[nodiscard]] std::uint64_t key_of(std::uint32_t slot, std::uint64_t seed) const;
  [[nodiscard]] bool is_better(std::uint32_t entry, std::uint32_t slot, double total) const;
  void write(std::uint32_t entry, std::uint32_t slot, double total);

  const State& state_;
  std::uint32_t length_;
  std::uint32_t ranks_;
  double slack_;
  std::span<std::uint64_t> codes_;  // [slot][position]: equal when no later slot can tell
  std::span<std::uint64_t> keys_;   // [entries] 0: free
  std::span<double> totals_;        // [entries]
  std::span<std::uint32_t> units_;  // [entries][ranks]
  std::span<std::uint16_t> rows_;   // [entries][length]
};

}  // namespace lineup
