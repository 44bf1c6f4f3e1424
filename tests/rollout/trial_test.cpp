// SPDX-License-Identifier: Apache-2.0
#include "rollout/trial.hpp"

#include <catch2/catch.hpp>

namespace lineup {

namespace {

constexpr std::int64_t kStart = 1'800'000'000'000;

// `bad` of `all` requests with the flag, all of the same latency.
Tally tally(int all, int bad = 0, bool RequestOutcome::*flag = &RequestOutcome::is_error,
            std::int64_t elapsed_ns = 50'000) {
  Tally out;
  for (int i = 0; i < all; ++i) {
    RequestOutcome outcome;
    outcome.*flag = i < bad;
    outcome.elapsed_ns = elapsed_ns;
    out.add(outcome);
  }
  return out;
}

}  // namespace

TEST_CASE("a latency's bucket is at most an eighth wider than the latency") {
  for (std::int64_t ns = 1024; ns < 8'000'000'000; ns = ns * 9 / 8 + 1) {
    const std::int64_t upper = latency_of(latency_bucket(ns));
    CHECK(upper >= ns);
    CHECK(upper <= ns + ns / 8 + 1);
  }
  CHECK(latency_bucket(0) == 0);
  CHECK(latency_bucket(INT64_MAX) == kLatencyBuckets - 1);
}

TEST_CASE("traffic sums what all sessions counted") {
  Traffic traffic(3);
  for (std::uint32_t i = 0; i < 300; ++i) {
    RequestOutcome outcome;
    outcome.is_error = i % 100 == 0;
    outcome.is_breach = i % 150 == 0;
    outcome.elapsed_ns = i < 290 ? 20'000 : 900'000;
    traffic.add(i % 3, outcome);
  }
  const Tally sum = traffic.sum();
  CHECK(sum.requests == 300);
  CHECK(sum.errors == 3);
  CHECK(sum.breaches == 2);
  CHECK(sum.p99_ns() > 800'000);
  CHECK(sum.since(sum).requests == 0);
  CHECK(Tally().p99_ns() == 0);
  CHECK(tally(1000).p99_ns() < 60'000);
}

TEST_CASE("each measure that is worse than allowed fails a revision, with the figures") {
  TrialLimits limits;
  limits.errors_percent = limits.fallbacks_percent = limits.empty_percent = 1.0;
  limits.late_percent = limits.breaches_percent = 1.0;
  for (const auto flag :
       {&RequestOutcome::is_error, &RequestOutcome::is_fallback, &RequestOutcome::is_empty,
        &RequestOutcome::is_late, &RequestOutcome::is_breach}) {
    CHECK(judge(tally(1000, 10, flag), tally(1000), limits, true).verdict ==
          TrialVerdict::Successful);
    const TrialJudgement worse = judge(tally(1000, 11, flag), tally(1000), limits, false);
    CHECK(worse.verdict == TrialVerdict::Failed);
    CHECK(worse.why.find("1.10% of 1000 requests, 0.00% before") != std::string::npos);
    // What was as bad before is not its fault.
    CHECK(judge(tally(1000, 500, flag), tally(1000, 495, flag), limits, true).verdict ==
          TrialVerdict::Successful);
  }
  const Tally slow = tally(1000, 0, &RequestOutcome::is_error, 200'000);
  CHECK(judge(slow, tally(1000), limits, false).verdict == TrialVerdict::Failed);
  CHECK(judge(slow, tally(10), limits, true).verdict == TrialVerdict::Successful);
}

TEST_CASE("few requests decide nothing, and leave the verdict open at the end") {
  TrialLimits limits;
  limits.requests_min = 50;
  CHECK(judge(tally(49, 49), tally(100), limits, false).verdict == TrialVerdict::Undecided);
  const TrialJudgement open = judge(tally(49), tally(100), limits, true);
  CHECK(open.verdict == TrialVerdict::Inconclusive);
  CHECK(open.why == "49 requests were seen, 50 are needed");
  limits.requests_min = 0;
  CHECK(judge(tally(0), tally(0), limits, true).verdict == TrialVerdict::Inconclusive);
}

TEST_CASE("a trial goes from shadow to canary to active, each for its time") {
  RolloutPlan plan;
  plan.shadow = ShadowPlan{};
  plan.canary = CanaryPlan{};
  plan.shadow->time_ms = 1000;
  plan.canary->time_ms = 2000;
  Trial trial(plan, kStart);
  CHECK(trial.phase() == Trial::Phase::Shadow);
  CHECK(trial.tick(kStart + 999, tally(200), tally(200)) == Trial::Action::None);
  CHECK(trial.tick(kStart + 1000, tally(200), tally(200)) == Trial::Action::BeginCanary);
  CHECK(trial.phase() == Trial::Phase::Canary);
  CHECK(trial.until_ms() == kStart + 3000);
  CHECK(trial.tick(kStart + 2999, tally(200), tally(200)) == Trial::Action::None);
  CHECK(trial.tick(kStart + 3000, tally(200), tally(200)) == Trial::Action::Promote);
}

TEST_CASE("a trial that fails ends at once; one that saw too little waits for a person") {
  RolloutPlan plan;
  plan.shadow = ShadowPlan{};
  Trial failing(plan, kStart);
  CHECK(failing.tick(kStart + 1, tally(200, 3), tally(200)) == Trial::Action::Reject);
  CHECK(failing.judgement().verdict == TrialVerdict::Failed);
  Trial quiet(plan, kStart);
  CHECK(quiet.tick(kStart + 60'000, tally(5), tally(5)) == Trial::Action::None);
  CHECK(quiet.phase() == Trial::Phase::Paused);
  CHECK(quiet.judgement().verdict == TrialVerdict::Inconclusive);
  CHECK(quiet.tick(kStart + 600'000, tally(5000), tally(5000)) == Trial::Action::None);
}

TEST_CASE("the watch takes back within its time and not after it") {
  WatchPlan plan;
  plan.time_ms = 1000;
  const BakeWatch watch(plan, kStart);
  CHECK(watch.tick(kStart + 10, tally(50, 50), tally(500)).verdict == TrialVerdict::Undecided);
  CHECK(watch.tick(kStart + 10, tally(500, 5), tally(500)).verdict == TrialVerdict::Failed);
  CHECK(watch.tick(kStart + 1000, tally(500), tally(500)).verdict == TrialVerdict::Successful);
  CHECK(watch.tick(kStart + 1000, tally(5), tally(500)).verdict == TrialVerdict::Inconclusive);
}

TEST_CASE("replayed requests are held against how they were recorded") {
  ReplayPlan plan;
  Tally before = tally(100, 2, &RequestOutcome::is_fallback);
  Tally after = before;
  CHECK(judge_replay(after, before, plan).verdict == TrialVerdict::Successful);
  ++after.errors;
  CHECK(judge_replay(after, before, plan).verdict == TrialVerdict::Failed);
  plan.errors = 1;
  CHECK(judge_replay(after, before, plan).verdict == TrialVerdict::Successful);
  after.late = 1;
  CHECK(
      judge_replay(after, before, plan).why ==
      "1 deadline misses in 100 recorded requests, 0 when they were recorded; 0 more are allowed");
  plan.late = 1;
  after.violations = 4;
  plan.violations = 3;
  CHECK(judge_replay(after, before, plan).verdict == TrialVerdict::Failed);
  plan.violations = 4;
  after.changed = 21;
  plan.changed_percent = 20.0;
  CHECK(judge_replay(after, before, plan).why == "21.0% of 100 recorded pages change, 20.0% may");
  after.changed = 20;
  CHECK(judge_replay(after, before, plan).verdict == TrialVerdict::Successful);
  CHECK(judge_replay({}, {}, plan).verdict == TrialVerdict::Inconclusive);
}

}  // namespace lineup
