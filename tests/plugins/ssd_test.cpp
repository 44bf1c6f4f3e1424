// SPDX-License-Identifier: Apache-2.0
//
// The generator `ssd`, against the algorithm as it is published: every row keeps its vector, the
// direction of each placed row is subtracted from all of them and added back when it leaves.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <deque>
#include <string>
#include <vector>

#include "varied_rows.hpp"

using namespace lineup::testing;
using Slates = std::vector<std::vector<Row>>;

namespace {

struct Setting {
  PartWeights weights;
  double gamma = 0.25;
  bool volume = false;
  bool append_one = true;
  std::uint32_t window = 10;
  std::uint32_t history = 0;
};

// Vectors of all rows, and what was subtracted from them.
struct Spectrum {
  std::vector<std::vector<double>> vectors;  // candidates, then history
  std::deque<std::vector<std::vector<double>>> taken;

  void take(std::size_t index, std::uint32_t window) {
    const std::vector<double> direction = vectors[index];
    const double square = dot(direction, direction);
    if (window != 0 && taken.size() == window) {
      // The row that is placed keeps its own direction: it was taken when the window still held
      // the oldest.
      for (std::size_t row = 0; row < vectors.size(); ++row) {
        for (std::size_t d = 0; d < direction.size(); ++d) {
          vectors[row][d] += taken.front()[row][d];
        }
      }
      taken.pop_front();
    }
    auto& part = taken.emplace_back(vectors.size(), std::vector<double>(direction.size(), 0.0));
    if (square < 1e-12) return;
    for (std::size_t row = 0; row < vectors.size(); ++row) {
      const double factor = dot(vectors[row], direction) / square;
      for (std::size_t d = 0; d < direction.size(); ++d) {
        part[row][d] = factor * direction[d];
        vectors[row][d] -= part[row][d];
      }
    }
  }
};

std::vector<Row> as_published(const FakeRequest& request, const Setting& setting) {
  const FakeTable& rows = request.candidates;
  const std::vector<double>& score = rows.find("score")->floats;
  const auto [least, most] = std::minmax_element(score.begin(), score.end());
  Spectrum spectrum;
  for (Row row = 0; row < rows.row_count(); ++row) {
    spectrum.vectors.push_back(features_of(rows, row, setting.weights, setting.append_one));
  }
  const std::uint32_t seen = request.history.row_count();
  for (Row row = 0; row < seen; ++row) {
    spectrum.vectors.push_back(
        features_of(request.history, row, setting.weights, setting.append_one));
  }
  std::uint32_t past = std::min(seen, setting.history);
  if (setting.window != 0) past = std::min(past, setting.window);
  for (Row row = seen - past; row < seen; ++row) {
    spectrum.take(rows.row_count() + row, setting.window);
  }
  double gamma = setting.gamma;
  std::vector<Row> page;
  while (page.size() < request.slot_count) {
    Row best = LINEUP_NO_ROW;
    double best_utility = 0.0;
    for (Row row = 0; row < rows.row_count(); ++row) {
      if (std::find(page.begin(), page.end(), row) != page.end()) continue;
      if (request.permits && !request.permits(page, row)) continue;
      const double utility = (score[row] - *least) / (*most - *least) +
                             gamma * std::sqrt(dot(spectrum.vectors[row], spectrum.vectors[row]));
      if (best != LINEUP_NO_ROW && utility <= best_utility) continue;
      best = row;
      best_utility = utility;
    }
    page.push_back(best);
    if (setting.volume) gamma *= std::sqrt(dot(spectrum.vectors[best], spectrum.vectors[best]));
    spectrum.take(best, setting.window);
  }
  return page;
}

std::string to_config(const Setting& setting) {
  return "{\"gamma\": " + std::to_string(setting.gamma) +
         ", \"volume\": " + (setting.volume ? "true" : "false") +
         ", \"append_one\": " + (setting.append_one ? "true" : "false") +
         ", \"window\": " + std::to_string(setting.window) +
         ", \"history\": " + std::to_string(setting.history) + ", " +
         lineup::testing::to_config(setting.weights) + "}";
}

}  // namespace

