// SPDX-License-Identifier: Apache-2.0
//
// The builder fills a State from its first slot on. Pins stand on their slots from the beginning,
// as reservations: whoever places another row there, or the pinned row elsewhere, breaks the pin,
// and undo brings the reservation back. A page is a function of what stands where, so undo needs no
// log but that of the reservations.
#include "constraint/builder.hpp"

#include <algorithm>
#include <cassert>
#include <new>

#include "constraint/best_first.hpp"
#include "constraint/propagate.hpp"
#include "constraint/search_opaque.hpp"
#include "constraint/search_pins.hpp"
#include "constraint/state.hpp"

namespace lineup {

struct Builder::State {
  State(const Problem& the_problem, Arena& the_arena, std::uint32_t the_length)
      : problem(the_problem),
        arena(the_arena),
        page(the_problem, the_arena),
        trail(the_problem, the_arena),
        supply(page, the_arena),
        length(the_length) {
    page.reset(length);
    steps = arena.allocate<Step>(problem.slot_count);
    allowed = arena.allocate<Word>(word_count(problem.row_count));
    free = arena.allocate<Word>(allowed.size());
    std::copy_n(problem.candidates, free.size(), free.begin());
    untried = arena.allocate<Word>(allowed.size());
    most = arena.allocate<double>(allowed.size());
    scratch = arena.allocate<std::uint32_t>(page.units().size());
    bound = arena.allocate<std::uint32_t>(page.units().size());
  }

  // What placing a row did to reservations.
  struct Step {
    std::uint32_t displaced = kNoRow;  // the row that was reserved for this slot
    std::uint32_t origin = kNoSlot;    // the slot that was reserved for this row
  };

  [[nodiscard]] std::span<const std::uint32_t> rows() const {
    return page.page().rows.subspan(0, count);
  }
  [[nodiscard]] bool is_candidate(std::uint32_t row) const {
    return row < problem.row_count && test_bit(problem.candidates, row);
  }
  // Whether the row stands before the next slot, not merely on a reserved one.
  [[nodiscard]] bool is_placed(std::uint32_t row) const {
    return page.is_used(row) && page.page().slot_of[row] < count;
  }
  void put(std::uint32_t slot, std::uint32_t row) {
    page.place(slot, row);
    if (is_counting) supply.take(row);
  }
  void drop(std::uint32_t slot) {
    if (is_counting) supply.give(page.page().rows[slot]);
    page.remove(slot);
  }
  void count_supply() {
    if (!is_counting) supply.start();
    is_counting = true;
  }
  // Units that every completion has at least, into `out`.
  void bound_units(std::span<std::uint32_t> out) {
    count_supply();
    std::copy(page.units().begin(), page.units().end(), out.begin());
    supply.add_unavoidable(out);
  }
  Step stand(std::uint32_t row);
  void unstand(const Step& step);
  [[nodiscard]] bool breaks_nothing(std::uint32_t row) const;
  [[nodiscard]] bool keeps_bounds(std::uint32_t row);
  [[nodiscard]] bool can_finish();

