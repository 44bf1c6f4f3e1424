// SPDX-License-Identifier: Apache-2.0
//
// The generator `dpp`, against determinants taken anew: for every slot and row the kernel of the
// window and the row is made and factorised from scratch.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "varied_rows.hpp"

using namespace lineup::testing;
using Slates = std::vector<std::vector<Row>>;

namespace {

constexpr double kCollapsed = 1e-10;

struct Setting {
  PartWeights weights;
  double theta = 0.7;
  double ridge = 0.0;
  std::uint32_t window = 0;
  std::uint32_t history = 0;
};

// The last pivot of the Cholesky factorisation of `kernel`: det(all) / det(all but the last). Rows
// that add nothing are passed over.
double last_pivot(std::vector<std::vector<double>> kernel) {
  const std::size_t size = kernel.size();
  std::vector<std::size_t> kept;
  for (std::size_t row = 0; row < size; ++row) {
    for (const std::size_t column : kept) {
      double sum = kernel[row][column];
      for (const std::size_t before : kept) {
        if (before == column) break;
        sum -= kernel[row][before] * kernel[column][before];
      }
      kernel[row][column] = sum / kernel[column][column];
    }
    double pivot = kernel[row][row];
    for (const std::size_t column : kept) pivot -= kernel[row][column] * kernel[row][column];
    if (row + 1 == size) return pivot;
    if (pivot < kCollapsed) continue;
    kernel[row][row] = std::sqrt(pivot);
    kept.push_back(row);
  }
  return 1.0;
}

std::vector<Row> by_determinants(const FakeRequest& request, const Setting& setting) {
  const FakeTable& rows = request.candidates;
  const std::vector<double>& score = rows.find("score")->floats;
  const auto [least, most] = std::minmax_element(score.begin(), score.end());
  std::vector<std::vector<double>> before;
  const std::uint32_t seen = request.history.row_count();
  for (Row row = seen - std::min(seen, setting.history); row < seen; ++row) {
    before.push_back(features_of(request.history, row, setting.weights));
  }
  std::vector<Row> page;
  while (page.size() < request.slot_count) {
    const std::size_t from =
        setting.window == 0 || before.size() < setting.window ? 0 : before.size() - setting.window;
    std::vector<std::vector<double>> window(before.begin() + static_cast<std::ptrdiff_t>(from),
                                            before.end());
    window.emplace_back();
    Row best = LINEUP_NO_ROW;
    double best_gain = 0.0;
    for (Row row = 0; row < rows.row_count(); ++row) {
      if (std::find(page.begin(), page.end(), row) != page.end()) continue;
      if (request.permits && !request.permits(page, row)) continue;
      window.back() = features_of(rows, row, setting.weights);
      std::vector<std::vector<double>> kernel(window.size(), std::vector<double>(window.size()));
      for (std::size_t i = 0; i < window.size(); ++i) {
        for (std::size_t j = 0; j < window.size(); ++j) {
          kernel[i][j] = i == j ? 1.0 : (1.0 - setting.ridge) * dot(window[i], window[j]);
        }
      }
      const double pivot = last_pivot(kernel);
      if (pivot < kCollapsed) continue;
      const double gain = setting.theta * (score[row] - *least) / (*most - *least) +
                          (1.0 - setting.theta) * std::log(pivot);
      if (best != LINEUP_NO_ROW && gain <= best_gain) continue;
      best = row;
      best_gain = gain;
    }
    if (best == LINEUP_NO_ROW) break;
    page.push_back(best);
    before.push_back(features_of(rows, best, setting.weights));
  }
  // The fake engine completes a page by the best permitted row, else the best row.
  while (page.size() < request.slot_count) {
    Row best = LINEUP_NO_ROW;
    for (Row row = 0; row < rows.row_count(); ++row) {
      if (std::find(page.begin(), page.end(), row) != page.end()) continue;
      if (request.permits && !request.permits(page, row)) continue;
      if (best == LINEUP_NO_ROW || score[row] > score[best]) best = row;
    }
    page.push_back(best);
  }
  return page;
}

std::string to_config(const Setting& setting) {
  return "{\"theta\": " + std::to_string(setting.theta) +
         ", \"ridge\": " + std::to_string(setting.ridge) +
         ", \"window\": " + std::to_string(setting.window) +
         ", \"history\": " + std::to_string(setting.history) + ", " +
         lineup::testing::to_config(setting.weights) + "}";
}

}  // namespace

