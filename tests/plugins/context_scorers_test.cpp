// SPDX-License-Identifier: Apache-2.0
//
// The scorers `expression`, `position_bias` and `context_uplift`.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "loaded.hpp"

using namespace lineup::testing;
using Column = std::vector<double>;

namespace {

Column score(const char* plugin, const FakeRequest& request, const std::string& config,
             const std::string& output = "score") {
  const Loaded loaded(plugin);
  FakeNode node(loaded.plugin, plugin, config);
  node.activate(request);
  return node.score(request).at(output);
}

// One formula over a = 3, b = -2, missing = none.
double formula(const std::string& text) {
  FakeRequest request(1, 1);
  request.candidates.floats("a", {3}).floats("b", {-2}).floats("missing", {kMissing});
  return score("expression", request, R"({"formula": ")" + text + R"(", "output": "out"})", "out")
      .at(0);
}

std::string refusal(const std::string& text) {
  try {
    static_cast<void>(formula(text));
  } catch (const std::exception& fault) {
    return fault.what();
  }
  return {};
}

void check_same(const Column& left, const Column& right) {
  REQUIRE(left.size() == right.size());
  for (std::size_t row = 0; row < left.size(); ++row) {
    INFO("row " << row);
    if (std::isnan(right[row])) {
      CHECK(std::isnan(left[row]));
    } else {
      CHECK(left[row] == Approx(right[row]));
    }
  }
}

}  // namespace

TEST_CASE("a formula means what it means on paper", "[expression]") {
  CHECK(formula("1 + 2 * a") == 7);
  CHECK(formula("(1 + 2) * a") == 9);
  CHECK(formula("10 - 4 - 3") == 3);
  CHECK(formula("16 / 4 / 2") == 2);
  CHECK(formula("2 ^ 3 ^ 2") == 512);
  CHECK(formula("-2 ^ 2") == -4);
  CHECK(formula("2 ^ -1") == 0.5);
  CHECK(formula("2 * -a") == -6);
  CHECK(formula("a*a+b*b") == 13);
  CHECK(formula("1e-3 * 2000") == Approx(2));
  CHECK(formula("min(a, b) + max(a, b)") == 1);
  CHECK(formula("clamp(a, 0, 1) + clamp(b, 0, 1) + clamp(0.25, 0, 1)") == 1.25);
  CHECK(formula("log(exp(a)) + sqrt(16) + abs(b)") == Approx(9));
  CHECK(formula("sigmoid(0)") == 0.5);
  CHECK(formula("if(a > b, 5, 6) + (a == 3) + (a != 3) + (b >= -2)") == 7);
}

TEST_CASE("missing values stay missing unless the formula says otherwise", "[expression]") {
  CHECK(std::isnan(formula("a + missing")));
  CHECK(std::isnan(formula("min(a, missing)")));
  CHECK(std::isnan(formula("max(missing, a)")));
  CHECK(std::isnan(formula("0 / 0")));
  CHECK(formula("default(missing, 4) + default(a, 100)") == 7);
  CHECK(formula("if(missing, 1, 2)") == 2);
  CHECK(formula("(missing < 1) + (missing == missing) * 10") == 0);
}

TEST_CASE("a wrong formula is refused with its place", "[expression]") {
  using Catch::Contains;
  CHECK_THAT(refusal("a +"), Contains("at character 4") && Contains("expected a number"));
  CHECK_THAT(refusal("a b"), Contains("at character 3"));
  CHECK_THAT(refusal("(a"), Contains("expected `)`"));
  CHECK_THAT(refusal("cos(a)"), Contains("unknown function `cos`"));
  CHECK_THAT(refusal("min(a)"), Contains("`min` takes 2 values"));
  CHECK_THAT(refusal("a < b < 3"), Contains("at character 7"));
  CHECK_THAT(refusal(std::string(500, '(') + "1" + std::string(500, ')')), Contains("too deep"));
  CHECK_THAT(refusal(std::string(500, '-') + "1"), Contains("too deep"));
  std::string wide = "1";
  for (int i = 0; i < 200; ++i) wide = "1 + " + wide;
  CHECK(formula(wide) == 201);
}

TEST_CASE("position_bias lifts rates to what they would be on top", "[position_bias]") {
  FakeRequest request(6, 3);
  request.candidates.floats("score", {0.1, 0.1, 0.1, 0.1, 0.6, kMissing})
      .floats("logged_slot", {1, 2, 2.5, 90, 4, 3});
  check_same(score("position_bias", request, R"({"examined": [1, 0.5, 0.25], "boost_max": 3})"),
             {0.1, 0.2, 0.1 / 0.375, 0.3, 1.0, kMissing});
  check_same(score("position_bias", request, R"({"power": 1, "cap": 10})"),
             {0.1, 0.2, 0.25, 1.0, 2.4, kMissing});
}

TEST_CASE("position_bias leaves rows without a slot as they are", "[position_bias]") {
  FakeRequest request(3, 3);
  request.candidates.floats("score", {0.1, 0.2, 0.3}).floats("logged_slot", {kMissing, 0, -4});
  check_same(score("position_bias", request, "{}"), {0.1, 0.2, 0.3});
}

TEST_CASE("context_uplift multiplies by what is expected above", "[context_uplift]") {
  Numbers numbers(4);
  const std::uint32_t rows = 30;
  FakeRequest request(rows, 10, 5);
  const std::vector<std::string> kinds = {"travel", "news", "sport", ""};
  Column scores;
  std::vector<std::string> categories, past;
  for (Row row = 0; row < rows; ++row) {
    scores.push_back(numbers.unit());
    categories.push_back(kinds[numbers.below(4)]);
  }
  for (int row = 0; row < 5; ++row) past.push_back(kinds[numbers.below(4)]);
  request.candidates.floats("score", scores).codes("category", categories);
  request.history.codes("category", past);
  const auto factor = [&](const std::string& kind, const std::string& above) {
    if (kind == "travel" && above == "travel") return 1.5;
    if (kind == "travel" && above == "news") return 0.5;
    if (kind == "news" && above == "sport") return 2.0;
    return 0.9;
  };
  std::vector<Row> order(rows);
  for (Row row = 0; row < rows; ++row) order[row] = row;
  std::stable_sort(order.begin(), order.end(),
                   [&](Row left, Row right) { return scores[left] > scores[right]; });
  Column expected;
  for (Row row = 0; row < rows; ++row) {
    double sum = 0.0, total = 0.0;
    for (int back = 1; back <= 2; ++back) {
      sum += factor(categories[row], past[static_cast<std::size_t>(5 - back)]) / (back + 1.0);
      total += 1.0 / (back + 1.0);
    }
    for (int place = 1; place <= 6; ++place) {
      const double weight = 1.0 / std::log2(place + 1.0);
      sum +=
          weight * factor(categories[row], categories[order[static_cast<std::size_t>(place - 1)]]);
      total += weight;
    }
    expected.push_back(categories[row].empty() ? scores[row] : scores[row] * sum / total);
  }
  check_same(score("context_uplift", request,
                   R"({"top": 6, "history": 2, "otherwise": 0.9, "table": [
                       {"kind": "travel", "above": "travel", "factor": 1.5},
                       {"kind": "travel", "above": "news", "factor": 0.5},
                       {"kind": "news", "above": "sport", "factor": 2.0}]})"),
             expected);
}
