// SPDX-License-Identifier: Apache-2.0
//
// A step takes one row to a slot whose row is worth less: one that is left, or that of a later
// slot. The rows that keep it away there leave their slots, and the slots that are empty then take
// the best rows that fit, from the first to the last. What does not make the page better is undone.
#include "constraint/search_polish.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lineup {

namespace {

// LIMIT: slots emptied by one step, the target included.
constexpr std::uint32_t kFreedMax = 4;
// LIMIT: better rows tried per slot: that are left, and of later slots.
constexpr std::uint32_t kLeftTried = 6;
constexpr std::uint32_t kLaterTried = 4;
// LIMIT: slots asked whether their row is in the way, where the rule does not tell.
constexpr std::uint32_t kBlockersTried = 6;
// LIMIT: rows compared per empty slot, when soft rules make a difference.
constexpr std::uint32_t kSoftTried = 4;

// LIMIT: work per slot after which it is asked whether to go on, no more than for a page of twenty,
// and the share of the gap allowed that it has to bring: what brings less is not worth the time.
constexpr std::uint64_t kStretchPerSlot = 2;
constexpr std::uint64_t kStretchMost = 40;
constexpr double kWorthOfGap = 0.05;

class Polisher {
 public:
  explicit Polisher(Solver& solver)
      : solver_(solver),
        state_(solver.state),
        has_soft_(state_.trackers().size() > state_.hard_count()) {}

  // Whether no step is left that could be better.
  bool run() {
    solver_.restore_best();
    begin_stretch();
    bool is_better = true;
    while (is_better) {
      is_better = false;
      for (std::uint32_t slot = solver_.prefix_size(); slot < solver_.length; ++slot) {
        while (!is_over() && better_row_for(slot)) is_better = true;
        if (is_over()) return false;
      }
    }
    return true;
  }

 private:
  void begin_stretch() {
    stretch_end_ = solver_.meter.used() +
                   std::min<std::uint64_t>(kStretchPerSlot * solver_.length, kStretchMost);
    stretch_total_ = solver_.best.total();
    stretch_units_ = total_units();
  }

  // Whether the work is spent, or, when a gap is allowed, brings too little.
  bool is_over() {
    if (solver_.meter.is_over()) return true;
    if (solver_.meter.used() < stretch_end_) return false;
    const double least = kWorthOfGap * solver_.options.gap * std::fabs(stretch_total_);
    const bool is_worth_it = solver_.best.total() - stretch_total_ >= least;
    if (!is_worth_it && total_units() == stretch_units_) return true;
    begin_stretch();
    return false;
  }

  struct Freed {
    std::uint32_t slot = 0;
    std::uint32_t row = 0;    // that stood there
    std::uint32_t comes = 0;  // that stands there now, or kNoRow
  };

  [[nodiscard]] std::uint32_t row_at(std::uint32_t slot) const { return state_.page().rows[slot]; }
  [[nodiscard]] double utility(std::uint32_t row) const { return solver_.problem.utility[row]; }
  [[nodiscard]] double discount(std::uint32_t slot) const { return solver_.problem.discount[slot]; }

  // Tries the better rows for one slot, until a step is made.
  bool better_row_for(std::uint32_t slot) {
    const Ranking& ranking = solver_.ranking;
    const std::uint32_t own = ranking.rank_of(row_at(slot));
    std::uint32_t tried = 0;
    for (std::uint32_t rank = ranking.next_unused(0); rank < own && tried < kLeftTried;
         rank = ranking.next_unused(rank + 1), ++tried) {
      if (bring(slot, ranking.row(rank))) return true;
      if (is_over()) return false;
    }
    tried = 0;
    for (std::uint32_t later = slot + 1; later < solver_.length && tried < kLaterTried; ++later) {
      const std::uint32_t row = row_at(later);
      const bool gains = utility(row) > utility(row_at(slot)) && discount(slot) > discount(later);
      if (!gains) continue;
      ++tried;
      if (bring(slot, row)) return true;
      if (is_over()) return false;
    }
    return false;
  }

