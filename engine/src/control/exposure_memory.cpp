// SPDX-License-Identifier: Apache-2.0
//
// A page's place follows from its request's id: eight places each, of which the oldest gives way.
// How many pages come in is bounded, so that a busy hour does not push out the one before while its
// feedback is on the way. Which ones is drawn by the id too, with the share that the interval
// before would have fitted with: whoever is let in by the clock instead is, of pages that a user
// opens one after the other, always the first, and what is measured is then true of first pages.
#include "control/exposure_memory.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace lineup {

namespace {

// Intervals of the time that pages are kept for; a rush is met after one of them.
constexpr std::int64_t kIntervals = 32;
// Places are filled by chance: only so many of all are given out, lest some overflow.
constexpr double kFilledShare = 2.0;
// Sets what is drawn here apart from what places are found by.
constexpr std::uint64_t kDraw = 0x9e3779b97f4a7c15ULL;

}  // namespace

void ExposureMemory::reserve() {
  if (is_ready_.load()) return;
  buckets_ = std::max<std::size_t>(1, pages_ / kWays);
  memory_ = std::make_unique<Page[]>(buckets_ * kWays);
  is_ready_.store(true);
}

bool ExposureMemory::admits(std::uint64_t request, std::int64_t now_ms) noexcept {
  const std::int64_t interval = now_ms / std::max<std::int64_t>(1, keep_ms_ / kIntervals);
  std::int64_t present = interval_.load(std::memory_order_relaxed);
  // A clock that goes back, as in a replay, stays in the interval where it was.
  if (interval > present &&
      interval_.compare_exchange_strong(present, interval, std::memory_order_relaxed)) {
    const double came = arrived_.exchange(0, std::memory_order_relaxed);
    const double fit = pages_ / kFilledShare / static_cast<double>(kIntervals);
    const bool is_next = interval == present + 1;
    share_.store(is_next && came > fit ? fit / came : 1.0, std::memory_order_relaxed);
  }
  arrived_.fetch_add(1, std::memory_order_relaxed);
  const double drawn = static_cast<double>(mix64(request ^ kDraw) >> 11) * 0x1p-53;
  return drawn < share_.load(std::memory_order_relaxed);
}

void ExposureMemory::fill(Page& page, const PageNote& note) noexcept {
  page.request = note.request;
  page.now_ms = note.now_ms;
  page.items = static_cast<std::uint32_t>(std::min(note.items.size(), kRememberedSlots));
  page.controllers = static_cast<std::uint32_t>(std::min(note.controllers.size(), kControllersMax));
  page.seen = 0;
  std::copy_n(note.items.begin(), page.items, page.item.begin());
  for (std::size_t c = 0; c < page.controllers; ++c) {
    page.who[c] = note.controllers[c];
    page.event[c] = note.events[c];
    page.output[c] = note.outputs[c];
    page.followed[c] = note.followed[c];
    std::copy_n(note.values.begin() + static_cast<std::ptrdiff_t>(c * note.items.size()),
                page.items, page.value.begin() + static_cast<std::ptrdiff_t>(c * kRememberedSlots));
  }
}

void ExposureMemory::note(const PageNote& note) noexcept {
  std::int64_t latest = latest_ms_.load(std::memory_order_relaxed);
  while (note.now_ms > latest && !latest_ms_.compare_exchange_weak(latest, note.now_ms)) {
  }
  if (!is_ready_.load(std::memory_order_acquire) || !admits(note.request, note.now_ms)) return;
  Page* bucket = &memory_[mix64(note.request) % buckets_ * kWays];
  Page* oldest = nullptr;
  for (std::size_t way = 0; way < kWays; ++way) {
    Page& page = bucket[way];
    if (page.busy.test_and_set(std::memory_order_acquire)) continue;
    // One place is held at a time but the oldest so far.
    if (oldest == nullptr || page.now_ms < oldest->now_ms || page.request == note.request) {
      if (oldest != nullptr) oldest->busy.clear(std::memory_order_release);
      oldest = &page;
      if (page.request == note.request) break;
    } else {
      page.busy.clear(std::memory_order_release);
    }
  }
  if (oldest == nullptr) return;
  fill(*oldest, note);
  oldest->busy.clear(std::memory_order_release);
}

void ExposureMemory::add_up(Page& page, const Told& told, std::span<ControlSample> samples) {
  for (std::uint32_t slot = 0; slot < page.items; ++slot) {
    const std::uint64_t bit = std::uint64_t{1} << slot;
    const std::uint64_t item = page.item[slot];
    const bool is_seen =
        std::find(told.exposed.begin(), told.exposed.end(), item) != told.exposed.end();
    const bool is_new = is_seen && (page.seen & bit) == 0;
    if (is_new) page.seen |= bit;
    for (std::uint32_t c = 0; c < page.controllers; ++c) {
      if (is_new) {
        samples[c].exposed += 1.0;
        if (page.event[c] == 0) samples[c].value += page.value[c * kRememberedSlots + slot];
      }
      if (page.event[c] == 0 || page.value[c * kRememberedSlots + slot] == 0.0F) continue;
      for (const Told::Event& event : told.events) {
        if (event.item == item && event.type == page.event[c]) samples[c].value += event.value;
      }
    }
  }
  for (std::uint32_t c = 0; c < page.controllers; ++c) {
    samples[c].output = page.output[c];
    samples[c].is_followed = page.followed[c] != 0;
  }
}

std::vector<Controller*> ExposureMemory::hear(std::uint64_t request, const Told& told) {
  if (!is_ready_.load(std::memory_order_acquire)) return {};
  Page* bucket = &memory_[mix64(request) % buckets_ * kWays];
  for (std::size_t way = 0; way < kWays; ++way) {
    Page& page = bucket[way];
    // A writer holds it for less than a microsecond.
    while (page.busy.test_and_set(std::memory_order_acquire)) {
    }
    std::vector<Controller*> who;
    std::array<ControlSample, kControllersMax> samples{};
    if (page.now_ms != INT64_MIN && page.request == request) {
      add_up(page, told, samples);
      who.assign(page.who.begin(), page.who.begin() + page.controllers);
    }
    page.busy.clear(std::memory_order_release);
    if (who.empty()) continue;
    for (std::size_t c = 0; c < who.size(); ++c) who[c]->hear(samples[c], latest_ms());
    return who;
  }
  return {};
}

}  // namespace lineup
