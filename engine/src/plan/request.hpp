// SPDX-License-Identifier: Apache-2.0
//
// One request as the plan runs it, and its answer. Names are resolved: columns by schema index,
// weights by objective, context by layout slot.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/arena.hpp"
#include "batch/ingest.hpp"
#include "constraint/solve.hpp"
#include "plan/controllers.hpp"
#include "plan/steering.hpp"

namespace lineup {

struct Emergency;
class Beside;

struct Request {
  std::string_view id;
  std::string_view user;
  TableInput rows;
  TableInput history;
  std::span<const Scalar> context;    // [plan.context.paths()]
  std::span<const double> weights;    // [objectives] NaN: not given
  std::span<const double> overrides;  // [live parameters] NaN: not given
  std::uint32_t page = 0;             // 0: the policy's
  bool explain = false;
  bool explain_brief = false;     // with `explain`: only what each rule did, no search for others
  std::int32_t explain_row = -1;  // with `explain`: a row whose place is explained too; -1: none
  std::uint64_t seed = 0;
  std::int64_t now_ms = 0;
  std::int64_t deadline_ns = 0;          // 0: the policy's, from now
  const Emergency* emergency = nullptr;  // bound to the plan; null: none
};

enum class AnswerKind : std::uint8_t { Ok, Relaxed, Fallback, Error };

// Why a rule was given up.
enum class GivenUp : std::uint8_t { Conflict, Budget, Soft };

struct RelaxedRule {
  std::uint16_t use = 0;
  GivenUp reason = GivenUp::Conflict;
  std::uint32_t violations = 0;
};

// What one node of the graph came to.
struct NodeCount {
  std::int32_t status = 0;  // of the interface: 0 is fine
  std::uint32_t slates = 0;
  std::int64_t elapsed_ns = 0;
  bool has_run = false;
};

// Everything lives in the session until its next request.
struct Response {
  AnswerKind answer = AnswerKind::Ok;
  Search search = Search::Complete;
  std::span<const std::uint32_t> slate;  // rows
  std::span<const RelaxedRule> relaxed;
  std::span<const std::string_view> warnings;
  std::span<const double> weights;            // composed, [objectives]
  std::span<const double> parameters;         // as used, [live parameters]
  std::span<const AssignedVariant> assigned;  // variants that the engine put the request into
  std::string_view error;
  std::uint64_t work = 0;
  double value = 0.0;
  double propensity = 1.0;       // with which the selector picked the slate; 1: it had no choice
  std::uint32_t candidates = 0;  // rows that were left after filters
  std::span<const NodeCount> nodes;  // [plan.nodes]; empty: none was asked
  ControlNotes controls;             // what the page is to controllers; empty: there are none
  std::string_view trace;            // JSON, when asked for
  std::int64_t trace_ns = 0;         // what making the trace took
};

// What one session keeps between requests: memory, nothing else. One thread at a time.
struct Session {
  explicit Session(std::uint32_t session_index) : index(session_index) {}
  std::uint32_t index;
  Arena arena;
  IngestScratch ingest;
  std::string trace;
  Beside* beside = nullptr;  // null: nodes run one after the other
};

}  // namespace lineup
