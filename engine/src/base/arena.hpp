// SPDX-License-Identifier: Apache-2.0
//
// Memory of one request: bump allocation, freed all at once, chunks kept for the next request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

namespace lineup {

// Gives out memory that lives until reset() or rewind(). After the first requests of a size it
// allocates nothing any more. Not thread safe: one arena per session.
class Arena {
 public:
  explicit Arena(std::size_t first_chunk_bytes = 64 * 1024)
      : next_chunk_bytes_(first_chunk_bytes) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // REQUIRES: alignment is a power of two of at most 64. Never null; throws std::bad_alloc when
  // the system has no memory.
  void* allocate_bytes(std::size_t size, std::size_t alignment) {
    const std::uintptr_t address = (at_ + alignment - 1) & ~(alignment - 1);
    if (address + size > end_) return allocate_in_next(size, alignment);
    at_ = address + size;
    return reinterpret_cast<void*>(address);
  }

  // `count` objects, not initialised.
  template <typename T>
  std::span<T> allocate(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>, "an arena runs no destructors");
    return {static_cast<T*>(allocate_bytes(count * sizeof(T), alignof(T))), count};
  }

  // `count` objects, all bytes zero.
  template <typename T>
  std::span<T> zeroed(std::size_t count) {
    static_assert(std::is_trivially_copyable_v<T>, "zero bytes must be a value");
    auto span = allocate<T>(count);
    if (count > 0) std::memset(static_cast<void*>(span.data()), 0, count * sizeof(T));
    return span;
  }

  template <typename T>
  std::span<T> filled(std::size_t count, const T& value) {
    auto span = allocate<T>(count);
    for (T& item : span) item = value;
    return span;
  }

  // A place to come back to: everything allocated after mark() is given back by rewind().
  struct Mark {
    std::size_t chunk = 0;
    std::size_t used = 0;
  };
  [[nodiscard]] Mark mark() const { return {chunk_, at_ - begin_of(chunk_)}; }
  void rewind(Mark mark) { open(mark.chunk, mark.used); }
  void reset() { rewind({}); }

  [[nodiscard]] std::size_t capacity_bytes() const;

 private:
  struct Chunk {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size = 0;
  };
  void* allocate_in_next(std::size_t size, std::size_t alignment);
  void open(std::size_t chunk, std::size_t used);
  [[nodiscard]] std::uintptr_t begin_of(std::size_t chunk) const {
    return chunk < chunks_.size() ? reinterpret_cast<std::uintptr_t>(chunks_[chunk].bytes.get())
                                  : kNowhere;
  }

  // Where an arena without a chunk stands: past its end, so that the first call makes one.
  static constexpr std::uintptr_t kNowhere = 1;

  std::vector<Chunk> chunks_;
  std::size_t chunk_ = 0;         // the chunk being filled
  std::uintptr_t at_ = kNowhere;  // its first free byte
  std::uintptr_t end_ = 0;        // and where it ends
  std::size_t next_chunk_bytes_;
};

}  // namespace lineup
