// SPDX-License-Identifier: Apache-2.0
//
// How long many things took, in memory that does not grow with their number: 64 steps for each
// doubling, so that a percentile is right within 1.6 %.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace lineup {

class Latencies {
 public:
  void add(std::int64_t elapsed_ns) {
    ++buckets_[bucket_of(static_cast<std::uint64_t>(elapsed_ns < 1 ? 1 : elapsed_ns))];
    ++count_;
  }
  void add(const Latencies& other) {
    for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
    count_ += other.count_;
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  // The smallest that at least `share` of all do not exceed; 0 when there are none.
  [[nodiscard]] double percentile_us(double share) const {
    if (count_ == 0) return 0.0;
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_ - 1)) + 1;
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < kBuckets; ++i) {
      sum += buckets_[i];
      if (sum >= wanted) return static_cast<double>(upper_of(i)) / 1000.0;
    }
    return static_cast<double>(upper_of(kBuckets - 1)) / 1000.0;
  }

 private:
  static constexpr unsigned kStepBits = 6;
  static constexpr std::size_t kSteps = std::size_t{1} << kStepBits;
  static constexpr std::size_t kBuckets = 40 * kSteps;  // up to some minutes

  static std::size_t bucket_of(std::uint64_t ns) {
    if (ns < kSteps) return static_cast<std::size_t>(ns);
    const auto doubling = static_cast<unsigned>(std::bit_width(ns)) - 1 - kStepBits;
    const std::size_t at = (doubling + 1) * kSteps + ((ns >> doubling) & (kSteps - 1));
    return at < kBuckets ? at : kBuckets - 1;
  }
  static std::uint64_t upper_of(std::size_t bucket) {
    if (bucket < kSteps) return bucket;
    const std::size_t doubling = bucket / kSteps - 1;
    return ((bucket % kSteps + kSteps + 1) << doubling) - 1;
  }

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
};

}  // namespace lineup
