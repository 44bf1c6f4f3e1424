// SPDX-License-Identifier: Apache-2.0
//
// Memory that ends where a page ends that nobody may touch: a plugin that reads or writes one byte
// too many dies of it, in the process that tries it. Inputs are sealed: writing them is fatal too.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

namespace lineup {

class GuardedMemory {
 public:
  GuardedMemory() = default;
  ~GuardedMemory();
  GuardedMemory(const GuardedMemory&) = delete;
  GuardedMemory& operator=(const GuardedMemory&) = delete;

  // `size` bytes whose end touches the guard. Never null: throws std::bad_alloc.
  std::byte* allocate_bytes(std::size_t size, std::size_t alignment);
  template <typename T>
  std::span<T> allocate(std::size_t count) {
    return {reinterpret_cast<T*>(allocate_bytes(count * sizeof(T), alignof(T))), count};
  }
  template <typename T>
  std::span<T> copy(std::span<const T> from) {
    const auto to = allocate<T>(from.size());
    if (!from.empty()) std::memcpy(to.data(), from.data(), from.size_bytes());
    return to;
  }
  // From now on what was allocated so far can only be read.
  void seal();

 private:
  struct Block {
    std::byte* begin = nullptr;
    std::size_t usable = 0;
    std::size_t size = 0;
  };
  std::vector<Block> blocks_;
};

}  // namespace lineup
