// SPDX-License-Identifier: Apache-2.0
//
// A node fills one slot. Its bound of violations is what the state and the supply count; as long as
// that is below the best page's, value decides nothing; when it is equal, the page must also be
// able to beat the best page's total; when it is above, the node is cut off. Children that break
// nothing come first, the most valuable before the others.
#include "constraint/search_exact.hpp"

#include <algorithm>
#include <functional>

#include "base/hash.hpp"

namespace lineup {

namespace {

// What a constraint reads of a row beside its matches and groups.
std::uint64_t told_of(const Constraint& constraint, std::uint32_t row) {
  switch (constraint.kind) {
    case Kind::Adjacent:
      return constraint.right == nullptr || test_bit(constraint.right, row) ? 1 : 0;
    case Kind::Order:
      return constraint.ranks[row];
    case Kind::Budget:
      return static_cast<std::uint64_t>(constraint.sums->amounts[row]);
    case Kind::Similar:
      return constraint.closeness->has(row) ? 1 + std::uint64_t{row} : 0;
    default:
      return 0;
  }
}

// The mix of everything that the native constraints read of a row.
std::uint64_t signature(const State& state, std::uint32_t row) {
  std::uint64_t hash = 1;
  for (const Tracker& tracker : state.trackers()) {
    hash = mix64(hash + 0x9E3779B97F4A7C15ULL) + (tracker.matches(row) ? 1 : 0);
    for_each_group(tracker, row, [&](std::uint32_t group) { hash = mix64(hash + 2 + group); });
    hash = mix64(hash ^ told_of(*tracker.constraint, row));
    const bool is_pinned = tracker.pin_of_row != nullptr && tracker.pin_of_row[row] != kNoRow;
    if (is_pinned) hash = mix64(hash ^ (std::uint64_t{row} << 32));
  }
  return hash;
}

}  // namespace

// Exchanging two rows of a class never breaks anything, and putting the more valuable one first
// never costs anything when discounts fall. When they do not, only equal utilities can be
// exchanged.
Classes::Classes(const Solver& solver, Arena& arena) {
  const std::uint32_t size = solver.ranking.size();
  of_rank_ = arena.allocate<std::uint32_t>(size);
  const std::size_t table_size = std::bit_ceil(std::size_t{size} * 2 + 1);
  const auto table = arena.filled<std::uint32_t>(table_size, kNoRow);
  const auto hashes = arena.allocate<std::uint64_t>(size);
  for (std::uint32_t rank = 0; rank < size; ++rank) {
    const std::uint32_t row = solver.ranking.row(rank);
    hashes[rank] = signature(solver.state, row);
    if (!solver.falls_strictly) {
      hashes[rank] =
          mix64(hashes[rank] ^ std::bit_cast<std::uint64_t>(solver.problem.utility[row]));
    }
    if (!solver.trail.is_empty()) hashes[rank] = mix64(rank);
    std::size_t at = hashes[rank] % table_size;
    while (table[at] != kNoRow && hashes[table[at]] != hashes[rank]) at = (at + 1) % table_size;
    if (table[at] == kNoRow) {
      table[at] = rank;
      of_rank_[rank] = count_++;
    } else {
      of_rank_[rank] = of_rank_[table[at]];
    }
  }
}

Exact::Exact(Solver& solver, const Classes& classes, Memo* memo, std::span<const Word> pool)
    : solver_(solver), classes_(classes), memo_(memo), pool_(pool) {
  Arena& arena = solver.arena;
  seen_ = arena.zeroed<std::uint32_t>(classes.count());
  open_index_ = arena.allocate<std::uint32_t>(solver.length);
  discounts_ = arena.allocate<double>(solver.length);
  denied_ = arena.zeroed<std::uint8_t>(solver.pins.size());
  added_ = arena.allocate<std::uint32_t>(solver.best.units.size());
  total_ = arena.allocate<std::uint32_t>(solver.best.units.size());
}

bool Exact::decide(std::size_t pin) {
  if (pin == solver_.pins.size()) return fill();
  const Pin& the = solver_.pins[pin];
  const bool is_possible = the.slot < solver_.length && solver_.state.is_open(the.slot) &&
                           !solver_.state.is_used(the.row);
  if (!is_possible) return decide(pin + 1);
  solver_.place(the.slot, the.row);
  const std::uint64_t seed = seed_;
  seed_ = mix64(seed * 2 + 1);
  bool is_done = decide(pin + 1);
  solver_.remove(the.slot);
  if (is_done) {
    seed_ = mix64(seed * 2 + 2);
    denied_[pin] = 1;
    is_done = decide(pin + 1);
    denied_[pin] = 0;
  }
  seed_ = seed;
  return is_done;
}

void Exact::list_open() {
  open_count_ = 0;
  for (std::uint32_t slot = 0; slot < solver_.length; ++slot) {
    open_index_[slot] = open_count_;
    if (solver_.state.is_open(slot)) discounts_[open_count_++] = solver_.problem.discount[slot];
  }
}

bool Exact::fill() {
  list_open();
  double value = 0.0;
  for (std::uint32_t slot = 0; slot < solver_.length; ++slot) {
    if (solver_.state.is_open(slot)) continue;
    value +=
        solver_.problem.utility[solver_.state.page().rows[slot]] * solver_.problem.discount[slot];
  }
  if (memo_ == nullptr) return descend(solver_.trail.depth(), value);
  const auto mark = solver_.arena.mark();
  const Forecast forecast(solver_.state, solver_.arena);
  solver_.supply.use(&forecast);
  const bool is_done = descend(solver_.trail.depth(), value);
  solver_.supply.use(nullptr);
  solver_.arena.rewind(mark);
  return is_done;
}

bool Exact::descend(std::uint32_t slot, double value) {
  OpaqueTrail& trail = solver_.trail;
  const std::uint32_t depth = trail.depth();
  for (; slot < solver_.length && !solver_.state.is_open(slot); ++slot) {
    solver_.pass(slot);
  }
  const auto mark = solver_.arena.mark();
  const bool is_done = expand(slot, value);
  solver_.arena.rewind(mark);
  trail.truncate(depth);
  return is_done;
}

bool Exact::expand(std::uint32_t slot, double value) {
  solver_.meter.spend(1);
  const auto units = solver_.arena.allocate<std::uint32_t>(solver_.best.units.size());
  const double penalty = solver_.bound_units(slot, units);
  add_denied(units);
  int order = -1;
  if (is_cut(slot, value, units, penalty, order)) return true;
  if (slot == solver_.length) {
    solver_.offer();
    return !solver_.meter.is_over();
  }
  if (memo_ != nullptr && memo_->is_dominated(slot, value - solver_.state.penalty(), seed_)) {
    return true;
  }
  for (const Child& child : children(slot, value, penalty, order)) {
    if (solver_.meter.is_over()) return false;
    const double gain = solver_.problem.utility[child.row] * solver_.problem.discount[slot];
    solver_.place(slot, child.row);
    solver_.pass(slot);
    const bool is_done = descend(slot + 1, value + gain);
    if (!solver_.trail.is_empty()) solver_.trail.truncate(slot);
    solver_.remove(slot);
    if (!is_done) return false;
  }
  return !solver_.meter.is_over();
}

bool Exact::is_cut(std::uint32_t slot, double value, std::span<std::uint32_t> units, double penalty,
                   int& order) {
  if (units[0] > 0) return true;
  if (!solver_.best.exists) return false;
  order = compare_units(units, solver_.best.units);
  if (order != 0) return order > 0;
  const std::uint32_t first = slot < solver_.length ? open_index_[slot] : open_count_;
  const double most = value + optimistic(first) - penalty;
  solver_.meter.spend((open_count_ - first) / 8);
  if (solver_.is_same(most, solver_.best.total())) return comes_after_best(slot);
  return most < solver_.best.total();
}

bool Exact::comes_after_best(std::uint32_t slot) const {
  const auto rows = solver_.rows_before(slot);
  return std::lexicographical_compare(solver_.best.rows.begin(), solver_.best.rows.begin() + slot,
                                      rows.begin(), rows.end());
}

// The children of the slot, the most promising first.
std::span<Exact::Child> Exact::children(std::uint32_t slot, double value, double penalty,
                                        int order) {
  const Ranking& ranking = solver_.ranking;
  const double discount = solver_.problem.discount[slot];
  const double rest = order == 0 ? optimistic(open_index_[slot] + 1) : 0.0;
  const auto out = solver_.arena.allocate<Child>(classes_.count());
  std::size_t count = 0;
  ++node_;
  for (std::uint32_t rank = next(0); rank < ranking.size(); rank = next(rank + 1)) {
    const std::uint32_t row = ranking.row(rank);
    const double gain = solver_.problem.utility[row] * discount;
    // Rows come by utility: when this one cannot reach the best total, no later one can.
    if (order == 0 && value + gain + rest - penalty < solver_.best.total() - solver_.slack) break;
    if (seen_[classes_.of_rank(rank)] == node_) continue;
    seen_[classes_.of_rank(rank)] = node_;
    solver_.meter.spend(1);
    Child child{row, 0, gain};
    if (!is_denied(slot, row) && weigh(slot, row, child)) out[count++] = child;
  }
  std::sort(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(count),
            [](const Child& a, const Child& b) {
              if (a.broken != b.broken) return a.broken < b.broken;
              return a.score != b.score ? a.score > b.score : a.row < b.row;
            });
  return out.subspan(0, count);
}

// What `row` would break; false when it cannot be part of a better page.
bool Exact::weigh(std::uint32_t slot, std::uint32_t row, Child& child) {
  std::fill(added_.begin(), added_.end(), 0U);
  double penalty = solver_.state.added(slot, row, added_);
  std::copy(solver_.state.units().begin(), solver_.state.units().end(), total_.begin());
  if (!solver_.trail.is_empty()) {
    penalty += solver_.judge(slot, row, added_);
    solver_.trail.add_total(total_);
  }
  child.score -= penalty;
  for (std::size_t rank = 0; rank < added_.size(); ++rank) {
    if (added_[rank] > 0 && child.broken == 0) {
      child.broken = ((added_.size() - rank) << 32) + added_[rank];
    }
    total_[rank] += added_[rank];
  }
  if (total_[0] > 0) return false;
  return !solver_.best.exists || compare_units(total_, solver_.best.units) <= 0;
}

void Exact::add_denied(std::span<std::uint32_t> units) const {
  for (std::size_t pin = 0; pin < denied_.size(); ++pin) {
    const Pin& the = solver_.pins[pin];
    // Once the slot is filled or the row placed, the state counts it.
    if (denied_[pin] != 0 && solver_.state.is_open(the.slot) && !solver_.state.is_used(the.row)) {
      ++units[the.rank];
    }
  }
}

bool Exact::is_denied(std::uint32_t slot, std::uint32_t row) const {
  for (std::size_t pin = 0; pin < denied_.size(); ++pin) {
    const Pin& the = solver_.pins[pin];
    if (denied_[pin] != 0 && the.slot == slot && the.row == row) return true;
  }
  return false;
}

// The most that the open slots from the `open_index`-th on can hold: the best rows that are left,
// the best slot first.
double Exact::optimistic(std::uint32_t open_index) const {
  double total = 0.0;
  const auto discounts = discounts_.subspan(0, open_count_).subspan(open_index);
  std::uint32_t rank = next(0);
  if (!solver_.falls) {
    const auto mark = solver_.arena.mark();
    const auto sorted = solver_.arena.allocate<double>(discounts.size());
    std::copy(discounts.begin(), discounts.end(), sorted.begin());
    std::sort(sorted.begin(), sorted.end(), std::greater<>());
    for (const double discount : sorted) {
      if (rank >= solver_.ranking.size()) break;
      total += solver_.problem.utility[solver_.ranking.row(rank)] * discount;
      rank = next(rank + 1);
    }
    solver_.arena.rewind(mark);
    return total;
  }
  for (const double discount : discounts) {
    if (rank >= solver_.ranking.size()) break;
    total += solver_.problem.utility[solver_.ranking.row(rank)] * discount;
    rank = next(rank + 1);
  }
  return total;
}

std::uint32_t Exact::next(std::uint32_t rank) const {
  if (pool_.empty()) return solver_.ranking.next_unused(rank);
  const std::span<const Word> unused = solver_.ranking.unused();
  std::size_t word = rank / 64;
  if (word >= unused.size()) return solver_.ranking.size();
  Word rest = unused[word] & pool_[word] & (~Word{0} << (rank % 64));
  while (rest == 0) {
    if (++word == unused.size()) return solver_.ranking.size();
    rest = unused[word] & pool_[word];
  }
  return static_cast<std::uint32_t>(word * 64) + static_cast<std::uint32_t>(std::countr_zero(rest));
}

}  // namespace lineup
