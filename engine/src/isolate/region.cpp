// SPDX-License-Identifier: Apache-2.0
//
// Regions lie in a part of the address space that neither the loader, the heap nor the sanitizers
// use, one after the other; MAP_FIXED_NOREPLACE tells when a place is taken after all.
#include "isolate/region.hpp"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <ctime>
#include <new>
#include <utility>

#include "native/file.hpp"

namespace lineup {

namespace {

constexpr std::uintptr_t kFirstAddress = 0x2000'0000'0000;
// LIMIT: places tried for one region.
constexpr int kPlacesTried = 4096;

std::byte* map_at(int descriptor, std::uintptr_t address) {
  void* memory = ::mmap(reinterpret_cast<void*>(address), kRegionBytes, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_FIXED_NOREPLACE, descriptor, 0);
  if (memory == MAP_FAILED) return nullptr;
  if (reinterpret_cast<std::uintptr_t>(memory) == address) return static_cast<std::byte*>(memory);
  ::munmap(memory, kRegionBytes);  // a kernel that does not know the flag
  return nullptr;
}

}  // namespace

int out_of_the_way(int descriptor) {
  if (descriptor < 0) return descriptor;
  constexpr int kFirst = 16;
  const int moved = ::fcntl(descriptor, F_DUPFD_CLOEXEC, kFirst);
  ::close(descriptor);
  return moved;
}

Result<Region> Region::make() {
  static std::atomic<std::uintptr_t> next{0};
  const int descriptor =
      out_of_the_way(::memfd_create("lineup-worker", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  // Sealed: a worker that cut it short would end the service with SIGBUS.
  if (descriptor < 0 || ::ftruncate(descriptor, kRegionBytes) != 0 ||
      ::fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    if (descriptor >= 0) ::close(descriptor);
    return failure("isolate/memory", "no memory to share with a worker process");
  }
  for (int i = 0; i < kPlacesTried; ++i) {
    const std::uintptr_t place = next.fetch_add(1) % kPlacesTried;
    std::byte* base = map_at(descriptor, kFirstAddress + place * kRegionBytes);
    if (base == nullptr) continue;
    new (base) Mailbox{};
    return Region(base, descriptor);
  }
  ::close(descriptor);
  return failure("isolate/memory", "no room in the address space for a worker's memory");
}

Result<Region> Region::open(int descriptor, std::uintptr_t address) {
  std::byte* base = map_at(descriptor, address);
  if (base == nullptr) {
    return failure("isolate/memory", "the service's memory cannot be mapped at its address");
  }
  return Region(base, descriptor);
}

Region::Region(Region&& other) noexcept
    : base_(std::exchange(other.base_, nullptr)),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

Region& Region::operator=(Region&& other) noexcept {
  std::swap(base_, other.base_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

Region::~Region() {
  if (base_ != nullptr) ::munmap(base_, kRegionBytes);
  if (descriptor_ >= 0) ::close(descriptor_);
}

void wait_while(std::atomic<std::uint32_t>& word, std::uint32_t value, std::int64_t deadline_ns) {
  // FUTEX_WAIT_BITSET takes an absolute time of CLOCK_MONOTONIC.
  const timespec until = {deadline_ns / 1'000'000'000, deadline_ns % 1'000'000'000};
  ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), FUTEX_WAIT_BITSET, value, &until,
            nullptr, FUTEX_BITSET_MATCH_ANY);
}

void wake(std::atomic<std::uint32_t>& word) {
  ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), FUTEX_WAKE, INT_MAX, nullptr,
            nullptr, 0);
}

}  // namespace lineup
