// SPDX-License-Identifier: Apache-2.0
//
// While something is broken, the freed slots are those that take part in it, their neighbours and a
// few others; the rows tried are those that stood there, the best ones that are left, and some that
// the broken rule speaks of. Afterwards neighbouring slots are freed in turn, and for every good
// row that is not on the page the slots whose rows keep it away. What is drawn by lot comes from a
// fixed sequence: the same problem gives the same page.
#include "constraint/search_improve.hpp"

#include <algorithm>
#include <bit>

#include "base/hash.hpp"

namespace lineup {

namespace {

// LIMIT: slots freed at once. Their fillings are tried out, which takes some hundred units of work.
constexpr std::uint32_t kSlotsFreed = 6;
// LIMIT: unused rows tried for them.
constexpr std::uint32_t kRowsTried = 10;

class Improver {
 public:
  Improver(Solver& solver, const Classes& classes) : solver_(solver), classes_(classes) {
    pool_ = solver.arena.zeroed<Word>(solver.ranking.unused().size());
    freed_ = solver.arena.zeroed<Word>(word_count(solver.length));
  }

  void repair() {
    while (!solver_.meter.is_over() && compare_units(solver_.least, solver_.best.units) < 0) {
      solver_.restore_best();
      const Tracker* broken = pick_broken();
      begin_part();
      if (broken != nullptr) free_involved(*broken);
      free_random(kSlotsFreed);
      add_best_rows(3);
      if (broken != nullptr) add_random_rows(broken, kRowsTried / 2);
      add_random_rows(nullptr, kRowsTried);
      solve_part();
    }
  }

  void polish() {
    bool is_better = true;
    while (is_better && !solver_.meter.is_over()) {
      is_better = false;
      for (std::uint32_t slot = first_slot(); slot < solver_.length; slot += 2) {
        solver_.restore_best();
        begin_part();
        for (std::uint32_t i = slot; i < std::min(slot + 5, solver_.length); ++i) free(i);
        add_best_rows(6);
        is_better = solve_part() || is_better;
        if (solver_.meter.is_over()) return;
      }
      is_better = bring_in() || is_better;
    }
  }

  // Small pages: every choice of a few slots, filled from all rows, until none makes the page
  // better.
  void exchange() {
    const std::uint32_t slots = solver_.length - first_slot();
    if (slots > kSlotsExchanged) return;
    std::uint32_t tried = 0;  // choices since the page was last made better
    for (Word choice = 1; tried < (1U << slots) && !solver_.meter.is_over(); ++tried) {
      choice = choice + 1 < (Word{1} << slots) ? choice + 1 : 1;
      if (std::popcount(choice) != kSlotsAtOnce) continue;
      solver_.restore_best();
      begin_part();
      for (std::uint32_t i = 0; i < slots; ++i) {
        if (test_bit(&choice, i)) free(first_slot() + i);
      }
      set_first(pool_, solver_.ranking.size());
      if (solve_part()) tried = 0;
    }
  }

 private:
  // LIMIT: pages of which every choice of slots is tried, and how many slots a choice has.
  static constexpr std::uint32_t kSlotsExchanged = 12;
  static constexpr int kSlotsAtOnce = 4;

  [[nodiscard]] std::uint32_t first_slot() const {
    return static_cast<std::uint32_t>(solver_.prefix.size());
  }

  std::uint32_t draw(std::uint32_t end) {
    lot_ = mix64(lot_ + 0x9E3779B97F4A7C15ULL);
    return static_cast<std::uint32_t>((lot_ >> 32) % end);
  }

  void begin_part() {
    std::fill(pool_.begin(), pool_.end(), Word{0});
    std::fill(freed_.begin(), freed_.end(), Word{0});
    freed_count_ = 0;
  }

  void free(std::uint32_t slot) {
    if (slot < first_slot() || slot >= solver_.length || test_bit(freed_.data(), slot)) return;
    set_bit(freed_.data(), slot);
    ++freed_count_;
    set_bit(pool_.data(), solver_.ranking.rank_of(solver_.state.page().rows[slot]));
  }

  // A broken tracker of the most important rank that can be better; by lot when there are several.
  const Tracker* pick_broken() {
    std::uint32_t rank = 0;
    while (solver_.best.units[rank] == solver_.least[rank]) ++rank;
    const Tracker* picked = nullptr;
    std::uint32_t count = 0;
    for (const Tracker& tracker : solver_.state.trackers()) {
      if (tracker.rank == rank && tracker.units > 0 && draw(++count) == 0) picked = &tracker;
    }
    return picked;
  }

  // Frees some of the slots without whose row less would be broken, and neighbours of them.
  void free_involved(const Tracker& broken) {
    const Constraint& constraint = *broken.constraint;
    const std::uint32_t units = broken.units;
    std::uint32_t count = 0;
    std::uint32_t picked = kNoSlot;
    for (std::uint32_t slot = first_slot(); slot < solver_.length; ++slot) {
      const std::uint32_t row = solver_.state.page().rows[slot];
      solver_.state.remove(slot);
      const bool is_involved = broken.units < units;
      solver_.state.place(slot, row);
      if (is_involved && draw(++count) == 0) picked = slot;
    }
    solver_.meter.spend(2 * solver_.length);
    if (picked != kNoSlot) {
      free(picked);
      free(picked + 1);
      if (picked > 0) free(picked - 1);
    }
    for (std::uint32_t pin = 0; pin < constraint.pin_count; ++pin) {
      const std::uint32_t slot = solver_.state.page().slot_of[constraint.pin_rows[pin]];
      const std::uint32_t wanted = constraint.pin_slots[pin];
      if (slot == wanted || freed_count_ >= kSlotsFreed) continue;
      if (slot != kNoSlot) free(slot);
      if (slot == kNoSlot) add_row(constraint.pin_rows[pin]);
      free(std::min(wanted, solver_.length - 1));
    }
  }

