// SPDX-License-Identifier: Apache-2.0
//
// How often something was told of each item, in memory of a fixed size: feedback adds, requests
// read without waiting. An item has one of eight places; where all are taken, the one that was
// heard of longest ago gives way and is forgotten.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace lineup {

class ItemCounts {
 public:
  // `items`: places, rounded up to eights. What was told counts half after `half_life_ms`; 0: it
  // counts in full for ever.
  ItemCounts(std::uint32_t items, std::int64_t half_life_ms);

  // 0 for an item that is not known (any more). [request]
  [[nodiscard]] double read(std::uint64_t item, std::int64_t now_ms) const noexcept;
  // REQUIRES: value > 0. [any]
  void add(std::uint64_t item, double value, std::int64_t now_ms);

  struct Totals {
    std::uint64_t places = 0;
    std::uint64_t items = 0;
    std::uint64_t forgotten = 0;
  };
  [[nodiscard]] Totals totals() const;

 private:
  static constexpr std::size_t kWays = 8;
  struct Place {
    std::atomic<std::uint32_t> hands{0};  // that it went through, twice; odd: it changes them
    std::atomic<std::uint64_t> item{0};
    std::atomic<double> sum{0.0};  // with a half-life: see item_counts.cpp
    std::uint64_t heard = 0;       // the writer's: in which order; 0: never
  };
  [[nodiscard]] Place* bucket(std::uint64_t item) const;
  Place& place_of(std::uint64_t item);
  void hand_over(Place& place, std::uint64_t item) const;
  [[nodiscard]] double half_lives(std::int64_t now_ms) const;

  std::int64_t half_life_ms_;
  std::size_t buckets_;
  std::unique_ptr<Place[]> places_;
  mutable std::mutex mutex_;  // of those that add
  std::uint64_t heard_ = 0;
  Totals totals_;
  std::atomic<std::int64_t> latest_ms_{INT64_MIN};
};

// Tells what comes for the first time from what was there before. Memory of a fixed size: of eight
// that share a place the one that came first is forgotten. For one thread at a time.
class Repetitions {
 public:
  explicit Repetitions(std::uint32_t keys);
  // Whether `key` is new; it no longer is afterwards.
  [[nodiscard]] bool is_first(std::uint64_t key);

 private:
  static constexpr std::size_t kWays = 8;
  std::vector<std::array<std::uint64_t, kWays>> buckets_;
};

}  // namespace lineup