TEST_CASE("dpp picks as determinants taken anew do, on every slot", "[dpp]") {
  const Loaded loaded("dpp");
  Setting setting;
  setting.weights = GENERATE(values<PartWeights>({{1, 0, 0}, {0, 1, 0}, {2, 0.5, 1}, {0, 1, 2}}));
  setting.theta = GENERATE(0.05, 0.5, 0.9);
  setting.ridge = GENERATE(0.0, 0.1);
  setting.window = GENERATE(0U, 1U, 4U, 9U);
  setting.history = GENERATE(0U, 3U);
  const std::string config = to_config(setting);
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    Numbers numbers(seed);
    FakeRequest request(50, 18, 5);
    fill_varied(request.candidates, numbers);
    fill_varied(request.history, numbers);
    if (seed % 2 == 0) {
      request.permits = [](const std::vector<Row>& placed, Row row) {
        return placed.empty() || (row + placed.back()) % 3 != 0;
      };
    }
    FakeNode node(loaded.plugin, "dpp", config);
    node.activate(request);
    CAPTURE(config, seed);
    CHECK(node.generate(request) == Slates{by_determinants(request, setting)});
  }
}

TEST_CASE("dpp goes on by relevance when the page spans all that is left", "[dpp]") {
  const Loaded loaded("dpp");
  FakeRequest request(5, 5);
  request.candidates.floats("score", {5, 4, 3, 2, 1}).codes("category", {"a", "a", "b", "b", "b"});
  const auto page = [&](const char* config) {
    FakeNode node(loaded.plugin, "dpp", config);
    node.activate(request);
    return node.generate(request);
  };
  CHECK(page(R"({"theta": 0.5, "categories": [{"column": "category"}]})") ==
        Slates{{0, 2, 1, 3, 4}});
}

TEST_CASE("dpp looks at few rows when relevance leads clearly", "[dpp]") {
  const Loaded loaded("dpp");
  Numbers numbers(3);
  FakeRequest request(400, 20);
  fill_varied(request.candidates, numbers);
  const Setting setting{{1, 0, 0}, 0.95};
  FakeNode node(loaded.plugin, "dpp", to_config(setting));
  node.activate(request);
  CHECK(node.generate(request) == Slates{by_determinants(request, setting)});
}

TEST_CASE("dpp puts rows without relevance last", "[dpp]") {
  const Loaded loaded("dpp");
  FakeRequest request(4, 4);
  request.candidates.floats("score", {kMissing, 0.5, 0.4, 0.45});
  request.candidates.codes("category", {"other", "same", "same", "same"});
  FakeNode node(loaded.plugin, "dpp",
                R"({"theta": 0.5, "ridge": 0.2, "categories": [{"column": "category"}]})");
  node.activate(request);
  CHECK(node.generate(request) == Slates{{1, 3, 2, 0}});
}

TEST_CASE("dpp proposes a page when rows, slots or work are missing", "[dpp]") {
  const Loaded loaded("dpp");
  const char* config = R"({"window": 2, "categories": [{"column": "category"}]})";
  FakeRequest empty(0, 4);
  empty.candidates.floats("score", {}).codes("category", {});
  FakeNode node(loaded.plugin, "dpp", config);
  node.activate(empty);
  CHECK(node.generate(empty) == Slates{{}});
  FakeRequest request(4, 4);
  request.candidates.floats("score", {4, 3, 2, 1}).codes("category", {"a", "a", "a", "d"});
  request.work_limit = 9;
  FakeNode limited(loaded.plugin, "dpp", config);
  limited.activate(request);
  CHECK(limited.generate(request).front().size() == 4);
}

TEST_CASE("dpp refuses a configuration that makes no sense", "[dpp]") {
  const Loaded loaded("dpp");
  CHECK_THROWS_WITH(FakeNode(loaded.plugin, "dpp"),
                    "`embeddings` or `categories` must name a column to compare rows by");
  CHECK_THROWS_WITH(FakeNode(loaded.plugin, "dpp", R"({"theta": 1})"),
                    "`/theta` must be at least 0 and less than 1");
}
