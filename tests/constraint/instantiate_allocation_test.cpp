// SPDX-License-Identifier: Apache-2.0
//
// What a request costs the heap between its batch and its verified page: nothing, once its arena is
// warm. Counts allocations, and so replaces operator new for its whole program.
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>

#include "constraint/verify.hpp"
#include "verify_request.hpp"

namespace {
std::atomic<std::uint64_t> allocations{0};
}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace lineup::test {
namespace {

TEST_CASE("filtering, instantiating and verifying allocate nothing once the arena is warm") {
  Arena arena;
  std::uint64_t allocated = 0;
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    RandomRequest request(seed);
    const std::vector<std::uint32_t> slate = request.random_slate();
    std::vector<Word> candidates = request.candidate_words;
    const auto serve = [&] {
      arena.reset();
      active_uses(request.uses, request.input, request.idle);
      filter_rows(request.uses, request.idle, request.input, arena, candidates);
      (void)instantiate(request.uses, request.idle, request.input, candidates, request.length(),
                        request.level_count, arena);
      (void)verify(request.uses, request.idle, request.input, slate, request.page_slots, arena);
    };
    serve();
    const std::uint64_t before = allocations;
    serve();
    allocated += allocations - before;
  }
  CHECK(allocated == 0);
}

}  // namespace
}  // namespace lineup::test
