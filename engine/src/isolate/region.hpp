// SPDX-License-Identifier: Apache-2.0
//
// The memory that the service and one worker share. Both map it at the same address, so that what
// stands in it may point into it: a request is written there once, as the structs that nodes are
// called with, and read where it lies.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "node/run.hpp"

namespace lineup {

// LIMIT: bytes of a region. Only what is written is ever backed by memory; a request of 10 000 rows
// with twenty columns and an embedding takes four million.
inline constexpr std::size_t kRegionBytes = 64ULL << 20;

// What the worker is asked to do.
enum class Command : std::uint32_t { SetUp, Score, Generate, Evaluate };

// Whose turn it is. A 32-bit word that both sides wait for (futex).
enum class Turn : std::uint32_t { Service, Worker, Gone };

// One call, all of it in the region.
struct SharedCall {
  NodeRequest request;  // without schema and arena, which are the worker's own
  Batch batch;
  Problem problem;
  SlateSet slates;
  std::span<std::span<double>> outputs;
  std::span<double> values;
};

// The beginning of the region.
struct Mailbox {
  std::atomic<std::uint32_t> turn;
  Command command;
  SharedCall call;
  // The answer. Nothing in it is trusted: the worker may have written anything.
  std::int32_t status;
  std::uint32_t message_size;
  std::uint64_t work;
  std::uint32_t retires;  // not 0: the worker ends after this answer, and that is no fault
  char message[kMessageMaxBytes];
  // Setting up: a JSON text each way.
  std::uint64_t text_size;
  std::byte* text;
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

// The descriptors that a worker finds open when it begins.
inline constexpr int kRegionDescriptor = 3;
inline constexpr int kLibraryDescriptor = 4;
// Moves a descriptor past those two, so that putting one of them in its place for a worker does not
// close the other. -1 when none is left. [control]
[[nodiscard]] int out_of_the_way(int descriptor);

class Region {
 public:
  // A new region, mapped where nothing else is. Code: isolate/memory. [control]
  static Result<Region> make();
  // The worker's side: maps the region of a descriptor at `address`. Code: isolate/memory.
  // [control]
  static Result<Region> open(int descriptor, std::uintptr_t address);
  Region(Region&& other) noexcept;
  Region& operator=(Region&& other) noexcept;
  ~Region();

  [[nodiscard]] Mailbox& mailbox() const { return *reinterpret_cast<Mailbox*>(base_); }
  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] std::uintptr_t address() const { return reinterpret_cast<std::uintptr_t>(base_); }
  // Where requests are written: after the mailbox, up to the end.
  [[nodiscard]] std::byte* begin() const { return base_ + (sizeof(Mailbox) + 63) / 64 * 64; }
  [[nodiscard]] std::byte* end() const { return base_ + kRegionBytes; }

 private:
  Region(std::byte* base, int descriptor) : base_(base), descriptor_(descriptor) {}
  std::byte* base_ = nullptr;
  int descriptor_ = -1;
};

// Waits until the word is no longer `value`, or until `deadline_ns` (CLOCK_MONOTONIC); may return
// early. [any]
void wait_while(std::atomic<std::uint32_t>& word, std::uint32_t value, std::int64_t deadline_ns);
// Wakes everybody who waits for the word. [any]
void wake(std::atomic<std::uint32_t>& word);

// A word that the other side may be writing: read this one time, then checked, then used.
template <typename T>
[[nodiscard]] T read_once(const T& word) {
  return __atomic_load_n(&word, __ATOMIC_RELAXED);
}

// Gives the turn to the other side and wakes it. [any]
inline void pass_turn(Mailbox& mailbox, Turn turn) {
  mailbox.turn.store(static_cast<std::uint32_t>(turn), std::memory_order_release);
  wake(mailbox.turn);
}

}  // namespace lineup