TEST_CASE("ssd gives the page of the published algorithm", "[ssd]") {
  const Loaded loaded("ssd");
  Setting setting;
  setting.weights = GENERATE(values<PartWeights>({{1, 0, 0}, {0, 1, 0}, {2, 0.5, 1}}));
  setting.gamma = GENERATE(0.0, 0.25, 2.0);
  setting.volume = GENERATE(false, true);
  setting.append_one = GENERATE(false, true);
  setting.window = GENERATE(0U, 1U, 3U, 8U);
  setting.history = GENERATE(0U, 4U);
  const std::string config = to_config(setting);
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    Numbers numbers(seed);
    FakeRequest request(60, 20, 6);
    fill_varied(request.candidates, numbers);
    fill_varied(request.history, numbers);
    if (seed % 2 == 0) {
      request.permits = [](const std::vector<Row>& placed, Row row) {
        return placed.empty() || (row + placed.back()) % 3 != 0;
      };
    }
    FakeNode node(loaded.plugin, "ssd", config);
    node.activate(request);
    CAPTURE(config, seed);
    CHECK(node.generate(request) == Slates{as_published(request, setting)});
  }
}

TEST_CASE("ssd keeps opposite embeddings apart when one is appended", "[ssd]") {
  const Loaded loaded("ssd");
  FakeRequest request(3, 2);
  request.candidates.floats("score", {1.0, 0.5, 0.45}).vectors("embedding", 2, {1, 0, -1, 0, 1, 0});
  const auto second = [&](const char* config) {
    FakeNode node(loaded.plugin, "ssd", config);
    node.activate(request);
    return node.generate(request).front()[1];
  };
  // Without the dimension nothing is new about the opposite row either: relevance decides.
  CHECK(second(
            R"({"scale": "none", "append_one": false, "embeddings": [{"column": "embedding"}]})") ==
        1);
  request.candidates.floats("score", {1.0, 0.45, 0.5});
  CHECK(second(
            R"({"scale": "none", "append_one": false, "embeddings": [{"column": "embedding"}]})") ==
        2);
  CHECK(
      second(R"({"scale": "none", "append_one": true, "embeddings": [{"column": "embedding"}]})") ==
      1);
}

TEST_CASE("ssd puts rows without relevance last however new they are", "[ssd]") {
  const Loaded loaded("ssd");
  FakeRequest request(4, 4);
  request.candidates.floats("score", {kMissing, 0.5, 0.4, 0.45});
  request.candidates.codes("category", {"other", "same", "same", "same"});
  FakeNode node(loaded.plugin, "ssd", R"({"gamma": 5, "categories": [{"column": "category"}]})");
  node.activate(request);
  CHECK(node.generate(request) == Slates{{1, 3, 2, 0}});
}

TEST_CASE("ssd proposes a page when rows or work are missing", "[ssd]") {
  const Loaded loaded("ssd");
  const char* config = R"({"categories": [{"column": "category"}]})";
  FakeRequest empty(0, 4);
  empty.candidates.floats("score", {}).codes("category", {});
  FakeNode node(loaded.plugin, "ssd", config);
  node.activate(empty);
  CHECK(node.generate(empty) == Slates{{}});
  FakeRequest request(4, 4);
  request.candidates.floats("score", {4, 3, 2, 1}).codes("category", {"a", "a", "a", "d"});
  request.work_limit = 9;
  FakeNode limited(loaded.plugin, "ssd", config);
  limited.activate(request);
  CHECK(limited.generate(request).front().size() == 4);
}

TEST_CASE("ssd refuses a scale that it does not know", "[ssd]") {
  const Loaded loaded("ssd");
  CHECK_THROWS_WITH(FakeNode(loaded.plugin, "ssd",
                             R"({"scale": "rank", "categories": [{"column": "category"}]})"),
                    "`/scale` must be `range`, `deviation` or `none`, got `rank`");
}
