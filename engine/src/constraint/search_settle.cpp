// SPDX-License-Identifier: Apache-2.0
//
// A step picks a broken rule by lot, looks at some slots that take part, and gives one of them the
// row that breaks least in exchange, the most valuable of equals: one that is left, or the row of
// another slot. Where no exchange is better, the rules that are broken now weigh more from then on,
// so that the page leaves the valley; a row that has just left a slot stays away for a while.
#include "constraint/search_settle.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace lineup {

namespace {

// LIMIT: slots looked at per step.
constexpr std::uint32_t kSlotsTried = 6;
// LIMIT: slots that one of them may be exchanged with.
constexpr std::uint32_t kSwapsTried = 8;
// LIMIT: rows tried of those that only one rule refuses, and of the best ones, where every row
// breaks something.
constexpr std::uint32_t kRefusedTried = 4;
constexpr std::uint32_t kBestTried = 16;
// LIMIT: steps without a better page before what is known is looked at again: a few more each time,
// since what cannot be better is soon known, and what can be may take long.
constexpr std::uint32_t kPatience = 4;
constexpr std::uint64_t kPatienceMax = 64;
// What a unit of the least important rule weighs at first.
constexpr std::uint32_t kLeastWeight = 2;
// LIMIT: steps for which a row does not come back to its slot.
constexpr std::uint32_t kStepsAway = 8;

class Settler {
 public:
  Settler(Solver& solver, std::span<const std::uint32_t> goal, std::uint64_t round)
      : solver_(solver),
        state_(solver.state),
        goal_(goal),
        patience_(static_cast<std::uint32_t>(std::min(kPatience * round, kPatienceMax))),
        lot_(round) {
    // What is less important yields first.
    weights_ = solver.arena.allocate<std::uint32_t>(state_.hard_count());
    const auto ranks = static_cast<std::uint32_t>(state_.units().size());
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      weights_[i] = kLeastWeight + ranks - state_.trackers()[i].rank;
    }
    away_until_ = solver.arena.zeroed<std::uint32_t>(solver.problem.row_count);
    involved_ = solver.arena.allocate<std::uint32_t>(solver.length);
  }

  void run() {
    solver_.restore_best();
    std::uint32_t patience = patience_;
    while (!solver_.meter.is_over() && patience-- > 0 && compare_units(state_.units(), goal_) > 0) {
      ++step_;
      const std::size_t broken = pick_broken();
      const std::uint32_t count = find_involved(broken);
      move_ = Move{};
      for (std::uint32_t i = 0; i < std::min(count, kSlotsTried); ++i) {
        std::swap(involved_[i], involved_[i + draw(count - i)]);
        try_rows(involved_[i]);
      }
      for (std::uint32_t i = 0; i < std::min(count, kSlotsTried) && move_.change >= 0; ++i) {
        try_swaps(involved_[i]);
      }
      if (move_.change >= 0) add_weight();
      make_move();
      if (compare_units(state_.units(), solver_.best.units) >= 0) continue;
      solver_.offer();
      patience = patience_;
    }
  }

 private:
  struct Move {
    std::uint32_t slot = kNoSlot;
    std::uint32_t row = kNoRow;       // that comes, when no other slot gives its own
    std::uint32_t other = kNoSlot;    // the slot to exchange rows with
    std::int64_t change = INT32_MAX;  // of the weighted units
    double gain = 0.0;                // of value
  };

  std::uint32_t draw(std::uint32_t end) {
    lot_ = mix64(lot_ + 0x9E3779B97F4A7C15ULL);
    return static_cast<std::uint32_t>((lot_ >> 32) % end);
  }

