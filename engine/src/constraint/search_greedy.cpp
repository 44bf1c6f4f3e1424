// SPDX-License-Identifier: Apache-2.0
//
// The first page. Pins stand before slot 1 is looked at, so that windows and spacing see them
// coming. Rows are tried by utility, so most slots take the first or second row they look at.
// Looking ahead costs more and is asked for only when the plain walk broke something.
#include <algorithm>
#include <limits>
#include <new>

#include "constraint/search.hpp"
#include "constraint/search_demands.hpp"
#include "constraint/search_floor.hpp"
#include "constraint/search_soft.hpp"
#include "constraint/search_waits.hpp"

namespace lineup {

namespace {

// LIMIT: rows that a slot refuses before all rows are asked at once. The first time that is dear:
// masks are made of all rows, so one more of so many candidates.
constexpr std::uint32_t kRefusalsMax = 24;
constexpr std::uint32_t kRowsPerRefusal = 16;
// LIMIT: rows compared when something has to be broken.
constexpr std::uint32_t kLeastTried = 8;

class Constructor {
 public:
  Constructor(Solver& solver, bool look_ahead) : solver_(solver), look_ahead_(look_ahead) {
    const std::size_t ranks = solver.best.units.size();
    added_ = solver.arena.allocate<std::uint32_t>(ranks);
    least_ = solver.arena.allocate<std::uint32_t>(ranks);
    bound_ = solver.arena.allocate<std::uint32_t>(ranks);
  }

  bool run() {
    reserve_pins();
    use_soft_walk();
    SoftFloor floor(solver_.state, solver_.arena, soft_ == nullptr);
    floor_ = &floor;
    Demands demands(solver_.state, solver_.arena);
    demands_ = &demands;
    Waits waits(solver_.ranking, solver_.length, solver_.arena);
    waits_ = &waits;
    if (look_ahead_) solver_.bound_units(solver_.trail.depth(), bound_);
    for (std::uint32_t slot = 0; slot < solver_.length; ++slot) {
      waits.reach(slot);
      if (solver_.state.is_open(slot)) {
        is_walking_ = solver_.state.page().open_count + slot == solver_.length;
        const std::uint32_t clean = soft_ == nullptr ? best_clean(slot) : best_by_value(slot);
        const std::uint32_t row = clean != kNoRow ? clean : least_broken(slot);
        if (row == kNoRow) return false;
        clean != kNoRow ? solver_.place_clean(slot, row) : solver_.place(slot, row);
        floor.take(row);
        if (soft_ != nullptr) soft_->take(row);
        if (look_ahead_) solver_.bound_units(solver_.trail.depth(), bound_);
      }
      if (slot >= solver_.prefix.size()) solver_.pass(slot);
      if (solver_.trail.broken_use() >= 0) return false;
    }
    solver_.offer();
    return true;
  }

 private:
  void use_soft_walk() {
    const bool is_walk = solver_.state.page().open_count + solver_.prefix.size() == solver_.length;
    if (!is_walk || look_ahead_ || !solver_.trail.is_empty() || !SoftWalk::suits(solver_.state)) {
      return;
    }
    void* memory = solver_.arena.allocate_bytes(sizeof(SoftWalk), alignof(SoftWalk));
    soft_ = new (memory) SoftWalk(solver_.state, solver_.ranking, solver_.arena);
  }
  std::uint32_t best_by_value(std::uint32_t slot) {
    std::uint64_t work = 0;
    is_sieved_ = false;
    const std::uint32_t row = soft_->best(slot, work);
    solver_.meter.spend(work);
    return row;
  }

