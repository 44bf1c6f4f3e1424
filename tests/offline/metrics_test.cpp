// SPDX-License-Identifier: Apache-2.0
//
// Every metric against the slow, obvious way to compute it, on seeded pages and by hand.
#include "cli/offline/metrics.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <set>

#include "cli/offline/random.hpp"

using namespace lineup::cli;

namespace {

struct Case {
  std::vector<double> offered;
  std::vector<Groups> groups;
  std::vector<std::size_t> page;  // rows

  explicit Case(std::uint64_t seed, std::size_t rows = 7, std::size_t slots = 4) {
    Random random(seed);
    for (std::size_t row = 0; row < rows; ++row) {
      offered.push_back(random.chance(0.4) ? 1.0 : 0.0);
      std::set<std::uint32_t> of_row;
      for (std::uint32_t i = 0; i < 1 + random.below(2); ++i) of_row.insert(random.below(3));
      groups.emplace_back(of_row.begin(), of_row.end());
      page.push_back(row);
    }
    for (std::size_t i = 0; i + 1 < rows; ++i) {
      std::swap(page[i], page[i + random.below(static_cast<std::uint32_t>(rows - i))]);
    }
    page.resize(slots);
  }
  [[nodiscard]] std::vector<double> labels() const {
    std::vector<double> out;
    for (const std::size_t row : page) out.push_back(offered[row]);
    return out;
  }
  [[nodiscard]] std::vector<Groups> page_groups() const {
    std::vector<Groups> out;
    for (const std::size_t row : page) out.push_back(groups[row]);
    return out;
  }
};

double dcg(const std::vector<double>& labels) {
  double sum = 0.0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    sum += (std::pow(2.0, labels[i]) - 1.0) / (std::log(double(i) + 2.0) / std::log(2.0));
  }
  return sum;
}

// Of one order of rows.
double alpha_dcg(const Case& one, const std::vector<std::size_t>& order) {
  double sum = 0.0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    double gain = 0.0;
    for (const std::uint32_t group : one.groups[order[i]]) {
      double left = one.offered[order[i]];
      for (std::size_t above = 0; above < i; ++above) {
        const Groups& its = one.groups[order[above]];
        const bool has = std::find(its.begin(), its.end(), group) != its.end();
        if (has && one.offered[order[above]] > 0.0) left *= 0.5;
      }
      gain += left;
    }
    sum += gain / std::log2(double(i) + 2.0);
  }
  return sum;
}

}  // namespace

TEST_CASE("ndcg is what the best of all orders gives", "[metrics]") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Case one(seed, 6, 3);
    std::vector<double> all = one.offered;
    std::sort(all.begin(), all.end());
    double best = 0.0;
    do {
      best = std::max(best, dcg({all.begin(), all.begin() + 3}));
    } while (std::next_permutation(all.begin(), all.end()));
    const double expected = best > 0.0 ? dcg(one.labels()) / best : 0.0;
    CHECK(ndcg(one.labels(), one.offered) == Approx(expected));
  }
}

TEST_CASE("ndcg of pages without a relevant candidate is 0", "[metrics]") {
  const std::vector<double> none(4, 0.0);
  CHECK(ndcg(none, none) == 0.0);
  CHECK(average_precision(none) == 0.0);
  CHECK(ndcg({}, {}) == 0.0);
}

TEST_CASE("average precision is the mean precision at relevant slots", "[metrics]") {
  CHECK(average_precision(std::vector<double>{1, 0, 1, 0}) == Approx((1.0 + 2.0 / 3.0) / 2.0));
  CHECK(average_precision(std::vector<double>{0, 0, 0, 1}) == Approx(0.25));
  CHECK(average_precision(std::vector<double>{1, 1}) == Approx(1.0));
}

TEST_CASE("alpha-NDCG is relative to the greedy ideal", "[metrics]") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Case one(seed);
    // Greedy, by trying every row at every slot.
    std::vector<std::size_t> ideal;
    for (std::size_t slot = 0; slot < one.page.size(); ++slot) {
      double most = -1.0;
      std::size_t best = 0;
      for (std::size_t row = 0; row < one.offered.size(); ++row) {
        if (std::find(ideal.begin(), ideal.end(), row) != ideal.end()) continue;
        auto tried = ideal;
        tried.push_back(row);
        const double value = alpha_dcg(one, tried);
        if (value > most + 1e-12) {
          most = value;
          best = row;
        }
      }
      ideal.push_back(best);
    }
    const double whole = alpha_dcg(one, ideal);
    const double expected = whole > 0.0 ? alpha_dcg(one, one.page) / whole : 0.0;
    CHECK(alpha_ndcg(one.labels(), one.page_groups(), one.offered, one.groups) ==
          Approx(expected).margin(1e-12));
  }
}

TEST_CASE("a second relevant item of a group gains half", "[metrics]") {
  const std::vector<double> both = {1, 1};
  const std::vector<Groups> same = {{1}, {1}};
  const std::vector<double> offered = {1, 1, 1};
  const std::vector<Groups> groups = {{1}, {1}, {2}};
  const double discount = 1.0 / std::log2(3.0);
  CHECK(alpha_ndcg(both, same, offered, groups) ==
        Approx((1.0 + 0.5 * discount) / (1.0 + discount)));
}

TEST_CASE("pairs and coverage count groups", "[metrics]") {
  const std::vector<Groups> page = {{1, 2}, {2}, {3}};
  CHECK(different_pairs(page) == Approx(2.0 / 3.0));
  CHECK(group_coverage(page, std::vector<Groups>{{1}, {2}, {3}, {4}}) == Approx(1.0));
  CHECK(group_coverage(std::vector<Groups>{{1}, {1}}, page) == Approx(0.5));
  CHECK(different_pairs(std::vector<Groups>{{1}}) == 0.0);
}

TEST_CASE("ERR-IA falls where a kind comes back early", "[metrics]") {
  // Slots 1, 2 and 3 weigh 1, 1/2 and 1/3; the scale is 1/2 + 1/8 + 1/24.
  const double scale = 2.0 / 3.0;
  const double different = (0.5 + 0.25 + 1.0 / 6.0) / scale;
  CHECK(err_ia(std::vector<Groups>{{1}, {2}, {3}}) == Approx(different));
  CHECK(err_ia(std::vector<Groups>{{1}, {1}, {1}}) ==
        Approx((0.5 + 0.5 / 3.0 + 1.0 / 15.0) / scale));
  CHECK(err_ia(std::vector<Groups>{{1}, {1}, {2}}) < err_ia(std::vector<Groups>{{1}, {2}, {1}}));
  CHECK(err_ia(std::vector<Groups>{}) == 0.0);
}

TEST_CASE("intra-list distance is the mean of 1 - cosine", "[metrics]") {
  const std::vector<float> a = {1, 0};
  const std::vector<float> b = {0, 2};
  const std::vector<float> c = {3, 3};
  const double slanted = 1.0 - std::sqrt(0.5);
  CHECK(intra_list_distance(std::vector<std::span<const float>>{a, b, c}) ==
        Approx((1.0 + slanted + slanted) / 3.0));
  CHECK(intra_list_distance(std::vector<std::span<const float>>{a, {}}) == Approx(1.0));
}
