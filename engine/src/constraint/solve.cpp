// SPDX-License-Identifier: Apache-2.0
//
// The order of the phases. The longest page comes first: only when a length is proven impossible
// under the required rules, or the work is spent, is a shorter one tried.
#include "constraint/solve.hpp"

#include <algorithm>

#include "constraint/search.hpp"
#include "constraint/search_exact.hpp"

namespace lineup {

namespace {

enum class Verdict : std::uint8_t { Proven, Found, Impossible, Open };

class Phases {
 public:
  explicit Phases(Solver& solver) : solver_(solver) {}

  Verdict run(std::uint32_t length) {
    solver_.open_page(length);
    construct(solver_, false);
    solver_.open_page(length);
    construct(solver_, true);
    solver_.open_page(length);
    const auto mark = solver_.arena.mark();
    Classes classes(solver_, solver_.arena);
    Memo memo(solver_.state, solver_.arena, solver_.slack);
    Exact exact(solver_, classes, solver_.trail.is_empty() ? &memo : nullptr, {});
    const bool is_done = exact.fill_with_pins();
    solver_.arena.rewind(mark);
    const bool is_found =
        solver_.best.exists && solver_.best.units[0] == solver_.state.past_required();
    if (!is_found) solver_.best.exists = false;
    if (is_found) return is_done ? Verdict::Proven : Verdict::Found;
    return is_done ? Verdict::Impossible : Verdict::Open;
  }

 private:
  Solver& solver_;
};

}  // namespace

Solution solve(const Problem& problem, std::span<const std::uint32_t> prefix,
               const SolveOptions& options, Arena& arena) {
  Solver solver(problem, prefix, options, arena);
  Phases phases(solver);
  const auto longest = std::min(problem.slot_count, solver.ranking.size());
  Verdict verdict = Verdict::Open;
  bool was_open = false;
  for (std::uint32_t length = longest;; --length) {
    verdict = phases.run(length);
    if (verdict == Verdict::Proven || verdict == Verdict::Found) break;
    was_open = was_open || verdict == Verdict::Open;
    if (length == prefix.size()) break;
  }
  Solution out;
  out.violations = arena.zeroed<std::uint32_t>(problem.use_count);
  out.soft_violations = arena.zeroed<std::uint32_t>(problem.use_count);
  solver.open_page(solver.length);
  if (solver.best.exists) {
    for (std::uint32_t slot = 0; slot < solver.length; ++slot) {
      if (solver.state.is_open(slot)) solver.place(slot, solver.best.rows[slot]);
      if (!solver.trail.is_empty() && slot >= prefix.size()) {
        solver.trail.push(solver.rows_before(slot), solver.best.rows[slot]);
      }
    }
  } else {
    solver.offer();
  }
  solver.state.add_by_use(out.violations, out.soft_violations);
  solver.trail.add_by_use(out.violations, out.soft_violations);
  out.rows = solver.best.rows.subspan(0, solver.length);
  out.value = solver.best.value;
  out.penalty = solver.best.penalty;
  out.bound = out.value - out.penalty;
  out.work = solver.meter.used();
  out.broken_use = solver.trail.broken_use();
  const bool is_proven = verdict == Verdict::Proven || verdict == Verdict::Impossible;
  out.search = is_proven && !was_open ? Search::Complete : Search::Limit;
  return out;
}

}  // namespace lineup
