// SPDX-License-Identifier: Apache-2.0
//
// The generator `mmr`, against the definition computed slowly: every slot looks at every pair.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "loaded.hpp"

using lineup::testing::FakeNode;
using lineup::testing::FakeRequest;
using lineup::testing::FakeTable;
using lineup::testing::kMissing;
using lineup::testing::Loaded;
using lineup::testing::Numbers;
using lineup::testing::Row;
using Slates = std::vector<std::vector<Row>>;

namespace {

constexpr std::uint32_t kDimension = 11;  // not a multiple of any vector width

struct Weights {
  double embedding = 0.0;
  double category = 0.0;
  double author = 0.0;
};

double cosine(const FakeTable& left, Row a, const FakeTable& right, Row b) {
  const auto& x = left.find("embedding")->vectors;
  const auto& y = right.find("embedding")->vectors;
  double product = 0.0, x_square = 0.0, y_square = 0.0;
  for (std::uint32_t i = 0; i < kDimension; ++i) {
    product += static_cast<double>(x[a * kDimension + i]) * y[b * kDimension + i];
    x_square += static_cast<double>(x[a * kDimension + i]) * x[a * kDimension + i];
    y_square += static_cast<double>(y[b * kDimension + i]) * y[b * kDimension + i];
  }
  return x_square == 0.0 || y_square == 0.0 ? 0.0 : product / std::sqrt(x_square * y_square);
}

double equal(const FakeTable& left, Row a, const FakeTable& right, Row b, const char* column) {
  const std::uint32_t code = left.find(column)->codes[a];
  return code != LINEUP_NO_CODE && code == right.find(column)->codes[b] ? 1.0 : 0.0;
}

double similarity(const Weights& weights, const FakeTable& left, Row a, const FakeTable& right,
                  Row b) {
  return (weights.embedding * cosine(left, a, right, b) +
          weights.category * equal(left, a, right, b, "category") +
          weights.author * equal(left, a, right, b, "author")) /
         (weights.embedding + weights.category + weights.author);
}

// The page of FakeRequest `request` by the definition of MMR.
std::vector<Row> by_definition(const FakeRequest& request, const Weights& weights, double theta,
                               std::uint32_t window, std::uint32_t history) {
  const FakeTable& rows = request.candidates;
  const std::vector<double>& score = rows.find("score")->floats;
  const auto [least, most] = std::minmax_element(score.begin(), score.end());
  std::vector<std::pair<const FakeTable*, Row>> before;
  const std::uint32_t seen = request.history.row_count();
  for (Row row = seen - std::min(seen, history); row < seen; ++row) {
    before.emplace_back(&request.history, row);
  }
  std::vector<Row> page;
  while (page.size() < request.slot_count) {
    Row best = LINEUP_NO_ROW;
    double best_utility = 0.0;
    for (Row row = 0; row < rows.row_count(); ++row) {
      if (std::find(page.begin(), page.end(), row) != page.end()) continue;
      if (request.permits && !request.permits(page, row)) continue;
      double largest = before.empty() ? 0.0 : -1.0;
      const std::size_t from = window == 0 || before.size() < window ? 0 : before.size() - window;
      for (std::size_t i = from; i < before.size(); ++i) {
        const auto& [table, other] = before[i];
        largest = std::max(largest, similarity(weights, rows, row, *table, other));
      }
      const double utility =
          theta * (score[row] - *least) / (*most - *least) - (1.0 - theta) * largest;
      if (best != LINEUP_NO_ROW && utility <= best_utility) continue;
      best = row;
      best_utility = utility;
    }
    page.push_back(best);
    before.emplace_back(&rows, best);
  }
  return page;
}

void fill(FakeTable& table, Numbers& numbers) {
  const std::uint32_t count = table.row_count();
  std::vector<double> scores;
  std::vector<std::string> categories, authors;
  std::vector<float> vectors;
  for (Row row = 0; row < count; ++row) {
    scores.push_back(numbers.unit() * 8.0 - 3.0);
    const std::uint32_t category = numbers.below(6);
    categories.push_back(category == 0 ? "" : "c" + std::to_string(category));
    authors.push_back("a" + std::to_string(numbers.below(15)));
    const bool empty = numbers.below(12) == 0;
    for (std::uint32_t i = 0; i < kDimension; ++i) {
      vectors.push_back(empty ? 0.0F : static_cast<float>(numbers.unit() - 0.5));
    }
  }
  table.floats("score", scores).codes("category", categories).codes("author", authors);
  table.vectors("embedding", kDimension, vectors);
}

}  // namespace

