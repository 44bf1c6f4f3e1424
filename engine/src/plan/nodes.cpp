// SPDX-License-Identifier: Apache-2.0
//
// Runs the graph over one problem: generators fill one set of slates, evaluators value all of them,
// the selector compares. A node that fails leaves what was there before it.
#include <algorithm>
#include <cmath>

#include "base/clock.hpp"
#include "plan/run.hpp"

namespace lineup {

namespace {

void note(NodeOutcome& outcome, const RunReport& report, std::int64_t began_ns) {
  outcome.status = report.status;
  outcome.message = report.message;
  outcome.elapsed_ns += monotonic_ns() - began_ns;
}

// The page's worth under the request's weights; without evaluators what the generator built for.
double worth(const Run& run, const SlateSet& slates, std::uint32_t slate,
             std::span<const double> values, bool is_evaluated) {
  const Certificate& certificate = slates.certificates[slate];
  if (!is_evaluated) return certificate.value - certificate.penalty;
  double total = 0.0;
  const std::size_t objectives = run.weights.size();
  for (std::size_t o = 0; o < objectives; ++o) {
    total += run.weights[o] * values[slate * objectives + o];
  }
  return total - certificate.penalty;
}

// Units of violation per priority, most important first.
void by_level(const Run& run, std::span<const std::uint32_t> violations,
              std::span<std::uint64_t> out) {
  std::fill(out.begin(), out.end(), 0);
  for (std::size_t use = 0; use < violations.size(); ++use) {
    const Strength& strength = run.plan.uses[use].strength;
    if (strength.kind == Strength::Kind::Hard) out[run.plan.uses[use].level] += violations[use];
  }
}

// Longest page, then least violations, then most worth; ties go to the slate that came first.
Picked select_best(Run& run, const SlateSet& slates, std::span<const double> values,
                   bool is_evaluated) {
  Picked best;
  auto best_levels = run.arena.zeroed<std::uint64_t>(run.plan.level_count);
  auto levels = run.arena.zeroed<std::uint64_t>(run.plan.level_count);
  for (std::uint32_t s = 0; s < slates.count; ++s) {
    const auto rows = slates.slate(s);
    const double value = worth(run, slates, s, values, is_evaluated);
    by_level(run, slates.violations_of(s), levels);
    bool better = !best.is_found || rows.size() > best.rows.size();
    if (!better && rows.size() == best.rows.size()) {
      const auto order = std::lexicographical_compare_three_way(
          levels.begin(), levels.end(), best_levels.begin(), best_levels.end());
      better = order < 0 || (order == 0 && value > best.value);
    }
    if (!better) continue;
    const Certificate& certificate = slates.certificates[s];
    best = {rows, slates.violations_of(s), certificate.search, value, static_cast<std::int32_t>(s),
            true, certificate.hand_placed};
    std::copy(levels.begin(), levels.end(), best_levels.begin());
  }
  return best;
}

}  // namespace

void run_scorers(Run& run) {
  const std::uint32_t rows = run.batch.rows.row_count;
  for (std::size_t n = 0; n < run.plan.nodes.size(); ++n) {
    const PlanNode& node = run.plan.nodes[n];
    if (node.kind != NodeKind::Scorer) continue;
    const std::int64_t began_ns = monotonic_ns();
    const auto indexes = node.instance->outputs();
    auto outputs = run.arena.allocate<std::span<double>>(indexes.size());
    for (auto& output : outputs) output = run.arena.allocate<double>(rows);
    const RunReport report =
        run_scorer(*node.instance, node_request(run, node.seed, run.slots_wanted), outputs);
    note(run.outcomes[n], report, began_ns);
    run.work += report.work;
    if (report.status != LINEUP_OK) {
      run.failure = text_in(run.arena, report.message);
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
  for (std::size_t n = 0; n < plan.nodes.size(); ++n) {
    const PlanNode& node = plan.nodes[n];
    if (node.kind == NodeKind::Scorer || node.kind == NodeKind::Selector) continue;
    const std::int64_t began_ns = monotonic_ns();
    const std::uint32_t before = slates.count;
    RunReport report;
    if (node.kind == NodeKind::Generator) {
      report =
          run_generator(*node.instance, node_request(run, node.seed, run.slots), problem, slates);
      if (report.broken_use >= 0) {
        broken_use = report.broken_use;
        return {};
      }
    } else if (slates.count > 0) {
      if (!is_evaluated) {
        values = run.arena.zeroed<double>(std::size_t{slates.count} * plan.weights.size());
      }
      report =
          run_evaluator(*node.instance, node_request(run, node.seed, run.slots), slates, values);
      is_evaluated = is_evaluated || report.status == LINEUP_OK;
    }
    note(run.outcomes[n], report, began_ns);
    run.outcomes[n].slates = slates.count - before;
    run.outcomes[n].first_slate = before;
    run.work += report.work;
    if (report.status == LINEUP_OK) continue;
    // A generator that fails beside others that answered does not take their pages away; pages
    // that could not be valued cannot be compared.
    if (node.kind == NodeKind::Generator && slates.count > 0) {
      warn(run, report.message);
    } else if (run.failure.empty()) {
      run.failure = text_in(run.arena, report.message);
    }
  }
  return select_best(run, slates, values, is_evaluated);
}

}  // namespace lineup
