// SPDX-License-Identifier: Apache-2.0
//
// Work is counted, not timed, so that the same problem gives the same answer on every machine. The
// clock is read now and then, and only when there is a deadline.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.hpp"
#include "constraint/solve.hpp"

namespace lineup {

class Meter {
 public:
  explicit Meter(const SolveOptions& options)
      : limit_(options.work_limit),
        phase_end_(options.work_limit),
        deadline_ns_(options.deadline_ns) {}

  void spend(std::uint64_t units) {
    used_ += units;
    if (deadline_ns_ != 0 && used_ >= next_reading_) read_clock();
  }
  // Whether the current phase has to end.
  [[nodiscard]] bool is_over() const { return used_ >= phase_end_ || is_late_; }
  [[nodiscard]] bool is_spent() const { return used_ >= limit_ || is_late_; }
  [[nodiscard]] bool is_late() const { return is_late_; }
  [[nodiscard]] std::uint64_t used() const { return used_; }
  [[nodiscard]] std::uint64_t left() const { return used_ < limit_ ? limit_ - used_ : 0; }

  // The next phase may use so many units, never more than are left.
  void start_phase(std::uint64_t units) { phase_end_ = used_ + std::min(units, left()); }
  void end_phase() { phase_end_ = limit_; }
  // From now on only so many units are left, if more were.
  void allow(std::uint64_t units) {
    if (units >= left()) return;
    limit_ = used_ + units;
    phase_end_ = std::min(phase_end_, limit_);
  }
  // No more work makes sense.
  void stop() { phase_end_ = limit_ = 0; }

 private:
  // LIMIT: units between two readings of the clock: some 50 us of search.
  static constexpr std::uint64_t kUnitsPerReading = 4096;
  // LIMIT: units before the first: pages that need no search do not pay for a clock.
  static constexpr std::uint64_t kFirstReading = 512;

  void read_clock() {
    next_reading_ = used_ + kUnitsPerReading;
    is_late_ = is_late_ || monotonic_ns() >= deadline_ns_;
  }

  std::uint64_t used_ = 0;
  std::uint64_t limit_;
  std::uint64_t phase_end_;
  std::uint64_t next_reading_ = kFirstReading;
  std::int64_t deadline_ns_;
  bool is_late_ = false;
};

}  // namespace lineup