  bool bring(std::uint32_t slot, std::uint32_t row) {
    count_ = 0;
    units_ = state_.is_clean() ? 0 : total_units();
    penalty_ = has_soft_ ? state_.penalty() : 0.0;
    if (state_.is_used(row)) free(state_.page().slot_of[row]);
    free(slot);
    solver_.meter.spend(2);
    bool is_possible = true;
    while (is_possible && !state_.keeps_clean(slot, row)) is_possible = free_blocker(slot, row);
    if (is_possible) {
      put(slot, row);
      is_possible = refill();
    }
    if (is_possible && is_better() && solver_.offer()) return true;
    undo();
    return false;
  }

  [[nodiscard]] std::uint64_t total_units() const {
    std::uint64_t total = 0;
    for (const std::uint32_t units : state_.units()) total += units;
    return total;
  }

  void free(std::uint32_t slot) {
    freed_[count_++] = {slot, row_at(slot), kNoRow};
    solver_.remove(slot);
  }

  void put(std::uint32_t slot, std::uint32_t row) {
    solver_.place_clean(slot, row);
    for (std::uint32_t i = 0; i < count_; ++i) {
      if (freed_[i].slot == slot) freed_[i].comes = row;
    }
  }

  void undo() {
    for (std::uint32_t i = 0; i < count_; ++i) {
      if (freed_[i].comes != kNoRow) solver_.remove(freed_[i].slot);
    }
    // Where nothing was broken nothing is broken again.
    while (count_ > 0) {
      const Freed& last = freed_[--count_];
      units_ == 0 ? solver_.place_clean(last.slot, last.row) : solver_.place(last.slot, last.row);
    }
  }

  [[nodiscard]] bool is_better() const {
    double gain = has_soft_ ? penalty_ - state_.penalty() : 0.0;
    for (std::uint32_t i = 0; i < count_; ++i) {
      gain += (utility(freed_[i].comes) - utility(freed_[i].row)) * discount(freed_[i].slot);
    }
    return gain > solver_.slack || (units_ > 0 && total_units() < units_);
  }

  // Empties a slot whose row keeps `row` away from `slot`.
  bool free_blocker(std::uint32_t slot, std::uint32_t row) {
    if (count_ == kFreedMax) return false;
    const auto trackers = state_.trackers();
    std::size_t index = 0;
    while (index < state_.hard_count() && state_.added_units(trackers[index], slot, row) == 0) {
      ++index;
    }
    if (index == state_.hard_count()) return false;
    const Tracker& tracker = trackers[index];
    const Kind kind = tracker.constraint->kind;
    if (kind == Kind::Place || kind == Kind::Mix) return false;
    std::uint32_t tried = 0;
    // What counts over the page gives up its last slots; what looks around, its nearest.
    const bool is_counted = kind == Kind::Quota || kind == Kind::Cap || kind == Kind::Budget;
    const std::uint32_t reach = 2 * solver_.length;
    for (std::uint32_t i = 0; i < reach && tried < kBlockersTried; ++i) {
      std::uint32_t other = solver_.length - 1 - i / 2;
      if (is_counted && i % 2 == 1) continue;
      if (!is_counted) {
        const std::uint32_t away = 1 + i / 2;
        if (i % 2 == 0 && away > slot) continue;
        other = i % 2 == 0 ? slot - away : slot + away;
      }
      if (other < solver_.prefix_size() || other >= solver_.length || state_.is_open(other)) {
        continue;
      }
      if (is_put(other) || !is_alike(tracker, row_at(other), row)) continue;
      ++tried;
      if (frees(tracker, other, slot, row)) return true;
    }
    return false;
  }

  [[nodiscard]] bool is_put(std::uint32_t slot) const {
    return std::any_of(freed_, freed_ + count_,
                       [slot](const Freed& freed) { return freed.slot == slot; });
  }

