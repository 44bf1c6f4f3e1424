// SPDX-License-Identifier: Apache-2.0
//
// The scorers `fuse` and `decay`, and what `calibrate` learned: isotonic curves, sampling.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "loaded.hpp"

using namespace lineup::testing;

namespace {

std::vector<double> score(const char* plugin, const FakeRequest& request,
                          const std::string& config) {
  const Loaded loaded(plugin);
  FakeNode node(loaded.plugin, plugin, config);
  node.activate(request);
  return node.score(request).at("score");
}

void check_near(const std::vector<double>& found, const std::vector<double>& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t row = 0; row < found.size(); ++row) {
    CAPTURE(row);
    if (std::isnan(expected[row])) {
      CHECK(std::isnan(found[row]));
    } else {
      CHECK(found[row] == Approx(expected[row]));
    }
  }
}

}  // namespace

TEST_CASE("fuse sums, multiplies powers, or goes by rank", "[scorers]") {
  FakeRequest request(4, 4);
  request.candidates.floats("a", {0.5, 0.2, kMissing, 0.2}).floats("b", {4, 9, 1, -1});
  const char* heads = R"("heads": [{"column": "a", "weight": 2}, {"column": "b", "weight": 0.5}])";
  const auto by = [&](const std::string& more) {
    return score("fuse", request, "{" + more + heads + "}");
  };
  check_near(by(""), {3.0, 4.9, 0.5, -0.1});
  check_near(by(R"("method": "product", )"), {0.25 * 2, 0.04 * 3, 0.0, 0.0});
  check_near(by(R"("method": "rank", "constant": 1, )"),
             {2 / 2.0 + 0.5 / 3, 2 / 3.0 + 0.5 / 2, 0.5 / 4, 2 / 3.0 + 0.5 / 5});
  // A power of nothing below 0 is no number.
  check_near(
      score("fuse", request, R"({"method": "product", "heads": [{"column": "a", "weight": -1}]})"),
      {2.0, 5.0, kMissing, 5.0});
  CHECK_THROWS_WITH(score("fuse", request, "{}"), "`/heads` must name at least one column");
}

TEST_CASE("decay leaves half at the half-life, whatever the shape", "[scorers]") {
  FakeRequest request(5, 5);
  const std::int64_t now = request.now_ms;
  request.candidates.floats("score", {8, 8, 8, kMissing, 8});
  request.candidates.integers("created_at", {now - 1000, now - 3000, std::nullopt, now, now + 500},
                              LINEUP_TYPE_TIME_MS);
  const auto by = [&](const std::string& more) {
    return score("decay", request, R"({"half_life_ms": 1000)" + more + "}");
  };
  check_near(by(""), {4, 1, 8, kMissing, 8});
  check_near(by(R"(, "shape": "gauss")"), {4, 8 / 512.0, 8, kMissing, 8});
  check_near(by(R"(, "shape": "linear")"), {4, 0, 8, kMissing, 8});
  check_near(by(R"(, "offset_ms": 1000, "floor": 0.5)"), {8, 5, 8, kMissing, 8});
}

TEST_CASE("calibrate pools outputs that fall", "[scorers]") {
  FakeRequest request(5, 5);
  request.candidates.floats("score", {1, 2, 3, 4, 5});
  check_near(score("calibrate", request, R"({"curves": [{"method": "isotonic",
      "inputs": [1, 2, 3, 4, 5], "outputs": [0.1, 0.4, 0.2, 0.3, 0.9]}]})"),
             {0.1, 0.3, 0.3, 0.3, 0.9});
  check_near(score("calibrate", request, R"({"curves": [{"method": "isotonic",
      "inputs": [1, 2, 3, 4, 5], "outputs": [0.1, 0.4, 0.2, 0.5, 0.9],
      "weights": [1, 1, 3, 1, 1]}]})"),
             {0.1, 0.25, 0.25, 0.5, 0.9});
}

TEST_CASE("calibrate's isotonic outputs are the closest that never fall", "[scorers]") {
  // Against all assignments of pools: the best cut of the points into runs of equal output.
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Numbers numbers(seed);
    constexpr unsigned kPoints = 7;
    std::vector<double> outputs, inputs;
    std::string given, at;
    for (unsigned point = 0; point < kPoints; ++point) {
      outputs.push_back(static_cast<double>(numbers.below(100)) / 100.0);
      inputs.push_back(point);
      given += (point == 0 ? "" : ", ") + std::to_string(outputs.back());
      at += (point == 0 ? "" : ", ") + std::to_string(point);
    }
    double least = 1e9;
    for (unsigned cuts = 0; cuts < 1U << (kPoints - 1); ++cuts) {
      double error = 0.0, before = -1.0;
      bool is_rising = true;
      for (unsigned from = 0; from < kPoints;) {
        unsigned to = from + 1;
        while (to < kPoints && (cuts >> (to - 1) & 1U) == 0) ++to;
        double mean = 0.0;
        for (unsigned i = from; i < to; ++i) mean += outputs[i] / (to - from);
        is_rising = is_rising && mean >= before - 1e-12;
        before = mean;
        for (unsigned i = from; i < to; ++i) error += std::pow(outputs[i] - mean, 2);
        from = to;
      }
      if (is_rising) least = std::min(least, error);
    }
    FakeRequest request(kPoints, kPoints);
    request.candidates.floats("score", inputs);
    const auto fitted = score("calibrate", request,
                              R"({"curves": [{"method": "isotonic", "inputs": [)" + at +
                                  R"(], "outputs": [)" + given + "]}]}");
    double error = 0.0;
    for (unsigned i = 0; i < kPoints; ++i) error += std::pow(outputs[i] - fitted[i], 2);
    CHECK(error == Approx(least).margin(1e-9));
    CHECK(std::is_sorted(fitted.begin(), fitted.end()));
  }
}

TEST_CASE("calibrate undoes the sampling of negatives", "[scorers]") {
  // 1 in 100 is positive; a model trained with a tenth of the negatives says 10 / 109.
  FakeRequest request(3, 3);
  request.candidates.floats("score", {10.0 / 109.0, 1.0, 0.0});
  check_near(
      score("calibrate", request, R"({"curves": [{"method": "none", "sampling_rate": 0.1}]})"),
      {0.01, 1.0, 0.0});
  CHECK_THROWS_WITH(
      score("calibrate", request, R"({"curves": [{"method": "none", "sampling_rate": 0}]})"),
      "`/curves/0/sampling_rate` must be above 0 and at most 1");
}
