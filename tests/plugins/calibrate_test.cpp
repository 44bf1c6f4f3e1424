// SPDX-License-Identifier: Apache-2.0
//
// The scorer `calibrate`.
#include <catch2/catch.hpp>
#include <cmath>

#include "loaded.hpp"

using lineup::testing::FakeNode;
using lineup::testing::FakeRequest;
using lineup::testing::kMissing;
using lineup::testing::Loaded;

TEST_CASE("calibrate draws straight lines between points and is flat beyond them", "[calibrate]") {
  const Loaded loaded("calibrate");
  FakeRequest request(7, 1);
  request.candidates.floats("score", {-5, 0, 0.25, 0.5, 0.75, 1, 9});
  FakeNode node(loaded.plugin, "calibrate",
                R"({"curves": [{"inputs": [0, 0.5, 1], "outputs": [0.1, 0.2, 1.0]}]})");
  node.activate(request);
  const auto written = node.score(request).at("score");
  const std::vector<double> expected = {0.1, 0.1, 0.15, 0.2, 0.6, 1.0, 1.0};
  for (std::size_t row = 0; row < expected.size(); ++row)
    CHECK(written[row] == Approx(expected[row]));
}

TEST_CASE("calibrate takes a curve per channel and keeps scores of channels without one",
          "[calibrate]") {
  const Loaded loaded("calibrate");
  FakeRequest request(4, 1);
  request.candidates.floats("score", {2, 2, 2, 2}).codes("type", {"article", "video", "ad", ""});
  FakeNode node(loaded.plugin, "calibrate",
                R"({"channel": "type", "output": "calibrated", "curves": [
                  {"channel": "video", "method": "platt", "slope": 2, "intercept": -1},
                  {"channel": "article", "inputs": [0, 4], "outputs": [0, 1]}]})");
  node.activate(request);
  const auto written = node.score(request).at("calibrated");
  CHECK(written[0] == Approx(0.5));
  CHECK(written[1] == Approx(1 / (1 + std::exp(-3.0))));
  CHECK(written[2] == 2.0);
  CHECK(written[3] == 2.0);
}

TEST_CASE("calibrate's curve without a channel serves all other rows", "[calibrate]") {
  const Loaded loaded("calibrate");
  FakeRequest request(3, 1);
  request.candidates.floats("score", {1, 1, 1}).codes("type", {"video", "ad", ""});
  FakeNode node(loaded.plugin, "calibrate",
                R"({"channel": "type", "curves": [
                  {"channel": "video", "inputs": [0], "outputs": [7]},
                  {"inputs": [0], "outputs": [9]}]})");
  node.activate(request);
  CHECK(node.score(request).at("score") == std::vector<double>{7, 9, 9});
}

TEST_CASE("calibrate keeps missing scores missing", "[calibrate]") {
  const Loaded loaded("calibrate");
  FakeRequest request(1, 1);
  request.candidates.floats("score", {kMissing});
  FakeNode node(loaded.plugin, "calibrate", R"({"curves": [{"inputs": [0], "outputs": [7]}]})");
  node.activate(request);
  CHECK(std::isnan(node.score(request).at("score")[0]));
}

TEST_CASE("calibrate refuses curves that make no sense", "[calibrate]") {
  const Loaded loaded("calibrate");
  struct Case {
    const char* config;
    const char* message;
  };
  const auto c = GENERATE(values<Case>({
      {R"({})", "`/curves` must have at least one curve"},
      {R"({"curves": [{"inputs": [0, 1], "outputs": [0]}]})",
       "`/curves/0` must have as many `outputs` as `inputs`, at least one"},
      {R"({"curves": [{"inputs": [1, 1], "outputs": [0, 1]}]})",
       "`/curves/0/inputs/1` must be larger than the input before it"},
      {R"({"curves": [{"channel": "a", "inputs": [1], "outputs": [0]}]})",
       "`/channel` must name the column that tells the channel of a row"},
      {R"({"channel": "c", "curves": [{"channel": "a", "method": "platt"},
                                      {"channel": "a", "method": "platt"}]})",
       "`/curves/1`: channel `a` has a curve already"},
  }));
  CHECK_THROWS_WITH(FakeNode(loaded.plugin, "calibrate", c.config), c.message);
}