  // Whether the rule may count the two together.
  [[nodiscard]] static bool is_alike(const Tracker& tracker, std::uint32_t a, std::uint32_t b) {
    if (!tracker.constraint->has_by || tracker.constraint->kind == Kind::Order) {
      const bool tells = tracker.constraint->kind == Kind::Window ||
                         tracker.constraint->kind == Kind::Spacing ||
                         tracker.constraint->kind == Kind::Quota;
      return !tells || tracker.matches(a) == tracker.matches(b);
    }
    bool shares = false;
    for_each_group(tracker, a, [&](std::uint32_t group) {
      for_each_group(tracker, b, [&](std::uint32_t own) { shares = shares || own == group; });
    });
    return shares;
  }

  // Empties `other` when that makes the rule refuse `row` less.
  bool frees(const Tracker& tracker, std::uint32_t other, std::uint32_t slot, std::uint32_t row) {
    const std::uint32_t before = state_.added_units(tracker, slot, row);
    free(other);
    solver_.meter.spend(1);
    if (state_.added_units(tracker, slot, row) < before) return true;
    const Freed& last = freed_[--count_];
    units_ == 0 ? solver_.place_clean(last.slot, last.row) : solver_.place(last.slot, last.row);
    return false;
  }

  // The best rows that fit for what is empty, from the first slot to the last.
  bool refill() {
    for (;;) {
      std::uint32_t slot = kNoSlot;
      for (std::uint32_t i = 0; i < count_; ++i) {
        if (freed_[i].comes == kNoRow) slot = std::min(slot, freed_[i].slot);
      }
      if (slot == kNoSlot) return true;
      const std::uint32_t row = best_for(slot);
      if (row == kNoRow) return false;
      put(slot, row);
      if (!can_gain()) return false;
    }
  }

  std::uint32_t best_for(std::uint32_t slot) {
    solver_.look(slot);
    const Ranking& ranking = solver_.ranking;
    std::uint32_t rank = solver_.next_clean(0);
    if (rank == ranking.size()) return kNoRow;
    if (!has_soft_) return ranking.row(rank);
    std::uint32_t best = kNoRow;
    double best_score = -std::numeric_limits<double>::infinity();
    for (std::uint32_t i = 0; i < kSoftTried && rank < ranking.size(); ++i) {
      const std::uint32_t row = ranking.row(rank);
      const double score = utility(row) * discount(slot) - state_.added_penalty(slot, row);
      if (score > best_score) {
        best = row;
        best_score = score;
      }
      rank = solver_.next_clean(rank + 1);
    }
    return best;
  }

  // Whether the rows that came, and the best that are left for the rest, are worth more.
  [[nodiscard]] bool can_gain() const {
    if (has_soft_ || units_ > 0) return true;
    const Ranking& ranking = solver_.ranking;
    const std::uint32_t top = ranking.next_unused(0);
    double gain = 0.0;
    for (std::uint32_t i = 0; i < count_; ++i) {
      const bool is_open = freed_[i].comes == kNoRow;
      if (is_open && top == ranking.size()) return false;
      const std::uint32_t row = is_open ? ranking.row(top) : freed_[i].comes;
      gain += (utility(row) - utility(freed_[i].row)) * discount(freed_[i].slot);
    }
    return gain > solver_.slack;
  }

  Solver& solver_;
  State& state_;
  const bool has_soft_;
  Freed freed_[kFreedMax + 1];  // one more while it is seen whether it helps
  std::uint32_t count_ = 0;
  std::uint64_t units_ = 0;          // broken before the step
  double penalty_ = 0.0;             // and the penalty
  std::uint64_t stretch_end_ = 0;    // of the work, when it is asked whether to go on
  std::uint64_t stretch_units_ = 0;  // broken when it began
  double stretch_total_ = 0.0;       // and the page's total
};

}  // namespace

bool polish(Solver& solver) {
  if (solver.length == solver.prefix_size()) return true;
  solver.pause_supply();
  solver.use_sieve();
  return Polisher(solver).run();
}

}  // namespace lineup
