// SPDX-License-Identifier: Apache-2.0
//
// The constraint `near_duplicate`, against plain counting; its bound against all completions of
// small pages.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "loaded.hpp"

using lineup::testing::FakeNode;
using lineup::testing::FakeRequest;
using lineup::testing::Loaded;
using lineup::testing::Numbers;
using lineup::testing::Row;
using Counts = std::vector<std::uint32_t>;

namespace {

// Unit vectors at these angles, in degrees; a negative one stands for a vector of length 0.
std::vector<float> at_angles(const std::vector<double>& degrees) {
  std::vector<float> out;
  for (const double degree : degrees) {
    const double radians = degree * 3.14159265358979 / 180.0;
    out.push_back(degree < 0 ? 0.0F : static_cast<float>(std::cos(radians)));
    out.push_back(degree < 0 ? 0.0F : static_cast<float>(std::sin(radians)));
  }
  return out;
}

}  // namespace

TEST_CASE("near_duplicate counts the near rows among the last of the window", "[near_duplicate]") {
  const Loaded loaded("near_duplicate");
  FakeRequest request(5, 5, 2);
  request.candidates.vectors("embedding", 2, at_angles({0, 5, 90, 8, -1}));
  request.history.vectors("embedding", 2, at_angles({2, 91}));
  struct Case {
    const char* config;
    Counts violations;  // of placing rows 0, 1, 2, 3, 4 one after another
  };
  const auto c = GENERATE(values<Case>({
      {R"({"max_cosine": 0.9})", {0, 1, 0, 2, 0}},
      {R"({"max_cosine": 0.9, "window": 2})", {0, 1, 0, 0, 0}},
      {R"({"max_cosine": 0.9, "window": 3})", {0, 1, 0, 1, 0}},
      {R"({"max_cosine": 0.998})", {0, 0, 0, 1, 0}},
      {R"({"min_distance": 0.1})", {0, 1, 0, 1, 0}},
      {R"({"min_distance": 0.1, "history": 1})", {0, 1, 1, 1, 0}},
      {R"({"min_distance": 0.1, "history": 2})", {1, 2, 1, 1, 0}},
      {R"({"min_distance": 0.1, "history": 2, "window": 3})", {1, 1, 0, 1, 0}},
  }));
  CAPTURE(c.config);
  FakeNode node(loaded.plugin, "near_duplicate", c.config);
  node.activate(request);
  CHECK(node.judge(request, {0, 1, 2, 3, 4}).violations == c.violations);
}

TEST_CASE("near_duplicate takes one limit and a column that is there", "[near_duplicate]") {
  const Loaded loaded("near_duplicate");
  CHECK_THROWS_WITH(
      FakeNode(loaded.plugin, "near_duplicate", R"({"max_cosine": 0.9, "min_distance": 0.1})"),
      Catch::Contains("not both"));
  const FakeRequest request(1, 1);
  FakeNode node(loaded.plugin, "near_duplicate", R"({"column": "absent"})");
  CHECK_THROWS_WITH(node.activate(request), "column `absent` cannot be bound");
}

TEST_CASE("near_duplicate's bound never exceeds what the best completion adds, and bites",
          "[near_duplicate]") {
  const Loaded loaded("near_duplicate");
  std::uint32_t positive = 0;
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    Numbers numbers(seed);
    FakeRequest request(6, 5);
    std::vector<double> degrees;
    // Few directions with a little noise: pairs near, far and on the edge.
    for (int row = 0; row < 6; ++row) {
      degrees.push_back(numbers.below(10) == 0 ? -1.0
                                               : numbers.below(3) * 40.0 + numbers.below(30));
    }
    request.candidates.vectors("embedding", 2, at_angles(degrees));
    const char* configs[] = {R"({"max_cosine": 0.8, "window": 3})",
                             R"({"max_cosine": 0.5, "window": 5})",
                             R"({"min_distance": 0.9, "window": 4})"};
    FakeNode node(loaded.plugin, "near_duplicate", configs[seed % 3]);
    node.activate(request);
    const std::uint32_t placed = numbers.below(4);
    std::vector<Row> page(6);
    std::iota(page.begin(), page.end(), 0);
    std::uint32_t bound = 0;
    static_cast<void>(node.judge(request, {page.begin(), page.begin() + placed},
                                 request.slot_count - placed, &bound));
    std::uint32_t fewest = 1000;
    do {
      const auto added = node.judge(request, {page.begin(), page.begin() + 5}).violations;
      fewest = std::min(fewest, std::accumulate(added.begin() + placed, added.end(), 0U));
    } while (std::next_permutation(page.begin() + placed, page.end()));
    CAPTURE(seed, placed);
    CHECK(bound <= fewest);
    positive += bound > 0 ? 1 : 0;
  }
  CHECK(positive >= 10);
}
