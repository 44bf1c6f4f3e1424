// SPDX-License-Identifier: Apache-2.0
//
// The generators `sampled` and `pareto`.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "loaded.hpp"

using namespace lineup::testing;
using Slates = std::vector<std::vector<Row>>;

namespace {

Slates generate(const char* plugin, const FakeRequest& request, const std::string& config) {
  const Loaded loaded(plugin);
  FakeNode node(loaded.plugin, plugin, config);
  node.activate(request);
  return node.generate(request);
}

FakeRequest two_queues(std::uint32_t rows, std::uint32_t slots, std::uint64_t seed) {
  Numbers numbers(seed);
  FakeRequest request(rows, slots);
  std::vector<double> a, b;
  for (std::uint32_t row = 0; row < rows; ++row) {
    a.push_back(numbers.unit());
    b.push_back(1.0 - a.back() + 0.3 * numbers.unit());
  }
  // Brought to 0..1 by hand, so that the plugin's scaling leaves them as they are.
  for (auto* column : {&a, &b}) {
    const auto [least, most] = std::minmax_element(column->begin(), column->end());
    const double from = *least, range = *most - *least;
    for (double& value : *column) value = (value - from) / range;
  }
  request.candidates.floats("a", a).floats("b", b);
  return request;
}

}  // namespace

TEST_CASE("sampled without temperature is the page by relevance", "[sampled]") {
  FakeRequest request(4, 4);
  request.candidates.floats("score", {0.1, kMissing, 0.9, 0.5});
  CHECK(generate("sampled", request, R"({"temperature": 0})") == Slates{{2, 3, 0, 1}});
}

TEST_CASE("sampled draws the first row with the probability of its share", "[sampled]") {
  const Loaded loaded("sampled");
  FakeRequest request(3, 3);
  request.candidates.floats("score", {std::log(1.0), std::log(2.0), std::log(5.0)});
  FakeNode node(loaded.plugin, "sampled", R"({"scale": "none", "temperature": 1})");
  node.activate(request);
  constexpr int kDraws = 8000;
  double first[3] = {}, second_after_2[3] = {};
  for (int draw = 0; draw < kDraws; ++draw) {
    request.seed = static_cast<std::uint64_t>(draw) * 7919;
    const auto page = node.generate(request).front();
    first[page[0]] += 1;
    if (page[0] == 2) second_after_2[page[1]] += 1;
  }
  const double shares[] = {1 / 8.0, 2 / 8.0, 5 / 8.0};
  double chi = 0.0;
  for (int row = 0; row < 3; ++row) {
    chi += std::pow(first[row] - kDraws * shares[row], 2) / (kDraws * shares[row]);
  }
  CHECK(chi < 13.8);  // 2 degrees of freedom, p = 0.001; the draws are fixed
  CHECK(second_after_2[1] / second_after_2[0] == Approx(2.0).epsilon(0.1));
}

TEST_CASE("sampled gives equal pages for equal seeds and others for others", "[sampled]") {
  FakeRequest request(40, 10);
  std::vector<double> scores;
  for (int row = 0; row < 40; ++row) scores.push_back(row / 40.0);
  request.candidates.floats("score", scores);
  request.permits = [](const std::vector<Row>& placed, Row row) {
    return placed.empty() || row % 2 != placed.back() % 2;
  };
  const char* config = R"({"slates": 5, "temperature": 0.5})";
  const Slates pages = generate("sampled", request, config);
  CHECK(pages.size() == 5);
  CHECK(std::set<std::vector<Row>>(pages.begin(), pages.end()).size() == 5);
  CHECK(generate("sampled", request, config) == pages);
  CHECK(generate("sampled", request, R"({"slates": 5, "temperature": 0.5, "seed": 1})") != pages);
  for (const auto& page : pages) {
    for (std::size_t slot = 1; slot < page.size(); ++slot) {
      CHECK(page[slot] % 2 != page[slot - 1] % 2);
    }
  }
}

TEST_CASE("pareto proposes the base page first and none that another beats", "[pareto]") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const FakeRequest request = two_queues(40, 6, seed);
    const Slates pages = generate(
        "pareto", request,
        R"({"queues": [{"column": "a"}, {"column": "b", "weight": 0.9}], "slates": 1000, "prefix": 0})");
    const auto& a = request.candidates.find("a")->floats;
    const auto& b = request.candidates.find("b")->floats;
    std::vector<Row> base(40);
    for (Row row = 0; row < 40; ++row) base[row] = row;
    std::stable_sort(base.begin(), base.end(), [&](Row left, Row right) {
      return a[left] + 0.9 * b[left] > a[right] + 0.9 * b[right];
    });
    base.resize(6);
    CHECK(pages.front() == base);
    CHECK(pages.size() > 3);
    const auto worth = [](const std::vector<double>& column, const std::vector<Row>& page) {
      double sum = 0.0;
      for (std::size_t slot = 0; slot < page.size(); ++slot) {
        sum += column[page[slot]] / std::log2(static_cast<double>(slot) + 2.0);
      }
      return sum;
    };
    for (const auto& page : pages) {
      for (const auto& other : pages) {
        if (page == pages.front()) continue;
        CHECK_FALSE(
            (worth(a, other) > worth(a, page) + 1e-12 && worth(b, other) > worth(b, page) + 1e-12));
      }
    }
  }
}

TEST_CASE("pareto gives up weightings that begin as another page", "[pareto]") {
  const FakeRequest request = two_queues(60, 10, 4);
  const auto count = [&](const char* prefix) {
    return generate(
        "pareto", request,
        std::string(R"({"slates": 1000, "queues": [{"column": "a"}, {"column": "b"}],)") + prefix +
            "}");
  };
  const Slates some = count(R"("prefix": 2)");
  std::set<std::vector<Row>> heads;
  for (const auto& page : some) heads.insert({page.begin(), page.begin() + 2});
  CHECK(heads.size() == some.size());
  CHECK(count(R"("prefix": 0)").size() > some.size());
}

TEST_CASE("pareto keeps to its number of slates and proposes one for an empty batch", "[pareto]") {
  const FakeRequest request = two_queues(60, 10, 4);
  CHECK(generate("pareto", request,
                 R"({"slates": 3, "prefix": 0, "queues": [{"column": "a"}, {"column": "b"}]})")
            .size() == 3);
  FakeRequest empty(0, 3);
  empty.candidates.floats("a", {});
  CHECK(generate("pareto", empty, R"({"queues": [{"column": "a"}]})") == Slates{{}});
}
