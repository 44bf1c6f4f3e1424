// SPDX-License-Identifier: Apache-2.0
//
// What a revision's requests came to, counted while it serves: what trials and the watch after an
// activation are judged by. Each session counts in a cell of its own, which nobody else writes, so
// counting takes no lock and shares no cache line.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace lineup {

// Latencies by size: eight steps for each doubling, from a microsecond to sixteen seconds.
inline constexpr std::size_t kLatencySteps = 8;
inline constexpr std::size_t kLatencyBuckets = 24 * kLatencySteps;
// [any]
[[nodiscard]] std::size_t latency_bucket(std::int64_t elapsed_ns) noexcept;
// The upper end of a bucket.
[[nodiscard]] std::int64_t latency_of(std::size_t bucket) noexcept;

// How one request ended.
struct RequestOutcome {
  bool is_error = false;
  bool is_fallback = false;
  bool is_empty = false;   // no slot was filled though there were rows
  bool is_late = false;    // the deadline cut it
  bool is_breach = false;  // a rule or a node broke its budget
  std::int64_t elapsed_ns = 0;
};

// Sums, and how two revisions' pages compare where they were compared.
struct Tally {
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;
  std::uint64_t fallbacks = 0;
  std::uint64_t empty = 0;
  std::uint64_t late = 0;
  std::uint64_t breaches = 0;
  std::uint64_t changed = 0;     // of `requests`: another page than before
  std::uint64_t violations = 0;  // more than before, summed
  std::array<std::uint64_t, kLatencyBuckets> latencies{};

  void add(const RequestOutcome& outcome) noexcept;
  // 0 while nothing was counted.
  [[nodiscard]] std::int64_t p99_ns() const noexcept;
  // What came after `earlier`, a tally of the same revision.
  [[nodiscard]] Tally since(const Tally& earlier) const noexcept;
};

class Traffic {
 public:
  explicit Traffic(std::uint32_t session_count);
  // REQUIRES: the session is the caller's. [request]
  void add(std::uint32_t session, const RequestOutcome& outcome) noexcept;
  [[nodiscard]] Tally sum() const noexcept;  // [any]

 private:
  struct alignas(64) Cell {
    std::array<std::atomic<std::uint64_t>, 6> counts{};
    std::array<std::atomic<std::uint32_t>, kLatencyBuckets> latencies{};
  };
  std::uint32_t session_count_;
  std::unique_ptr<Cell[]> cells_;
};

}  // namespace lineup
