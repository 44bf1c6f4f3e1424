// SPDX-License-Identifier: Apache-2.0
//
// The evaluators `expected_value`, `discounted`, `diversity`, `revenue` and `freshness`, against
// their definitions worked out by hand or computed pair by pair.
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "varied_rows.hpp"

using namespace lineup::testing;
using Slates = std::vector<std::vector<Row>>;

namespace {

std::vector<std::vector<double>> evaluate(const char* plugin, const FakeRequest& request,
                                          const std::string& config, const Slates& slates) {
  const Loaded loaded(plugin);
  FakeNode node(loaded.plugin, plugin, config);
  node.activate(request);
  return node.evaluate(request, slates);
}

void check_refused(const char* plugin, const FakeRequest& request, const char* config,
                   const char* message) {
  CHECK_THROWS_WITH(evaluate(plugin, request, config, {}), message);
}

FakeRequest with_objectives(std::uint32_t rows, std::uint32_t slots,
                            const std::vector<std::string>& names) {
  FakeRequest request(rows, slots);
  for (const std::string& name : names) request.objectives.push_back({name, "", 1.0});
  return request;
}

}  // namespace

TEST_CASE("expected_value carries the exposure down the slate", "[evaluators]") {
  FakeRequest request = with_objectives(3, 3, {"views", "clicks", "orders"});
  request.candidates.floats("pctr", {0.5, 0.2, kMissing}).floats("pcvr", {0.1, 0.5, 0.5});
  request.candidates.floats("pnext", {0.8, 0.5, 1.7});
  const auto values =
      evaluate("expected_value", request,
               R"({"views": "views", "values": [{"column": "pctr", "objective": "clicks"},
          {"column": "pctr", "after": "pcvr", "objective": "orders"}]})",
               {{0, 1, 2}, {2, 1}, {}});
  CHECK(values[0][0] == Approx(1 + 0.8 + 0.8 * 0.5));
  CHECK(values[0][1] == Approx(0.5 + 0.8 * 0.2));
  CHECK(values[0][2] == Approx(0.05 + 0.8 * 0.1));
  // A probability above 1 counts as 1; a missing rate adds nothing.
  CHECK(values[1] == std::vector<double>{2.0, 0.2, 0.1});
  CHECK(values[2] == std::vector<double>{0.0, 0.0, 0.0});
}

TEST_CASE("expected_value is free of order when every user goes on", "[evaluators]") {
  Numbers numbers(1);
  FakeRequest request = with_objectives(6, 6, {"clicks"});
  std::vector<double> rates;
  for (int row = 0; row < 6; ++row) rates.push_back(numbers.unit());
  request.candidates.floats("pctr", rates);
  const auto values =
      evaluate("expected_value", request,
               R"({"continue": "", "values": [{"column": "pctr", "objective": "clicks"}]})",
               {{0, 1, 2, 3, 4, 5}, {5, 3, 1, 0, 2, 4}});
  CHECK(values[0][0] == Approx(values[1][0]));
}

TEST_CASE("discounted sums gains over the head of the page", "[evaluators]") {
  FakeRequest request = with_objectives(3, 3, {"dcg"});
  request.candidates.floats("grade", {3, 1, kMissing});
  const auto value = [&](const std::string& more) {
    return evaluate("discounted", request,
                    R"({"values": [{"column": "grade", "objective": "dcg")" + more + "}",
                    {{1, 2, 0}})[0][0];
  };
  CHECK(value("}]") == Approx(1 + 3 / 2.0));
  CHECK(value(R"(, "gain": "exponential"}])") == Approx(1 + 7 / 2.0));
  CHECK(value(R"(}], "top": 2)") == Approx(1));
  CHECK(value(R"(}], "discount": "reciprocal")") == Approx(1 + 3 / 3.0));
  CHECK(value(R"(}], "discount": "geometric", "gamma": 0.5)") == Approx(1 + 3 * 0.25));
}

