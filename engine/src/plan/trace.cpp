// SPDX-License-Identifier: Apache-2.0
//
// What happened in one request, slot by slot, as JSON. Made after the page was found and only when
// asked for, so requests that are not explained pay nothing. Nothing is noted while a page is made:
// the trace asks what each rule says of the finished page, and what the page would be otherwise.
#include "plan/trace.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lineup {

namespace {

// LIMIT: search units for one page that begins otherwise. Many are asked for; a first arrangement
// tells what a row would cost.
constexpr std::uint64_t kWeighWork = 20'000;

TraceJson trace_nodes(const TraceScene& scene) {
  TraceJson out = TraceJson::array();
  for (std::size_t node = 0; node < scene.run.plan.nodes.size(); ++node) {
    const NodeOutcome& outcome = scene.run.outcomes[node];
    const bool is_ok = outcome.status == LINEUP_OK && outcome.message.empty();
    TraceJson entry{
        {"id", scene.run.plan.nodes[node].id},
        {"slates_in", outcome.slates_in},
        {"slates", outcome.slates},
        {"elapsed_us", std::round(static_cast<double>(outcome.elapsed_ns) / 100.0) / 10},
        {"status", is_ok ? "ok" : std::string(outcome.message)}};
    if (outcome.slates > 0) entry["best"] = outcome.best;
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace

std::string_view word_for(Because because) {
  switch (because) {
    case Because::Rule:
      return "rule";
    case Because::Together:
      return "rules together";
    case Because::Page:
      return "page as a whole";
    case Because::Maker:
      return "maker of the page";
    case Because::NotWeighed:
      return "not weighed";
  }
  return "rule";
}

TraceScene::TraceScene(Run& the_run, const Picked& the_picked)
    : run(the_run), picked(the_picked), replay(the_run) {
  rank_rows();
  base = violations_of(picked.rows);
  find_pins();
}

// Rank 1 is the candidate that the ranker had first: by the host's score, ties by row.
void TraceScene::rank_rows() {
  const auto order_by = [](std::span<const double> score, std::vector<std::uint32_t>& order) {
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      const bool a_missing = std::isnan(score[a]);
      const bool b_missing = std::isnan(score[b]);
      if (a_missing != b_missing) return b_missing;
      return !a_missing && score[a] > score[b];
    });
  };
  std::vector<std::uint32_t> order(run.score_before.size());
  std::iota(order.begin(), order.end(), 0U);
  order_by(run.score_before, order);
  rank.resize(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) rank[order[i]] = static_cast<std::uint32_t>(i + 1);
  std::sort(order.begin(), order.end());
  for (const std::uint32_t row : order) {
    if (test_bit(run.candidates.data(), row)) by_score.push_back(row);
  }
  order_by(run.score, by_score);
}

void TraceScene::find_pins() {
  pinned_by.assign(picked.rows.size(), -1);
  pin_absent.assign(run.plan.uses.size(), 0);
  const auto slots = static_cast<std::uint32_t>(picked.rows.size());
  problem = instantiate(run.plan.uses, run.idle, run.input, run.candidates, slots,
                        run.plan.level_count, run.arena, pin_absent);
  problem.utility = run.score;
  problem.discount = std::span<const double>(run.plan.discounts).first(slots);
  for (const Constraint& constraint : problem.constraints) {
    if (constraint.kind != Kind::Place) continue;
    for (std::uint32_t pin = 0; pin < constraint.pin_count; ++pin) {
      const std::uint32_t slot = constraint.pin_slots[pin];
      if (slot < slots && picked.rows[slot] == constraint.pin_rows[pin]) {
        pinned_by[slot] = constraint.use;
      }
    }
  }
  value_ = replay.value(problem, picked.rows);
}

std::uint32_t TraceScene::importance(std::size_t index) const {
  const RuleUse& rule = use(index);
  if (rule.strength.kind == Strength::Kind::Required) return 0;
  if (rule.strength.kind == Strength::Kind::Soft) return 0xFFFFFFFFU;
  return 1U + rule.level;
}

std::int32_t TraceScene::worse_in(std::span<const std::uint32_t> changed) const {
  std::int32_t worst = -1;
  for (std::size_t use = 0; use < changed.size() && use < base.size(); ++use) {
    if (changed[use] <= base[use]) continue;
    if (worst < 0 || importance(use) < importance(static_cast<std::size_t>(worst))) {
      worst = static_cast<std::int32_t>(use);
    }
  }
  return worst;
}

std::vector<std::uint32_t> TraceScene::violations_of(std::span<const std::uint32_t> rows) {
  const auto mark = run.arena.mark();
  const Verification check = verify(run.plan.uses, run.idle, run.input, rows, run.slots, run.arena);
  std::vector<std::uint32_t> out(check.violations.begin(), check.violations.end());
  run.arena.rewind(mark);
  return out;
}

std::string_view TraceScene::maker() const {
  if (picked.slate_index < 0) return run.failure.empty() ? "engine" : "fallback";
  const auto index = static_cast<std::uint32_t>(picked.slate_index);
  for (std::size_t n = 0; n < run.plan.nodes.size(); ++n) {
    const NodeOutcome& outcome = run.outcomes[n];
    if (run.plan.nodes[n].kind == NodeKind::Generator && index >= outcome.first_slate &&
        index < outcome.first_slate + outcome.slates) {
      return run.plan.nodes[n].id;
    }
  }
  return "engine";
}

bool TraceScene::is_by_score() {
  const auto& own = replay.own_page();
  return own &&
         std::equal(own->rows.begin(), own->rows.end(), picked.rows.begin(), picked.rows.end());
}

PassedOver TraceScene::weigh(std::size_t slot, std::uint32_t row) {
  PassedOver out;
  out.row = row;
  if (!value_) return out;
  std::vector<std::uint32_t> prefix(picked.rows.begin(),
                                    picked.rows.begin() + static_cast<std::ptrdiff_t>(slot));
  prefix.push_back(row);
  const auto other = replay.best(problem, prefix, std::min(kWeighWork, run.plan.limits.work));
  if (!other) return out;
  out.use = worse_in(other->violations);
  if (out.use >= 0) {
    out.because = Because::Together;
    return out;
  }
  out.cost = value_->total - other->total;
  // Pages that are worth the same but for rounding are no gain.
  if (std::fabs(out.cost) < 1e-12) out.cost = 0.0;
  out.because = out.cost < 0.0 && !is_by_score() ? Because::Maker : Because::Page;
  out.cost = out.because == Because::Page ? std::max(0.0, out.cost) : out.cost;
  return out;
}

RuleJudges::RuleJudges(TraceScene& scene) {
  std::vector<std::size_t> uses;
  for (std::size_t use = 0; use < scene.use_count(); ++use) uses.push_back(use);
  std::stable_sort(uses.begin(), uses.end(), [&](std::size_t a, std::size_t b) {
    return scene.importance(a) < scene.importance(b);
  });
  for (const std::size_t use : uses) {
    auto own = scene.run.arena.allocate<Constraint>(scene.problem.constraints.size());
    std::size_t count = 0;
    for (const Constraint& constraint : scene.problem.constraints) {
      if (constraint.use != use) continue;
      if (constraint.opaque != nullptr && constraint.tier == Tier::Soft) continue;  // a preference
      own[count] = constraint;
      own[count].tier = Tier::Hard;
      own[count].level = 0;
      ++count;
    }
    if (count == 0) continue;
    Judge& judge = judges_.emplace_back();
    judge.use = use;
    judge.problem = scene.problem;
    judge.problem.constraints = own.first(count);
    judge.problem.level_count = 1;
    judge.builder = std::make_unique<Builder>(judge.problem, scene.run.arena);
  }
}

std::int32_t RuleJudges::first_against(std::uint32_t row) {
  for (Judge& judge : judges_) {
    if (!judge.is_lost && !judge.builder->permits(row)) return static_cast<std::int32_t>(judge.use);
  }
  return -1;
}

void RuleJudges::place(std::uint32_t row) {
  for (Judge& judge : judges_) judge.is_lost = judge.is_lost || !judge.builder->place(row);
}

void write_trace(Run& run, const Picked& picked, const Response& response) {
  TraceScene scene(run, picked);
  std::vector<RuleDeeds> deeds(scene.use_count());
  TraceJson out;
  out["slots"] = trace_slots(scene, deeds);
  if (run.request.explain_row >= 0 &&
      static_cast<std::size_t>(run.request.explain_row) < scene.rank.size()) {
    out["item"] = trace_item(scene, static_cast<std::uint32_t>(run.request.explain_row));
  }
  TraceJson conflicts;
  if (!scene.is_brief()) {
    conflicts = trace_conflicts(scene, response);
    const auto& own = scene.replay.own_page();
    out["value_predicted"] = own ? TraceJson(own->total) : TraceJson();
  }
  out["rules"] = trace_rules(scene, deeds);
  if (!conflicts.is_null()) out["conflicts"] = std::move(conflicts);
  out["nodes"] = trace_nodes(scene);
  out["candidates"] = run.candidate_count;
  out["slots_asked"] = run.slots_wanted;
  out["verified"] = run.is_verified;
  if (run.load > 0) out["load"] = run.plan.steering.load[run.load - 1].name;
  out["work"] = response.work;
  out["selected_by"] = scene.maker();
  out["propensity"] = response.propensity;
  run.session.trace = out.dump(-1, ' ', false, TraceJson::error_handler_t::replace);
}

}  // namespace lineup
