// SPDX-License-Identifier: Apache-2.0
//
// The generator `thompson`, against draws of the standard library.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "loaded.hpp"

using namespace lineup::testing;
using Page = std::vector<Row>;

namespace {

const Loaded& plugin() {
  static const Loaded loaded("thompson");
  return loaded;
}

// Rows 0 .. 2 are new; the others have been seen enough.
FakeRequest with_evidence(const std::vector<double>& exposures, const std::vector<double>& clicks,
                          std::uint32_t slots) {
  FakeRequest request(static_cast<std::uint32_t>(exposures.size()), slots);
  std::vector<double> scores;
  for (std::size_t row = 0; row < exposures.size(); ++row) {
    scores.push_back(1.0 - 0.01 * static_cast<double>(row));
  }
  request.candidates.floats("score", scores)
      .floats("exposures", exposures)
      .floats("clicks", clicks);
  return request;
}

}  // namespace

TEST_CASE("thompson shows each row as often as its rate is drawn largest", "[thompson]") {
  const std::vector<double> exposures = {0, 40, 12, 90, 5000};
  const std::vector<double> clicks = {0, 4, 0, 3, 10};
  FakeRequest request = with_evidence(exposures, clicks, 2);
  FakeNode node(plugin().plugin, "thompson", R"({"slots": [1]})");
  node.activate(request);
  constexpr int kDraws = 6000;
  std::vector<double> seen(5, 0.0), expected(5, 0.0);
  std::mt19937_64 engine(5);
  const auto beta = [&](double a, double b) {
    const double x = std::gamma_distribution<double>(a, 1.0)(engine);
    return x / (x + std::gamma_distribution<double>(b, 1.0)(engine));
  };
  for (int draw = 0; draw < kDraws; ++draw) {
    request.seed = static_cast<std::uint64_t>(draw) * 7919 + 3;
    const Page page = node.generate(request).at(0);
    seen[page[0]] += 1.0;
    std::vector<double> rates;
    for (std::size_t row = 0; row < 4; ++row) {
      rates.push_back(beta(1.0 + clicks[row], 19.0 + exposures[row] - clicks[row]));
    }
    expected[static_cast<std::size_t>(std::max_element(rates.begin(), rates.end()) -
                                      rates.begin())] += 1.0;
  }
  CHECK(seen[4] == 0.0);  // it has its exposures
  for (std::size_t row = 0; row < 4; ++row) {
    INFO("row " << row << ": " << seen[row] << " for " << expected[row]);
    CHECK(std::abs(seen[row] - expected[row]) < 4.0 * std::sqrt(2.0 * expected[row] + 1.0));
  }
}

TEST_CASE("rows that are explored stand in declared slots only, while others are left",
          "[thompson]") {
  // The new rows have the best scores.
  FakeRequest request =
      with_evidence({0, 0, 0, 0, 900, 900, 900, 900}, {0, 0, 0, 0, 9, 9, 9, 9}, 6);
  FakeNode node(plugin().plugin, "thompson", R"({"slots": [3, 5]})");
  node.activate(request);
  for (request.seed = 1; request.seed <= 50; ++request.seed) {
    const Page page = node.generate(request).at(0);
    REQUIRE(page.size() == 6);
    for (std::size_t slot = 0; slot < 6; ++slot) {
      CHECK((page[slot] < 4) == (slot == 2 || slot == 4));
    }
    CHECK(page[0] == 4);
    CHECK(page[1] == 5);
  }
  FakeNode free(plugin().plugin, "thompson", R"({"slots": [3], "confined": false})");
  free.activate(request);
  const Page page = free.generate(request).at(0);
  CHECK(page[0] == 0);
  CHECK(page[1] == 1);
}

TEST_CASE("rows climb through the pools, and those that surely are not good enough leave",
          "[thompson]") {
  // In order: new; seen and good; seen and bad; promoted twice; graduated.
  FakeRequest request = with_evidence({10, 150, 150, 600, 2000}, {0, 12, 0, 40, 200}, 1);
  const auto shown = [&](const char* shares) {
    const std::string config =
        std::string(R"({"slots": [1], "pools": [{"until": 100, "promote": 0.05, )") + shares;
    FakeNode node(plugin().plugin, "thompson", config);
    node.activate(request);
    std::vector<int> count(5, 0);
    for (request.seed = 1; request.seed <= 200; ++request.seed) {
      ++count[node.generate(request).at(0).at(0)];
    }
    return count;
  };
  const auto first = shown(R"("share": 1}, {"until": 1000, "promote": 0.05, "share": 0}]})");
  CHECK(first[0] == 200);
  const auto second = shown(R"("share": 0}, {"until": 1000, "promote": 0.05, "share": 1}]})");
  CHECK(second[1] + second[3] == 200);
  CHECK(second[1] > 0);
  CHECK(second[3] > 0);
  const auto both = shown(R"("share": 3}, {"until": 1000, "promote": 0.05, "share": 1}]})");
  CHECK(both[0] > 120);
  CHECK(both[0] < 180);
  CHECK(both[2] + both[4] == 0);
}

TEST_CASE("how much evidence demotes a row is declared", "[thompson]") {
  // Graduated, with the best score; seen 150 times without a click.
  const FakeRequest request = with_evidence({3000, 150}, {300, 0}, 1);
  const auto first = [&](const char* evidence) {
    FakeNode node(plugin().plugin, "thompson",
                  std::string(R"({"slots": [1], "pools": [{"until": 100, "promote": 0.05,)") +
                      R"("evidence": )" + evidence + R"(}, {"until": 1000}]})");
    node.activate(request);
    return node.generate(request).at(0).at(0);
  };
  CHECK(first("1") == 0);
  CHECK(first("100") == 1);
}

TEST_CASE("thompson keeps the rules and gives its slot away when nothing may stand", "[thompson]") {
  FakeRequest request = with_evidence({0, 0, 900, 900}, {0, 0, 9, 9}, 3);
  request.permits = [](const Page& placed, Row row) { return placed.size() != 1 || row >= 2; };
  FakeNode node(plugin().plugin, "thompson", R"({"slots": [2]})");
  node.activate(request);
  const Page page = node.generate(request).at(0);
  CHECK(page[1] >= 2);
  CHECK(node.generate(request).at(0) == page);
}
