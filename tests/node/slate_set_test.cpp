// SPDX-License-Identifier: Apache-2.0
#include "node/slate_set.hpp"

#include <catch2/catch.hpp>
#include <numeric>

namespace lineup {
namespace {

SlateSet::Added add(SlateSet& set, std::vector<std::uint32_t> rows, std::uint32_t violations = 0) {
  std::vector<std::uint32_t> hard(set.use_count, violations);
  std::vector<std::uint32_t> soft(set.use_count, violations + 1);
  Solution solution;
  solution.rows = rows;
  solution.violations = hard;
  solution.soft_violations = soft;
  solution.value = 2.5;
  solution.search = Search::Limit;
  return set.add(solution, 1);
}

TEST_CASE("slates keep their order, their rows and their certificate", "[slate_set]") {
  Arena arena;
  SlateSet set = SlateSet::make(4, 3, 2, arena);
  CHECK(add(set, {7, 8, 9}, 3) == SlateSet::Added::Yes);
  CHECK(add(set, {7, 8}) == SlateSet::Added::Yes);
  CHECK(add(set, {}) == SlateSet::Added::Yes);
  REQUIRE(set.count == 3);
  CHECK(set.slate(0).size() == 3);
  CHECK(set.slate(1)[1] == 8);
  CHECK(set.slate(2).empty());
  CHECK(set.violations_of(0)[1] == 3);
  CHECK(set.soft_violations_of(0)[0] == 4);
  CHECK(set.certificates[0].value == 2.5);
  CHECK(set.certificates[0].search == Search::Limit);
  CHECK(set.certificates[0].hand_placed == 1);
}

TEST_CASE("a slate is taken once, and no more than there is room for", "[slate_set]") {
  Arena arena;
  SlateSet set = SlateSet::make(2, 3, 1, arena);
  CHECK(add(set, {1, 2, 3}) == SlateSet::Added::Yes);
  CHECK(add(set, {1, 2, 3}) == SlateSet::Added::Duplicate);
  CHECK(add(set, {3, 2, 1}) == SlateSet::Added::Yes);
  CHECK(add(set, {1, 2, 3}) == SlateSet::Added::Duplicate);
  CHECK(add(set, {1, 2}) == SlateSet::Added::Full);
  CHECK(set.count == 2);
}

}  // namespace
}  // namespace lineup
