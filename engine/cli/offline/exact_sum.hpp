// SPDX-License-Identifier: Apache-2.0
//
// Sums that do not depend on the order of their terms: every term is rounded to a billionth and
// added as a whole number. Parts that were summed on different machines then add up to the same
// digits as one run.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lineup::cli {

class ExactSum {
 public:
  // Terms must be finite and below 1e18.
  void add(double term) { units_ += static_cast<Units>(std::nearbyint(term * kUnit)); }
  void merge(const ExactSum& other) { units_ += other.units_; }
  [[nodiscard]] double value() const { return static_cast<double>(units_) / kUnit; }

  // As a whole number of billionths, in decimal digits.
  [[nodiscard]] std::string text() const {
    if (units_ == 0) return "0";
    std::string digits;
    const bool is_negative = units_ < 0;
    for (Units left = is_negative ? -units_ : units_; left > 0; left /= 10) {
      digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(left % 10)));
    }
    return is_negative ? "-" + digits : digits;
  }
  [[nodiscard]] static std::optional<ExactSum> read(std::string_view text) {
    ExactSum out;
    const bool is_negative = text.starts_with('-');
    if (is_negative) text.remove_prefix(1);
    if (text.empty() || text.size() > 37) return {};
    for (const char digit : text) {
      if (digit < '0' || digit > '9') return {};
      out.units_ = out.units_ * 10 + (digit - '0');
    }
    if (is_negative) out.units_ = -out.units_;
    return out;
  }

 private:
  static constexpr double kUnit = 1e9;
  __extension__ using Units = __int128;
  Units units_ = 0;
};

}  // namespace lineup::cli
