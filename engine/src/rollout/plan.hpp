// SPDX-License-Identifier: Apache-2.0
//
// What a bundle asks for before and after its revision goes live: the block `rollout` of
// bundle.yaml. Without it a revision that compiles is live at once.
#pragma once

#include <cstdint>
#include <optional>

namespace lineup {

// How much worse than the revision before a revision may be. Percentages are of requests, and
// what is compared is the difference.
struct TrialLimits {
  std::uint64_t requests_min = 100;  // with fewer nothing is decided
  double errors_percent = 0.0;
  double fallbacks_percent = 1.0;
  double empty_percent = 1.0;
  double late_percent = 1.0;
  double breaches_percent = 1.0;
  double changed_percent = 100.0;  // shadow: pages that differ
  double p99_ratio = 2.0;
};

struct ReplayPlan {
  std::uint32_t requests = 100;  // of the last recorded ones
  std::uint32_t errors = 0;      // and fallbacks, more than when they were recorded
  std::uint32_t late = 0;        // deadline misses, more than then
  std::uint64_t violations = 0;  // of rules, more than then
  double changed_percent = 100.0;
};

struct ShadowPlan {
  double percent = 10.0;  // of recorded requests
  std::int64_t time_ms = 60'000;
  double cpu_percent = 10.0;  // of one processor
  TrialLimits limits;
};

struct CanaryPlan {
  double percent = 5.0;  // of users
  std::int64_t time_ms = 60'000;
  TrialLimits limits;
};

struct WatchPlan {
  std::int64_t time_ms = 60'000;
  TrialLimits limits;
};

struct RolloutPlan {
  bool proof = false;  // in a process of its own, first
  bool cases = false;  // the cases beside the bundle's rules, in that process
  std::uint32_t proof_time_ms = 45'000;
  std::optional<ReplayPlan> replay;  // needs the proof
  std::optional<ShadowPlan> shadow;
  std::optional<CanaryPlan> canary;
  std::optional<WatchPlan> watch;

  [[nodiscard]] bool has_trial() const { return shadow.has_value() || canary.has_value(); }
};

}  // namespace lineup
