// SPDX-License-Identifier: Apache-2.0
//
// A controller holds a target by moving a dial. It hears what was shown to whom, late and with
// losses, and every sample comes with the value that the controller had given out when that page
// was made. A step does not add to the present value but to the value that its samples were made
// under: what is on its way and not heard of yet is so never corrected a second time, however late
// feedback is, and the integral cannot run away from a dial that stands at its bound.
//
// (The velocity form of a PID with external reset through the dead time; Shinskey, PID-deadtime
// control of distributed processes, 2001.)
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <mutex>
#include <string>
#include <string_view>

namespace lineup {

// What a policy says of one controller; see policies/README.md.
struct ControllerSpec {
  double target = 0.0;
  double tolerance = 0.0;
  double scale = 1.0;  // of the measure: 1000 for `per_thousand`
  double start = 0.0;  // the dial's value in the policy
  double min = 0.0;    // of the dial
  double max = 0.0;
  double max_step = 0.0;
  double p = 0.0;  // dial units per unit of error
  double i = 0.0;
  double d = 0.0;
  double trend = 0.0;  // share of an error that is aimed further from then on
  std::int64_t every_ms = 60'000;
  std::uint64_t exposures = 1000;  // that a step needs
  std::uint64_t warm_up = 2000;    // before the first step
  std::int64_t patience_ms = 7'200'000;
  std::int64_t give_up_ms = 3'600'000;
  std::int64_t retry_ms = 14'400'000;
  bool releases_unheard = false;     // without feedback; else it holds
  bool releases_unreachable = true;  // when the target cannot be met; else it holds
  bool is_on = true;                 // false: by a switch
};

enum class ControllerState : std::uint8_t {
  WarmingUp,
  Holding,    // within the tolerance
  Moving,     // towards the target
  Unheard,    // no feedback for longer than its patience
  GivenUp,    // the dial stood at its bound and the target was not met
  Overruled,  // somebody else sets the dial
  Off,
};
[[nodiscard]] std::string_view name_of(ControllerState state);

// One page of which feedback came.
struct ControlSample {
  double exposed = 0.0;     // rows that were seen
  double value = 0.0;       // the sum of what they count
  double output = 0.0;      // that the controller had given out for it; the policy's value before
  bool is_followed = true;  // false: the page was made under another value of the dial
};

// Thread safe; requests read the output without a lock.
class Controller {
 public:
  // What requests use instead of the policy's value; NaN: that counts. [request]
  [[nodiscard]] double output(std::int64_t now_ms) const {
    return now_ms < expires_ms_.load(std::memory_order_relaxed)
               ? output_.load(std::memory_order_relaxed)
               : std::numeric_limits<double>::quiet_NaN();
  }

  // Takes the target and gains of the revision that serves now. What was heard and given out so far
  // stands, within the new bounds. [control]
  void configure(const ControllerSpec& spec);
  // Hears of one page, at the clock of the newest request. [any]
  void hear(const ControlSample& sample, std::int64_t now_ms);
  // Looks at the clock: what is due when nothing is heard. [any]
  void look(std::int64_t now_ms);

  struct Status {
    ControllerState state = ControllerState::WarmingUp;
    double target = 0.0;
    double measured = std::numeric_limits<double>::quiet_NaN();  // of the last step
    double output = std::numeric_limits<double>::quiet_NaN();
    double min = 0.0;
    double max = 0.0;
    std::uint64_t steps = 0;
    std::uint64_t exposures = 0;  // heard of in all
    std::uint64_t given_up = 0;   // how often
    std::int64_t heard_ms = 0;    // when feedback came last; 0: never
    std::int64_t since_ms = 0;    // of the state
  };
  [[nodiscard]] Status status() const;
  // A sentence for the log when the controller gave up or went back to work since the last call;
  // empty: neither.
  [[nodiscard]] std::string news();

 private:
  struct Window {
    double exposed = 0.0;
    double value = 0.0;
    double base = 0.0;  // sum of outputs, by exposure
    double followed = 0.0;
  };
  void step(std::int64_t now_ms);
  void move(double error, double base, std::int64_t now_ms);
  [[nodiscard]] bool is_stuck(double error, double base) const;
  void enter(ControllerState state, std::int64_t now_ms);
  void give_out(double value, std::int64_t now_ms);
  void release();

  mutable std::mutex mutex_;
  ControllerSpec spec_;
  Status status_;
  Window window_;
  double given_ = std::numeric_limits<double>::quiet_NaN();  // NaN: none is given out
  double lead_ = 0.0;                                        // what is aimed at beyond the target
  double error_ = 0.0;                                       // of the last step
  double error_before_ = 0.0;
  std::uint64_t errors_ = 0;  // how many of the two are known
  std::int64_t due_ms_ = 0;
  std::int64_t stuck_since_ms_ = 0;  // 0: it is not
  std::string news_;
  std::atomic<double> output_{std::numeric_limits<double>::quiet_NaN()};
  std::atomic<std::int64_t> expires_ms_{std::numeric_limits<std::int64_t>::max()};
};

}  // namespace lineup
