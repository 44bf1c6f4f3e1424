// SPDX-License-Identifier: Apache-2.0
#include "inject/memory_faults.hpp"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace lineup {

namespace {

std::atomic<std::int64_t> left{0};  // 0: not armed

bool fails() {
  if (left.load(std::memory_order_relaxed) <= 0) return false;
  return left.fetch_sub(1, std::memory_order_relaxed) == 1;
}

std::atomic<bool> did_fail{false};

void* take(std::size_t size, std::size_t alignment) {
  if (fails()) {
    did_fail = true;
    return nullptr;
  }
  if (alignment <= alignof(std::max_align_t)) return std::malloc(size == 0 ? 1 : size);
  return std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

void* take_or_throw(std::size_t size, std::size_t alignment) {
  void* block = take(size, alignment);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

}  // namespace

void arm_memory(std::uint64_t nth) {
  did_fail = false;
  left = static_cast<std::int64_t>(nth);
}
bool disarm_memory() {
  left = 0;
  return did_fail;
}

}  // namespace lineup

void* operator new(std::size_t size) { return lineup::take_or_throw(size, 1); }
void* operator new[](std::size_t size) { return lineup::take_or_throw(size, 1); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return lineup::take_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return lineup::take_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return lineup::take(size, 1);
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete[](void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
void operator delete[](void* block, std::size_t) noexcept { std::free(block); }
void operator delete(void* block, std::align_val_t) noexcept { std::free(block); }
void operator delete[](void* block, std::align_val_t) noexcept { std::free(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { std::free(block); }
void operator delete[](void* block, std::size_t, std::align_val_t) noexcept { std::free(block); }
