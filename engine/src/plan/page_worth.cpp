// SPDX-License-Identifier: Apache-2.0
//
// A generator may ask thousands of times: what a call needs is given back to the arena after it,
// except for what the first call makes for all (dictionaries of the columns that evaluators read).
#include "plan/page_worth.hpp"

#include "base/clock.hpp"

namespace lineup {

bool PageWorth::runs(std::size_t node) const {
  const PlanNode& candidate = run_.plan.nodes[node];
  return candidate.kind == NodeKind::Evaluator && !candidate.is_off && acts(candidate, run_) &&
         run_.node_gates[node] != Breaker::Gate::Open;
}

bool PageWorth::can_value() const {
  for (std::size_t node = 0; node < run_.plan.nodes.size(); ++node) {
    if (runs(node)) return true;
  }
  return false;
}

lineup_status PageWorth::value(const lineup_slates& pages, std::span<double> worth,
                               std::uint64_t& work) {
  if (!can_value()) return LINEUP_E_UNSUPPORTED;
  Arena& arena = memory_.arena;
  const Arena::Mark before = arena.mark();
  const std::size_t objectives = run_.weights.size();
  const auto values = arena.zeroed<double>(pages.slate_count * objectives);
  lineup_status status = LINEUP_OK;
  for (std::size_t node = 0; node < run_.plan.nodes.size() && status == LINEUP_OK; ++node) {
    if (!runs(node)) continue;
    const PlanNode& evaluator = run_.plan.nodes[node];
    NodeRequest request = node_request(run_, evaluator.seed, slots_, memory_);
    request.live_dials = evaluator.live_dials;
    if (evaluator.budget_ns > 0) {
      request.deadline_ns =
          std::min(request.deadline_ns, monotonic_ns() + evaluator.budget_ns * 9 / 10);
    }
    const RunReport report = run_evaluator(*evaluator.instance, request, pages, values);
    work += report.work;
    status = report.status;
  }
  for (std::size_t page = 0; page < pages.slate_count && status == LINEUP_OK; ++page) {
    worth[page] = 0.0;
    for (std::size_t objective = 0; objective < objectives; ++objective) {
      worth[page] += run_.weights[objective] * values[page * objectives + objective];
    }
  }
  if (has_made_views_) arena.rewind(before);
  has_made_views_ = has_made_views_ || status == LINEUP_OK;
  return status;
}

}  // namespace lineup