  // A broken rule of a rank that can be better.
  std::size_t pick_broken() {
    const auto trackers = state_.trackers();
    std::size_t picked = 0;
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < state_.hard_count(); ++i) {
      const Tracker& tracker = trackers[i];
      if (tracker.units == 0 || state_.units()[tracker.rank] <= goal_[tracker.rank]) {
        continue;
      }
      if (draw(++count) == 0) picked = i;
    }
    return picked;
  }

  // The slots without whose row the rule would break less.
  std::uint32_t find_involved(std::size_t broken) {
    std::uint32_t count = 0;
    for (std::uint32_t slot = solver_.prefix_size(); slot < solver_.length; ++slot) {
      if (state_.relief(broken, slot) > 0) involved_[count++] = slot;
    }
    // A pin of a row that is not on the page: its slot.
    const Constraint& constraint = *state_.trackers()[broken].constraint;
    for (std::uint32_t pin = 0; count == 0 && pin < constraint.pin_count; ++pin) {
      const std::uint32_t slot = std::min(constraint.pin_slots[pin], solver_.length - 1);
      const bool is_free = slot >= solver_.prefix_size();
      if (is_free && state_.page().rows[slot] != constraint.pin_rows[pin])
        involved_[count++] = slot;
    }
    solver_.meter.spend(1 + solver_.length / 8);
    return count;
  }

  // Whether the exchange is better than the best one so far.
  [[nodiscard]] bool is_better(std::int64_t change, double gain) const {
    return change < move_.change || (change == move_.change && gain > move_.gain);
  }

  void try_rows(std::uint32_t slot) {
    const std::uint32_t row = state_.page().rows[slot];
    solver_.remove(slot);
    const auto before = static_cast<std::int64_t>(state_.added_weight(slot, row, weights_, kAny));
    solver_.look(slot);
    const Ranking& ranking = solver_.ranking;
    bool is_found = false;
    for (std::uint32_t rank = solver_.next_clean(0); rank < ranking.size() && !is_found;
         rank = solver_.next_clean(rank + 1)) {
      is_found = note(slot, row, ranking.row(rank), -before);
    }
    if (!is_found && before > 0) try_refused(slot, row, before);
    before == 0 ? solver_.place_clean(slot, row) : solver_.place(slot, row);
  }

  // Notes the exchange of `row` for `other` when it is the best so far. False: it is not possible.
  bool weigh(std::uint32_t slot, std::uint32_t row, std::uint32_t other, std::int64_t before) {
    if (other == row || away_until_[other] > step_) return false;
    solver_.meter.spend(1);
    // Only what is as good as the best move so far matters.
    const std::int64_t limit = move_.change + before + 1;
    if (limit <= 0) return true;
    const std::uint64_t after =
        state_.added_weight(slot, other, weights_, static_cast<std::uint64_t>(limit));
    return note(slot, row, other, static_cast<std::int64_t>(after) - before);
  }
  bool note(std::uint32_t slot, std::uint32_t row, std::uint32_t other, std::int64_t change) {
    if (other == row || away_until_[other] > step_) return false;
    const auto& utility = solver_.problem.utility;
    const double gain = (utility[other] - utility[row]) * solver_.problem.discount[slot];
    if (is_better(change, gain)) move_ = {slot, other, kNoSlot, change, gain};
    return true;
  }

  // No row breaks nothing: some that only one rule refuses, the lightest rules first, and some of
  // the best.
  void try_refused(std::uint32_t slot, std::uint32_t row, std::int64_t before) {
    const Sieve& sieve = *solver_.sieve;
    const Ranking& ranking = solver_.ranking;
    const std::span<const Word> unused = ranking.unused();
    const auto mark = solver_.arena.mark();
    const auto once = solver_.arena.zeroed<Word>(unused.size());
    const auto twice = solver_.arena.zeroed<Word>(unused.size());
    for (std::size_t tracker = 0; tracker < sieve.size(); ++tracker) {
      const std::span<const Word> refused = sieve.refused_by(tracker);
      for (std::size_t w = 0; w < refused.size(); ++w) {
        twice[w] |= once[w] & refused[w];
        once[w] |= refused[w];
      }
    }
    for (std::size_t tracker = 0; tracker < sieve.size(); ++tracker) {
      const std::span<const Word> refused = sieve.refused_by(tracker);
      if (weights_[tracker] >= move_.change + before) continue;
      std::uint32_t tried = 0;
      for (std::size_t w = 0; w < refused.size() && tried < kRefusedTried; ++w) {
        Word rest = unused[w] & refused[w] & ~twice[w];
        for (; rest != 0 && tried < kRefusedTried; rest &= rest - 1) {
          const auto bit = static_cast<std::uint32_t>(std::countr_zero(rest));
          const auto rank = static_cast<std::uint32_t>(w * 64) + bit;
          tried += weigh(slot, row, ranking.row(rank), before) ? 1 : 0;
        }
      }
    }
    std::uint32_t tried = 0;
    for (std::uint32_t rank = ranking.next_unused(0); rank < ranking.size() && tried < kBestTried;
         rank = ranking.next_unused(rank + 1)) {
      tried += weigh(slot, row, ranking.row(rank), before) ? 1 : 0;
    }
    solver_.arena.rewind(mark);
  }

  void try_swaps(std::uint32_t slot) {
    const std::uint32_t first = solver_.prefix_size();
    const std::uint32_t row = state_.page().rows[slot];
    state_.remove(slot);
    const auto before = static_cast<std::int64_t>(state_.added_weight(slot, row, weights_, kAny));
    for (std::uint32_t i = 0; i < kSwapsTried; ++i) {
      const std::uint32_t other = first + draw(solver_.length - first);
      if (other == slot) continue;
      const std::uint32_t second = state_.page().rows[other];
      state_.remove(other);
      auto change = -before;
      change -= static_cast<std::int64_t>(state_.added_weight(other, second, weights_, kAny));
      change += static_cast<std::int64_t>(state_.added_weight(slot, second, weights_, kAny));
      if (change <= move_.change) {
        state_.place(slot, second);
        change += static_cast<std::int64_t>(state_.added_weight(other, row, weights_, kAny));
        state_.remove(slot);
        const auto& problem = solver_.problem;
        const double gain = (problem.utility[second] - problem.utility[row]) *
                            (problem.discount[slot] - problem.discount[other]);
        if (is_better(change, gain)) move_ = {slot, kNoRow, other, change, gain};
      }
      state_.place(other, second);
    }
    solver_.meter.spend(2 * kSwapsTried);
    state_.place(slot, row);
  }

  void make_move() {
    if (move_.slot == kNoSlot) return;
    const std::uint32_t row = state_.page().rows[move_.slot];
    solver_.remove(move_.slot);
    if (move_.other == kNoSlot) {
      solver_.place(move_.slot, move_.row);
      away_until_[row] = step_ + kStepsAway;
      return;
    }
    const std::uint32_t second = state_.page().rows[move_.other];
    solver_.remove(move_.other);
    solver_.place(move_.slot, second);
    solver_.place(move_.other, row);
  }

  void add_weight() {
    for (std::size_t i = 0; i < state_.hard_count(); ++i) {
      const Tracker& tracker = state_.trackers()[i];
      const bool can_be_better = state_.units()[tracker.rank] > goal_[tracker.rank];
      if (tracker.units > 0 && can_be_better) ++weights_[i];
    }
  }

  static constexpr std::uint64_t kAny = UINT64_MAX;

  Solver& solver_;
  State& state_;
  std::span<const std::uint32_t> goal_;  // units by rank
  std::span<std::uint32_t> weights_;     // [trackers]
  std::span<std::uint32_t> away_until_;  // [row_count] the step from which on a row may come back
  std::span<std::uint32_t> involved_;    // slots
  Move move_;
  std::uint32_t patience_;
  std::uint32_t step_ = 0;
  std::uint64_t lot_;
};

}  // namespace

void settle(Solver& solver, std::span<const std::uint32_t> goal, std::uint64_t round) {
  if (solver.length == solver.prefix_size()) return;
  solver.pause_supply();
  solver.use_sieve();
  const auto mark = solver.arena.mark();
  Settler(solver, goal, round).run();
  solver.arena.rewind(mark);
}

}  // namespace lineup
