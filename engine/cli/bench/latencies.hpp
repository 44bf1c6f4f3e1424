// SPDX-License-Identifier: Apache-2.0
//
// Times of any number of requests in a fixed amount of memory.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace lineup::cli {

// Counts times in buckets that are 1/32 of their value wide, so a quantile is right to 3 %.
class Latencies {
 public:
  void add(std::int64_t nanoseconds) {
    const auto value = static_cast<std::uint64_t>(nanoseconds < 0 ? 0 : nanoseconds);
    ++buckets_[bucket_of(value)];
    ++count_;
  }
  void merge(const Latencies& other) {
    for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
    count_ += other.count_;
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  // Microseconds below which `share` of the times lie; 0 without any.
  [[nodiscard]] double quantile_us(double share) const {
    if (count_ == 0) return 0.0;
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_ - 1));
    std::uint64_t passed = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      passed += buckets_[i];
      if (passed > wanted) return static_cast<double>(middle_of(i)) / 1000.0;
    }
    return 0.0;
  }

 private:
  static constexpr unsigned kSubBits = 5;
  static constexpr std::uint64_t kSub = 1U << kSubBits;

  static std::size_t bucket_of(std::uint64_t value) {
    if (value < kSub) return value;
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - kSubBits - 1;
    return (std::size_t{shift} + 1) * kSub + ((value >> shift) - kSub);
  }
  static std::uint64_t middle_of(std::size_t bucket) {
    if (bucket < kSub) return bucket;
    const std::size_t shift = bucket / kSub - 1;
    return ((kSub + bucket % kSub) << shift) + ((std::uint64_t{1} << shift) / 2);
  }

  std::array<std::uint64_t, (64 - kSubBits + 1) * kSub> buckets_{};
  std::uint64_t count_ = 0;
};

}  // namespace lineup::cli
