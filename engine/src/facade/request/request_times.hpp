// SPDX-License-Identifier: Apache-2.0
//
// How long requests took, counted where they were served: one set of counters for each session,
// which one thread at a time writes, summed up by whoever reads.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace lineup {

// Upper bounds of the classes, nanoseconds; what took longer is in the last one.
inline constexpr std::array<std::int64_t, 14> kTimeBoundsNs = {
    5'000,     10'000,    20'000,    50'000,     100'000,    200'000,    500'000,
    1'000'000, 2'000'000, 5'000'000, 10'000'000, 20'000'000, 50'000'000, 100'000'000};

struct RequestTimes {
  std::array<std::atomic<std::uint64_t>, kTimeBoundsNs.size() + 1> counts{};
  std::atomic<std::uint64_t> sum_ns{0};
  std::atomic<std::uint64_t> deadline_misses{0};  // the search was cut by the clock

  // One writer at a time, so that nothing has to be locked or exchanged. [request]
  void add(std::int64_t elapsed_ns, bool missed_deadline) noexcept {
    std::size_t at = 0;
    while (at < kTimeBoundsNs.size() && elapsed_ns > kTimeBoundsNs[at]) ++at;
    increase(counts[at], 1);
    increase(sum_ns, static_cast<std::uint64_t>(elapsed_ns > 0 ? elapsed_ns : 0));
    if (missed_deadline) increase(deadline_misses, 1);
  }

 private:
  static void increase(std::atomic<std::uint64_t>& counter, std::uint64_t by) noexcept {
    counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
};

}  // namespace lineup
