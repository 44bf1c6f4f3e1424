// SPDX-License-Identifier: Apache-2.0
//
// Counts what a thread allocates by standing before the C library's allocator: a program's own
// malloc is found before the library's by everything it loads, plugins and the C++ runtime
// included. Sanitizers stand at the same place, so with them nobody counts.
#include "allocation_count.hpp"

#include <cstddef>

namespace {

thread_local std::uint64_t t_count = 0;

}  // namespace

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && defined(__GLIBC__)

extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

__attribute__((visibility("default"))) void* malloc(std::size_t size) {
  ++t_count;
  return __libc_malloc(size);
}
__attribute__((visibility("default"))) void* calloc(std::size_t count, std::size_t size) {
  ++t_count;
  return __libc_calloc(count, size);
}
__attribute__((visibility("default"))) void* realloc(void* memory, std::size_t size) {
  ++t_count;
  return __libc_realloc(memory, size);
}
__attribute__((visibility("default"))) void* aligned_alloc(std::size_t alignment,
                                                           std::size_t size) {
  ++t_count;
  return __libc_memalign(alignment, size);
}
}

bool lineup_probe_counts() { return true; }

#else

bool lineup_probe_counts() { return false; }

#endif

std::uint64_t lineup_probe_allocations() { return t_count; }
