// SPDX-License-Identifier: Apache-2.0
//
// The state of one request while a plan runs on it. Internal to this folder: each stage is a file,
// and this is what they hand on. Everything lives in the session's arena.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "constraint/verify.hpp"
#include "node/run.hpp"
#include "plan/execute.hpp"
#include "plan/steering.hpp"

namespace lineup {

// LIMIT: sentences of warning that one response carries; more are counted as one.
inline constexpr std::uint32_t kWarningsMax = 32;

struct Warnings {
  std::array<std::string_view, kWarningsMax> texts;
  std::uint32_t count = 0;
};

// What one node did, for the trace.
struct NodeOutcome {
  lineup_status status = LINEUP_OK;
  std::string_view message;
  std::uint32_t slates = 0;
  std::uint32_t slates_in = 0;    // that were there when it began
  std::uint32_t first_slate = 0;  // generators: index of the first one it emitted
  double best = 0.0;              // generators with slates: what its best one came to be worth
  std::int64_t elapsed_ns = 0;
  bool has_run = false;
  bool has_failed = false;  // an error, or a call over its budget
};

// How a page was found.
struct Picked {
  std::span<const std::uint32_t> rows;
  std::span<const std::uint32_t> violations;  // [uses] hard and required
  Search search = Search::Complete;
  double value = 0.0;
  std::int32_t slate_index = -1;  // in the slate set; -1: the engine's own solution
  bool is_found = false;
  std::uint32_t hand_placed = 0;  // rows that a generator placed itself; the engine placed the rest
  double propensity = 1.0;        // the probability that the selector picked this slate with
};

// The state of a request before filters and boosts: what explanations begin from when they ask what
// the page would be under fewer rules. Kept only when the request asks for an explanation.
struct BeforeRules {
  std::span<const Word> candidates;
  std::span<const Column> columns;
  std::span<const double> score;
};

// Where a call of a node gets its memory: the request's, or that of a node which runs beside
// others.
struct NodeMemory {
  Arena& arena;
  std::span<const lineup_dictionary*> dictionaries;
};

struct Run {
  Run(const Plan& the_plan, const Request& the_request, Session& the_session,
      Counters& the_counters)
      : plan(the_plan),
        request(the_request),
        session(the_session),
        arena(the_session.arena),
        counters(the_counters) {}

  const Plan& plan;
  const Request& request;
  Session& session;
  Arena& arena;
  Counters& counters;

  Batch batch;
  std::span<Column> row_columns;  // the batch's, for scorers that replace one
  RequestContext context;
  std::span<const Variant* const> variants;   // [experiments] null: in none
  std::span<const AssignedVariant> assigned;  // by the engine
  std::uint32_t load = 0;                     // levels of `load` that are reached
  std::span<double> weights;
  std::span<double> parameters;
  std::span<const double> control_outputs;  // [controllers] what they gave out, or the policy's
  std::span<Idle> idle;
  std::span<std::uint8_t> off;  // [uses] 1: switched off for this request
  std::span<Word> candidates;
  std::uint32_t host_rows = 0;  // rows from here on are the pools'
  std::uint32_t candidate_count = 0;
  std::span<double> score;               // finite, what pages are ranked by
  std::span<const double> score_before;  // as the host gave it; NaN where missing
  bool score_is_given = false;           // `score` is still that, and none is missing
  std::span<const double> utility;  // what own pages are ranked by instead of score; empty: score
  std::span<Opaque*> opaques;
  RuleInput input;
  std::int64_t deadline_ns = 0;    // when nodes must be done
  std::uint32_t slots_wanted = 0;  // min(page, candidates)
  std::uint32_t slots = 0;         // of the page being made
  std::uint64_t work = 0;
  Warnings warnings;
  std::span<const lineup_dictionary*> dictionaries;
  std::span<NodeOutcome> outcomes;  // [nodes]
  // What the breakers say of this request; all closed unless it is served.
  std::span<Breaker::Gate> node_gates;   // [nodes]
  std::span<Breaker::Gate> rule_gates;   // [uses]
  std::span<std::uint8_t> rules_failed;  // [uses] 1: its code failed on this request
  std::string_view failure;              // why the fallback answered
  std::int64_t began_ns = 0;
  bool is_served = false;  // else nobody gets the page: breakers are left alone
  BeforeRules before;      // empty: not kept
  bool is_verified = true;
  bool is_cut = false;  // nodes were left out, or valued less, because the time was over
};

// A text made in the arena.
[[nodiscard]] std::string_view text_in(Arena& arena, std::string_view text);
void warn(Run& run, std::string_view text);

// prepare.cpp: everything before the first node. False: `failure` says why there is no page.
bool prepare(Run& run);
// emergency.cpp: takes out of the candidates what an emergency overlay blocks, and switches off
// what it names; nothing, when that would be more than it may take.
void subtract(Run& run);
// prepare.cpp: what an overlay took, or would have taken, for the response.
void warn_subtracted(Run& run, std::uint32_t rows, std::uint32_t all, bool is_done);
// After the scorers: filters, boosts, scores made finite (what is missing sorts last), and opaque
// constraints bound to what they may read.
void finish_candidates(Run& run);
// The request as one node sees it; `salt` makes its seed differ from other nodes'.
[[nodiscard]] NodeRequest node_request(Run& run, std::uint64_t salt, std::uint32_t slots);
[[nodiscard]] NodeRequest node_request(const Run& run, std::uint64_t salt, std::uint32_t slots,
                                       const NodeMemory& memory);
// The problem of a page of `slots` slots. Native leaves out opaque constraints except
// those of required rules; Required keeps just the rules that are never given up.
enum class Rules : std::uint8_t { All, Native, Required };
[[nodiscard]] Problem make_problem(Run& run, std::uint32_t slots, Rules rules);

// resilience.cpp: asks the breakers, once the rules that act are known; what is open is then left
// out.
void ask_breakers(Run& run);
// Tells the breakers what became of the request.
void tell_breakers(Run& run);

// Whether the node is on a branch that this request takes, and not left out under its load.
[[nodiscard]] inline bool acts(const PlanNode& node, const Run& run) {
  const bool is_shed = node.shed_at != 0 && run.load >= node.shed_at;
  return !is_shed && (node.when.is_empty() || node.when.holds(run.context));
}
// nodes.cpp: runs scorers before, generators, evaluators and the selector over one problem.
void run_scorers(Run& run);
[[nodiscard]] Picked run_graph(Run& run, const Problem& problem, std::int32_t& broken_use);

// chosen.cpp: tells the generators that want to know which page the request is answered with.
void tell_generators(Run& run, const Picked& picked);

// pick.cpp: the engine's own answers and the proof.
[[nodiscard]] Picked solve_page(Run& run, Rules rules, std::uint64_t work_limit,
                                std::int32_t& broken_use);
[[nodiscard]] bool is_proven(Run& run, const Picked& picked);
// The first slot of `rows` with a row of a pool that is not to be shown at this time; -1: none.
[[nodiscard]] std::int32_t outdated_slot(const Run& run, std::span<const std::uint32_t> rows);

// trace.cpp: what happened, as JSON in session.trace.
void write_trace(Run& run, const Picked& picked, const Response& response);
// replay.cpp: fills run.before.
void keep_before_rules(Run& run);

}  // namespace lineup
