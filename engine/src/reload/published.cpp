// SPDX-License-Identifier: Apache-2.0
//
// Hazard pointers. A session stores the entry it is about to use in its own slot and then looks
// again whether the entry is still on its shelf. A publisher first takes an entry off the shelf and
// then looks at all slots. Both do so in one total order (seq_cst), so either the session sees that
// the entry is gone and tries again, or the publisher sees the slot and lets the entry live. A
// shared_ptr that is copied per request would do the same at the price of a counter that all
// sessions write to.
#include "reload/published.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <thread>

#include "base/clock.hpp"

namespace lineup {

PublishedBase::PublishedBase(std::uint32_t session_count, std::uint32_t retained_count)
    : session_count_(session_count),
      shelf_count_(retained_count + 1),
      hazards_(std::make_unique<Hazard[]>(session_count)),
      shelves_(std::make_unique<Shelf[]>(shelf_count_)) {
  assert(session_count > 0);
}

PublishedBase::~PublishedBase() {
  assert(counts().pinned == 0);
  for (std::uint32_t i = 0; i < shelf_count_; ++i) delete shelves_[i].load();
  delete candidate_.load();
}

const void* PublishedBase::pin_current(std::uint32_t session) noexcept {
  return pin_from(current_, session, {}, true);
}

const void* PublishedBase::pin_on_trial(std::uint32_t session) noexcept {
  return pin_from(candidate_, session, {}, true);
}

const void* PublishedBase::pin_id(std::uint32_t session, std::string_view id) noexcept {
  for (std::uint32_t i = 0; i < shelf_count_; ++i) {
    if (const void* found = pin_from(shelves_[i], session, id, false)) return found;
  }
  return nullptr;
}

const void* PublishedBase::pin_from(const Shelf& place, std::uint32_t session, std::string_view id,
                                    bool any_id) noexcept {
  assert(session < session_count_);
  std::atomic<const Entry*>& hazard = hazards_[session].entry;
  const Entry* entry = place.load(std::memory_order_acquire);
  while (entry != nullptr) {
    hazard.store(entry, std::memory_order_seq_cst);
    const Entry* again = place.load(std::memory_order_seq_cst);
    if (again == entry) {
      // INVARIANT: from here to unpin() the entry is not destroyed.
      if (any_id || entry->id == id) return entry->revision.get();
      break;
    }
    entry = again;
  }
  hazard.store(nullptr, std::memory_order_release);
  return nullptr;
}

void PublishedBase::unpin(std::uint32_t session) noexcept {
  assert(session < session_count_);
  hazards_[session].entry.store(nullptr, std::memory_order_release);
}

void PublishedBase::publish(std::string id, std::shared_ptr<const void> revision) {
  place(std::move(id), std::move(revision));
  collect();
}

void PublishedBase::place(std::string id, std::shared_ptr<const void> revision) {
  assert(revision != nullptr);
  const std::lock_guard lock(mutex_);
  retired_.reserve(retired_.size() + 1);
  // What is retained and serves again stays where it is.
  for (std::uint32_t i = 0; i < shelf_count_; ++i) {
    const Entry* there = shelves_[i].load(std::memory_order_relaxed);
    if (there == nullptr || there->revision != revision || there->id != id) continue;
    there->number = ++published_;
    current_.store(there, std::memory_order_seq_cst);
    return;
  }
  std::unique_ptr<const Entry> entry;
  const Entry* on_trial = candidate_.load(std::memory_order_relaxed);
  if (on_trial != nullptr && on_trial->revision == revision && on_trial->id == id) {
    candidate_.store(nullptr, std::memory_order_seq_cst);
    entry.reset(on_trial);
    entry->number = ++published_;
  } else {
    entry = std::make_unique<const Entry>(Entry{std::move(id), std::move(revision), ++published_});
  }

  // The shelf to use: that of the same content, published before; an empty one; the oldest. Never
  // that of the revision being superseded, unless nothing is to be retained.
  Shelf* shelf = nullptr;
  std::uint64_t oldest = 0;
  for (std::uint32_t i = 0; i < shelf_count_; ++i) {
    const Entry* there = shelves_[i].load(std::memory_order_relaxed);
    const bool same = there != nullptr && there->id == entry->id;
    const std::uint64_t number = there == nullptr ? 0 : there->number;
    if (same || shelf == nullptr || number < oldest) {
      shelf = &shelves_[i];
      oldest = number;
    }
    if (same) break;
  }
  const Entry* replaced = shelf->load(std::memory_order_relaxed);
  current_.store(entry.get(), std::memory_order_seq_cst);
  shelf->store(entry.release(), std::memory_order_seq_cst);
  if (replaced != nullptr) retired_.emplace_back(replaced);
}

void PublishedBase::set_candidate(std::string id, std::shared_ptr<const void> revision) {
  std::vector<std::unique_ptr<const Entry>> dead;
  const std::lock_guard lock(mutex_);
  retired_.reserve(retired_.size() + 1);
  std::unique_ptr<const Entry> entry;
  if (revision != nullptr) {
    entry = std::make_unique<const Entry>(Entry{std::move(id), std::move(revision), 0});
  }
  const Entry* replaced = candidate_.exchange(entry.release(), std::memory_order_seq_cst);
  if (replaced != nullptr) retired_.emplace_back(replaced);
  collect_locked(dead);
}

std::size_t PublishedBase::collect() {
  std::vector<std::unique_ptr<const Entry>> dead;
  const std::lock_guard lock(mutex_);
  return collect_locked(dead);
}

std::size_t PublishedBase::collect_locked(std::vector<std::unique_ptr<const Entry>>& dead) {
  const auto is_dead = [this](const std::unique_ptr<const Entry>& entry) {
    // Nobody can copy the pointer any more: a count of one stays one.
    return !is_pinned(entry.get()) && entry->revision.use_count() == 1;
  };
  const auto first_dead =
      std::stable_partition(retired_.begin(), retired_.end(),
                            [&](const std::unique_ptr<const Entry>& e) { return !is_dead(e); });
  // Before anything is moved: where there is no memory, all stay.
  dead.reserve(dead.size() + static_cast<std::size_t>(retired_.end() - first_dead));
  std::move(first_dead, retired_.end(), std::back_inserter(dead));
  destroyed_ += dead.size();
  retired_.erase(first_dead, retired_.end());
  return retired_.size();
}

bool PublishedBase::is_pinned(const Entry* entry) const {
  for (std::uint32_t i = 0; i < session_count_; ++i) {
    if (hazards_[i].entry.load(std::memory_order_seq_cst) == entry) return true;
  }
  return false;
}

bool PublishedBase::drain(std::int64_t timeout_ns) {
  const std::int64_t deadline = monotonic_ns() + timeout_ns;
  while (collect() > 0) {
    if (monotonic_ns() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

std::string PublishedBase::current_id() const {
  const std::lock_guard lock(mutex_);
  const Entry* entry = current_.load(std::memory_order_relaxed);
  return entry == nullptr ? std::string() : entry->id;
}

std::vector<std::string> PublishedBase::retained_ids() const {
  const std::lock_guard lock(mutex_);
  std::vector<const Entry*> entries;
  for (std::uint32_t i = 0; i < shelf_count_; ++i) {
    const Entry* entry = shelves_[i].load(std::memory_order_relaxed);
    if (entry != nullptr && entry != current_.load(std::memory_order_relaxed)) {
      entries.push_back(entry);
    }
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry* a, const Entry* b) { return a->number > b->number; });
  std::vector<std::string> ids;
  for (const Entry* entry : entries) ids.push_back(entry->id);
  return ids;
}

PublishedBase::Counts PublishedBase::counts() const {
  const std::lock_guard lock(mutex_);
  Counts counts;
  counts.published = published_;
  counts.destroyed = destroyed_;
  counts.retired = retired_.size();
  for (std::uint32_t i = 0; i < shelf_count_; ++i) {
    counts.retained += shelves_[i].load(std::memory_order_relaxed) != nullptr ? 1U : 0U;
  }
  if (counts.retained > 0) --counts.retained;  // the current one
  for (std::uint32_t i = 0; i < session_count_; ++i) {
    counts.pinned += hazards_[i].entry.load(std::memory_order_relaxed) != nullptr ? 1U : 0U;
  }
  return counts;
}

std::shared_ptr<const void> PublishedBase::shared_current() const {
  const std::lock_guard lock(mutex_);
  const Entry* entry = current_.load(std::memory_order_relaxed);
  return entry == nullptr ? nullptr : entry->revision;
}

std::shared_ptr<const void> PublishedBase::shared_by_id(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  for (std::uint32_t i = 0; i < shelf_count_; ++i) {
    const Entry* entry = shelves_[i].load(std::memory_order_relaxed);
    if (entry != nullptr && entry->id == id) return entry->revision;
  }
  return nullptr;
}

}  // namespace lineup