  void reserve_pins() {
    solver_.reserved_rank = 0;
    for (const Pin& pin : solver_.pins) {
      solver_.meter.spend(1);
      if (!can_reserve(solver_.state, pin, added_)) continue;
      solver_.place(pin.slot, pin.row);
      solver_.reserved_rank = std::max(solver_.reserved_rank, pin.rank);
    }
    const auto units = solver_.state.units();
    std::copy(units.begin(), units.end(), solver_.reserved.begin());
    // So that there is room for them when their last slot comes: the nearest free slot up to it.
    for (Pin pin : collect_late_pins(solver_.state, solver_.ranking, solver_.arena)) {
      if (solver_.length == 0) break;
      pin.slot = std::min(pin.slot, solver_.length - 1);
      while (pin.slot > 0 && !solver_.state.is_open(pin.slot)) --pin.slot;
      solver_.meter.spend(1);
      if (can_reserve(solver_.state, pin, added_)) solver_.place(pin.slot, pin.row);
    }
  }

  [[nodiscard]] std::uint32_t refusals_max() const {
    if (solver_.sieve != nullptr) return kRefusalsMax;
    return kRefusalsMax + solver_.ranking.size() / kRowsPerRefusal;
  }
  // Few refusals in a row are cheaper than a look at all rows, many are not.
  [[nodiscard]] std::uint32_t next(std::uint32_t slot, std::uint32_t rank) {
    if (!is_sieved_ && refusals_ >= refusals_max()) {
      solver_.look(slot);
      is_sieved_ = true;
    }
    return is_sieved_ ? solver_.sieve->next_let_in(rank) : waits_->next(rank);
  }
  // A refused row is asked about again when the rule that refused it may let it through.
  void refuse(std::uint32_t slot, std::uint32_t rank) {
    if (is_sieved_) return;
    ++refusals_;
    const std::uint32_t until = solver_.state.refused_until(slot, solver_.ranking.row(rank));
    if (until > slot + 1) waits_->put_off(rank, until);
  }
  [[nodiscard]] bool keeps_clean(std::uint32_t slot, std::uint32_t row) const {
    if (is_sieved_) return solver_.passes(row);
    return is_walking_ ? solver_.state.keeps_clean_walking(slot, row)
                       : solver_.state.keeps_clean(slot, row);
  }

  // The row of the best score among those that break nothing more.
  std::uint32_t best_clean(std::uint32_t slot) {
    has_pressing_ = demands_->press(slot);
    const std::uint32_t row = best_clean_of(slot);
    if (row != kNoRow || !has_pressing_) return row;
    has_pressing_ = false;
    return best_clean_of(slot);
  }

  std::uint32_t best_clean_of(std::uint32_t slot) {
    const double discount = solver_.problem.discount[slot];
    std::uint32_t chosen = kNoRow;
    double best_score = 0.0;
    const Ranking& ranking = solver_.ranking;
    is_sieved_ = false;
    refusals_ = 0;
    for (std::uint32_t rank = next(slot, 0); rank < ranking.size(); rank = next(slot, rank + 1)) {
      const std::uint32_t row = ranking.row(rank);
      if (has_pressing_ && !demands_->serves(row)) continue;
      const double score = solver_.problem.utility[row] * discount;
      const double most = score - floor_->least() + solver_.trail.best_gain();
      if (chosen != kNoRow && most <= best_score) break;
      solver_.meter.spend(1);
      solver_.state.expect(row);
      if (!keeps_clean(slot, row)) {
        refuse(slot, rank);
        continue;
      }
      // A penalty that costs more than the row is worth need not be known exactly.
      const double limit = chosen != kNoRow && solver_.trail.is_empty()
                               ? score - best_score
                               : std::numeric_limits<double>::infinity();
      double penalty = is_walking_ ? solver_.state.added_penalty_walking(slot, row, limit)
                                   : solver_.state.added_penalty(slot, row, limit);
      if (!solver_.trail.is_empty() && !judged_clean(slot, row, penalty)) continue;
      if (chosen != kNoRow && score - penalty <= best_score) continue;
      if (look_ahead_ && !keeps_bounds(slot, row)) continue;
      chosen = row;
      best_score = score - penalty;
    }
    return chosen;
  }

