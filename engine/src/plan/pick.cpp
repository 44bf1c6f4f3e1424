// SPDX-License-Identifier: Apache-2.0
//
// The engine's own answer, and the proof of any answer: the verifier recounts what the page breaks
// and must come to the numbers of its certificate.
#include <algorithm>

#include "plan/run.hpp"

namespace lineup {

Picked solve_page(Run& run, Rules rules, std::uint64_t work_limit, std::int32_t& broken_use) {
  const Problem problem = make_problem(run, run.slots, rules);
  SolveOptions options;
  options.work_limit = work_limit;
  options.improve_limit = run.plan.limits.improve;
  options.gap = run.plan.limits.gap;
  options.deadline_ns = run.deadline_ns;
  const Solution solution = solve(problem, {}, options, run.arena);
  run.work += solution.work;
  broken_use = solution.broken_use;
  if (broken_use >= 0) return {};
  return {
      solution.rows, solution.violations, solution.search, solution.value - solution.penalty, -1,
      true};
}

std::int32_t outdated_slot(const Run& run, std::span<const std::uint32_t> rows) {
  for (std::size_t slot = 0; slot < rows.size(); ++slot) {
    if (rows[slot] < run.host_rows || run.plan.pools == nullptr) continue;
    const std::size_t inserted = rows[slot] - run.host_rows;
    if (inserted >= run.plan.pools->rows().size()) continue;  // no row at all: the verifier's word
    if (!run.plan.pools->rows()[inserted].is_current(run.request.now_ms)) {
      return static_cast<std::int32_t>(slot);
    }
  }
  return -1;
}

bool is_proven(Run& run, const Picked& picked) {
  const Verification verification =
      verify(run.plan.uses, run.idle, run.input, picked.rows, run.slots, run.arena);
  if (!verification.well_formed) return false;
  for (std::size_t use = 0; use < run.plan.uses.size(); ++use) {
    const Strength::Kind strength = run.plan.uses[use].strength.kind;
    if (strength == Strength::Kind::Soft) continue;
    if (verification.violations[use] != picked.violations[use]) return false;
  }
  return true;
}

}  // namespace lineup
