// SPDX-License-Identifier: Apache-2.0
//
// The arena: alignment, growth, and memory that is kept.
#include "base/arena.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <cstring>

#include "base/bits.hpp"

namespace lineup {

TEST_CASE("what an arena gives is aligned and does not overlap", "[arena]") {
  Arena arena(64);
  const auto bytes = arena.allocate<char>(3);
  const auto numbers = arena.allocate<double>(5);
  const auto more = arena.allocate<std::uint64_t>(1000);
  CHECK(reinterpret_cast<std::uintptr_t>(numbers.data()) % alignof(double) == 0);
  std::memset(bytes.data(), 1, bytes.size());
  for (double& number : numbers) number = 2.0;
  for (std::uint64_t& number : more) number = 3;
  CHECK(bytes[2] == 1);
  CHECK(numbers[4] == 2.0);
}

TEST_CASE("an arena that served a request needs no more memory for the same again", "[arena]") {
  Arena arena(64);
  std::size_t capacity = 0;
  for (int request = 0; request < 10; ++request) {
    arena.reset();
    for (int i = 0; i < 100; ++i) (void)arena.allocate<double>(static_cast<std::size_t>(i));
    if (request == 1) capacity = arena.capacity_bytes();
    if (request > 1) CHECK(arena.capacity_bytes() == capacity);
  }
}

TEST_CASE("rewinding gives back what came after the mark, and only that", "[arena]") {
  Arena arena(64);
  auto kept = arena.filled<int>(4, 7);
  const auto mark = arena.mark();
  (void)arena.filled<int>(5000, 9);
  arena.rewind(mark);
  const auto again = arena.filled<int>(4, 1);
  CHECK(kept[3] == 7);
  CHECK(again[0] == 1);
}

TEST_CASE("bits past the end stay clear", "[bits]") {
  Word words[2] = {~Word{0}, ~Word{0}};
  set_first(words, 70);
  CHECK(count_bits(words) == 70);
  CHECK(test_bit(words, 69));
  CHECK_FALSE(test_bit(words, 70));
}

}  // namespace lineup
