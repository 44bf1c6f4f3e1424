// SPDX-License-Identifier: Apache-2.0
//
// The generator `sequence_beam`, against a beam that looks at every row of every list, and against
// all lists there are.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "loaded.hpp"

using namespace lineup::testing;
using Slates = std::vector<std::vector<Row>>;

namespace {

FakeRequest random_request(std::uint32_t rows, std::uint32_t slots, std::uint64_t seed) {
  Numbers numbers(seed);
  FakeRequest request(rows, slots);
  std::vector<double> clicks, goes_on;
  for (std::uint32_t row = 0; row < rows; ++row) {
    clicks.push_back(numbers.unit());
    goes_on.push_back(0.3 + 0.7 * numbers.unit());
  }
  request.candidates.floats("pctr", clicks).floats("pnext", goes_on);
  return request;
}

struct Reward {
  double total = 0.0;
  double exposure = 1.0;
};

Reward reward_of(const FakeRequest& request, const std::vector<Row>& list, double alpha,
                 double beta) {
  Reward reward;
  for (const Row row : list) {
    const double goes_on = request.candidates.find("pnext")->floats[row];
    reward.total +=
        reward.exposure * (alpha * goes_on + beta * request.candidates.find("pctr")->floats[row]);
    reward.exposure *= goes_on;
  }
  return reward;
}

Slates slow_beam(const FakeRequest& request, std::size_t width, double alpha, double beta) {
  Slates beam{{}};
  for (std::uint32_t slot = 0; slot < request.slot_count; ++slot) {
    Slates all;
    for (const std::vector<Row>& list : beam) {
      for (Row row = 0; row < request.candidates.row_count(); ++row) {
        if (std::find(list.begin(), list.end(), row) != list.end()) continue;
        if (request.permits && !request.permits(list, row)) continue;
        all.push_back(list);
        all.back().push_back(row);
      }
    }
    std::stable_sort(all.begin(), all.end(), [&](const auto& left, const auto& right) {
      return reward_of(request, left, alpha, beta).total >
             reward_of(request, right, alpha, beta).total;
    });
    if (all.size() > width) all.resize(width);
    beam = all;
  }
  return beam;
}

std::string to_config(std::size_t width, double alpha, double beta, const char* more = "") {
  return "{\"width\": " + std::to_string(width) + R"(, "values": [{"column": "pnext", "weight": )" +
         std::to_string(alpha) + R"(}, {"column": "pctr", "weight": )" + std::to_string(beta) +
         "}]" + more + "}";
}

Slates generate(const FakeRequest& request, const std::string& config) {
  static const Loaded loaded("sequence_beam");
  FakeNode node(loaded.plugin, "sequence_beam", config);
  node.activate(request);
  return node.generate(request);
}

}  // namespace

TEST_CASE("sequence_beam keeps the lists of a beam that looks at every row", "[beam]") {
  const std::size_t width = GENERATE(1U, 2U, 5U, 8U, 40U);
  const double alpha = GENERATE(0.0, 0.5, 1.0);
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    FakeRequest request = random_request(30, 8, seed);
    if (seed % 2 == 0) {
      request.permits = [](const std::vector<Row>& placed, Row row) {
        return placed.empty() || (row + placed.back()) % 3 != 0;
      };
    }
    CAPTURE(width, alpha, seed);
    CHECK(generate(request, to_config(width, alpha, 1.0 - alpha + 0.1)) ==
          slow_beam(request, width, alpha, 1.0 - alpha + 0.1));
  }
}

TEST_CASE("sequence_beam finds the best of all lists when it keeps all prefixes", "[beam]") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const FakeRequest request = random_request(5, 3, seed);
    std::vector<Row> rows{0, 1, 2, 3, 4};
    std::vector<Row> best;
    double most = -1.0;
    do {
      const std::vector<Row> list(rows.begin(), rows.begin() + 3);
      const double reward = reward_of(request, list, 0.5, 0.5).total;
      if (reward <= most) continue;
      most = reward;
      best = list;
    } while (std::next_permutation(rows.begin(), rows.end()));
    CHECK(generate(request, to_config(64, 0.5, 0.5)).front() == best);
  }
}

TEST_CASE("sequence_beam puts first what keeps the user over what earns as much", "[beam]") {
  FakeRequest request(3, 3);
  request.candidates.floats("pctr", {0.30, 0.29, 0.28}).floats("pnext", {0.2, 0.9, 0.9});
  CHECK(generate(request, to_config(8, 0.0, 1.0)).front() == std::vector<Row>{1, 2, 0});
  CHECK(generate(request, to_config(1, 0.0, 1.0)).front() == std::vector<Row>{0, 1, 2});
}

TEST_CASE("sequence_beam drops lists that the best leaves behind", "[beam]") {
  FakeRequest request(6, 2);
  request.candidates.floats("pctr", {0.9, 0.1, 0.1, 0.1, 0.1, 0.1});
  request.candidates.floats("pnext", {1, 1, 1, 1, 1, 1});
  // After the first slot one list leads by far; in the second all its children are near it.
  const Slates wide = generate(request, to_config(8, 0.0, 1.0));
  const Slates narrow = generate(request, to_config(8, 0.0, 1.0, R"(, "lead": 0.3)"));
  CHECK(wide.size() == 8);
  CHECK(narrow.size() == 5);
  for (const auto& list : narrow) CHECK(list.front() == 0);
}

TEST_CASE("sequence_beam takes the request's weight of an objective", "[beam]") {
  FakeRequest request(2, 1);
  request.candidates.floats("a", {1, 0}).floats("b", {0, 1}).floats("pnext", {1, 1});
  request.objectives = {{"x", "a", 1.0}, {"y", "b", 2.0}};
  const std::string config = R"({"width": 1, "values": [{"column": "a", "objective": "x"},
                                             {"column": "b", "objective": "y"}]})";
  CHECK(generate(request, config) == Slates{{1}});
  request.objectives[0].weight = 3.0;
  CHECK(generate(request, config) == Slates{{0}});
}

TEST_CASE("sequence_beam proposes pages when rows, permissions or work run out", "[beam]") {
  FakeRequest empty(0, 3);
  empty.candidates.floats("pctr", {}).floats("pnext", {});
  CHECK(generate(empty, to_config(4, 0.0, 1.0)) == Slates{{}});
  FakeRequest blocked = random_request(6, 4, 1);
  blocked.permits = [](const std::vector<Row>& placed, Row) { return placed.size() < 2; };
  for (const auto& list : generate(blocked, to_config(4, 0.0, 1.0))) CHECK(list.size() == 4);
  FakeRequest limited = random_request(6, 4, 1);
  limited.work_limit = 3;
  CHECK(generate(limited, to_config(4, 0.0, 1.0)).front().size() == 4);
}

TEST_CASE("sequence_beam refuses an objective that the policy does not have", "[beam]") {
  FakeRequest request = random_request(3, 2, 1);
  CHECK_THROWS_WITH(generate(request, R"({"values": [{"column": "pctr", "objective": "likes"}]})"),
                    "the policy has no objective `likes`");
}
