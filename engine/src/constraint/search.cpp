// SPDX-License-Identifier: Apache-2.0
//
// Totals are summed in slot order and constraint order whenever a page is complete, never carried
// along, so that equal pages have equal totals whatever way the search took to them.
#include "constraint/search.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <new>

namespace lineup {

namespace {

// LIMIT: what asking an opaque constraint counts for: it takes about as long as so many row checks.
constexpr std::uint64_t kUnitsPerCall = 4;
// LIMIT: rules whose question about all rows takes about as long as a row check.
constexpr std::size_t kRulesPerUnit = 8;

}  // namespace

int compare_units(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b) {
  for (std::size_t rank = 0; rank < a.size(); ++rank) {
    if (a[rank] != b[rank]) return a[rank] < b[rank] ? -1 : 1;
  }
  return 0;
}

Solver::Solver(const Problem& the_problem, std::span<const std::uint32_t> the_prefix,
               const SolveOptions& the_options, Arena& the_arena)
    : problem(the_problem),
      options(the_options),
      arena(the_arena),
      prefix(the_prefix),
      state(the_problem, the_arena),
      ranking(the_problem, the_arena),
      trail(the_problem, the_arena),
      supply(state, the_arena),
      meter(the_options) {
  best.rows = arena.allocate<std::uint32_t>(problem.slot_count);
  best.units = arena.zeroed<std::uint32_t>(problem.level_count + std::size_t{1});
  least = arena.zeroed<std::uint32_t>(best.units.size());
  reserved = arena.zeroed<std::uint32_t>(best.units.size());
  pins = collect_pins(state, arena);
  measure_discounts();
}

void Solver::measure_discounts() {
  double largest = 0.0;
  double sum = 0.0;
  for (std::size_t slot = 0; slot < problem.discount.size(); ++slot) {
    const double discount = problem.discount[slot];
    sum += discount;
    if (slot > 0 && discount > problem.discount[slot - 1]) falls = false;
    if (discount <= 0.0 || (slot > 0 && discount >= problem.discount[slot - 1])) {
      falls_strictly = false;
    }
  }
  if (ranking.size() > 0) {
    largest = std::max(std::fabs(problem.utility[ranking.row(0)]),
                       std::fabs(problem.utility[ranking.row(ranking.size() - 1)]));
  }
  // LIMIT: rounding of a sum of some hundred terms stays far below this share of it.
  slack = 1e-12 * (largest * sum + 1e-300);
}

void Solver::open_page(std::uint32_t the_length) {
  if (the_length != length) {
    best.exists = false;
    std::fill(least.begin(), least.end(), 0U);
  }
  length = the_length;
  state.reset(length);
  ranking.give_all();
  trail.truncate(0);
  for (std::uint32_t slot = 0; slot < prefix.size(); ++slot) {
    state.place(slot, prefix[slot]);
    ranking.take(prefix[slot]);
    pass(slot);
  }
  if (uses_supply_) supply.start();
  if (sieve != nullptr) sieve->start();
}

void Solver::use_sieve() {
  if (sieve != nullptr) return;
  sieve = new (arena.allocate_bytes(sizeof(Sieve), alignof(Sieve))) Sieve(state, ranking, arena);
  meter.spend(ranking.size() / 8);
}

double Solver::judge(std::uint32_t slot, std::uint32_t row, std::span<std::uint32_t> units) {
  meter.spend(kUnitsPerCall);
  const double penalty = trail.judge(rows_before(slot), row, units);
  if (trail.broken_use() >= 0) meter.stop();
  return penalty;
}

bool Solver::judge_clean(std::uint32_t slot, std::uint32_t row, double& penalty) {
  meter.spend(kUnitsPerCall);
  const bool is_clean = trail.keeps_clean(rows_before(slot), row, penalty);
  if (trail.broken_use() >= 0) meter.stop();
  return is_clean;
}

void Solver::pass(std::uint32_t slot) {
  if (trail.is_empty()) return;
  meter.spend(kUnitsPerCall);
  trail.push(rows_before(slot), state.page().rows[slot]);
  if (trail.broken_use() >= 0) meter.stop();
}

void Solver::use_supply() {
  if (uses_supply_) return;
  uses_supply_ = true;
  supply.start();
  meter.spend(ranking.size());
}

void Solver::look(std::uint32_t slot) {
  use_sieve();
  sieve->look(slot);
  meter.spend(1 + sieve->size() / kRulesPerUnit);
}

std::uint32_t Solver::next_clean(std::uint32_t rank) {
  const std::uint64_t before = sieve->effort();
  const std::uint32_t next = sieve->next(rank);
  meter.spend(sieve->effort() - before);
  return next;
}

bool Solver::passes(std::uint32_t row) {
  const std::uint64_t before = sieve->effort();
  const bool is_clean = sieve->passes(row);
  meter.spend(sieve->effort() - before);
  return is_clean;
}

void Solver::place(std::uint32_t slot, std::uint32_t row) {
  state.place(slot, row);
  ranking.take(row);
  if (uses_supply_) supply.take(row);
  if (sieve != nullptr) sieve->changed(row);
}

void Solver::place_clean(std::uint32_t slot, std::uint32_t row) {
  state.place_clean(slot, row);
  ranking.take(row);
  if (uses_supply_) supply.take(row);
  if (sieve != nullptr) sieve->changed(row);
}

void Solver::remove(std::uint32_t slot) {
  const std::uint32_t row = state.page().rows[slot];
  state.remove(slot);
  ranking.give(row);
  if (uses_supply_) supply.give(row);
  if (sieve != nullptr) sieve->changed(row);
}

bool Solver::offer() {
  assert(state.page().open_count == 0);
  const Page& page = state.page();
  double value = 0.0;
  for (std::uint32_t slot = 0; slot < length; ++slot) {
    value += problem.utility[page.rows[slot]] * problem.discount[slot];
  }
  const auto mark = arena.mark();
  const auto units = arena.allocate<std::uint32_t>(best.units.size());
  std::copy(state.units().begin(), state.units().end(), units.begin());
  double penalty = state.penalty();
  if (!trail.is_empty()) penalty += trail.add_total(units);
  bool is_better = !best.exists;
  if (best.exists) {
    const int order = compare_units(units, best.units);
    const double total = value - penalty;
    is_better = order < 0 || (order == 0 && !is_same(total, best.total()) && total > best.total());
    if (order == 0 && is_same(total, best.total())) {
      is_better = std::lexicographical_compare(page.rows.begin(), page.rows.begin() + length,
                                               best.rows.begin(), best.rows.begin() + length);
    }
  }
  if (is_better) {
    best.exists = true;
    best.value = value;
    best.penalty = penalty;
    std::copy(units.begin(), units.end(), best.units.begin());
    std::copy_n(page.rows.begin(), length, best.rows.begin());
    note_least();
  }
  arena.rewind(mark);
  return is_better;
}

void Solver::note_least() {
  if (is_improving_ || !best.exists || compare_units(best.units, least) > 0) return;
  is_improving_ = true;
  meter.allow(options.improve_limit);
}

bool Solver::holds_best() const {
  const auto rows = state.page().rows.subspan(0, length);
  return best.exists && (trail.is_empty() || trail.depth() == length) &&
         std::equal(rows.begin(), rows.end(), best.rows.begin());
}

void Solver::restore_best() {
  for (std::uint32_t slot = 0; slot < length; ++slot) {
    if (!state.is_open(slot) && state.page().rows[slot] != best.rows[slot]) remove(slot);
  }
  // Part of a page that breaks nothing breaks nothing.
  const bool is_clean = std::all_of(best.units.begin(), best.units.end(),
                                    [](std::uint32_t units) { return units == 0; });
  for (std::uint32_t slot = 0; slot < length; ++slot) {
    if (!state.is_open(slot)) continue;
    is_clean ? place_clean(slot, best.rows[slot]) : place(slot, best.rows[slot]);
  }
  trail.truncate(0);
}

double Solver::bound_units(std::uint32_t slot, std::span<std::uint32_t> out) {
  std::copy(state.units().begin(), state.units().end(), out.begin());
  double penalty = state.penalty();
  if (uses_supply_) {
    const std::uint64_t before = supply.effort();
    penalty += supply.add_unavoidable(out);
    meter.spend((supply.effort() - before + 3) / 4);
  }
  if (!trail.is_empty()) {
    penalty += trail.add_total(out);
    trail.add_bound(rows_before(slot), length - slot, out);
    penalty -= trail.best_gain() * (length - slot);
  }
  return penalty;
}

}  // namespace lineup
