// SPDX-License-Identifier: Apache-2.0
//
// Shadow, canary, and the watch after an activation: what is to be done next, decided from counts
// and the time alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "rollout/plan.hpp"
#include "rollout/traffic.hpp"

namespace lineup {

enum class TrialVerdict : std::uint8_t {
  Undecided,  // it goes on
  Successful,
  Failed,
  Inconclusive,  // the time is over and too little was seen: a person decides
};
[[nodiscard]] std::string_view name_of(TrialVerdict verdict);

struct TrialJudgement {
  TrialVerdict verdict = TrialVerdict::Undecided;
  std::string why;  // Failed, Inconclusive: in numbers
};

// Compares a revision with the one before. It fails as soon as enough requests say so, and succeeds
// only when the time is over.
[[nodiscard]] TrialJudgement judge(const Tally& candidate, const Tally& before,
                                   const TrialLimits& limits, bool is_over);

// What the recorded requests came to, against what was recorded: `before` is the recorded outcomes.
[[nodiscard]] TrialJudgement judge_replay(const Tally& candidate, const Tally& before,
                                          const ReplayPlan& plan);

// A revision between tested and active.
class Trial {
 public:
  enum class Phase : std::uint8_t { Shadow, Canary, Paused };
  enum class Action : std::uint8_t { None, BeginCanary, Promote, Reject };

  // REQUIRES: plan.has_trial().
  Trial(const RolloutPlan& plan, std::int64_t now_ms);

  // What to do now, seen the requests of this phase. After BeginCanary counts begin anew.
  [[nodiscard]] Action tick(std::int64_t now_ms, const Tally& candidate, const Tally& before);

  [[nodiscard]] Phase phase() const { return phase_; }
  [[nodiscard]] std::int64_t since_ms() const { return since_ms_; }
  // When the phase is over; a paused trial has no end of its own.
  [[nodiscard]] std::int64_t until_ms() const;
  [[nodiscard]] const TrialJudgement& judgement() const { return judgement_; }

 private:
  RolloutPlan plan_;
  Phase phase_;
  std::int64_t since_ms_;
  TrialJudgement judgement_;
};
[[nodiscard]] std::string_view name_of(Trial::Phase phase);

// A revision that has just become active.
class BakeWatch {
 public:
  BakeWatch(const WatchPlan& plan, std::int64_t now_ms) : plan_(plan), since_ms_(now_ms) {}
  // Failed: take it back. Successful and Inconclusive: it stays, and the watch is over.
  [[nodiscard]] TrialJudgement tick(std::int64_t now_ms, const Tally& active,
                                    const Tally& before) const {
    return judge(active, before, plan_.limits, now_ms >= until_ms());
  }
  [[nodiscard]] std::int64_t until_ms() const { return since_ms_ + plan_.time_ms; }

 private:
  WatchPlan plan_;
  std::int64_t since_ms_;
};

}  // namespace lineup
