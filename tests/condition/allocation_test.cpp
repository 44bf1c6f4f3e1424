// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>

#include "condition/condition.hpp"
#include "condition/rows.hpp"
#include "condition/scene.hpp"

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

namespace lineup {

TEST_CASE("evaluating allocates nothing and gives its scratch back", "[condition]") {
  ColumnScene scene;
  Rows rows(scene.schema);
  for (std::int64_t i = 0; i < 500; ++i) {
    rows.add(i, {0.1 * double(i), 1.0, i, std::string("c") + std::to_string(i % 7),
                 std::string("a name too long for the small string ") + std::to_string(i % 90),
                 Texts{"x", "y" + std::to_string(i % 5)}, i % 2 == 0, false, i * 1000, Cell{}});
  }
  const Table& table = rows.finish();
  Diagnostics diagnostics;
  Condition condition;
  REQUIRE(condition.compile(
      "not (price > 3 and (category in {\"c1\", \"c2\"} or author in list.blocked_authors)) and "
      "(tags == \"y3\" or id in {3, 4} or id == context.user or released > \"1970-01-01\") or "
      "context.when > time(\"2020-01-01\")",
      scene.scope(), {}, 0, diagnostics));
  const Scalar values[] = {Scalar::of(std::string_view("12")),
                           Scalar::of(std::string_view("2026-01-01T00:00:00Z"))};
  RequestContext request;
  request.context = values;
  Arena arena;
  std::vector<Word> bits(word_count(table.row_count));
  condition.select(table, rows.vocabularies(), request, arena, bits);
  CHECK(arena.mark().chunk == 0);
  CHECK(arena.mark().used == 0);

  const std::uint64_t before = allocations;
  condition.select(table, rows.vocabularies(), request, arena, bits);
  std::size_t held = 0;
  for (std::uint32_t row = 0; row < table.row_count; ++row) {
    if (condition.holds(table, rows.vocabularies(), request, row)) ++held;
  }
  const std::uint64_t after = allocations;
  CHECK(after == before);
  CHECK(held == count_bits(bits));
}

}  // namespace lineup