TEST_CASE("mmr gives the page of the definition", "[mmr]") {
  const Loaded loaded("mmr");
  struct Case {
    const char* similar;
    Weights weights;
  };
  const auto by = GENERATE(values<Case>({
      {R"("embeddings": [{"column": "embedding"}])", {1, 0, 0}},
      {R"("categories": [{"column": "category"}])", {0, 1, 0}},
      {R"("embeddings": [{"column": "embedding", "weight": 2}],
          "categories": [{"column": "category", "weight": 0.5}, {"column": "author"}])",
       {2, 0.5, 1}},
  }));
  const double theta = GENERATE(0.0, 0.3, 0.7, 1.0);
  const std::uint32_t window = GENERATE(0U, 1U, 3U, 8U, 50U);
  const std::uint32_t history = GENERATE(0U, 2U, 12U);
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    Numbers numbers(seed);
    FakeRequest request(60, 25, 9);
    fill(request.candidates, numbers);
    fill(request.history, numbers);
    if (seed % 2 == 0) {
      request.permits = [](const std::vector<Row>& placed, Row row) {
        return placed.empty() || (row + placed.back()) % 3 != 0;
      };
    }
    const std::string config =
        "{\"theta\": " + std::to_string(theta) + ", \"window\": " + std::to_string(window) +
        ", \"history\": " + std::to_string(history) + ", " + by.similar + "}";
    FakeNode node(loaded.plugin, "mmr", config);
    node.activate(request);
    CAPTURE(config, seed);
    CHECK(node.generate(request) ==
          Slates{by_definition(request, by.weights, theta, window, history)});
  }
}

TEST_CASE("mmr puts rows without relevance last however unlike they are", "[mmr]") {
  const Loaded loaded("mmr");
  FakeRequest request(4, 4);
  request.candidates.floats("score", {kMissing, 0.5, 0.4, 0.45});
  request.candidates.codes("category", {"other", "same", "same", "same"});
  FakeNode node(loaded.plugin, "mmr", R"({"theta": 0.1, "categories": [{"column": "category"}]})");
  node.activate(request);
  CHECK(node.generate(request) == Slates{{1, 3, 2, 0}});
}

TEST_CASE("mmr lets the engine complete a page where nothing is permitted", "[mmr]") {
  const Loaded loaded("mmr");
  FakeRequest request(4, 4);
  request.candidates.floats("score", {4, 3, 2, 1}).codes("category", {"a", "b", "c", "d"});
  request.permits = [](const std::vector<Row>& placed, Row) { return placed.size() < 2; };
  FakeNode node(loaded.plugin, "mmr", R"({"categories": [{"column": "category"}]})");
  node.activate(request);
  CHECK(node.generate(request) == Slates{{0, 1, 2, 3}});
}

TEST_CASE("mmr stops at the work limit and still proposes a page", "[mmr]") {
  const Loaded loaded("mmr");
  FakeRequest request(4, 4);
  request.candidates.floats("score", {4, 3, 2, 1}).codes("category", {"a", "a", "a", "d"});
  request.work_limit = 9;  // two slots of four rows
  FakeNode node(loaded.plugin, "mmr", R"({"theta": 0.1, "categories": [{"column": "category"}]})");
  node.activate(request);
  CHECK(node.generate(request).front().size() == 4);
}

TEST_CASE("mmr proposes an empty page for an empty batch", "[mmr]") {
  const Loaded loaded("mmr");
  FakeRequest request(0, 4);
  request.candidates.floats("score", {}).codes("category", {});
  FakeNode node(loaded.plugin, "mmr", R"({"categories": [{"column": "category"}]})");
  node.activate(request);
  CHECK(node.generate(request) == Slates{{}});
}

TEST_CASE("mmr refuses a configuration that compares rows by nothing", "[mmr]") {
  const Loaded loaded("mmr");
  CHECK_THROWS_WITH(FakeNode(loaded.plugin, "mmr"),
                    "`embeddings` or `categories` must name a column to compare rows by");
}
