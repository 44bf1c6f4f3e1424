// SPDX-License-Identifier: Apache-2.0
//
// One call with one sort of request each. An orderly refusal is an answer where the request is odd;
// where it is ordinary, only an answer is.
#include <fmt/format.h>

#include "base/clock.hpp"
#include "conformance/subject.hpp"

namespace lineup {

namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
// LIMIT: how long a call may go on whose deadline has passed: far above what a loop between two
// looks at the clock takes, even on a busy machine.
constexpr std::int64_t kLateMax = 500 * kMillisecond;
constexpr std::int64_t kLateDoubt = 50 * kMillisecond;

// LIMIT: tries of what is timed. A machine that is busy takes a call's turn away now and then; a
// plugin that is late is late every time.
constexpr int kTimedTries = 5;

CaseOutcome with_shape(const CaseInput& input, const Shape& shape,
                       CaseOutcome (*judge)(const CallAnswer&)) {
  return for_each_subject(input, [&](Subject& subject) { return judge(subject.call(shape)); });
}

// A call that was cut short: in order, and soon.
CaseOutcome judge_cut(const CallAnswer& answer) {
  if (!answer.is_clean()) return judge_contract(answer);
  if (answer.status != LINEUP_OK && answer.status != LINEUP_E_BUDGET &&
      answer.status != LINEUP_E_DEADLINE) {
    return failed(
        fmt::format("returned status {} ({}): a call that is cut short returns "
                    "LINEUP_E_BUDGET",
                    answer.status, answer.message));
  }
  const auto late = fmt::format("went on for {} ms: call spend() every some hundred units",
                                answer.elapsed_ns / kMillisecond);
  if (answer.elapsed_ns > kLateMax) return failed(late);
  return answer.elapsed_ns > kLateDoubt ? warning(late) : CaseOutcome();
}

// The mildest verdict of a few tries.
CaseOutcome judge_cut_calls(const CaseInput& input, const Shape& shape) {
  return for_each_subject(input, [&](Subject& subject) {
    CaseOutcome best = judge_cut(subject.call(shape));
    for (int i = 1; i < kTimedTries && best.verdict != CaseVerdict::Passed; ++i) {
      CaseOutcome next = judge_cut(subject.call(shape));
      if (next.verdict < best.verdict) best = std::move(next);
    }
    return best;
  });
}

}  // namespace

CaseOutcome case_ordinary(const CaseInput& input) { return with_shape(input, {}, judge_success); }

CaseOutcome case_empty(const CaseInput& input) {
  Shape shape;
  shape.rows = 0;
  shape.history = 0;
  return with_shape(input, shape, judge_contract);
}

CaseOutcome case_one_row(const CaseInput& input) {
  Shape shape;
  shape.rows = 1;
  shape.history = 0;
  return with_shape(input, shape, judge_success);
}

CaseOutcome case_missing(const CaseInput& input) {
  Shape absent;
  absent.values = Values::Absent;
  Shape sparse;
  sparse.values = Values::Sparse;
  CaseOutcome all = for_each_subject(input, [&](Subject& subject) {
    CaseOutcome one = judge_contract(subject.call(sparse));
    merge(one, "without columns", judge_contract(subject.call(absent)));
    return one;
  });
  // Also a policy that declares only what is required.
  CaseOutcome poor = for_each_subject(
      input, [&](Subject& subject) { return judge_contract(subject.call({})); }, false);
  if (poor.verdict > all.verdict) return poor;
  return all;
}

CaseOutcome case_wild(const CaseInput& input) {
  return for_each_subject(input, [&](Subject& subject) {
    CaseOutcome all;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      Shape shape;
      shape.values = Values::Wild;
      shape.seed = seed;
      const CallAnswer answer = subject.call(shape);
      if (!answer.is_clean()) merge(all, fmt::format("batch {}", seed), judge_contract(answer));
    }
    return all;
  });
}

CaseOutcome case_huge(const CaseInput& input) {
  Shape shape;
  shape.rows = 10'000;
  shape.slots = 200;
  shape.history = 100;
  shape.work_limit = 5'000'000;
  return for_each_subject(input, [&](Subject& subject) {
    const CallAnswer answer = subject.call(shape);
    if (answer.status == LINEUP_E_BUDGET) return judge_contract(answer);
    return judge_success(answer);
  });
}

CaseOutcome case_deadline(const CaseInput& input) {
  Shape shape;
  shape.rows = 5000;
  shape.slots = 100;
  shape.deadline_ns = monotonic_ns() - kMillisecond;
  return judge_cut_calls(input, shape);
}

CaseOutcome case_budget(const CaseInput& input) {
  Shape shape;
  shape.rows = 5000;
  shape.slots = 100;
  shape.work_limit = 1;
  return judge_cut_calls(input, shape);
}

}  // namespace lineup
