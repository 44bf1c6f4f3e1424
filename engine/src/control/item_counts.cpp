// SPDX-License-Identifier: Apache-2.0
//
// With a half-life h a value v that was told at t is worth v * 2^-((now - t) / h). The sum over all
// of an item, s = sum of v * 2^(t / h), does not depend on `now`; kept as its logarithm it neither
// overflows nor needs a time beside it, so that a reader always sees one whole word. What was read
// while the place went to another item counts as unknown, which the item is about to be.
#include "control/item_counts.hpp"

#include <algorithm>
#include <cmath>

#include "base/hash.hpp"

namespace lineup {

namespace {

// No item has the key of an empty place.
std::uint64_t key_of(std::uint64_t item) { return item == 0 ? 1 : item; }

std::size_t eights(std::uint32_t count) { return std::max<std::size_t>(1, (count + 7ULL) / 8); }

}  // namespace

ItemCounts::ItemCounts(std::uint32_t items, std::int64_t half_life_ms)
    : half_life_ms_(half_life_ms),
      buckets_(eights(items)),
      places_(std::make_unique<Place[]>(buckets_ * kWays)) {
  totals_.places = buckets_ * kWays;
}

ItemCounts::Place* ItemCounts::bucket(std::uint64_t item) const {
  return &places_[mix64(item) % buckets_ * kWays];
}

double ItemCounts::half_lives(std::int64_t now_ms) const {
  return static_cast<double>(now_ms) / static_cast<double>(half_life_ms_);
}

double ItemCounts::read(std::uint64_t item, std::int64_t now_ms) const noexcept {
  const std::uint64_t key = key_of(item);
  const Place* places = bucket(key);
  for (std::size_t way = 0; way < kWays; ++way) {
    const Place& place = places[way];
    const std::uint32_t hands = place.hands.load(std::memory_order_acquire);
    if (place.item.load(std::memory_order_acquire) != key) continue;
    const double sum = place.sum.load(std::memory_order_acquire);
    const bool is_its_own = hands % 2 == 0 && place.hands.load(std::memory_order_relaxed) == hands;
    if (!is_its_own) return 0.0;
    if (half_life_ms_ == 0) return sum;
    // A request whose clock is behind sees what there is, and not what it will have been worth.
    const std::int64_t at_ms = std::max(now_ms, latest_ms_.load(std::memory_order_relaxed));
    return std::exp2(sum - half_lives(at_ms));
  }
  return 0.0;
}

ItemCounts::Place& ItemCounts::place_of(std::uint64_t item) {
  Place* places = bucket(item);
  Place* oldest = places;
  for (std::size_t way = 0; way < kWays; ++way) {
    if (places[way].item.load(std::memory_order_relaxed) == item) return places[way];
    if (places[way].heard < oldest->heard) oldest = &places[way];
  }
  if (oldest->heard == 0) {
    ++totals_.items;
  } else {
    ++totals_.forgotten;
  }
  hand_over(*oldest, item);
  return *oldest;
}

void ItemCounts::hand_over(Place& place, std::uint64_t item) const {
  const std::uint32_t hands = place.hands.load(std::memory_order_relaxed);
  // Whoever sees a store below sees this one.
  place.hands.store(hands + 1, std::memory_order_relaxed);
  place.item.store(item, std::memory_order_release);
  place.sum.store(half_life_ms_ == 0 ? 0.0 : -HUGE_VAL, std::memory_order_release);
  place.hands.store(hands + 2, std::memory_order_release);
}

void ItemCounts::add(std::uint64_t item, double value, std::int64_t now_ms) {
  const std::uint64_t key = key_of(item);
  const std::lock_guard lock(mutex_);
  Place& place = place_of(key);
  place.heard = ++heard_;
  const double before = place.sum.load(std::memory_order_relaxed);
  double after = before + value;
  if (half_life_ms_ != 0) {
    latest_ms_.store(std::max(now_ms, latest_ms_.load(std::memory_order_relaxed)),
                     std::memory_order_relaxed);
    const double more = std::log2(value) + half_lives(now_ms);
    const double larger = std::max(before, more);
    after = larger + std::log2(std::exp2(before - larger) + std::exp2(more - larger));
  }
  place.sum.store(after, std::memory_order_release);
}

ItemCounts::Totals ItemCounts::totals() const {
  const std::lock_guard lock(mutex_);
  return totals_;
}

Repetitions::Repetitions(std::uint32_t keys) : buckets_(eights(keys)) {}

bool Repetitions::is_first(std::uint64_t key) {
  const std::uint64_t wanted = key_of(key);
  auto& bucket = buckets_[mix64(wanted) % buckets_.size()];
  if (std::find(bucket.begin(), bucket.end(), wanted) != bucket.end()) return false;
  std::rotate(bucket.begin(), bucket.end() - 1, bucket.end());
  bucket.front() = wanted;
  return true;
}

}  // namespace lineup
