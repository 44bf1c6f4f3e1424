// SPDX-License-Identifier: Apache-2.0
#include "rollout/traffic.hpp"

#include <algorithm>
#include <bit>

namespace lineup {

namespace {

constexpr int kSmallestLog = 10;  // 1024 ns
constexpr int kStepBits = 3;

// One writer: no read-modify-write is needed, readers may see it a little later.
template <typename T>
void bump(std::atomic<T>& counter) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

}  // namespace

std::size_t latency_bucket(std::int64_t elapsed_ns) noexcept {
  if (elapsed_ns < (std::int64_t{1} << kSmallestLog)) return 0;
  const auto value = static_cast<std::uint64_t>(elapsed_ns);
  const int log = std::bit_width(value) - 1;
  const std::uint64_t step = (value >> (log - kStepBits)) & (kLatencySteps - 1);
  const std::size_t bucket = static_cast<std::size_t>(log - kSmallestLog) * kLatencySteps + step;
  return std::min(bucket, kLatencyBuckets - 1);
}

std::int64_t latency_of(std::size_t bucket) noexcept {
  const int log = kSmallestLog + static_cast<int>(bucket / kLatencySteps);
  const auto step = static_cast<std::int64_t>(bucket % kLatencySteps) + 1;
  return (std::int64_t{1} << log) + (step << (log - kStepBits));
}

void Tally::add(const RequestOutcome& outcome) noexcept {
  ++requests;
  errors += outcome.is_error ? 1U : 0U;
  fallbacks += outcome.is_fallback ? 1U : 0U;
  empty += outcome.is_empty ? 1U : 0U;
  late += outcome.is_late ? 1U : 0U;
  breaches += outcome.is_breach ? 1U : 0U;
  ++latencies[latency_bucket(outcome.elapsed_ns)];
}

std::int64_t Tally::p99_ns() const noexcept {
  std::uint64_t all = 0;
  for (const std::uint64_t count : latencies) all += count;
  if (all == 0) return 0;
  std::uint64_t above = all / 100;
  for (std::size_t bucket = kLatencyBuckets; bucket-- > 0;) {
    if (latencies[bucket] > above) return latency_of(bucket);
    above -= latencies[bucket];
  }
  return latency_of(0);
}

Tally Tally::since(const Tally& earlier) const noexcept {
  Tally out = *this;
  out.requests -= earlier.requests;
  out.errors -= earlier.errors;
  out.fallbacks -= earlier.fallbacks;
  out.empty -= earlier.empty;
  out.late -= earlier.late;
  out.breaches -= earlier.breaches;
  out.changed -= earlier.changed;
  out.violations -= earlier.violations;
  for (std::size_t i = 0; i < kLatencyBuckets; ++i) out.latencies[i] -= earlier.latencies[i];
  return out;
}

Traffic::Traffic(std::uint32_t session_count)
    : session_count_(session_count), cells_(std::make_unique<Cell[]>(session_count)) {}

void Traffic::add(std::uint32_t session, const RequestOutcome& outcome) noexcept {
  Cell& cell = cells_[session];
  bump(cell.counts[0]);
  if (outcome.is_error) bump(cell.counts[1]);
  if (outcome.is_fallback) bump(cell.counts[2]);
  if (outcome.is_empty) bump(cell.counts[3]);
  if (outcome.is_late) bump(cell.counts[4]);
  if (outcome.is_breach) bump(cell.counts[5]);
  bump(cell.latencies[latency_bucket(outcome.elapsed_ns)]);
}

Tally Traffic::sum() const noexcept {
  Tally out;
  const auto read = [](const auto& counter) { return counter.load(std::memory_order_relaxed); };
  for (std::uint32_t i = 0; i < session_count_; ++i) {
    const Cell& cell = cells_[i];
    out.requests += read(cell.counts[0]);
    out.errors += read(cell.counts[1]);
    out.fallbacks += read(cell.counts[2]);
    out.empty += read(cell.counts[3]);
    out.late += read(cell.counts[4]);
    out.breaches += read(cell.counts[5]);
    for (std::size_t b = 0; b < kLatencyBuckets; ++b) out.latencies[b] += read(cell.latencies[b]);
  }
  return out;
}

}  // namespace lineup
