// SPDX-License-Identifier: Apache-2.0
//
// The memory of one Lua state: capped, and taken from the system in chunks that are kept, so that a
// state that is warm serves without asking the system for memory.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

namespace lineup {

// Blocks of up to kPooledMax bytes come from chunks by size class; larger ones from malloc. Not
// thread safe.
class Heap {
 public:
  explicit Heap(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  ~Heap();
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  // Null when the cap or the system forbids it.
  void* allocate(std::size_t size) { return take(size, false); }
  void release(void* block, std::size_t size);
  // Keeps the contents. Shrinking never fails for the cap, because Lua relies on that; null leaves
  // the block as it was.
  void* resize(void* block, std::size_t old_size, std::size_t new_size);
  // What was taken from the system: chunks whole, whether used or not.
  [[nodiscard]] std::size_t reserved_bytes() const { return reserved_; }

 private:
  struct Free {
    Free* next;
  };
  static constexpr std::size_t kFineMax = 512;  // classes every 16 bytes up to here, then doubling
  static constexpr std::size_t kPooledMax = 32768;
  static constexpr std::size_t kClasses = kFineMax / 16 + 6;

  static std::size_t class_of(std::size_t size);
  static std::size_t class_bytes(std::size_t index);
  void* take(std::size_t size, bool may_exceed);
  void* take_pooled(std::size_t index, bool may_exceed);

  std::size_t bytes_max_;
  std::size_t reserved_ = 0;
  std::array<Free*, kClasses> free_{};
  std::vector<std::unique_ptr<std::byte[]>> chunks_;
  std::byte* next_ = nullptr;  // the rest of the newest chunk
  std::size_t left_ = 0;
};

}  // namespace lineup