TEST_CASE("diversity's distance is the mean over all pairs", "[evaluators]") {
  Numbers numbers(7);
  FakeRequest request = with_objectives(30, 8, {"ild"});
  fill_varied(request.candidates, numbers);
  const PartWeights weights = GENERATE(values<PartWeights>({{1, 0, 0}, {0, 1, 2}, {2, 1, 0.5}}));
  Slates slates{{0, 1, 2, 3, 4, 5, 6, 7}, {8, 9, 10}, {29, 3}, {5}, {}};
  const auto values =
      evaluate("diversity", request, R"({"distance": "ild", )" + to_config(weights) + "}", slates);
  for (std::size_t slate = 0; slate < slates.size(); ++slate) {
    double sum = 0.0, pairs = 0.0;
    for (std::size_t i = 0; i < slates[slate].size(); ++i) {
      for (std::size_t j = 0; j < i; ++j, pairs += 1.0) {
        sum += 1.0 - dot(features_of(request.candidates, slates[slate][i], weights),
                         features_of(request.candidates, slates[slate][j], weights));
      }
    }
    CHECK(values[slate][0] == Approx(pairs > 0.0 ? sum / pairs : 0.0).margin(1e-9));
  }
}

TEST_CASE("diversity's entropy and coverage count a missing value as its own", "[evaluators]") {
  FakeRequest request = with_objectives(5, 4, {"entropy", "coverage"});
  request.candidates.codes("category", {"a", "a", "b", "", ""});
  const char* config = R"({"entropy": "entropy", "coverage": "coverage", "by": "category"})";
  const auto values =
      evaluate("diversity", request, config, {{0, 1}, {0, 2}, {3, 4}, {0, 1, 2, 3}});
  CHECK(values[0] == std::vector<double>{0.0, 0.5});
  CHECK(values[1][0] == Approx(1.0));
  CHECK(values[2][0] == Approx(1.0));
  CHECK(values[3][0] == Approx((0.5 * std::log(2.0) + 0.5 * std::log(4.0)) / std::log(4.0)));
  CHECK(values[3][1] == 0.75);
  check_refused("diversity", request, "{}",
                "`/distance`, `/entropy` or `/coverage` must name an objective");
  check_refused("diversity", request, R"({"entropy": "entropy"})",
                "`/by` must name the category column of entropy and coverage");
}

TEST_CASE("revenue counts the rows that pay", "[evaluators]") {
  FakeRequest request = with_objectives(4, 4, {"revenue"});
  request.candidates.floats("bid", {10, 20, 40, kMissing}).floats("pctr", {0.1, 0.5, 0.25, 1});
  request.candidates.codes("type", {"ad", "video", "ad", "ad"});
  const auto value = [&](const char* config) {
    return evaluate("revenue", request, config, {{1, 0, 2, 3}})[0][0];
  };
  CHECK(value(R"({"rate": "pctr", "type": "type", "discount": "none"})") == Approx(1 + 10));
  CHECK(value(R"({"discount": "none"})") == Approx(70));
  CHECK(value(R"({"type": "type"})") == Approx(10 / std::log2(3.0) + 40 / 2.0));
  CHECK(value(R"({"type": "type", "paying": "banner"})") == 0.0);
  check_refused("revenue", request, R"({"objective": "money"})",
                "the policy has no objective `money`");
}

TEST_CASE("freshness halves with every half-life", "[evaluators]") {
  FakeRequest request = with_objectives(4, 2, {"freshness"});
  const std::int64_t now = request.now_ms;
  request.candidates.integers("created_at", {now, now - 1000, std::nullopt, now + 5000},
                              LINEUP_TYPE_TIME_MS);
  const auto values =
      evaluate("freshness", request, R"({"half_life_ms": 1000, "discount": "none"})",
               {{0, 1}, {2, 1}, {3}, {}});
  CHECK(values[0][0] == Approx(0.75));
  CHECK(values[1][0] == Approx(0.25));
  CHECK(values[2][0] == Approx(1.0));
  CHECK(values[3][0] == 0.0);
}
