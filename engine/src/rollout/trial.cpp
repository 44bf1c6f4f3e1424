// SPDX-License-Identifier: Apache-2.0
//
// Shares are compared by their difference, in points of percent: a revision is not blamed for what
// was broken before it. A 99th percentile is compared only when both sides saw enough requests for
// one.
#include "rollout/trial.hpp"

#include <fmt/format.h>

#include <array>

namespace lineup {

namespace {

double percent(std::uint64_t part, std::uint64_t all) {
  return all == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(all);
}

struct Measure {
  std::string_view what;
  std::uint64_t Tally::*count;
  double TrialLimits::*limit;
};

constexpr std::array<Measure, 6> kMeasures = {{
    {"errors", &Tally::errors, &TrialLimits::errors_percent},
    {"fallbacks", &Tally::fallbacks, &TrialLimits::fallbacks_percent},
    {"empty slates", &Tally::empty, &TrialLimits::empty_percent},
    {"requests cut by the deadline", &Tally::late, &TrialLimits::late_percent},
    {"budget breaches", &Tally::breaches, &TrialLimits::breaches_percent},
    {"changed pages", &Tally::changed, &TrialLimits::changed_percent},
}};

// What is worse than allowed; empty: nothing.
std::string breach_of(const Tally& candidate, const Tally& before, const TrialLimits& limits) {
  for (const Measure& measure : kMeasures) {
    const double now = percent(candidate.*measure.count, candidate.requests);
    const double then = percent(before.*measure.count, before.requests);
    if (now - then <= limits.*measure.limit) continue;
    return fmt::format("{} in {:.2f}% of {} requests, {:.2f}% before; {:.2f}% more is allowed",
                       measure.what, now, candidate.requests, then, limits.*measure.limit);
  }
  if (before.requests < limits.requests_min) return {};
  const auto now_us = static_cast<double>(candidate.p99_ns()) / 1000.0;
  const auto then_us = static_cast<double>(before.p99_ns()) / 1000.0;
  if (now_us <= then_us * limits.p99_ratio) return {};
  return fmt::format("p99 of {:.0f} us, {:.0f} us before; {:.2f} times that is allowed", now_us,
                     then_us, limits.p99_ratio);
}

}  // namespace

std::string_view name_of(TrialVerdict verdict) {
  constexpr std::array<std::string_view, 4> kNames = {"undecided", "successful", "failed",
                                                      "inconclusive"};
  return kNames[static_cast<std::size_t>(verdict)];
}

std::string_view name_of(Trial::Phase phase) {
  constexpr std::array<std::string_view, 3> kNames = {"shadow", "canary", "paused"};
  return kNames[static_cast<std::size_t>(phase)];
}

TrialJudgement judge(const Tally& candidate, const Tally& before, const TrialLimits& limits,
                     bool is_over) {
  if (candidate.requests < limits.requests_min || candidate.requests == 0) {
    if (!is_over) return {};
    return {TrialVerdict::Inconclusive, fmt::format("{} requests were seen, {} are needed",
                                                    candidate.requests, limits.requests_min)};
  }
  std::string breach = breach_of(candidate, before, limits);
  if (!breach.empty()) return {TrialVerdict::Failed, std::move(breach)};
  return {is_over ? TrialVerdict::Successful : TrialVerdict::Undecided, {}};
}

TrialJudgement judge_replay(const Tally& candidate, const Tally& before, const ReplayPlan& plan) {
  const auto refuse = [&](std::string_view what, std::uint64_t now, std::uint64_t then,
                          std::uint64_t allowed) {
    return TrialJudgement{TrialVerdict::Failed,
                          fmt::format("{} {} in {} recorded requests, {} when they were recorded; "
                                      "{} more are allowed",
                                      now, what, candidate.requests, then, allowed)};
  };
  const std::uint64_t bad = candidate.errors + candidate.fallbacks;
  const std::uint64_t bad_before = before.errors + before.fallbacks;
  if (bad > bad_before + plan.errors)
    return refuse("errors and fallbacks", bad, bad_before, plan.errors);
  if (candidate.late > before.late + plan.late)
    return refuse("deadline misses", candidate.late, before.late, plan.late);
  if (candidate.violations > before.violations + plan.violations)
    return refuse("violations of rules", candidate.violations, before.violations, plan.violations);
  const double changed = percent(candidate.changed, candidate.requests);
  if (changed > plan.changed_percent) {
    return {TrialVerdict::Failed, fmt::format("{:.1f}% of {} recorded pages change, {:.1f}% may",
                                              changed, candidate.requests, plan.changed_percent)};
  }
  if (candidate.requests == 0) return {TrialVerdict::Inconclusive, "no request is recorded"};
  return {TrialVerdict::Successful, {}};
}

Trial::Trial(const RolloutPlan& plan, std::int64_t now_ms)
    : plan_(plan), phase_(plan.shadow ? Phase::Shadow : Phase::Canary), since_ms_(now_ms) {}

std::int64_t Trial::until_ms() const {
  if (phase_ == Phase::Shadow) return since_ms_ + plan_.shadow->time_ms;
  if (phase_ == Phase::Canary) return since_ms_ + plan_.canary->time_ms;
  return INT64_MAX;
}

Trial::Action Trial::tick(std::int64_t now_ms, const Tally& candidate, const Tally& before) {
  if (phase_ == Phase::Paused) return Action::None;
  const TrialLimits& limits = phase_ == Phase::Shadow ? plan_.shadow->limits : plan_.canary->limits;
  judgement_ = judge(candidate, before, limits, now_ms >= until_ms());
  switch (judgement_.verdict) {
    case TrialVerdict::Undecided:
      return Action::None;
    case TrialVerdict::Failed:
      return Action::Reject;
    case TrialVerdict::Inconclusive:
      phase_ = Phase::Paused;
      return Action::None;
    case TrialVerdict::Successful:
      break;
  }
  if (phase_ == Phase::Shadow && plan_.canary) {
    phase_ = Phase::Canary;
    since_ms_ = now_ms;
    judgement_ = {};
    return Action::BeginCanary;
  }
  return Action::Promote;
}

}  // namespace lineup
