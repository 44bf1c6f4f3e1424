// SPDX-License-Identifier: Apache-2.0
//
// Feedback carries no time of its own: what it tells counts at the clock of the newest request,
// which is the wall's in service and the simulated one where time is simulated.
#include "facade/state/evidence.hpp"

#include <tuple>

#include "base/clock.hpp"
#include "base/hash.hpp"

namespace lineup {

namespace {

// LIMIT: rows of requests that are remembered to know a repetition; one later than that counts
// again.
constexpr std::uint32_t kExposedMax = 1U << 20;

}  // namespace

bool Evidence::Key::operator<(const Key& other) const {
  return std::tie(event, half_life_ms, items) <
         std::tie(other.event, other.half_life_ms, other.items);
}

std::shared_ptr<const ItemCounts> Evidence::counts(const PolicyEvidence& what) {
  const std::lock_guard lock(mutex_);
  // Counts that no revision has any more are not kept for ever.
  for (auto each = all_.begin(); each != all_.end();) {
    each = each->second.use_count() == 1 ? all_.erase(each) : std::next(each);
  }
  if (exposed_ == nullptr) exposed_ = std::make_unique<Repetitions>(kExposedMax);
  auto& found = all_[{what.event, what.half_life_ms, what.items}];
  if (found == nullptr) found = std::make_shared<ItemCounts>(what.items, what.half_life_ms);
  return found;
}

void Evidence::note(std::int64_t now_ms) noexcept {
  std::int64_t latest = latest_ms_.load(std::memory_order_relaxed);
  while (now_ms > latest &&
         !latest_ms_.compare_exchange_weak(latest, now_ms, std::memory_order_relaxed)) {
  }
}

void Evidence::hear(std::string_view request_id, const Told& told) {
  const std::lock_guard lock(mutex_);
  if (all_.empty()) return;
  const std::int64_t latest_ms = latest_ms_.load(std::memory_order_relaxed);
  const std::int64_t now_ms = latest_ms == INT64_MIN ? wall_ms() : latest_ms;
  for (const std::uint64_t item : told.exposed) {
    // Rows of requests without an id cannot be told apart: feedback in the same words is known.
    if (!request_id.empty() && !exposed_->is_first(mix64(hash64(request_id)) ^ item)) continue;
    for (const auto& [key, counts] : all_) {
      if (key.event.empty()) counts->add(item, 1.0, now_ms);
    }
  }
  for (const auto& [key, counts] : all_) {
    if (key.event.empty()) continue;
    const std::uint64_t type = hash64(key.event);
    for (const Told::Event& event : told.events) {
      const bool is_of_item = event.item != 0;  // others speak of the page
      if (is_of_item && event.type == type && event.value > 0.0) {
        counts->add(event.item, event.value, now_ms);
      }
    }
  }
}

std::vector<Evidence::Status> Evidence::status() const {
  std::vector<Status> out;
  const std::lock_guard lock(mutex_);
  for (const auto& [key, counts] : all_) {
    out.push_back({key.event, key.half_life_ms, counts->totals()});
  }
  return out;
}

}  // namespace lineup
