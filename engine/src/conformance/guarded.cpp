// SPDX-License-Identifier: Apache-2.0
//
// One mapping per allocation, the last page of it without any right. A size that is no multiple of
// the alignment leaves up to alignment - 1 bytes before the guard.
#include "conformance/guarded.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <new>

namespace lineup {

GuardedMemory::~GuardedMemory() {
  for (const Block& block : blocks_) ::munmap(block.begin, block.size);
}

std::byte* GuardedMemory::allocate_bytes(std::size_t size, std::size_t alignment) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  const std::size_t usable = (rounded + page - 1) / page * page;
  void* memory =
      ::mmap(nullptr, usable + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  auto* begin = static_cast<std::byte*>(memory);
  if (::mprotect(begin + usable, page, PROT_NONE) != 0) {
    ::munmap(memory, usable + page);
    throw std::bad_alloc();
  }
  blocks_.push_back({begin, usable, usable + page});
  return begin + usable - rounded;
}

void GuardedMemory::seal() {
  for (const Block& block : blocks_) {
    if (block.usable > 0) static_cast<void>(::mprotect(block.begin, block.usable, PROT_READ));
  }
}

}  // namespace lineup
