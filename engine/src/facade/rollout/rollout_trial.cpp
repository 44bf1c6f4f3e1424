// SPDX-License-Identifier: Apache-2.0
//
// Shadow, canary, the watch after an activation, and what ends them. Shadow requests are taken from
// the recorder's ring, so the request path knows nothing of them; both revisions answer each on
// this thread, so that their times compare.
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "base/clock.hpp"
#include "base/hash.hpp"
#include "facade/engine_state.hpp"
#include "facade/request/outcome.hpp"
#include "facade/rollout/rollout_control.hpp"

namespace lineup {

namespace {

// Recorded requests that are looked at in one go.
constexpr std::size_t kBatch = 32;

std::int64_t thread_cpu_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

RolloutFault fault_of(Stage stage, std::string code, std::string message, std::string hint) {
  RolloutFault out;
  out.stage = stage;
  out.code = std::move(code);
  out.message = std::move(message);
  out.hint = std::move(hint);
  return out;
}

}  // namespace

void RolloutControl::shadow_some(OnTrial& on_trial) {
  const ShadowPlan& plan = *on_trial.plan.shadow;
  const auto current = engine_.published.current();
  const auto has_budget = [&] {
    const auto elapsed = static_cast<double>(monotonic_ns() - on_trial.began_ns);
    return static_cast<double>(on_trial.cpu_ns) <= elapsed * plan.cpu_percent / 100.0;
  };
  if (current == nullptr || !has_budget()) return;
  ServingSession& session = *engine_.sessions.back();
  for (const WholeRecord& whole : engine_.recorder.whole_after(on_trial.sequence, kBatch)) {
    on_trial.sequence = std::max(on_trial.sequence, whole.record.sequence);
    if (static_cast<double>(mix64(whole.record.sequence) % 10'000) >= plan.percent * 100.0)
      continue;
    if (!has_budget()) return;
    const std::int64_t began_ns = thread_cpu_ns();
    const Compared before = answer_recorded(engine_, session, *current, whole.request);
    const Compared after = answer_recorded(engine_, session, *on_trial.revision, whole.request);
    const std::lock_guard lock(mutex_);
    on_trial.before.add(before.outcome);
    on_trial.before.violations += before.violations;
    on_trial.candidate.add(after.outcome);
    on_trial.candidate.violations += after.violations;
    on_trial.candidate.changed += before.slate == after.slate ? 0U : 1U;
    on_trial.cpu_ns += thread_cpu_ns() - began_ns;
  }
}

// REQUIRES: mutex_ is held, here and in the next two.
void RolloutControl::stop_canary() {
  engine_.canary_share.store(0, std::memory_order_relaxed);
  engine_.published.set_candidate({}, nullptr);
}

void RolloutControl::cancel_trial() {
  if (on_trial_ == nullptr) return;
  on_trial_ = nullptr;
  stop_canary();
}

void RolloutControl::begin_canary(OnTrial& on_trial) {
  const auto current = engine_.published.current();
  on_trial.candidate = {};
  on_trial.before = {};
  on_trial.before_base = current->traffic->sum();
  engine_.published.set_candidate(on_trial.revision->id, on_trial.revision);
  engine_.canary_salt.store(hash64(on_trial.bundle->hash), std::memory_order_relaxed);
  engine_.canary_share.store(static_cast<std::uint32_t>(on_trial.plan.canary->percent * 100.0),
                             std::memory_order_relaxed);
}

void RolloutControl::tick_trial() {
  std::shared_ptr<OnTrial> on_trial;
  {
    const std::lock_guard lock(mutex_);
    const LedgerEntry* way = ledger_.on_its_way();
    if (on_trial_ == nullptr || way == nullptr || way->stage != Stage::Shadow) return;
    on_trial = on_trial_;
  }
  const Trial::Phase phase = on_trial->trial.phase();
  if (phase == Trial::Phase::Shadow) shadow_some(*on_trial);
  Trial::Action action = Trial::Action::None;
  std::string why;
  {
    const std::lock_guard lock(mutex_);
    if (on_trial_ != on_trial) return;
    if (phase == Trial::Phase::Canary) {
      if (engine_.canary_share.load(std::memory_order_relaxed) == 0) begin_canary(*on_trial);
      on_trial->candidate = on_trial->revision->traffic->sum();
      const auto current = engine_.published.current();
      on_trial->before = current->traffic->sum().since(on_trial->before_base);
    }
    action = on_trial->trial.tick(wall_ms(), on_trial->candidate, on_trial->before);
    why = on_trial->trial.judgement().why;
    if (action == Trial::Action::BeginCanary) begin_canary(*on_trial);
    // Nobody decided: until somebody does, all users get what served before.
    if (on_trial->trial.phase() == Trial::Phase::Paused && phase == Trial::Phase::Canary)
      stop_canary();
  }
  if (action == Trial::Action::Promote) (void)promote("its trial");
  if (action == Trial::Action::Reject) {
    (void)abort_trial(fault_of(Stage::Shadow, "rollout/trial-failed",
                               fmt::format("its {} failed: {}", name_of(phase), why),
                               "these contents are not tried again: change them"));
  }
}

Result<std::string> RolloutControl::promote(const std::string& who) {
  std::shared_ptr<OnTrial> on_trial;
  {
    const std::lock_guard lock(mutex_);
    on_trial = on_trial_;
  }
  if (on_trial == nullptr) return failure("rollout/no-trial", "no revision is on trial");
  MadeRevision made;
  made.bundle = on_trial->bundle;
  made.diagnostics = on_trial->diagnostics;
  made.make = [this, on_trial]() -> Result<std::shared_ptr<const void>> {
    const std::lock_guard lock(mutex_);
    if (on_trial_ == on_trial) return std::static_pointer_cast<const void>(on_trial->revision);
    return failure("rollout/superseded", "other contents came before it was promoted");
  };
  const Attempt attempt = engine_.reloader->serve(std::move(made));
  if (!attempt.ok()) return tl::unexpected(attempt.error);
  const std::lock_guard lock(mutex_);
  last_verdict_ = fmt::format("revision {} was promoted by {}", attempt.revision, who);
  return "revision " + attempt.revision + " serves";
}

Result<std::string> RolloutControl::abort_trial(RolloutFault fault) {
  std::shared_ptr<OnTrial> on_trial;
  const std::string sentence = fault.message;
  const std::string hint = fault.hint;
  const std::string code = fault.code;
  {
    const std::lock_guard lock(mutex_);
    on_trial = on_trial_;
    if (on_trial == nullptr) return failure("rollout/no-trial", "no revision is on trial");
    cancel_trial();
    last_verdict_ = fmt::format("revision {}: {}", on_trial->bundle->id, sentence);
    (void)ledger_.quarantine(on_trial->bundle->hash, std::move(fault));
  }
  persist();
  (void)engine_.reloader->reject(on_trial->bundle, {code, sentence}, hint);
  return "revision " + on_trial->bundle->id + " is quarantined; what served keeps serving";
}

void RolloutControl::tick_watch() {
  TrialJudgement judged;
  {
    const std::lock_guard lock(mutex_);
    if (!watched_) return;
    judged = watched_->watch.tick(wall_ms(), watched_->revision->traffic->sum(), watched_->before);
    if (judged.verdict == TrialVerdict::Undecided) return;
    last_verdict_ =
        fmt::format("revision {}: watched, {}{}{}", watched_->revision->id, name_of(judged.verdict),
                    judged.why.empty() ? "" : ": ", judged.why);
    watched_.reset();
    if (judged.verdict != TrialVerdict::Failed) {
      is_to_be_kept_ = true;
      return;
    }
  }
  const auto back = roll_back(fault_of(Stage::Active, "rollout/watch-failed", judged.why,
                                       "these contents are not tried again: change them"));
  if (back) return;
  engine_.log.write(LogLevel::Error,
                    fmt::format("what serves is worse than before and cannot be taken back: {}: {}",
                                judged.why, back.error().message));
}

Result<std::string> RolloutControl::roll_back(RolloutFault fault) {
  std::string target;
  std::string bad;
  std::string bad_id;
  {
    const std::lock_guard lock(mutex_);
    const LedgerEntry* previous = ledger_.previous();
    const LedgerEntry* active = ledger_.active();
    if (previous == nullptr || active == nullptr) {
      return failure("rollout/no-previous", "there is no good revision before the one that serves");
    }
    target = previous->hash;
    bad = active->hash;
    bad_id = active->id;
    is_going_back_ = true;
  }
  MadeRevision made = made_of(target);
  if (made.revision == nullptr) {
    auto bundle = load_kept(target);
    if (!bundle) {
      const std::lock_guard lock(mutex_);
      is_going_back_ = false;
      return tl::unexpected(bundle.error());
    }
    made.bundle = *bundle;
    made.make = [this, kept = *bundle]() -> Result<std::shared_ptr<const void>> {
      Diagnostics found;
      return make_revision(engine_, *kept, true, found);
    };
  }
  made.instead_of = bad;
  made.why = {fault.code, fault.message};
  const std::string why = fault.message;
  const Attempt attempt = engine_.reloader->serve(std::move(made));
  {
    const std::lock_guard lock(mutex_);
    is_going_back_ = false;
    if (!attempt.ok()) return tl::unexpected(attempt.error);
    (void)ledger_.roll_back(std::move(fault));
    watched_.reset();
  }
  persist();
  engine_.log.write(LogLevel::Error, fmt::format("revision {} is rolled back, {} serves again: {}",
                                                 bad_id, attempt.revision, why));
  return fmt::format("revision {} serves again, {} is rolled back", attempt.revision, bad_id);
}

}  // namespace lineup
