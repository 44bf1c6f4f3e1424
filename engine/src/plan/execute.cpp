// SPDX-License-Identifier: Apache-2.0
//
// The way of one request: prepare, score, run the graph, prove the page; and what to do when one of
// these fails. Each step down gives up something: the graph's page, then rules written as code,
// then rules that may be relaxed; rules that are required are never given up.
#include "plan/execute.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/clock.hpp"
#include "lineup/engine.h"
#include "plan/beside.hpp"
#include "plan/run.hpp"

namespace lineup {

namespace {

// LIMIT: how often a page is begun anew in one request: each rule that breaks and each slot that
// required rules take away costs one. Beyond, the fallback answers.
constexpr int kAttemptsMax = 16;
// Share of the deadline that is kept back for proving and answering.
constexpr std::int64_t kKeptBackShare = 10;
// LIMIT: search units of the fallback: a first arrangement of a large batch, not a good one.
constexpr std::uint64_t kFallbackWork = 20'000;

std::int64_t node_deadline(const Run& run, std::int64_t began_ns) {
  if (run.request.deadline_ns == LINEUP_NO_DEADLINE) return INT64_MAX;
  const std::int64_t deadline =
      run.request.deadline_ns != 0
          ? std::min(run.request.deadline_ns, began_ns + run.plan.limits.deadline_ns)
          : began_ns + run.plan.limits.deadline_ns;
  return deadline - std::max<std::int64_t>(0, (deadline - began_ns) / kKeptBackShare);
}

void switch_off(Run& run, std::int32_t use) {
  run.off[static_cast<std::size_t>(use)] = 1;
  run.idle[static_cast<std::size_t>(use)] = Idle::SwitchedOff;
  run.counters.rules_broken.fetch_add(1, std::memory_order_relaxed);
}

// A rule whose code failed: this request goes on without it.
void give_up(Run& run, std::int32_t use) {
  run.rules_failed[static_cast<std::size_t>(use)] = 1;
  switch_off(run, use);
}

bool breaks_nothing(const Run& run, const Picked& picked) {
  for (std::size_t use = 0; use < picked.violations.size(); ++use) {
    if (run.plan.uses[use].strength.kind == Strength::Kind::Hard && picked.violations[use] > 0) {
      return false;
    }
  }
  return true;
}

// One page of the graph, begun anew when a rule breaks, when required rules allow only a shorter
// page (its numbers then refer to the shorter length), and, under `fill: short`, while hard rules
// are broken.
Picked graph_page(Run& run) {
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    const Problem problem = make_problem(run, run.slots, Rules::All);
    std::int32_t broken_use = -1;
    Picked picked = run_graph(run, problem, broken_use);
    if (broken_use >= 0) {
      give_up(run, broken_use);
      continue;
    }
    if (!picked.is_found) return picked;
    const auto length = static_cast<std::uint32_t>(picked.rows.size());
    if (length < run.slots && length > 0) {
      run.slots = length;
      continue;
    }
    if (run.plan.fill == Fill::Short && run.slots > 1 && !breaks_nothing(run, picked)) {
      --run.slots;
      attempt = 0;  // bounded by the slots themselves
      continue;
    }
    return picked;
  }
  return {};
}

// The engine's own page under `rules`; shorter when required rules want it so.
Picked own_page(Run& run, Rules rules, std::uint64_t work_limit) {
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    std::int32_t broken_use = -1;
    const Picked picked = solve_page(run, rules, work_limit, broken_use);
    if (broken_use >= 0) {
      give_up(run, broken_use);
      continue;
    }
    const auto length = static_cast<std::uint32_t>(picked.rows.size());
    if (length == run.slots || length == 0) return picked;
    run.slots = length;
  }
  return {};
}

// What the request had first is worth most, and no two rows alike.
void rank_by_input(Run& run) {
  const std::uint32_t rows = run.batch.rows.row_count;
  auto utility = run.arena.allocate<double>(rows);
  for (std::uint32_t row = 0; row < rows; ++row) utility[row] = static_cast<double>(rows - row);
  run.utility = utility;
}

