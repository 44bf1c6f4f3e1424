// SPDX-License-Identifier: Apache-2.0
//
// What all phases of the search share: the page at hand, the rows left, the work spent, and the
// best page so far. The phases are functions over it: search_greedy builds a page, search_exact
// fills given slots as well as possible, search_improve frees slots of the best page and fills them
// anew, search_bound says how much better any page could be.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "constraint/problem.hpp"
#include "constraint/propagate.hpp"
#include "constraint/search_meter.hpp"
#include "constraint/search_opaque.hpp"
#include "constraint/search_pins.hpp"
#include "constraint/search_ranking.hpp"
#include "constraint/search_sieve.hpp"
#include "constraint/solve.hpp"
#include "constraint/state.hpp"

namespace lineup {

// Lexicographic: less than, equal to or greater than 0.
[[nodiscard]] int compare_units(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b);

struct BestPage {
  bool exists = false;
  std::span<std::uint32_t> rows;   // [length]
  std::span<std::uint32_t> units;  // [1 + level_count]
  double value = 0.0;
  double penalty = 0.0;
  [[nodiscard]] double total() const { return value - penalty; }
};

class Solver {
 public:
  Solver(const Problem& problem, std::span<const std::uint32_t> prefix, const SolveOptions& options,
         Arena& arena);
  Solver(const Solver&) = delete;
  Solver& operator=(const Solver&) = delete;

  // Starts again with a page of `length` slots that holds the prefix. Forgets the best page of
  // another length.
  void open_page(std::uint32_t length);
  void place(std::uint32_t slot, std::uint32_t row);
  // As place(), for a row that was just found to keep every hard rule.
  void place_clean(std::uint32_t slot, std::uint32_t row);
  void remove(std::uint32_t slot);
  // The opaque constraints' part: what `row` would add on `slot`, and going on past a filled slot.
  // Both count as work, and end it when a constraint breaks. REQUIRES: the trail ends at `slot`.
  double judge(std::uint32_t slot, std::uint32_t row, std::span<std::uint32_t> units);
  void pass(std::uint32_t slot);
  // Keeps the supply up to date from now on.
  void use_supply();
  void pause_supply() { uses_supply_ = false; }
  // Makes the sieve, from the arena, unless it is there; it is kept up to date from then on.
  void use_sieve();
  // Asks the sieve, which is made when it is not there, about an open slot, and for the first rank
  // from `rank` on that breaks nothing there. Both count as work.
  void look(std::uint32_t slot);
  std::uint32_t next_clean(std::uint32_t rank);
  // Whether `row`, which the sieve lets in, breaks nothing there. Counts as work.
  bool passes(std::uint32_t row);

  // The page's slots before `slot`. REQUIRES: they are filled.
  [[nodiscard]] std::span<const std::uint32_t> rows_before(std::uint32_t slot) const {
    return state.page().rows.subspan(0, slot);
  }
  // The same for a row that must break nothing: false as soon as a rule says that it does.
  bool judge_clean(std::uint32_t slot, std::uint32_t row, double& penalty);
  // Makes the full page the best one when it is. REQUIRES: no slot is open, and the trail, if any,
  // covers the page.
  bool offer();
  // Limits the work for more value, once nothing breaks less than the best page.
  void note_least();
  // Puts the best page's rows on the page; the trail covers none of them.
  void restore_best();
  // Whether the page, and the trail if any, is the best page already.
  [[nodiscard]] bool holds_best() const;
  [[nodiscard]] std::uint32_t prefix_size() const {
    return static_cast<std::uint32_t>(prefix.size());
  }
  // Whether two totals count as equal: sums of the same numbers differ by rounding.
  [[nodiscard]] bool is_same(double a, double b) const { return a - b <= slack && b - a <= slack; }

  // Lower bounds for every way to fill the open slots: units into `out`, the penalty returned.
  // REQUIRES: the slots before `slot` are filled, and the trail covers them.
  double bound_units(std::uint32_t slot, std::span<std::uint32_t> out);

  const Problem& problem;
  const SolveOptions& options;
  Arena& arena;
  std::span<const std::uint32_t> prefix;
  State state;
  Ranking ranking;
  OpaqueTrail trail;
  Supply supply;
  Meter meter;
  Sieve* sieve = nullptr;  // null until it is asked for
  BestPage best;
  std::span<std::uint32_t> least;  // [1 + level_count] what every page of the length breaks, as far
                                   // as is known
  std::span<Pin> pins;             // by rank
  // Of the last page that was constructed: what it broke when its pins stood and nothing else, and
  // the rank of the least important of these pins.
  std::span<std::uint32_t> reserved;  // [1 + level_count]
  std::uint32_t reserved_rank = 0;
  std::uint32_t length = 0;
  bool falls = true;           // discounts never grow
  bool falls_strictly = true;  // and no two are equal, and all are positive
  double slack = 0.0;          // totals closer than this are equal

 private:
  void measure_discounts();
  bool uses_supply_ = false;
  bool is_improving_ = false;  // nothing breaks less than the best page: only its value can grow
};

// Fills the page slot by slot with the best row that keeps every hard rule; with look_ahead also
// the counting bounds. When no row does, takes the one that breaks least. False when required rules
// allow no row: then the page is filled up to the open slot that is left in `stuck`.
bool construct(Solver& solver, bool look_ahead);

}  // namespace lineup