  const Problem& problem;
  Arena& arena;
  lineup::State page;
  OpaqueTrail trail;
  Supply supply;
  lineup::State* whole = nullptr;  // for violations(): the page so far as a whole page
  std::span<Step> steps;           // [slot_count]
  std::span<Word> allowed;
  std::span<Word> free;     // candidates that are not placed
  std::span<Word> untried;  // best_permitted()'s own, as is `most`
  std::span<double> most;
  std::span<std::uint32_t> scratch;
  std::span<std::uint32_t> bound;  // of the page so far, when is_bound_known
  const std::uint32_t length;
  std::uint32_t count = 0;  // rows placed
  bool is_counting = false;
  bool is_bound_known = false;
};

// Puts `row` on the next slot, whatever was reserved.
Builder::State::Step Builder::State::stand(std::uint32_t row) {
  Step step;
  if (!page.is_open(count)) step.displaced = page.page().rows[count];
  if (step.displaced == row) return step;
  step.origin = page.page().slot_of[row];
  if (step.displaced != kNoRow) drop(count);
  if (step.origin != kNoSlot) drop(step.origin);
  put(count, row);
  return step;
}

// Takes back what stand() did. REQUIRES: `count` is what it was then.
void Builder::State::unstand(const Step& step) {
  const std::uint32_t row = page.page().rows[count];
  if (step.displaced == row) return;
  drop(count);
  if (step.origin != kNoSlot) put(step.origin, row);
  if (step.displaced != kNoRow) put(count, step.displaced);
}

// Native hard rules only.
bool Builder::State::breaks_nothing(std::uint32_t row) const {
  if (!page.is_open(count)) return page.page().rows[count] == row;
  return !page.is_used(row) && page.keeps_clean(count, row);
}

bool Builder::State::keeps_bounds(std::uint32_t row) {
  if (!is_bound_known) bound_units(bound);
  is_bound_known = true;
  const Step step = stand(row);
  bound_units(scratch);
  unstand(step);
  return std::equal(scratch.begin(), scratch.end(), bound.begin());
}

// Whether taking the first row that breaks nothing, slot by slot, fills the page.
bool Builder::State::can_finish() {
  std::uint32_t slot = count;
  bool is_filled = true;
  const auto mark = arena.mark();
  const auto filled = arena.zeroed<std::uint8_t>(length);
  for (; slot < length && is_filled; ++slot) {
    if (!page.is_open(slot)) continue;
    is_filled = false;
    for (std::uint32_t row = 0; row < problem.row_count && !is_filled; ++row) {
      if (!is_candidate(row) || page.is_used(row) || !page.keeps_clean(slot, row)) continue;
      put(slot, row);
      filled[slot] = 1;
      is_filled = true;
    }
  }
  is_filled = is_filled && page.is_clean();
  while (slot-- > count) {
    if (filled[slot] != 0) drop(slot);
  }
  arena.rewind(mark);
  return is_filled;
}

Builder::Builder(const Problem& problem, Arena& arena) : problem_(problem), arena_(arena) {
  const std::span<const Word> candidates(problem.candidates, word_count(problem.row_count));
  length_ = std::min(problem.slot_count, static_cast<std::uint32_t>(count_bits(candidates)));
}

// Most generators only let the solver fill the page: they never need what is made here.
Builder::State& Builder::state() const {
  if (state_ != nullptr) return *state_;
  state_ =
      new (arena_.allocate_bytes(sizeof(State), alignof(State))) State(problem_, arena_, length_);
  for (const Pin& pin : collect_pins(state_->page, arena_)) {
    if (can_reserve(state_->page, pin, state_->scratch)) state_->put(pin.slot, pin.row);
  }
  return *state_;
}

std::span<const std::uint32_t> Builder::placed() const {
  if (state_ == nullptr) return {};
  return state_->rows();
}

bool Builder::is_full() const { return slot() == length_; }

std::span<const Word> Builder::allowed() {
  State& state = this->state();
  std::fill(state.allowed.begin(), state.allowed.end(), Word{0});
  if (is_full()) return state.allowed;
  const std::span<const Word> candidates(state.problem.candidates, state.allowed.size());
  for_each_bit(candidates, [&](std::size_t row) {
    if (state.breaks_nothing(static_cast<std::uint32_t>(row))) set_bit(state.allowed.data(), row);
  });
  return state.allowed;
}

bool Builder::permits(std::uint32_t row) {
  State& state = this->state();
  if (is_full() || !state.is_candidate(row) || state.is_placed(row)) return false;
  if (!state.breaks_nothing(row) || !state.keeps_bounds(row)) return false;
  if (state.trail.is_empty()) return true;
  std::fill(state.scratch.begin(), state.scratch.end(), 0U);
  state.trail.judge(state.rows(), row, state.scratch);
  return std::all_of(state.scratch.begin(), state.scratch.end(),
                     [](std::uint32_t units) { return units == 0; });
}

// The best row is usually permitted, so rows are asked one by one from the best on; who meets many
// refusals in a row asks what is allowed at all.
std::uint32_t Builder::best_permitted(std::span<const double> utility) {
  // LIMIT: refusals before the allowed rows are computed, which costs about as much.
  constexpr int kRefusalsMax = 24;
  State& state = this->state();
  if (is_full()) return kNoRow;
  // A generator may still rate the rows that it placed highest: they are no refusals.
  std::copy(state.free.begin(), state.free.end(), state.untried.begin());
  BestFirst rows(state.untried, state.most, utility);
  for (int refusals = 0;; ++refusals) {
    if (refusals == kRefusalsMax) {
      const std::span<const Word> allowed = this->allowed();
      for (std::size_t i = 0; i < allowed.size(); ++i) state.untried[i] &= allowed[i];
      rows = BestFirst(state.untried, state.most, utility);
    }
    const std::uint32_t best = rows.best();
    if (best == kNoRow || permits(best)) return best;
    rows.leave_out(best);
  }
}

bool Builder::place(std::uint32_t row) {
  State& state = this->state();
  if (is_full() || !state.is_candidate(row) || state.is_placed(row)) return false;
  std::fill(state.scratch.begin(), state.scratch.end(), 0U);
  if (!state.trail.is_empty()) state.trail.judge(state.rows(), row, state.scratch);
  const State::Step step = state.stand(row);
  if (state.scratch[0] > 0 || state.page.units()[0] > 0) {
    state.unstand(step);
    return false;
  }
  if (!state.trail.is_empty()) state.trail.push(state.rows(), row);
  state.steps[state.count++] = step;
  clear_bit(state.free.data(), row);
  state.is_bound_known = false;
  return true;
}

void Builder::undo() {
  State& state = this->state();
  assert(state.count > 0);
  --state.count;
  set_bit(state.free.data(), state.page.page().rows[state.count]);
  state.unstand(state.steps[state.count]);
  if (!state.trail.is_empty()) state.trail.truncate(state.count);
  state.is_bound_known = false;
}

void Builder::rewind(Mark mark) {
  assert(mark <= slot());
  while (slot() > mark) undo();
}

Builder* Builder::fork() {
  State* copy = nullptr;
  if (state_ != nullptr) {
    copy =
        new (arena_.allocate_bytes(sizeof(State), alignof(State))) State(problem_, arena_, length_);
    copy->page.copy(state_->page);
    copy->trail.copy(state_->trail);
    std::copy(state_->free.begin(), state_->free.end(), copy->free.begin());
    std::copy_n(state_->steps.begin(), state_->count, copy->steps.begin());
    copy->count = state_->count;
  }
  return new (arena_.allocate_bytes(sizeof(Builder), alignof(Builder)))
      Builder(problem_, arena_, length_, copy);
}

Answer Builder::completable() {
  State& state = this->state();
  std::fill(state.scratch.begin(), state.scratch.end(), 0U);
  if (!state.trail.is_empty()) {
    state.trail.add_total(state.scratch);
    state.trail.add_bound(state.rows(), state.length - state.count, state.scratch);
  }
  const auto none = [](std::uint32_t units) { return units == 0; };
  if (!std::all_of(state.scratch.begin(), state.scratch.end(), none)) return Answer::No;
  state.bound_units(state.scratch);
  const bool is_bounded_clean =
      state.page.is_clean() &&
      std::equal(state.scratch.begin(), state.scratch.end(), state.page.units().begin());
  if (!is_bounded_clean) return Answer::No;
  if (is_full()) return Answer::Yes;
  if (!state.trail.is_empty()) return Answer::Unknown;
  return state.can_finish() ? Answer::Yes : Answer::Unknown;
}

void Builder::penalties(std::span<double> out) {
  State& state = this->state();
  assert(out.size() == state.problem.row_count);
  std::fill(out.begin(), out.end(), 0.0);
  if (is_full()) return;
  const std::uint32_t reserved =
      state.page.is_open(state.count) ? kNoRow : state.page.page().rows[state.count];
  if (reserved != kNoRow) state.drop(state.count);
  for (std::uint32_t row = 0; row < state.problem.row_count; ++row) {
    if (!state.is_candidate(row) || state.is_placed(row)) continue;
    const std::uint32_t origin = state.page.page().slot_of[row];
    if (origin != kNoSlot) state.drop(origin);
    out[row] = state.page.added_penalty(state.count, row);
    if (origin != kNoSlot) state.put(origin, row);
    if (state.trail.has_scores()) out[row] += state.trail.judge(state.rows(), row, state.scratch);
  }
  if (reserved != kNoRow) state.put(state.count, reserved);
}

Solution Builder::solve(std::span<const double> utility, std::span<const double> discount,
                        const SolveOptions& options) {
  Problem problem = problem_;
  problem.utility = utility;
  problem.discount = discount;
  return lineup::solve(problem, placed(), options, arena_);
}

Solution Builder::certify(std::span<const double> utility, std::span<const double> discount) {
  assert(is_full());
  State& state = this->state();
  Solution out;
  out.rows = arena_.allocate<std::uint32_t>(length_);
  std::copy(placed().begin(), placed().end(), out.rows.begin());
  out.violations = arena_.zeroed<std::uint32_t>(problem_.use_count);
  out.soft_violations = arena_.zeroed<std::uint32_t>(problem_.use_count);
  state.page.add_by_use(out.violations, out.soft_violations);
  state.trail.add_by_use(out.violations, out.soft_violations);
  for (std::uint32_t slot = 0; slot < length_; ++slot) {
    out.value += utility[out.rows[slot]] * discount[slot];
  }
  out.penalty = state.page.penalty();
  if (!state.trail.is_empty()) out.penalty += state.trail.add_total(state.scratch);
  out.bound = out.value - out.penalty;
  out.opaque_unbounded = state.trail.is_unbounded();
  out.broken_use = state.trail.broken_use();
  return out;
}

std::int32_t Builder::broken_use() const {
  return state_ == nullptr ? -1 : state_->trail.broken_use();
}

void Builder::violations(std::span<std::uint32_t> out) const {
  State& state = this->state();
  assert(out.size() == state.problem.use_count);
  if (state.whole == nullptr) {
    void* memory = state.arena.allocate_bytes(sizeof(lineup::State), alignof(lineup::State));
    state.whole = new (memory) lineup::State(state.problem, state.arena);
  }
  state.whole->reset(state.count);
  for (std::uint32_t slot = 0; slot < state.count; ++slot)
    state.whole->place(slot, state.rows()[slot]);
  const auto mark = state.arena.mark();
  const auto soft = state.arena.zeroed<std::uint32_t>(out.size());
  std::fill(out.begin(), out.end(), 0U);
  state.whole->add_by_use(out, soft);
  state.trail.add_by_use(out, soft);
  state.arena.rewind(mark);
}

}  // namespace lineup