// The declared fallback. What is shown still passes every filter and required rule.
Picked fallback_page(Run& run) {
  run.slots = run.slots_wanted;
  run.deadline_ns = INT64_MAX;  // bounded by counts: it must answer
  if (run.plan.fallback == Fallback::InputOrder) rank_by_input(run);
  for (std::size_t use = 0; use < run.plan.uses.size(); ++use) {
    for (const OpaqueSource& source : run.plan.opaques) {
      if (source.use == use && !source.required && run.idle[use] == Idle::Active) {
        switch_off(run, static_cast<std::int32_t>(use));
      }
    }
  }
  Picked picked = own_page(run, Rules::Native, kFallbackWork);
  if (picked.is_found && is_proven(run, picked)) return picked;
  run.slots = run.slots_wanted;
  picked = own_page(run, Rules::Required, kFallbackWork);
  const Verification check =
      verify(run.plan.uses, run.idle, run.input, picked.rows, run.slots, run.arena);
  for (std::size_t use = 0; use < run.plan.uses.size(); ++use) {
    const bool leaks =
        run.plan.uses[use].strength.kind == Strength::Kind::Required && check.violations[use] > 0;
    if (leaks || !check.well_formed) picked.rows = {};
  }
  picked.violations = check.violations;
  return picked;
}

std::span<const RelaxedRule> list_relaxed(Run& run, std::span<const std::uint32_t> violations) {
  auto list = run.arena.allocate<RelaxedRule>(run.plan.uses.size());
  std::size_t count = 0;
  for (std::uint16_t use = 0; use < run.plan.uses.size(); ++use) {
    if (run.idle[use] == Idle::SwitchedOff) {
      list[count++] = {use, GivenUp::Budget, use < violations.size() ? violations[use] : 0};
    } else if (use < violations.size() && violations[use] > 0 &&
               run.plan.uses[use].strength.kind != Strength::Kind::Soft) {
      list[count++] = {use, GivenUp::Conflict, violations[use]};
    }
  }
  return list.first(count);
}

void fill(Run& run, const Picked& picked, bool fell_back, Response& response) {
  response.slate = picked.rows;
  response.search = run.is_cut ? Search::Deadline : picked.search;
  response.value = picked.value;
  response.propensity = picked.propensity;
  response.relaxed = list_relaxed(run, picked.violations);
  response.work = run.work;
  if (fell_back) {
    response.answer = AnswerKind::Fallback;
    response.error = run.failure;
  } else if (!response.relaxed.empty()) {
    response.answer = AnswerKind::Relaxed;
  }
}

void finish(Run& run, Response& response) {
  response.weights = run.weights;
  response.parameters = run.parameters;
  response.assigned = run.assigned;
  response.warnings = {run.warnings.texts.data(), run.warnings.count};
  auto kept = run.arena.allocate<std::string_view>(run.warnings.count);
  std::copy_n(run.warnings.texts.begin(), run.warnings.count, kept.begin());
  response.warnings = kept;
  Counters& counters = run.counters;
  counters.requests.fetch_add(1, std::memory_order_relaxed);
  switch (response.answer) {
    case AnswerKind::Ok:
      break;
    case AnswerKind::Relaxed:
      counters.relaxed.fetch_add(1, std::memory_order_relaxed);
      break;
    case AnswerKind::Fallback:
      counters.fallbacks.fetch_add(1, std::memory_order_relaxed);
      break;
    case AnswerKind::Error:
      counters.errors.fetch_add(1, std::memory_order_relaxed);
      break;
  }
}

// Units of violation of the hard rules of one level.
std::uint64_t broken_at(const Run& run, std::span<const std::uint32_t> violations,
                        std::uint32_t level) {
  std::uint64_t units = 0;
  for (std::size_t use = 0; use < violations.size(); ++use) {
    const RuleUse& rule = run.plan.uses[use];
    const bool counts = rule.strength.kind == Strength::Kind::Hard && rule.level == level;
    units += counts ? violations[use] : 0;
  }
  return units;
}

