// SPDX-License-Identifier: Apache-2.0
//
// Chunks double in size, so a request of any size is served by few of them. A rewind keeps the
// chunks: the same request again meets the same chunks in the same order.
#include "base/arena.hpp"

#include <algorithm>

namespace lineup {

void Arena::open(std::size_t chunk, std::size_t used) {
  chunk_ = chunk;
  at_ = begin_of(chunk) + used;
  end_ = chunk < chunks_.size() ? begin_of(chunk) + chunks_[chunk].size : 0;
}

void* Arena::allocate_in_next(std::size_t size, std::size_t alignment) {
  // The chunks that follow may be too small as well; they wait for the next rewind.
  for (std::size_t next = chunk_ + (end_ == 0 ? 0 : 1); next < chunks_.size(); ++next) {
    open(next, 0);
    if (size + alignment <= chunks_[next].size) return allocate_bytes(size, alignment);
  }
  const std::size_t chunk_size = std::max(next_chunk_bytes_, size + alignment);
  chunks_.push_back({std::make_unique_for_overwrite<std::byte[]>(chunk_size), chunk_size});
  next_chunk_bytes_ = chunk_size * 2;
  open(chunks_.size() - 1, 0);
  return allocate_bytes(size, alignment);
}

std::size_t Arena::capacity_bytes() const {
  std::size_t total = 0;
  for (const Chunk& chunk : chunks_) total += chunk.size;
  return total;
}

}  // namespace lineup
