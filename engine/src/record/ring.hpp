// SPDX-License-Identifier: Apache-2.0
//
// A ring of slots, each with a try-lock of its own. Writers take the next free slot and step over
// one that is being read; readers wait for a writer, never the other way round. Inside this folder
// only.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

namespace lineup {

template <typename Payload>
class Ring {
 public:
  // REQUIRES: count > 0.
  explicit Ring(std::uint32_t count) : count_(count), slots_(std::make_unique<Slot[]>(count)) {}

  [[nodiscard]] std::uint32_t count() const { return count_; }

  // Lets `write(payload, ticket)` fill a slot; false when every slot tried was taken. `write` says
  // whether the slot now holds something.
  template <typename Write>
  bool put(Write&& write) noexcept {
    for (int tried = 0; tried < kTries; ++tried) {
      const std::uint64_t ticket = next_.fetch_add(1, std::memory_order_relaxed);
      Slot& slot = slots_[ticket % count_];
      if (!slot.try_lock()) {
        stepped_over_.fetch_add(1, std::memory_order_relaxed);
        continue;
      }
      const bool filled = write(slot.payload, ticket);
      slot.filled = filled;
      slot.unlock();
      return filled;
    }
    return false;
  }

  // Calls `look(payload)` for a slot that holds something; writers step over it meanwhile. [any]
  template <typename Look>
  void visit(std::uint32_t index, Look&& look) const {
    Slot& slot = slots_[index];
    while (!slot.try_lock()) std::this_thread::yield();
    const Unlock unlock{slot};
    if (slot.filled) look(static_cast<const Payload&>(slot.payload));
  }

  // Slots that were begun so far, filled or stepped over. [any]
  [[nodiscard]] std::uint64_t ticket_count() const { return next_.load(std::memory_order_relaxed); }

  // Before the ring is used.
  template <typename Prepare>
  void prepare(Prepare&& prepare) {
    for (std::uint32_t i = 0; i < count_; ++i) prepare(slots_[i].payload);
  }

  // How many times a slot was filled.
  [[nodiscard]] std::uint64_t put_count() const {
    const std::uint64_t stepped = stepped_over_.load(std::memory_order_relaxed);
    return next_.load(std::memory_order_relaxed) - stepped;
  }

 private:
  // LIMIT: readers hold one slot each; so many in a row are not there.
  static constexpr int kTries = 8;

  struct alignas(64) Slot {
    std::atomic<bool> taken{false};
    bool filled = false;
    Payload payload{};

    bool try_lock() { return !taken.exchange(true, std::memory_order_acquire); }
    void unlock() { taken.store(false, std::memory_order_release); }
  };
  struct Unlock {
    Slot& slot;
    ~Unlock() { slot.unlock(); }
  };

  const std::uint32_t count_;
  std::unique_ptr<Slot[]> slots_;
  alignas(64) std::atomic<std::uint64_t> next_{0};
  std::atomic<std::uint64_t> stepped_over_{0};
};

}  // namespace lineup
