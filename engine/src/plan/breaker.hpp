// SPDX-License-Identifier: Apache-2.0
//
// Stops asking what keeps failing. A breaker opens after so many failures within a window; while it
// is open nobody is let through, and after a cool-down one request at a time may try again: an
// answer closes it, another failure keeps it open. Shared by all sessions of a plan, without a
// lock: who passes while it is closed reads one atomic and writes none.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace lineup {

struct BreakerOptions {
  std::uint32_t failures = 5;  // within the window open it; 0: it never opens
  std::int64_t window_ns = 10'000'000'000;
  std::int64_t cooldown_ns = 5'000'000'000;
};

class Breaker {
 public:
  // LIMIT: failures that can be waited for; their times are kept.
  static constexpr std::uint32_t kFailuresMax = 64;

  explicit Breaker(const BreakerOptions& options) : options_(options) {}

  // What a request may do. Probe: it may, and whether it succeeds decides.
  enum class Gate : std::uint8_t { Closed, Probe, Open };

  // Asked once per request, whose outcome is then told by failed() or answered() unless the gate
  // was Open. A probe that is never told of gives way to another after a cool-down. [request]
  [[nodiscard]] Gate ask(std::int64_t now_ns);
  void failed(Gate gate, std::int64_t now_ns);
  void answered(Gate gate);

  struct State {
    enum class Now : std::uint8_t { Closed, HalfOpen, Open } now = Now::Closed;
    std::uint64_t failures = 0;   // all there were
    std::uint64_t opened = 0;     // how often it opened
    std::uint64_t held_back = 0;  // requests that were not let through
  };
  [[nodiscard]] State state(std::int64_t now_ns) const;

 private:
  BreakerOptions options_;
  // 0: closed. Else the moment from which a request may probe. A probe moves it on, so that nobody
  // else probes meanwhile.
  std::atomic<std::int64_t> probe_at_ns_{0};
  std::array<std::atomic<std::int64_t>, kFailuresMax> times_{};  // a ring of the last failures
  std::atomic<std::uint32_t> next_{0};
  std::atomic<std::uint64_t> failures_{0};
  std::atomic<std::uint64_t> opened_{0};
  std::atomic<std::uint64_t> held_back_{0};
};

}  // namespace lineup
