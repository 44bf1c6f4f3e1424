// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>

#include "script/request.hpp"

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

using namespace lineup;
using namespace lineup::test;

TEST_CASE("code that makes tables and texts is served from memory it has", "[allocation]") {
  CodeRun run(header(R"(score = function(item, slate, context)
    local seen = {}
    for i = 1, #slate do seen[slate[i].id .. "/" .. i] = slate[i].category or "none" end
    local count = 0
    for key, value in pairs(seen) do
      if value == item.category and key:find("^m%d+/") then count = count + 1 end
    end
    return count + slate:count("is_new") + slate:count_same(item, "tags")
  end)"));
  for (int i = 0; i < 40; ++i) {
    run.rows().add("m" + std::to_string(i), {0.5, "category " + std::to_string(i % 7), i % 3 == 0,
                                             std::int64_t{1}, Texts{"a", "b"}});
  }
  const std::vector<std::uint32_t> slate = {1, 9, 17, 25, 33, 4, 12};
  Opaque* code = run.worker().opaque(0);
  double sum = 0.0;
  const auto serve = [&](int requests) {
    for (int request = 0; request < requests; ++request) {
      run.bind();
      for (std::uint32_t row = 0; row < 40; ++row)
        sum += code->judge({slate, nullptr}, row).penalty;
    }
  };
  serve(20);  // until the collector has found its pace
  const std::size_t held = run.worker().memory_bytes();
  const std::uint64_t before = allocations;
  serve(200);
  CHECK(allocations == before);
  CHECK(run.worker().memory_bytes() == held);
  CHECK(sum < 0.0);
}
