// SPDX-License-Identifier: Apache-2.0
//
// The evaluator `weighted_sum`.
#include <catch2/catch.hpp>
#include <cmath>

#include "loaded.hpp"

using lineup::testing::FakeNode;
using lineup::testing::FakeRequest;
using lineup::testing::kMissing;
using lineup::testing::Loaded;

namespace {

FakeRequest two_objectives() {
  FakeRequest request(3, 3);
  request.candidates.floats("score", {1, 2, 4}).floats("margin", {10, kMissing, 30});
  request.objectives = {{"relevance", "score", 1}, {"novelty", "", 1}, {"profit", "margin", 1}};
  return request;
}

}  // namespace

TEST_CASE("weighted_sum discounts each objective's column by slot", "[weighted_sum]") {
  const Loaded loaded("weighted_sum");
  struct Case {
    const char* config;
    double second, third;  // discounts of slots 2 and 3
  };
  const auto c = GENERATE(values<Case>({
      {"{}", 1 / std::log2(3.0), 0.5},
      {R"({"discount": "none"})", 1, 1},
      {R"({"discount": "geometric", "gamma": 0.5})", 0.5, 0.25},
  }));
  CAPTURE(c.config);
  const FakeRequest request = two_objectives();
  FakeNode node(loaded.plugin, "weighted_sum", c.config);
  node.activate(request);
  const auto values = node.evaluate(request, {{2, 1, 0}, {0}, {}});
  CHECK(values[0][0] == Approx(4 + 2 * c.second + 1 * c.third));
  CHECK(values[0][2] == Approx(30 + 10 * c.third));  // row 1 has no margin: adds nothing
  CHECK(values[1][0] == 1.0);
  CHECK(values[2][0] == 0.0);
}

TEST_CASE("weighted_sum leaves objectives without a column alone", "[weighted_sum]") {
  const Loaded loaded("weighted_sum");
  const FakeRequest request = two_objectives();
  FakeNode node(loaded.plugin, "weighted_sum");
  node.activate(request);
  CHECK(node.evaluate(request, {{2, 1, 0}})[0][1] == 0.0);
}

TEST_CASE("weighted_sum refuses an objective whose column is not declared", "[weighted_sum]") {
  const Loaded loaded("weighted_sum");
  FakeRequest request = two_objectives();
  request.objectives.push_back({"missing", "absent", 1});
  FakeNode node(loaded.plugin, "weighted_sum");
  CHECK_THROWS_WITH(node.activate(request), "column `absent` cannot be bound");
}

TEST_CASE("weighted_sum refuses a discount that it does not know", "[weighted_sum]") {
  const Loaded loaded("weighted_sum");
  CHECK_THROWS_WITH(FakeNode(loaded.plugin, "weighted_sum", R"({"discount": "log"})"),
                    "`/discount` must be `log2`, `none` or `geometric`, got `log`");
}
