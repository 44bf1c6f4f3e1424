// SPDX-License-Identifier: Apache-2.0
//
// Sums: exact whatever the order, intervals that cover, weights that give no verdict when few.
#include "cli/offline/tally.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "cli/offline/csv.hpp"
#include "cli/offline/paired.hpp"
#include "cli/offline/random.hpp"
#include "cli/offline/report.hpp"
#include "support/paths.hpp"

using namespace lineup::cli;

namespace {

TallyHead head() {
  TallyHead out;
  out.bundle = "b";
  out.arms = {"score order", "bundle", "logged"};
  return out;
}

// `pages` of each of `users`; pages of one user are alike.
void fill(Tally& tally, std::uint64_t seed, int first_user, int end_user, int pages, double gain) {
  for (int user = first_user; user < end_user; ++user) {
    Random random(seed, static_cast<std::uint64_t>(user));
    const double level = random.normal();
    for (int page = 0; page < pages; ++page) {
      Judged judged;
      const std::string name = fmt::format("u{}", user);
      judged.user = name;
      judged.groups = {page % 2 == 0 ? "segment even" : "segment odd"};
      PageValues values;
      values[0] = random.normal();
      PageValues better = values;
      better[0] = *values[0] + gain + level + 0.1 * random.normal();
      judged.arms = {values, better, values};
      judged.weighted = {{{1.0, 0.0}}, {{2.0 * random.uniform(), 1.0}}, {{1.0, 1.0}}};
      tally.add(judged);
      tally.add_shown(1, fmt::format("i{}", page));
    }
  }
}

const std::string kObd = lineup::kSourceDir + "/../shared/data/openbandit/";

}  // namespace

TEST_CASE("parts that are merged give the report of one run, digit by digit", "[tally]") {
  Tally whole(head());
  fill(whole, 1, 0, 60, 3, 0.1);
  Tally a(head());
  Tally b(head());
  fill(b, 1, 20, 60, 3, 0.1);
  fill(a, 1, 0, 20, 3, 0.1);
  const auto read = Tally::read(b.json());
  REQUIRE(read);
  Tally merged = *read;
  REQUIRE(merged.merge(a));
  CHECK(evaluation_json(merged) == evaluation_json(whole));
  CHECK(merged.json() == whole.json());
}

TEST_CASE("parts of different evaluations are not merged", "[tally]") {
  TallyHead other = head();
  other.event = "like";
  Tally one(head());
  CHECK_FALSE(one.merge(Tally(other)));
  CHECK_FALSE(Tally::read("{}"));
  CHECK_FALSE(Tally::read(R"({"lineup":"evaluation sums","version":1})"));
}

TEST_CASE("intervals are those of users, not of pages", "[tally]") {
  Tally tally(head());
  fill(tally, 4, 0, 200, 10, 0.0);
  Paired by_user;
  Paired by_page;
  for (int user = 0; user < 200; ++user) {
    Random random(4, static_cast<std::uint64_t>(user));
    const double level = random.normal();
    double sum = 0.0;
    for (int page = 0; page < 10; ++page) {
      static_cast<void>(random.normal());
      const double gain = level + 0.1 * random.normal();
      static_cast<void>(random.uniform());
      by_page.add(0.0, gain);
      sum += gain;
    }
    by_user.add(0.0, sum / 10.0);
  }
  const PairSums& sums = tally.groups().at("all").arms[1].metrics[0];
  const Interval interval = sums.interval();
  CHECK(sums.mean_difference() == Approx(by_user.difference()).margin(1e-6));
  CHECK((interval.high - interval.low) / 2 == Approx(by_user.half_width()).epsilon(0.2));
  CHECK((interval.high - interval.low) / 2 > 2.0 * by_page.half_width());
}

TEST_CASE("ninety-five of a hundred intervals hold what was planted", "[tally]") {
  int held = 0;
  for (std::uint64_t seed = 100; seed < 200; ++seed) {
    Tally tally(head());
    fill(tally, seed, 0, 60, 1, 0.3);
    const Interval interval = tally.groups().at("all").arms[1].metrics[0].interval();
    held += interval.low <= 0.3 && 0.3 <= interval.high ? 1 : 0;
  }
  CHECK(held >= 88);
  CHECK(held <= 99);
}

TEST_CASE("inverse propensity sums are the formulas", "[tally]") {
  Weighted weighted;
  weighted.add(2.0, 1.0);
  weighted.add(0.0, 1.0);
  weighted.add(4.0, 0.0);
  CHECK(weighted.ips() == Approx(2.0 / 3.0));
  CHECK(*weighted.snips() == Approx(2.0 / 6.0));
  CHECK(weighted.effective() == Approx(36.0 / 20.0));
  CHECK_THAT(verdict_of(weighted), Catch::Contains("fewer than 500"));
  for (int i = 0; i < 100'000; ++i) weighted.add(1.0, 0.1);
  CHECK(verdict_of(weighted) == "usable");
  weighted.add(1500.0, 0.0);
  CHECK_THAT(verdict_of(weighted), Catch::Contains("a weight above 1000"));
}

TEST_CASE("items are counted within some percent without being kept", "[tally]") {
  for (const int count : {10, 1000, 100'000}) {
    DistinctCount distinct;
    for (int i = 0; i < 2 * count; ++i) distinct.add(fmt::format("i{}", i % count));
    CHECK(distinct.value() == Approx(count).epsilon(0.05));
    CHECK(DistinctCount::read(distinct.text())->value() == distinct.value());
  }
}

// The figures are those of an independent computation on the same files.
TEST_CASE("real bandit logs give the published estimates, and none where weights run wild",
          "[tally][data]") {
  if (!has_csv(kObd + "random_men.csv")) {
    WARN("skipped: " << kObd << " is not there");
    return;
  }
  const auto read = [](const std::string& name, auto&& take) {
    auto csv = CsvReader::open(kObd + name);
    REQUIRE(csv);
    while (csv->next()) {
      take((*csv)[*csv->column("item_id")] + "@" + (*csv)[*csv->column("position")],
           (*csv)[*csv->column("position")], *csv->number(*csv->column("propensity_score")),
           *csv->number(*csv->column("click")));
    }
  };
  std::map<std::string, double> shown;
  std::map<std::string, double> at_slot;
  read("bts_men.csv", [&](const auto& item, const auto& slot, double, double) {
    shown[item] += 1.0;
    at_slot[slot] += 1.0;
  });
  Weighted men;
  read("random_men.csv", [&](const auto& item, const auto& slot, double propensity, double click) {
    men.add(shown[item] / at_slot[slot] / propensity, click);
  });
  CHECK(men.ips() == Approx(0.00566).margin(0.00002));
  CHECK(*men.snips() == Approx(0.00574).margin(0.00002));
  CHECK(men.effective() == Approx(2869).epsilon(0.01));
  CHECK(verdict_of(men) == "usable");
  Weighted women;
  read("bts_women.csv", [&](const auto&, const auto&, double propensity, double click) {
    women.add(1.0 / 46.0 / propensity, click);
  });
  CHECK(women.effective() < 10.0);
  CHECK(women.largest == Approx(21739).epsilon(0.01));
  CHECK_THAT(verdict_of(women), Catch::Contains("none"));
}
