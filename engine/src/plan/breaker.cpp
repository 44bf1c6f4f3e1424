// SPDX-License-Identifier: Apache-2.0
#include "plan/breaker.hpp"

#include <algorithm>

namespace lineup {

namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

}  // namespace

Breaker::Gate Breaker::ask(std::int64_t now_ns) {
  std::int64_t probe_at = probe_at_ns_.load(kRelaxed);
  if (probe_at == 0) return Gate::Closed;
  if (now_ns >= probe_at &&
      probe_at_ns_.compare_exchange_strong(probe_at, now_ns + options_.cooldown_ns, kRelaxed)) {
    return Gate::Probe;
  }
  held_back_.fetch_add(1, kRelaxed);
  return Gate::Open;
}

void Breaker::failed(Gate gate, std::int64_t now_ns) {
  if (gate == Gate::Open) return;
  failures_.fetch_add(1, kRelaxed);
  if (options_.failures == 0) return;
  if (gate == Gate::Probe) {
    probe_at_ns_.store(now_ns + options_.cooldown_ns, kRelaxed);
    return;
  }
  // The ring holds as many times as failures open it: what stands behind the newest is the oldest.
  const std::uint32_t count = std::min(options_.failures, kFailuresMax);
  const std::uint32_t at = next_.fetch_add(1, kRelaxed);
  times_[at % count].store(now_ns, kRelaxed);
  const std::int64_t oldest = times_[(at + 1) % count].load(kRelaxed);
  if (oldest == 0 || now_ns - oldest > options_.window_ns) return;
  std::int64_t closed = 0;
  if (probe_at_ns_.compare_exchange_strong(closed, now_ns + options_.cooldown_ns, kRelaxed)) {
    opened_.fetch_add(1, kRelaxed);
  }
}

void Breaker::answered(Gate gate) {
  if (gate != Gate::Probe) return;
  for (auto& time : times_) time.store(0, kRelaxed);
  probe_at_ns_.store(0, kRelaxed);
}

Breaker::State Breaker::state(std::int64_t now_ns) const {
  State state;
  const std::int64_t probe_at = probe_at_ns_.load(kRelaxed);
  if (probe_at != 0) state.now = now_ns < probe_at ? State::Now::Open : State::Now::HalfOpen;
  state.failures = failures_.load(kRelaxed);
  state.opened = opened_.load(kRelaxed);
  state.held_back = held_back_.load(kRelaxed);
  return state;
}

}  // namespace lineup
