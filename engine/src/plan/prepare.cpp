// SPDX-License-Identifier: Apache-2.0
//
// From a request to what the nodes work on: batch, context, weights, active rules, candidates and
// scores. Weights are composed in a fixed order: policy, schedule, segment, experiment, live value,
// request. What a controller moves is moved in the place of the policy's value.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/clock.hpp"
#include "base/finite.hpp"
#include "plan/code_guard.hpp"
#include "plan/emergency.hpp"
#include "plan/run.hpp"

namespace lineup {

std::string_view text_in(Arena& arena, std::string_view text) {
  auto copy = arena.allocate<char>(text.size());
  std::copy(text.begin(), text.end(), copy.begin());
  return {copy.data(), copy.size()};
}

void warn(Run& run, std::string_view text) {
  if (run.warnings.count == kWarningsMax) return;
  for (std::uint32_t i = 0; i < run.warnings.count; ++i) {
    if (run.warnings.texts[i] == text) return;
  }
  run.warnings.texts[run.warnings.count++] = text_in(run.arena, text);
}

namespace {

// Formats into the arena; the buffer bounds the text.
template <typename... Args>
void warn_of(Run& run, fmt::format_string<Args...> format, Args&&... args) {
  std::array<char, 256> buffer{};
  const auto end =
      fmt::format_to_n(buffer.data(), buffer.size(), format, std::forward<Args>(args)...);
  warn(run, {buffer.data(), std::min<std::size_t>(end.size, buffer.size())});
}

// The value of one dial for this request, from what policy, schedule, segments and experiments make
// it. A live value that ran out counts no more.
double compose(Run& run, const Dial& dial, double value, std::size_t index,
               std::span<const double> given, std::size_t given_index) {
  const LiveValue& live = *run.plan.live[index];
  const double live_value = live.value.load(std::memory_order_relaxed);
  if (!std::isnan(live_value) &&
      run.request.now_ms < live.expires_ms.load(std::memory_order_relaxed)) {
    // A new revision may have narrower bounds than the one it was set under.
    value = std::clamp(live_value, dial.min, dial.max);
  }
  if (given_index >= given.size() || std::isnan(given[given_index])) return value;
  const double wanted = given[given_index];
  value = std::clamp(wanted, dial.min, dial.max);
  if (value != wanted) {
    warn_of(run, "`{}` was given as {} and is kept at its bound {}", dial.name, wanted, value);
  }
  return value;
}

void compose_dials(Run& run) {
  const Plan& plan = run.plan;
  const std::size_t weights = plan.weights.size();
  auto dials = run.arena.allocate<double>(plan.dial_count());
  for (std::size_t i = 0; i < weights; ++i) dials[i] = plan.weights[i].value;
  for (std::size_t i = 0; i < plan.parameters.size(); ++i) {
    dials[weights + i] = plan.parameters[i].value;
  }
  move_dials(run, dials);
  steer_dials(run, dials);
  run.weights = dials.first(weights);
  run.parameters = dials.subspan(weights);
  for (std::size_t i = 0; i < weights; ++i) {
    dials[i] = compose(run, plan.weights[i], dials[i], i, run.request.weights, i);
  }
  for (std::size_t i = 0; i < plan.parameters.size(); ++i) {
    double& value = run.parameters[i];
    value = compose(run, plan.parameters[i], value, weights + i, run.request.overrides, i);
  }
}

void read_context(Run& run) {
  auto segments = run.arena.zeroed<Word>(word_count(run.plan.segments.size()) + 1);
  assign_variants(run);
  run.context.segments = segments.data();
  run.context.now_ms = run.request.now_ms;
  for (std::size_t i = 0; i < run.plan.segments.size(); ++i) {
    if (run.plan.segments[i].holds(run.context)) set_bit(segments.data(), i);
  }
  run.load = load_of(run);
}

// What the host gave as score: borrowed as it is when nothing is missing.
void read_score(Run& run) {
  const std::int32_t index = run.plan.score_column;
  const std::uint32_t rows = run.batch.rows.row_count;
  if (index >= 0) {
    const Column& column = run.batch.rows.columns[static_cast<std::uint32_t>(index)];
    const std::span<const double> given(column.floats, column.present ? rows : 0);
    if (column.present && column.valid == nullptr && all_finite(given)) {
      run.score_before = given;
      run.score_is_given = true;
      return;
    }
  }
  auto before = run.arena.allocate<double>(rows);
  if (index < 0 || !run.batch.rows.columns[static_cast<std::uint32_t>(index)].present) {
    std::fill(before.begin(), before.end(), std::numeric_limits<double>::quiet_NaN());
  } else {
    const Column& column = run.batch.rows.columns[static_cast<std::uint32_t>(index)];
    for (std::uint32_t row = 0; row < rows; ++row) {
      const bool fine = !column.is_missing(row) && std::isfinite(column.floats[row]);
      before[row] = fine ? column.floats[row] : std::numeric_limits<double>::quiet_NaN();
    }
  }
  run.score_before = before;
}

void bind_opaques(Run& run) {
  const Plan& plan = run.plan;
  run.opaques = run.arena.filled<Opaque*>(plan.opaques.size(), nullptr);
  if (plan.opaques.empty()) return;
  ScriptWorker* worker =
      plan.workers.empty() ? nullptr : plan.workers[run.session.index % plan.workers.size()].get();
  if (worker != nullptr) worker->bind(run.batch, run.context, run.slots_wanted);
  for (std::size_t i = 0; i < plan.opaques.size(); ++i) {
    const OpaqueSource& source = plan.opaques[i];
    Opaque* opaque = nullptr;
    if (run.rule_gates[source.use] == Breaker::Gate::Open) {
      run.opaques[i] = guarded(run, source, nullptr);
      continue;
    }
    if (source.script >= 0 && worker != nullptr) {
      opaque = worker->opaque(static_cast<std::uint32_t>(source.script));
    } else if (source.instance != nullptr) {
      NodeRequest request = node_request(run, source.use, run.slots_wanted);
      request.live_dials = source.live_dials;
      RunReport report;
      opaque = bind_constraint(*source.instance, request, report);
      if (opaque == nullptr) {
        warn_of(run, "rule `{}`: {}", plan.uses[source.use].name, report.message);
      }
    }
    run.opaques[i] = guarded(run, source, opaque);
  }
}

}  // namespace

NodeRequest node_request(Run& run, std::uint64_t salt, std::uint32_t slots) {
  return node_request(run, salt, slots, {run.arena, run.dictionaries});
}

NodeRequest node_request(const Run& run, std::uint64_t salt, std::uint32_t slots,
                         const NodeMemory& memory) {
  NodeRequest request;
  request.schema = &run.plan.schema;
  request.batch = &run.batch;
  request.context = run.context;
  request.weights = run.weights;
  request.dials = run.parameters;
  request.discounts = std::span<const double>(run.plan.discounts).first(slots);
  request.candidates = run.candidates;
  request.slot_count = slots;
  request.seed = mix64(run.request.seed + 0x9e3779b97f4a7c15ULL * (salt + 1));
  request.now_ms = run.request.now_ms;
  request.deadline_ns = run.deadline_ns;
  request.work_limit = run.plan.limits.work;
  request.improve_limit = run.plan.limits.improve;
  request.gap = run.plan.limits.gap;
  request.score = run.score;
  request.arena = &memory.arena;
  request.dictionaries = memory.dictionaries;
  return request;
}

namespace {

// Makes every score finite.
void make_finite(Run& run) {
  const std::uint32_t rows = run.batch.rows.row_count;
  double least = 0.0;
  double most = 0.0;
  bool any = false;
  std::uint32_t missing = 0;
  bool is_complete = true;
  for (std::uint32_t row = 0; row < rows; ++row) {
    const double score = run.score[row];
    if (!std::isfinite(score)) {
      is_complete = false;
      // What operations insert is pinned or wanted for another reason.
      missing += row < run.host_rows && test_bit(run.candidates.data(), row) ? 1 : 0;
      continue;
    }
    least = any ? std::min(least, score) : score;
    most = any ? std::max(most, score) : score;
    any = true;
  }
  if (is_complete) return;
  // What has no score sorts last: below everything by more than the scores differ.
  const double last = least - (most - least) - 1.0;
  for (double& score : run.score) {
    if (!std::isfinite(score)) score = last;
  }
  if (missing == 0) return;
  warn_of(run, "{} candidate{} without a score: sorted last", missing, missing == 1 ? "" : "s");
}

void replace_column(Run& run, std::uint32_t index, std::span<const double> values) {
  Column& column = run.row_columns[index];
  column = Column{};
  column.present = true;
  column.floats = values.data();
}

// Boosts change a copy: the host's column stays as it is.
void boost_column(Run& run, std::uint32_t index) {
  if (static_cast<std::int32_t>(index) == run.plan.score_column) {
    run.score_is_given = false;
    apply_boosts(run.plan.uses, run.idle, run.input, index, run.arena, run.score);
    return;
  }
  const Column& column = run.batch.rows.columns[index];
  if (!column.present) return;
  auto values = run.arena.allocate<double>(run.batch.rows.row_count);
  for (std::uint32_t row = 0; row < values.size(); ++row) {
    values[row] =
        column.is_missing(row) ? std::numeric_limits<double>::quiet_NaN() : column.floats[row];
  }
  apply_boosts(run.plan.uses, run.idle, run.input, index, run.arena, values);
  replace_column(run, index, values);
}

std::uint32_t page_size(const Run& run) {
  return std::min(run.request.page == 0 ? run.plan.page : run.request.page, kPageMax);
}

// Rows of pools outside of their dates are no candidates, and the proof is told so.
void leave_out_outdated(Run& run) {
  const std::uint32_t rows = run.batch.rows.row_count;
  auto absent = run.arena.zeroed<Word>(word_count(rows));
  for (std::uint32_t row = run.host_rows; row < rows; ++row) {
    if (run.plan.pools->rows()[row - run.host_rows].is_current(run.request.now_ms)) continue;
    set_bit(absent.data(), row);
    clear_bit(run.candidates.data(), row);
  }
  run.input.absent = absent;
}

// The first of equal ids is kept, even when a filter takes it: a copy must not bring it back.
void first_of_every_id(Run& run) {
  const std::uint32_t rows = run.batch.rows.row_count;
  run.candidates = run.arena.allocate<Word>(word_count(rows));
  set_first(run.candidates, rows);
  const lineup_ids* ids = run.request.rows.ids;
  const bool has_pools = rows > run.host_rows;
  if (!has_pools && (ids == nullptr || (ids->flags & LINEUP_IDS_UNIQUE) != 0)) return;
  std::uint32_t dropped = drop_duplicates(run.batch.rows, run.session.ingest, run.candidates);
  // A row of a pool whose id the host sent gives way to the host's: nothing to warn of.
  for (std::uint32_t row = run.host_rows; dropped > 0 && row < rows; ++row) {
    if (!test_bit(run.candidates.data(), row)) --dropped;
  }
  if (has_pools) leave_out_outdated(run);
  if (dropped == 0) return;
  warn_of(run, "{} candidate{} with an id that came before: left out", dropped,
          dropped == 1 ? "" : "s");
}

}  // namespace

void warn_subtracted(Run& run, std::uint32_t rows, std::uint32_t all, bool is_done) {
  if (is_done) {
    warn_of(run, "the emergency overlay took {} of {} candidates away", rows, all);
  } else {
    warn_of(run,
            "the emergency overlay does not act here: it would take {} of {} candidates, more than "
            "it may",
            rows, all);
  }
}

bool prepare(Run& run) {
  const Plan& plan = run.plan;
  read_context(run);
  compose_dials(run);
  if (run.request.rows.row_count > plan.limits.rows_max) {
    warn_of(run, "{} candidates are more than the limit of {}", run.request.rows.row_count,
            plan.limits.rows_max);
    run.failure = run.warnings.texts[run.warnings.count - 1];
    return false;
  }
  auto batch = ingest(
      plan.schema, run.request.emergency == nullptr ? plan.wanted : run.request.emergency->wanted,
      run.request.rows, run.request.history, run.session.ingest, run.arena,
      plan.pools == nullptr ? TableInput{} : plan.pools->input());
  if (!batch) {
    run.failure = text_in(run.arena, batch.error().message);
    return false;
  }
  run.batch = *batch;
  run.host_rows = run.request.rows.row_count;
  const std::uint32_t rows = run.batch.rows.row_count;
  run.row_columns = run.arena.allocate<Column>(plan.schema.size());
  std::copy(run.batch.rows.columns.begin(), run.batch.rows.columns.end(), run.row_columns.begin());
  run.batch.rows.columns = run.row_columns;
  run.dictionaries = run.arena.filled<const lineup_dictionary*>(plan.schema.size(), nullptr);
  run.off = run.arena.zeroed<std::uint8_t>(plan.uses.size());
  run.idle = run.arena.filled<Idle>(plan.uses.size(), Idle::Active);
  run.input = RuleInput{&plan.schema, &run.batch, run.context, run.parameters, {}, run.off, {}};
  run.input.page_columns = plan.page_columns;
  active_uses(plan.uses, run.input, run.idle);
  for (std::size_t use = 0; use < plan.uses.size(); ++use) {
    if (run.idle[use] == Idle::Expired) warn(run, plan.expiry_texts[use]);
  }
  for (const std::string& text : plan.switch_texts) warn(run, text);
  run.node_gates = run.arena.filled<Breaker::Gate>(plan.nodes.size(), Breaker::Gate::Closed);
  run.rule_gates = run.arena.filled<Breaker::Gate>(plan.uses.size(), Breaker::Gate::Closed);
  run.rules_failed = run.arena.zeroed<std::uint8_t>(plan.uses.size());
  if (run.is_served) ask_breakers(run);
  first_of_every_id(run);
  subtract(run);
  read_score(run);
  run.score = run.arena.allocate<double>(rows);
  std::copy(run.score_before.begin(), run.score_before.end(), run.score.begin());
  run.slots_wanted = std::min(page_size(run), rows);
  return true;
}

void finish_candidates(Run& run) {
  const Plan& plan = run.plan;
  if (run.request.explain) keep_before_rules(run);
  filter_rows(plan.uses, run.idle, run.input, run.arena, run.candidates);
  run.candidate_count = static_cast<std::uint32_t>(count_bits(run.candidates));
  run.slots_wanted = std::min(page_size(run), run.candidate_count);
  for (const std::uint32_t column : plan.boosted) boost_column(run, column);
  if (plan.score_column >= 0 && !run.score_is_given) {
    // Generators and objectives read the copy, and see what is missing as missing.
    auto copy = run.arena.allocate<double>(run.score.size());
    std::copy(run.score.begin(), run.score.end(), copy.begin());
    replace_column(run, static_cast<std::uint32_t>(plan.score_column), copy);
  }
  if (!run.score_is_given) make_finite(run);
  run.input.score = run.score;
  bind_opaques(run);
  run.input.opaques = run.opaques;
}

Problem make_problem(Run& run, std::uint32_t slots, Rules rules) {
  const Plan& plan = run.plan;
  Problem problem = instantiate(plan.uses, run.idle, run.input, run.candidates, slots,
                                plan.level_count, run.arena);
  problem.utility = run.utility.empty() ? run.score : run.utility;
  problem.discount = std::span<const double>(plan.discounts).first(slots);
  if (rules == Rules::All) return problem;
  auto kept = run.arena.allocate<Constraint>(problem.constraints.size());
  std::size_t count = 0;
  for (const Constraint& constraint : problem.constraints) {
    const bool required = constraint.tier == Tier::Required;
    if (required || (rules == Rules::Native && constraint.kind != Kind::Code)) {
      kept[count++] = constraint;
    }
  }
  problem.constraints = kept.first(count);
  return problem;
}

}  // namespace lineup
