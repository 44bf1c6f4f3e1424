// SPDX-License-Identifier: Apache-2.0
//
// The constraint `frequency_cap`. The bound is checked against all completions of small pages.
#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>

#include "loaded.hpp"

using lineup::testing::FakeNode;
using lineup::testing::FakeRequest;
using lineup::testing::Loaded;
using lineup::testing::Numbers;
using lineup::testing::Row;
using Counts = std::vector<std::uint32_t>;

TEST_CASE("frequency_cap counts an item's exposures in the last rows of the history",
          "[frequency_cap]") {
  const Loaded loaded("frequency_cap");
  FakeRequest request(3, 3, 5);
  request.candidates.ids({10, 20, 30});
  request.history.ids({30, 10, 20, 10, 99});
  struct Case {
    const char* config;
    Counts violations;  // of placing rows 0, 1, 2 one after another
  };
  const auto c = GENERATE(values<Case>({
      {R"({"max": 1})", {1, 1, 1}},
      {R"({"max": 2})", {1, 0, 0}},
      {R"({"max": 3})", {0, 0, 0}},
      {R"({"max": 1, "history": 2})", {1, 0, 0}},
      {R"({"max": 1, "history": 0})", {0, 0, 0}},
  }));
  CAPTURE(c.config);
  FakeNode node(loaded.plugin, "frequency_cap", c.config);
  node.activate(request);
  CHECK(node.judge(request, {0, 1, 2}).violations == c.violations);
}

TEST_CASE("frequency_cap by a category counts the page too, and never a missing value",
          "[frequency_cap]") {
  const Loaded loaded("frequency_cap");
  FakeRequest request(6, 6, 2);
  request.history.codes("author", {"ann", ""});
  request.candidates.codes("author", {"ann", "bob", "ann", "bob", "", ""});
  FakeNode node(loaded.plugin, "frequency_cap", R"({"by": "author", "max": 2})");
  node.activate(request);
  CHECK(node.judge(request, {0, 1, 2, 3, 4, 5}).violations == Counts{0, 0, 1, 0, 0, 0});
}

TEST_CASE("frequency_cap adds the counter column", "[frequency_cap]") {
  const Loaded loaded("frequency_cap");
  FakeRequest request(4, 4);
  request.candidates.integers("seen", {0, 1, 5, std::nullopt});
  FakeNode node(loaded.plugin, "frequency_cap", R"({"max": 1, "counter": "seen"})");
  node.activate(request);
  CHECK(node.judge(request, {0, 1, 2, 3}).violations == Counts{0, 1, 1, 0});
}

TEST_CASE("frequency_cap refuses a counter that is not declared", "[frequency_cap]") {
  const Loaded loaded("frequency_cap");
  const FakeRequest request(1, 1);
  FakeNode node(loaded.plugin, "frequency_cap", R"({"counter": "absent"})");
  CHECK_THROWS_WITH(node.activate(request), "column `absent` cannot be bound");
}

TEST_CASE("frequency_cap's bound never exceeds what the best completion adds, and meets it",
          "[frequency_cap]") {
  const Loaded loaded("frequency_cap");
  const char* authors[] = {"", "a", "b", "c"};
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Numbers numbers(seed);
    FakeRequest request(6, 5, 4);
    std::vector<std::string> rows, seen;
    for (int row = 0; row < 6; ++row) rows.emplace_back(authors[numbers.below(4)]);
    for (int row = 0; row < 4; ++row) seen.emplace_back(authors[numbers.below(4)]);
    request.candidates.codes("author", rows);
    request.history.codes("author", seen);
    FakeNode node(loaded.plugin, "frequency_cap", R"({"by": "author", "max": 2})");
    node.activate(request);

    const std::uint32_t placed = numbers.below(4);
    std::vector<Row> page(6);
    std::iota(page.begin(), page.end(), 0);
    std::uint32_t bound = 0;
    const std::uint32_t slots_left = request.slot_count - placed;
    static_cast<void>(
        node.judge(request, {page.begin(), page.begin() + placed}, slots_left, &bound));

    std::uint32_t fewest = 1000;
    do {
      const auto added = node.judge(request, {page.begin(), page.begin() + 5}).violations;
      fewest = std::min(fewest, std::accumulate(added.begin() + placed, added.end(), 0U));
    } while (std::next_permutation(page.begin() + placed, page.end()));
    CAPTURE(seed, placed);
    CHECK(bound == fewest);
  }
}
