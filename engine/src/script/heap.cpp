// SPDX-License-Identifier: Apache-2.0
//
// What is capped is what was taken from the system, not what Lua holds: the cap then bounds the
// process, whatever the pattern of use. A block that is given back serves its own class only.
#include "script/heap.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace lineup {

namespace {
// LIMIT: the first chunk holds a state with its libraries and some rules; later ones are larger, so
// that a state at its cap has few chunks.
constexpr std::size_t kFirstChunkBytes = 64 * 1024;
constexpr std::size_t kChunkBytes = 256 * 1024;
}  // namespace

Heap::~Heap() = default;

std::size_t Heap::class_of(std::size_t size) {
  if (size <= kFineMax) return (std::max<std::size_t>(size, 1) - 1) / 16;
  std::size_t index = kFineMax / 16;
  for (std::size_t bytes = kFineMax * 2; bytes < size; bytes *= 2) ++index;
  return index;
}

std::size_t Heap::class_bytes(std::size_t index) {
  constexpr std::size_t kFineClasses = kFineMax / 16;
  return index < kFineClasses ? (index + 1) * 16 : (kFineMax * 2) << (index - kFineClasses);
}

void* Heap::take(std::size_t size, bool may_exceed) {
  if (size <= kPooledMax) return take_pooled(class_of(size), may_exceed);
  if (!may_exceed && reserved_ + size > bytes_max_) return nullptr;
  void* block = std::malloc(size);
  if (block != nullptr) reserved_ += size;
  return block;
}

void* Heap::take_pooled(std::size_t index, bool may_exceed) {
  if (Free* block = free_[index]; block != nullptr) {
    free_[index] = block->next;
    return block;
  }
  const std::size_t bytes = class_bytes(index);
  if (left_ < bytes) {
    const std::size_t chunk = chunks_.empty() ? kFirstChunkBytes : kChunkBytes;
    if (!may_exceed && reserved_ + chunk > bytes_max_) return nullptr;
    std::unique_ptr<std::byte[]> fresh(new (std::nothrow) std::byte[chunk]);
    if (fresh == nullptr) return nullptr;
    next_ = fresh.get();
    left_ = chunk;
    reserved_ += chunk;
    chunks_.push_back(std::move(fresh));
  }
  void* block = next_;
  next_ += bytes;
  left_ -= bytes;
  return block;
}

void Heap::release(void* block, std::size_t size) {
  if (size > kPooledMax) {
    std::free(block);
    reserved_ -= size;
    return;
  }
  auto* freed = static_cast<Free*>(block);
  Free*& list = free_[class_of(size)];
  freed->next = list;
  list = freed;
}

void* Heap::resize(void* block, std::size_t old_size, std::size_t new_size) {
  if (old_size <= kPooledMax && new_size <= kPooledMax &&
      class_of(old_size) == class_of(new_size)) {
    return block;
  }
  void* moved = take(new_size, new_size <= old_size);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, block, std::min(old_size, new_size));
  release(block, old_size);
  return moved;
}

}  // namespace lineup
