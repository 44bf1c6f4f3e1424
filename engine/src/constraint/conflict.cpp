// SPDX-License-Identifier: Apache-2.0
//
// A deletion filter: a rule without which the rest still conflict is left out for good; what is
// left conflicts, and each rule in it was needed. A rule that was needed beside more rules is
// needed beside fewer, so one round is enough. For each question the rules kept are made hard, of
// one level, and all rows equally good: the search ends at the first page that breaks nothing.
#include "constraint/conflict.hpp"

#include <algorithm>

#include "constraint/builder.hpp"
#include "constraint/solve.hpp"

namespace lineup {

namespace {

// The constraints of the uses kept, all hard and of one level.
std::span<const Constraint> constraints_of(const Problem& problem,
                                           std::span<const std::uint8_t> kept, Arena& arena) {
  auto out = arena.allocate<Constraint>(problem.constraints.size());
  std::size_t count = 0;
  for (const Constraint& constraint : problem.constraints) {
    if (constraint.tier == Tier::Soft || kept[constraint.use] == 0) continue;
    out[count] = constraint;
    out[count].tier = Tier::Hard;
    out[count].level = 0;
    ++count;
  }
  return out.first(count);
}

bool breaks_nothing(const Solution& solution) {
  return std::all_of(solution.violations.begin(), solution.violations.end(),
                     [](std::uint32_t units) { return units == 0; });
}

}  // namespace

Holds can_hold(const Problem& problem, std::span<const std::uint8_t> kept, std::uint64_t work_limit,
               Arena& arena, std::uint64_t& work) {
  const auto mark = arena.mark();
  Problem question = problem;
  question.constraints = constraints_of(problem, kept, arena);
  question.level_count = 1;
  question.utility = arena.zeroed<double>(problem.row_count);
  question.discount = arena.filled<double>(problem.slot_count, 1.0);
  Holds answer = Holds::Unknown;
  if (Builder(question, arena).completable() == Answer::No) {
    answer = Holds::No;
    work += problem.row_count;
  } else {
    SolveOptions options;
    options.work_limit = work_limit;
    options.gap = 1.0;  // any page that breaks nothing will do
    const Solution solution = solve(question, {}, options, arena);
    work += solution.work;
    const bool is_page = solution.broken_use < 0 && solution.rows.size() == problem.slot_count;
    if (is_page && breaks_nothing(solution)) {
      answer = Holds::Yes;
    } else if (solution.broken_use < 0 && solution.search == Search::Complete) {
      answer = Holds::No;
    }
  }
  arena.rewind(mark);
  return answer;
}

Conflict find_conflict(const Problem& problem, std::span<const std::uint8_t> kept,
                       std::span<const std::uint16_t> order, const ConflictOptions& options,
                       Arena& arena) {
  Conflict out;
  std::vector<std::uint8_t> in(kept.begin(), kept.end());
  // A use without constraints in the problem takes no part.
  std::vector<std::uint8_t> acts(in.size(), 0);
  for (const Constraint& constraint : problem.constraints) {
    if (constraint.tier != Tier::Soft) acts[constraint.use] = 1;
  }
  for (std::size_t use = 0; use < in.size(); ++use) in[use] &= acts[use];
  const auto limit = [&] {
    return std::min(options.solve_limit,
                    options.work_limit > out.work ? options.work_limit - out.work : 0);
  };
  if (can_hold(problem, in, limit(), arena, out.work) != Holds::No) return out;
  out.is_minimal = true;
  for (const std::uint16_t use : order) {
    if (in[use] == 0) continue;
    in[use] = 0;
    const Holds rest =
        limit() == 0 ? Holds::Unknown : can_hold(problem, in, limit(), arena, out.work);
    if (rest == Holds::No) continue;
    in[use] = 1;
    if (rest == Holds::Unknown) out.is_minimal = false;
  }
  for (std::size_t use = 0; use < in.size(); ++use) {
    if (in[use] != 0) out.uses.push_back(static_cast<std::uint16_t>(use));
  }
  return out;
}

}  // namespace lineup
