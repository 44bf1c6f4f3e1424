// SPDX-License-Identifier: Apache-2.0
//
// Paired differences of independent units (users, requests): mean and a 95 % interval from the
// normal approximation of Student's t, which 30 units or more allow.
#pragma once

#include <cmath>
#include <cstdint>

namespace lineup::cli {

class Paired {
 public:
  void add(double a, double b) {
    ++count_;
    const double difference = b - a;
    const double step = difference - mean_;
    mean_ += step / static_cast<double>(count_);
    squares_ += step * (difference - mean_);
    a_ += a;
    b_ += b;
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] double mean_a() const {
    return count_ == 0 ? 0.0 : a_ / static_cast<double>(count_);
  }
  [[nodiscard]] double mean_b() const {
    return count_ == 0 ? 0.0 : b_ / static_cast<double>(count_);
  }
  [[nodiscard]] double difference() const { return mean_; }
  [[nodiscard]] double half_width() const {
    if (count_ < 2) return 0.0;
    const auto n = static_cast<double>(count_);
    return 1.959964 * std::sqrt(squares_ / (n - 1.0) / n);
  }
  [[nodiscard]] double low() const { return mean_ - half_width(); }
  [[nodiscard]] double high() const { return mean_ + half_width(); }

 private:
  std::uint64_t count_ = 0;
  double mean_ = 0.0, squares_ = 0.0, a_ = 0.0, b_ = 0.0;
};

}  // namespace lineup::cli