  void free_random(std::uint32_t count) {
    const std::uint32_t slots = solver_.length - first_slot();
    if (slots == 0) return;
    for (std::uint32_t tries = 0; tries < 4 * count && freed_count_ < count; ++tries) {
      free(first_slot() + draw(slots));
    }
  }

  void add_row(std::uint32_t row) {
    if (test_bit(solver_.problem.candidates, row))
      set_bit(pool_.data(), solver_.ranking.rank_of(row));
  }

  void add_best_rows(std::uint32_t count) {
    const Ranking& ranking = solver_.ranking;
    for (std::uint32_t rank = ranking.next_unused(0); rank < ranking.size() && count > 0;
         rank = ranking.next_unused(rank + 1), --count) {
      set_bit(pool_.data(), rank);
    }
  }

  // Unused rows by lot; of those that match the tracker, when one is given.
  void add_random_rows(const Tracker* tracker, std::uint32_t count) {
    const Ranking& ranking = solver_.ranking;
    if (ranking.size() == 0) return;
    for (std::uint32_t i = 0; i < count; ++i) {
      std::uint32_t rank = ranking.next_unused(draw(ranking.size()));
      for (int steps = 0; steps < 32 && rank < ranking.size(); ++steps) {
        if (tracker == nullptr || tracker->matches(ranking.row(rank))) break;
        rank = ranking.next_unused(rank + 1);
      }
      if (rank < ranking.size()) set_bit(pool_.data(), rank);
    }
  }

  // For each good row that is left: the slots it would want, and those whose rows keep it away.
  bool bring_in() {
    bool is_better = false;
    const Ranking& ranking = solver_.ranking;
    const std::uint32_t last = std::min(ranking.size(), 2 * solver_.length);
    for (std::uint32_t rank = ranking.next_unused(0); rank < last;
         rank = ranking.next_unused(rank + 1)) {
      solver_.restore_best();
      const std::uint32_t row = ranking.row(rank);
      std::uint32_t slot = first_slot();  // the first whose row is worth less
      while (slot < solver_.length && ranking.rank_of(solver_.state.page().rows[slot]) < rank) {
        ++slot;
      }
      if (slot >= solver_.length) break;
      begin_part();
      add_row(row);
      add_best_rows(2);
      free(slot);
      free_clashing(slot, row);
      free_random(kSlotsFreed);
      is_better = solve_part() || is_better;
      if (solver_.meter.is_over()) break;
    }
    return is_better;
  }

  // Frees slots whose row shares a group with `row` under some hard rule, the nearest first.
  void free_clashing(std::uint32_t slot, std::uint32_t row) {
    for (std::uint32_t away = 1; away < solver_.length && freed_count_ < kSlotsFreed - 1; ++away) {
      if (slot + away < solver_.length && clashes(slot + away, row)) free(slot + away);
      if (away <= slot && clashes(slot - away, row)) free(slot - away);
    }
  }

  bool clashes(std::uint32_t slot, std::uint32_t row) const {
    if (slot < first_slot()) return false;
    const std::uint32_t other = solver_.state.page().rows[slot];
    for (const Tracker& tracker : solver_.state.trackers()) {
      if (tracker.constraint->kind == Kind::Place) continue;
      bool shares = false;
      for_each_group(tracker, row, [&](std::uint32_t group) {
        for_each_group(tracker, other, [&](std::uint32_t own) { shares = shares || own == group; });
      });
      if (shares) return true;
    }
    return false;
  }

  bool solve_part() {
    for_each_bit(freed_,
                 [&](std::size_t slot) { solver_.remove(static_cast<std::uint32_t>(slot)); });
    const auto mark = solver_.arena.mark();
    const double total = solver_.best.total();
    const auto units = solver_.arena.allocate<std::uint32_t>(solver_.best.units.size());
    std::copy(solver_.best.units.begin(), solver_.best.units.end(), units.begin());
    Exact(solver_, classes_, nullptr, pool_).fill();
    const bool is_better = compare_units(solver_.best.units, units) < 0 ||
                           solver_.best.total() > total + solver_.slack;
    solver_.arena.rewind(mark);
    return is_better;
  }

  Solver& solver_;
  const Classes& classes_;
  std::span<Word> pool_;   // ranks that may be placed
  std::span<Word> freed_;  // slots
  std::uint32_t freed_count_ = 0;
  std::uint64_t lot_ = 1;
};

}  // namespace

void improve(Solver& solver, const Classes& classes) {
  solver.pause_supply();
  const auto mark = solver.arena.mark();
  Improver improver(solver, classes);
  improver.exchange();
  improver.repair();
  improver.polish();
  solver.arena.rewind(mark);
}

}  // namespace lineup
