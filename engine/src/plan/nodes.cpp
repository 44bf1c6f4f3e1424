// SPDX-License-Identifier: Apache-2.0
//
// Runs the graph over one problem: generators fill one set of slates, evaluators value all of them,
// the selector compares. A node that fails leaves what was there before it.
#include <algorithm>
#include <cmath>

#include "base/clock.hpp"
#include "plan/page_worth.hpp"
#include "plan/run.hpp"

namespace lineup {

namespace {

// A node that the breakers or a switch keep from being called.
bool is_left_out(Run& run, std::size_t n) {
  NodeOutcome& outcome = run.outcomes[n];
  const PlanNode& node = run.plan.nodes[n];
  if (node.is_off) {
    outcome.status = LINEUP_E_REFUSED;
    outcome.message = "switched off";
    return true;
  }
  if (!acts(node, run)) {
    const bool is_shed = node.shed_at != 0 && run.load >= node.shed_at;
    outcome.message = is_shed ? "left out under load" : "another branch";
    return true;
  }
  if (run.node_gates[n] != Breaker::Gate::Open) return false;
  outcome.status = LINEUP_E_REFUSED;
  outcome.message = node.held_back;
  warn(run, node.held_back);
  if (!node.skip_on_failure && run.failure.empty()) run.failure = node.held_back;
  return true;
}

// The request as the node gets it: with a budget, its deadline is the budget's end less a tenth, so
// that who stops in time stays within.
NodeRequest call_of(Run& run, const PlanNode& node, std::uint32_t slots, std::int64_t began_ns) {
  NodeRequest request = node_request(run, node.seed, slots);
  request.live_dials = node.live_dials;
  if (node.later_ns > 0 && request.deadline_ns != INT64_MAX) {
    const std::int64_t left_ns = std::max<std::int64_t>(0, request.deadline_ns - began_ns);
    request.deadline_ns -= std::min(node.later_ns, left_ns / 2);
  }
  if (node.budget_ns > 0) {
    request.deadline_ns =
        std::min(request.deadline_ns, began_ns + node.budget_ns - node.budget_ns / 10);
  }
  return request;
}

// Whether the error is the node's: that the request's time ran out, or that it is one which the
// node cannot take, is not.
bool is_its_fault(const Run& run, lineup_status status, std::int64_t now_ns) {
  if (status == LINEUP_E_BUDGET && now_ns >= run.deadline_ns) return false;
  return status != LINEUP_OK && status != LINEUP_E_DEADLINE && status != LINEUP_E_INVALID_INPUT;
}

// Once there are slates, nodes that no time is left for are not called: the best of what there is
// stands, valued by those that were.
bool is_too_late(Run& run, std::size_t n, const SlateSet& slates, std::int64_t now_ns) {
  if (slates.count == 0 || now_ns < run.deadline_ns) return false;
  run.outcomes[n].message = "no time was left";
  run.is_cut = true;
  return true;
}

bool ran_out_of_time(const Run& run, const RunReport& report) {
  return report.status == LINEUP_E_DEADLINE ||
         (report.status == LINEUP_E_BUDGET && monotonic_ns() >= run.deadline_ns);
}

// An answer that came late is used, and counted as a failure.
void note(Run& run, std::size_t n, const RunReport& report, std::int64_t began_ns) {
  NodeOutcome& outcome = run.outcomes[n];
  const PlanNode& node = run.plan.nodes[n];
  const std::int64_t now_ns = monotonic_ns();
  const std::int64_t elapsed_ns = now_ns - began_ns;
  outcome.status = report.status;
  outcome.message = report.message;
  outcome.elapsed_ns += elapsed_ns;
  outcome.has_run = true;
  const bool is_late = elapsed_ns > node.late_ns;
  if (is_late) warn(run, node.late);
  outcome.has_failed = outcome.has_failed || is_late || is_its_fault(run, report.status, now_ns);
  run.work += report.work;
}

// What the request does after a node failed.
void go_on_without(Run& run, const PlanNode& node, const RunReport& report) {
  if (node.skip_on_failure) {
    warn(run, report.message);
  } else if (run.failure.empty()) {
    run.failure = text_in(run.arena, report.message);
  }
}

// Generators that failed beside others that answered do not take their pages away; where none
// answered, what the first of them said is why there is no page.
void judge_generators(Run& run, const SlateSet& slates) {
  for (std::size_t n = 0; n < run.plan.nodes.size(); ++n) {
    const PlanNode& node = run.plan.nodes[n];
    const NodeOutcome& outcome = run.outcomes[n];
    if (node.kind != NodeKind::Generator || outcome.status == LINEUP_OK) continue;
    if (run.is_cut && slates.count > 0) continue;
    if (slates.count == 0 || (!node.skip_on_failure && !node.is_off)) {
      if (run.failure.empty()) run.failure = text_in(run.arena, outcome.message);
    } else if (!node.is_off) {
      warn(run, outcome.message);
    }
  }
}

// What the best slate of each generator is worth, under the request's weights; without evaluators,
// by what it was built for.
void find_best(Run& run, const SlateSet& slates, std::span<const double> values,
               bool is_evaluated) {
  const std::size_t objectives = run.weights.size();
  for (NodeOutcome& outcome : run.outcomes) {
    for (std::uint32_t i = 0; i < outcome.slates; ++i) {
      const std::size_t slate = outcome.first_slate + i;
      const Certificate& certificate = slates.certificates[slate];
      double worth = is_evaluated ? 0.0 : certificate.value;
      for (std::size_t o = 0; o < objectives && is_evaluated; ++o) {
        worth += run.weights[o] * values[slate * objectives + o];
      }
      worth -= certificate.penalty;
      outcome.best = i == 0 ? worth : std::max(outcome.best, worth);
    }
  }
}

}  // namespace

void run_scorers(Run& run) {
  const std::uint32_t rows = run.batch.rows.row_count;
  for (std::size_t n = 0; n < run.plan.nodes.size(); ++n) {
    const PlanNode& node = run.plan.nodes[n];
    if (node.kind != NodeKind::Scorer || is_left_out(run, n)) continue;
    const std::int64_t began_ns = monotonic_ns();
    const auto indexes = node.instance->outputs();
    auto outputs = run.arena.allocate<std::span<double>>(indexes.size());
    for (auto& output : outputs) output = run.arena.allocate<double>(rows);
    const RunReport report =
        run_scorer(*node.instance, call_of(run, node, run.slots_wanted, began_ns), outputs);
    note(run, n, report, began_ns);
    if (report.status != LINEUP_OK) {
      go_on_without(run, node, report);
      continue;
    }
    for (std::size_t i = 0; i < indexes.size(); ++i) {
      Column& column = run.row_columns[indexes[i]];
      column = Column{};
      column.present = true;
      column.floats = outputs[i].data();
      if (static_cast<std::int32_t>(indexes[i]) == run.plan.score_column) {
        std::copy(outputs[i].begin(), outputs[i].end(), run.score.begin());
        run.score_is_given = false;
      }
    }
  }
}

Picked run_graph(Run& run, const Problem& problem, std::int32_t& broken_use) {
  const Plan& plan = run.plan;
  SlateSet slates = SlateSet::make(plan.limits.slates, run.slots,
                                   static_cast<std::uint32_t>(plan.uses.size()), run.arena);
  std::span<double> values;
  bool is_evaluated = false;
  PageWorth worth(run, run.slots);
  for (std::size_t n = 0; n < plan.nodes.size(); ++n) {
    const PlanNode& node = plan.nodes[n];
    if (node.kind == NodeKind::Scorer || node.kind == NodeKind::Selector) continue;
    if (is_left_out(run, n)) continue;
    const std::int64_t began_ns = monotonic_ns();
    if (is_too_late(run, n, slates, began_ns)) continue;
    const std::uint32_t before = slates.count;
    RunReport report;
    if (node.kind == NodeKind::Generator) {
      NodeRequest call = call_of(run, node, run.slots, began_ns);
      call.valuer = &worth;
      report = run_generator(*node.instance, call, problem, slates);
      if (report.broken_use >= 0) {
        broken_use = report.broken_use;
        return {};
      }
    } else {
      if (slates.count == 0) continue;
      if (!is_evaluated) {
        values = run.arena.zeroed<double>(std::size_t{slates.count} * plan.weights.size());
      }
      report =
          run_evaluator(*node.instance, call_of(run, node, run.slots, began_ns), slates, values);
      is_evaluated = is_evaluated || report.status == LINEUP_OK;
    }
    note(run, n, report, began_ns);
    run.outcomes[n].slates = slates.count - before;
    run.outcomes[n].slates_in = before;
    run.outcomes[n].first_slate = before;
    // Pages that could not be valued cannot be compared, unless the policy says to go on without.
    if (report.status == LINEUP_OK) continue;
    if (ran_out_of_time(run, report)) run.is_cut = true;
    if (node.kind == NodeKind::Evaluator && !run.is_cut) go_on_without(run, node, report);
  }
  if (run.is_cut && slates.count > 0) {
    warn(run, "the time was over before all nodes were done: the best page so far stands");
  }
  judge_generators(run, slates);
  if (run.request.explain) find_best(run, slates, values, is_evaluated);
  return select_page(run, plan.selector, slates, values, is_evaluated);
}

}  // namespace lineup