  bool judged_clean(std::uint32_t slot, std::uint32_t row, double& penalty) {
    return solver_.judge_clean(slot, row, penalty);
  }

  // Whether the page can be completed as well with `row` on `slot` as before, as far as counts
  // tell.
  bool keeps_bounds(std::uint32_t slot, std::uint32_t row) {
    solver_.place(slot, row);
    solver_.bound_units(solver_.trail.depth(), added_);
    const bool keeps = compare_units(added_, bound_) <= 0;
    solver_.remove(slot);
    return keeps;
  }

  // The ranks that keep the more important rules, as far as masks tell and there are any.
  std::span<const Word> least_refused() {
    const std::span<const Word> unused = solver_.ranking.unused();
    const auto kept = solver_.arena.allocate<Word>(unused.size());
    std::copy(unused.begin(), unused.end(), kept.begin());
    for (std::size_t tracker = 0; tracker < solver_.sieve->size(); ++tracker) {
      const std::span<const Word> refused = solver_.sieve->refused_by(tracker);
      Word rest = 0;
      for (std::size_t w = 0; w < refused.size(); ++w) rest |= kept[w] & ~refused[w];
      if (rest == 0) continue;
      for (std::size_t w = 0; w < refused.size(); ++w) kept[w] &= ~refused[w];
    }
    return kept;
  }

  // The row that breaks least now, or, looking ahead, in the end; the best utility of equals.
  std::uint32_t least_broken(std::uint32_t slot) {
    std::uint32_t chosen = kNoRow;
    const Ranking& ranking = solver_.ranking;
    const auto mark = solver_.arena.mark();
    std::span<const Word> kept;
    if (is_sieved_ && !look_ahead_) kept = least_refused();
    std::uint32_t tried = 0;
    for (std::uint32_t rank = ranking.next_unused(0); rank < ranking.size();
         rank = ranking.next_unused(rank + 1)) {
      if (!kept.empty() && !test_bit(kept.data(), rank)) continue;
      if (!kept.empty() && chosen != kNoRow && ++tried > kLeastTried) break;
      const std::uint32_t row = ranking.row(rank);
      solver_.meter.spend(1);
      if (solver_.state.adds_required(slot, row)) continue;
      if (look_ahead_) {
        solver_.place(slot, row);
        solver_.bound_units(solver_.trail.depth(), added_);
        solver_.remove(slot);
      } else {
        std::fill(added_.begin(), added_.end(), 0U);
        solver_.state.added(slot, row, added_);
      }
      if (!solver_.trail.is_empty()) {
        const std::uint32_t required = added_[0];
        solver_.judge(slot, row, added_);
        if (added_[0] > required) continue;
      }
      if (chosen != kNoRow && compare_units(added_, least_) >= 0) continue;
      chosen = row;
      std::copy(added_.begin(), added_.end(), least_.begin());
    }
    solver_.arena.rewind(mark);
    return chosen;
  }

  Solver& solver_;
  const bool look_ahead_;
  SoftFloor* floor_ = nullptr;
  Demands* demands_ = nullptr;
  Waits* waits_ = nullptr;
  bool has_pressing_ = false;  // only rows that serve the demands are looked at
  SoftWalk* soft_ = nullptr;   // null: soft rules are asked row by row
  bool is_walking_ = false;    // no slot after the one at hand is filled
  bool is_sieved_ = false;     // the sieve looked at the slot at hand
  std::uint32_t refusals_ = 0;
  std::span<std::uint32_t> added_;
  std::span<std::uint32_t> least_;
  std::span<std::uint32_t> bound_;
};

}  // namespace

bool construct(Solver& solver, bool look_ahead) {
  if (look_ahead) solver.use_supply();
  const auto mark = solver.arena.mark();
  const Sieve* sieve = solver.sieve;
  const bool is_full = Constructor(solver, look_ahead).run();
  // A sieve that was made on the way stays.
  if (solver.sieve == sieve) solver.arena.rewind(mark);
  return is_full;
}

}  // namespace lineup
