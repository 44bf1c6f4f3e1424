// SPDX-License-Identifier: Apache-2.0
//
// Fills the open slots of a page in every way that could be the best, and knows when it has tried
// all: depth first in slot order, cut off by the lower bound of violations and the upper bound of
// the value.
#pragma once

#include <cstdint>
#include <span>

#include "constraint/search.hpp"
#include "constraint/search_memo.hpp"

namespace lineup {

// Rows that the rules cannot tell apart; only the first unused one of a class need be tried.
class Classes {
 public:
  Classes(const Solver& solver, Arena& arena);
  [[nodiscard]] std::uint32_t of_rank(std::uint32_t rank) const { return of_rank_[rank]; }
  [[nodiscard]] std::uint32_t count() const { return count_; }

 private:
  std::span<std::uint32_t> of_rank_;
  std::uint32_t count_ = 0;
};

class Exact {
 public:
  // Borrows all. `memo` may be null; `pool`: the ranks that may be placed, empty for all.
  Exact(Solver& solver, const Classes& classes, Memo* memo, std::span<const Word> pool);
  Exact(const Exact&) = delete;
  Exact& operator=(const Exact&) = delete;

  // Offers every page that may be better than the best one. The page is left as it was. Returns
  // whether all were tried; otherwise the meter's phase is over.
  bool fill();
  // The same, and decides first which pins are kept. REQUIRES: the page holds the prefix only.
  bool fill_with_pins() { return decide(0); }

 private:
  struct Child {
    std::uint32_t row = 0;
    std::uint64_t broken =
        0;  // 0: breaks nothing more; grows with the importance of what it breaks
    double score = 0.0;
  };

  bool decide(std::size_t pin);
  bool descend(std::uint32_t slot, double value);
  bool expand(std::uint32_t slot, double value);
  bool is_cut(std::uint32_t slot, double value, std::span<std::uint32_t> units, double penalty,
              int& order);
  std::span<Child> children(std::uint32_t slot, double value, double penalty, int order);
  bool weigh(std::uint32_t slot, std::uint32_t row, Child& child);
  void add_denied(std::span<std::uint32_t> units) const;
  [[nodiscard]] bool is_denied(std::uint32_t slot, std::uint32_t row) const;
  [[nodiscard]] double optimistic(std::uint32_t open_index) const;
  [[nodiscard]] std::uint32_t next(std::uint32_t rank) const;
  [[nodiscard]] bool comes_after_best(std::uint32_t slot) const;
  void list_open();

  Solver& solver_;
  const Classes& classes_;
  Memo* memo_;
  std::span<const Word> pool_;
  std::span<std::uint32_t> seen_;  // [classes] the node that met the class last
  std::uint32_t node_ = 0;
  std::span<std::uint32_t> open_index_;  // [length] how many open slots come before
  std::span<double> discounts_;          // of the open slots, for optimistic()
  std::uint32_t open_count_ = 0;
  std::span<std::uint8_t> denied_;  // [pins]
  std::span<std::uint32_t> added_;  // [1 + level_count]
  std::span<std::uint32_t> total_;  // [1 + level_count]
  std::uint64_t seed_ = 0;
};

}  // namespace lineup
