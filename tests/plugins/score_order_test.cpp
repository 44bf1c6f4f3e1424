// SPDX-License-Identifier: Apache-2.0
//
// The generator `score_order`.
#include <catch2/catch.hpp>
#include <limits>

#include "loaded.hpp"

using lineup::testing::FakeNode;
using lineup::testing::FakeRequest;
using lineup::testing::kMissing;
using lineup::testing::Loaded;
using lineup::testing::Refused;
using lineup::testing::Row;
using Slates = std::vector<std::vector<Row>>;

TEST_CASE("score_order proposes the rows of the largest score", "[score_order]") {
  const Loaded loaded("score_order");
  FakeRequest request(4, 3);
  request.candidates.floats("score", {0.1, 0.9, 0.5, 0.7});
  FakeNode node(loaded.plugin, "score_order");
  node.activate(request);
  CHECK(node.generate(request) == Slates{{1, 3, 2}});
}

TEST_CASE("score_order ranks by the column it is told", "[score_order]") {
  const Loaded loaded("score_order");
  FakeRequest request(3, 3);
  request.candidates.floats("score", {3, 2, 1}).floats("freshness", {1, 2, 3});
  FakeNode node(loaded.plugin, "score_order", R"({"column": "freshness"})");
  node.activate(request);
  CHECK(node.generate(request) == Slates{{2, 1, 0}});
}

TEST_CASE("score_order puts rows without a finite score last, in their order", "[score_order]") {
  const Loaded loaded("score_order");
  const double infinite = std::numeric_limits<double>::infinity();
  FakeRequest request(6, 6);
  request.candidates.floats("score", {kMissing, -1e9, infinite, 5, -infinite, -2});
  FakeNode node(loaded.plugin, "score_order");
  node.activate(request);
  CHECK(node.generate(request) == Slates{{3, 5, 1, 0, 2, 4}});
}

TEST_CASE("score_order leaves the rules to the builder", "[score_order]") {
  const Loaded loaded("score_order");
  FakeRequest request(4, 3);
  request.candidates.floats("score", {4, 3, 2, 1});
  request.permits = [](const std::vector<Row>& placed, Row row) {
    return placed.size() != 0 || row == 3;
  };
  request.filtered = {1};
  FakeNode node(loaded.plugin, "score_order");
  node.activate(request);
  CHECK(node.generate(request) == Slates{{3, 0, 2}});
}

TEST_CASE("score_order proposes an empty page for an empty batch", "[score_order]") {
  const Loaded loaded("score_order");
  FakeRequest request(0, 3);
  request.candidates.floats("score", {});
  FakeNode node(loaded.plugin, "score_order");
  node.activate(request);
  CHECK(node.generate(request) == Slates{{}});
}

TEST_CASE("score_order refuses a column that is not declared", "[score_order]") {
  const Loaded loaded("score_order");
  const FakeRequest request(0, 3);
  FakeNode node(loaded.plugin, "score_order", R"({"column": "absent"})");
  CHECK_THROWS_WITH(node.activate(request), "column `absent` cannot be bound");
}

TEST_CASE("a configuration of the wrong type is refused with its place", "[score_order]") {
  const Loaded loaded("score_order");
  CHECK_THROWS_WITH(FakeNode(loaded.plugin, "score_order", R"({"column": 3})"),
                    "`/column` must be a text");
  CHECK_THROWS_AS(FakeNode(loaded.plugin, "score_order", "{"), Refused);
}
