// SPDX-License-Identifier: Apache-2.0
//
// Runs the graph over one problem: generators fill one set of slates, evaluators value all of them,
// the selector compares. A node that fails leaves what was there before it.
#include <algorithm>
#include <cmath>

#include "base/clock.hpp"
#include "plan/node_call.hpp"
#include "plan/page_worth.hpp"
#include "plan/run.hpp"

namespace lineup {

namespace {

// The request as the node gets it: with a budget, its deadline is the budget's end less a tenth, so
// that who stops in time stays within.
NodeRequest call_of(const Run& run, const PlanNode& node, std::uint32_t slots,
                    const NodeMemory& memory, std::int64_t began_ns) {
  NodeRequest request = node_request(run, node.seed, slots, memory);
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

bool ran_out_of_time(const Run& run, const NodeCall& call) {
  return call.report.status == LINEUP_E_DEADLINE ||
         (call.report.status == LINEUP_E_BUDGET && call.ended_ns >= run.deadline_ns);
}

// An answer that came late is used, and counted as a failure.
void note(Run& run, std::size_t n, const NodeCall& call) {
  NodeOutcome& outcome = run.outcomes[n];
  const PlanNode& node = run.plan.nodes[n];
  const RunReport& report = call.report;
  const std::int64_t elapsed_ns = call.ended_ns - call.began_ns;
  outcome.status = report.status;
  outcome.message = report.message;
  outcome.elapsed_ns += elapsed_ns;
  outcome.has_run = true;
  const bool is_late = elapsed_ns > node.late_ns;
  if (is_late) warn(run, node.late);
  outcome.has_failed =
      outcome.has_failed || is_late || is_its_fault(run, report.status, call.ended_ns);
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
    const NodeMemory memory{run.arena, run.dictionaries};
    const RunReport report =
        run_scorer(*node.instance, call_of(run, node, run.slots_wanted, memory, began_ns), outputs);
    note(run, n, {report, began_ns, monotonic_ns()});
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

NodeCall call_generator(const Run& run, std::size_t n, const NodeMemory& memory,
                        std::int64_t began_ns, PageValuer& worth, const Problem& problem,
                        SlateSet& out) {
  const PlanNode& node = run.plan.nodes[n];
  NodeRequest request = call_of(run, node, run.slots, memory, began_ns);
  request.valuer = &worth;
  NodeCall call;
  call.report = run_generator(*node.instance, request, problem, out);
  call.began_ns = began_ns;
  call.ended_ns = monotonic_ns();
  return call;
}

NodeCall call_evaluator(const Run& run, std::size_t n, const NodeMemory& memory,
                        std::int64_t began_ns, const SlateSet& slates, std::span<double> values) {
  const PlanNode& node = run.plan.nodes[n];
  NodeCall call;
  call.report = run_evaluator(*node.instance, call_of(run, node, run.slots, memory, began_ns),
                              slates, values);
  call.began_ns = began_ns;
  call.ended_ns = monotonic_ns();
  return call;
}

bool is_kept_out(const Run& run, std::size_t n) {
  const PlanNode& node = run.plan.nodes[n];
  return node.is_off || !acts(node, run) || run.node_gates[n] == Breaker::Gate::Open;
}

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

void begin_values(GraphRun& graph) {
  if (graph.is_evaluated || !graph.values.empty()) return;
  graph.values = graph.run.arena.zeroed<double>(std::size_t{graph.slates.count} *
                                                graph.run.plan.weights.size());
}

void settle(GraphRun& graph, std::size_t n, const NodeCall& call, std::uint32_t before) {
  Run& run = graph.run;
  const PlanNode& node = run.plan.nodes[n];
  note(run, n, call);
  run.outcomes[n].slates = graph.slates.count - before;
  run.outcomes[n].slates_in = before;
  run.outcomes[n].first_slate = before;
  const bool is_evaluator = node.kind == NodeKind::Evaluator;
  if (call.report.status == LINEUP_OK) {
    graph.is_evaluated = graph.is_evaluated || is_evaluator;
    return;
  }
  // Pages that could not be valued cannot be compared, unless the policy says to go on without.
  if (ran_out_of_time(run, call)) run.is_cut = true;
  if (is_evaluator && !run.is_cut) go_on_without(run, node, call.report);
}

void run_node(GraphRun& graph, std::size_t n) {
  Run& run = graph.run;
  if (is_left_out(run, n)) return;
  const std::int64_t began_ns = monotonic_ns();
  const std::uint32_t before = graph.slates.count;
  if (before > 0 && began_ns >= run.deadline_ns) {
    // The best of what there is stands, valued by those that were in time.
    run.outcomes[n].message = "no time was left";
    run.is_cut = true;
    return;
  }
  const NodeMemory memory{run.arena, run.dictionaries};
  if (run.plan.nodes[n].kind == NodeKind::Generator) {
    const NodeCall call =
        call_generator(run, n, memory, began_ns, graph.worth, graph.problem, graph.slates);
    graph.broken_use = call.report.broken_use;
    if (graph.broken_use < 0) settle(graph, n, call, before);
  } else if (before > 0) {
    begin_values(graph);
    settle(graph, n, call_evaluator(run, n, memory, began_ns, graph.slates, graph.values), before);
  }
}

Picked run_graph(Run& run, const Problem& problem, std::int32_t& broken_use) {
  const Plan& plan = run.plan;
  PageWorth worth(run, {run.arena, run.dictionaries}, run.slots);
  GraphRun graph{run,
                 problem,
                 worth,
                 SlateSet::make(plan.limits.slates, run.slots,
                                static_cast<std::uint32_t>(plan.uses.size()), run.arena),
                 {}};
  for (std::size_t n = 0; n < plan.nodes.size() && graph.broken_use < 0;) {
    const NodeKind kind = plan.nodes[n].kind;
    if (kind == NodeKind::Scorer || kind == NodeKind::Selector) {
      ++n;
      continue;
    }
    const std::size_t after = run.session.beside == nullptr ? n : run_beside(graph, n);
    if (after == n) run_node(graph, n);
    n = std::max(after, n + 1);
  }
  if (graph.broken_use >= 0) {
    broken_use = graph.broken_use;
    return {};
  }
  if (run.is_cut && graph.slates.count > 0) {
    warn(run, "the time was over before all nodes were done: the best page so far stands");
  }
  judge_generators(run, graph.slates);
  if (run.request.explain) find_best(run, graph.slates, graph.values, graph.is_evaluated);
  return select_page(run, plan.selector, graph.slates, graph.values, graph.is_evaluated);
}

}  // namespace lineup
