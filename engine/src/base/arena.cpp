// SPDX-License-Identifier: Apache-2.0
//
// Chunks double in size, so a request of any size is served by few of them. A rewind keeps the
// chunks: the same request again meets the same chunks in the same order.
#include "base/arena.hpp"

#include <algorithm>

namespace lineup {

namespace {

std::size_t aligned_up(std::uintptr_t address, std::size_t alignment) {
  return (alignment - address % alignment) % alignment;
}

}  // namespace

void* Arena::allocate_bytes(std::size_t size, std::size_t alignment) {
  for (; chunk_ < chunks_.size(); ++chunk_, used_ = 0) {
    Chunk& chunk = chunks_[chunk_];
    const auto address = reinterpret_cast<std::uintptr_t>(chunk.bytes.get()) + used_;
    const std::size_t padding = aligned_up(address, alignment);
    if (used_ + padding + size <= chunk.size) {
      used_ += padding + size;
      return reinterpret_cast<void*>(address + padding);
    }
  }
  const std::size_t chunk_size = std::max(next_chunk_bytes_, size + alignment);
  chunks_.push_back({std::make_unique_for_overwrite<std::byte[]>(chunk_size), chunk_size});
  next_chunk_bytes_ = chunk_size * 2;
  used_ = 0;
  return allocate_bytes(size, alignment);
}

void Arena::rewind(Mark mark) {
  chunk_ = mark.chunk;
  used_ = mark.used;
}

std::size_t Arena::capacity_bytes() const {
  std::size_t total = 0;
  for (const Chunk& chunk : chunks_) total += chunk.size;
  return total;
}

}  // namespace lineup