// Whether `picked`, which a generator placed by hand, breaks rules that could hold: the engine's
// own page, which `own` then is, breaks less, the most important rules first. Only pages that break
// something cost the search.
bool breaks_needlessly(Run& run, const Picked& picked, Picked& own) {
  if (picked.hand_placed == 0 || breaks_nothing(run, picked)) return false;
  const std::uint32_t slots = run.slots;
  own = own_page(run, Rules::All, run.plan.limits.work);
  if (own.is_found && run.slots == slots && is_proven(run, own)) {
    for (std::uint32_t level = 0; level < run.plan.level_count; ++level) {
      const std::uint64_t ours = broken_at(run, own.violations, level);
      const std::uint64_t theirs = broken_at(run, picked.violations, level);
      if (ours != theirs) return ours < theirs;
    }
  }
  run.slots = slots;
  return false;
}

// A slate of the graph that broke rules is mended by the engine's own page, or discarded; either is
// counted. False: nothing stands in its place but the fallback.
bool replace(Run& run, Picked& picked) {
  if (run.plan.on_violation == OnViolation::Discard) {
    run.counters.discarded.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  run.slots = run.slots_wanted;
  picked = own_page(run, Rules::All, run.plan.limits.work);
  return picked.is_found && is_proven(run, picked);
}

std::string_view name_outdated(Run& run, std::span<const std::uint32_t> slate, std::size_t slot) {
  const PoolTable::Row& row = run.plan.pools->rows()[slate[slot] - run.host_rows];
  std::array<char, 256> text{};
  const auto end = fmt::format_to_n(text.data(), text.size(),
                                    "slot {}: row `{}` of pool `{}` is not shown at this time",
                                    slot + 1, row.id, row.pool);
  return text_in(run.arena, {text.data(), std::min(end.size, text.size())});
}

// The page and whether it is the fallback's.
Picked find_page(Run& run, bool& fell_back) {
  run_scorers(run);
  finish_candidates(run);
  run.slots = run.slots_wanted;
  fell_back = !run.failure.empty();
  if (fell_back) return fallback_page(run);
  if (run.slots == 0) {
    Picked empty;
    empty.is_found = true;
    empty.violations = run.arena.zeroed<std::uint32_t>(run.plan.uses.size());
    return empty;
  }
  Picked picked = graph_page(run);
  if (picked.is_found && run.failure.empty()) {
    const bool proven = is_proven(run, picked);
    Picked own;
    if (proven && !breaks_needlessly(run, picked, own)) return picked;
    if (proven && run.plan.on_violation == OnViolation::Solve) {
      warn(run, "the slate of the graph broke rules that could hold: the engine's own stands");
      return own;
    }
    if (!proven) {
      run.is_verified = false;
      run.counters.certificates_refused.fetch_add(1, std::memory_order_relaxed);
    }
    if (replace(run, picked)) return picked;
    run.failure = proven ? "the slate of the graph broke rules that could hold and was discarded"
                         : "the page did not stand its proof";
  }
  if (run.failure.empty()) run.failure = "no node of the graph proposed a page";
  fell_back = true;
  return fallback_page(run);
}

// Rows of the page that the filters of one use forbid. The verifier says of filters only whether a
// page is one; who audits wants to know which filter was not kept.
std::uint32_t rows_forbidden_by(const Run& run, std::size_t use,
                                std::span<const std::uint32_t> slate) {
  if (run.idle[use] != Idle::Active) return 0;
  std::uint32_t count = 0;
  for (const CompiledConstraint& constraint : run.plan.uses[use].constraints) {
    if (constraint.spec.kind != Kind::Filter) continue;
    for (const std::uint32_t row : slate) {
      if (row >= run.batch.rows.row_count) continue;
      count += constraint.where.holds(run.batch.rows, run.batch.vocabularies, run.context, row);
    }
  }
  return count;
}

void count_nodes(Run& run, Response& response) {
  auto nodes = run.arena.allocate<NodeCount>(run.outcomes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const NodeOutcome& outcome = run.outcomes[i];
    nodes[i] = {outcome.status, outcome.slates, outcome.elapsed_ns, outcome.has_run};
  }
  response.nodes = nodes;
  response.candidates = run.candidate_count;
}

}  // namespace

bool is_in_segment(const Plan& plan, const Request& request, std::size_t segment,
                   Session& session) {
  session.arena.reset();
  Counters uncounted;
  Run run(plan, request, session, uncounted);
  run.outcomes = run.arena.filled<NodeOutcome>(plan.nodes.size(), NodeOutcome{});
  return prepare(run) && test_bit(run.context.segments, segment);
}

Response execute(const Plan& plan, const Request& request, Session& session, Counters& counters) {
  Response response;
  session.arena.reset();
  if (session.beside != nullptr) session.beside->reset();
  session.trace.clear();
  const std::int64_t began_ns = monotonic_ns();
  Run run(plan, request, session, counters);
  run.outcomes = run.arena.filled<NodeOutcome>(plan.nodes.size(), NodeOutcome{});
  run.deadline_ns = node_deadline(run, began_ns);
  run.began_ns = began_ns;
  run.is_served = true;
  if (!prepare(run)) {
    response.answer = AnswerKind::Error;
    response.error = run.failure;
    finish(run, response);
    return response;
  }
  bool fell_back = false;
  const Picked picked = find_page(run, fell_back);
  tell_breakers(run);
  tell_generators(run, picked);
  fill(run, picked, fell_back, response);
  count_nodes(run, response);
  response.controls = note_controls(run, response.slate);
  if (request.explain) {
    const std::int64_t found_ns = monotonic_ns();
    write_trace(run, picked, response);
    response.trace = session.trace;
    response.trace_ns = monotonic_ns() - found_ns;
  }
  finish(run, response);
  return response;
}

Response audit(const Plan& plan, const Request& request, std::span<const std::uint32_t> slate,
               Session& session) {
  Response response;
  session.arena.reset();
  Counters uncounted;
  Run run(plan, request, session, uncounted);
  run.outcomes = run.arena.filled<NodeOutcome>(plan.nodes.size(), NodeOutcome{});
  run.deadline_ns = INT64_MAX;
  if (!prepare(run)) {
    response.answer = AnswerKind::Error;
    response.error = run.failure;
    finish(run, response);
    return response;
  }
  run_scorers(run);
  finish_candidates(run);
  const Verification check =
      verify(plan.uses, run.idle, run.input, slate, run.slots_wanted, run.arena);
  auto list = run.arena.allocate<RelaxedRule>(plan.uses.size());
  std::size_t count = 0;
  for (std::uint16_t use = 0; use < plan.uses.size(); ++use) {
    check.violations[use] += rows_forbidden_by(run, use, slate);
    if (check.violations[use] == 0) continue;
    const bool soft = plan.uses[use].strength.kind == Strength::Kind::Soft;
    list[count++] = {use, soft ? GivenUp::Soft : GivenUp::Conflict, check.violations[use]};
    if (!soft) response.answer = AnswerKind::Relaxed;
  }
  response.relaxed = list.first(count);
  if (const std::int32_t slot = outdated_slot(run, slate); slot >= 0) {
    response.answer = AnswerKind::Error;
    response.error = name_outdated(run, slate, static_cast<std::size_t>(slot));
    response.relaxed = {};  // of a page that cannot be, nothing else is said
  } else if (!check.well_formed) {
    response.answer = AnswerKind::Error;
    response.error =
        "the slate has a row that is not in the batch, does not pass a filter, or stands twice";
  }
  response.slate = slate;
  finish(run, response);
  return response;
}

}  // namespace lineup
