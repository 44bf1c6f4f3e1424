// SPDX-License-Identifier: Apache-2.0
//
// The made-up users: their truth is what they do.
#include "cli/offline/world.hpp"

#include <catch2/catch.hpp>

#include "cli/offline/paired.hpp"

using namespace lineup::cli;

TEST_CASE("true expected clicks are the mean of many visits", "[world]") {
  const World world({7, 3, 100, 4000, 0.5});
  const std::vector<std::uint32_t> page = {3, 9, 12, 40, 41, 42, 60, 77, 80, 99};
  double clicks = 0.0;
  for (std::uint32_t session = 0; session < 4000; ++session) {
    std::vector<std::uint32_t> seen;
    clicks += static_cast<double>(world.visit(1, session, 0, page, seen).clicked.size());
  }
  CHECK(world.expected_clicks(1, page, {}) == Approx(clicks / 4000).epsilon(0.08));
}

TEST_CASE("a repeated category costs clicks, by exactly what was planted", "[world]") {
  const World tired({7, 3, 100, 2, 0.5});
  const World fresh({7, 3, 100, 2, 0.0});
  std::vector<std::uint32_t> same;
  for (std::uint32_t id = 0; id < 100 && same.size() < 3; ++id) {
    if (tired.item(id).category == tired.item(0).category) same.push_back(id);
  }
  REQUIRE(same.size() == 3);
  const std::vector<std::uint32_t> before = {same[0], same[1]};
  CHECK(tired.click_probability(1, same[2], before) ==
        Approx(tired.click_probability(1, same[2], {}) * std::exp(-1.0)));
  CHECK(fresh.click_probability(1, same[2], before) == fresh.click_probability(1, same[2], {}));
}

TEST_CASE("the same seed makes the same world", "[world]") {
  const World a({7, 3, 100, 5, 0.5});
  const World b({7, 3, 100, 5, 0.5});
  const World c({8, 3, 100, 5, 0.5});
  CHECK(a.candidates(2, 4, 30) == b.candidates(2, 4, 30));
  CHECK(a.candidates(2, 4, 30) != c.candidates(2, 4, 30));
  CHECK(a.click_probability(2, 7, {}) == b.click_probability(2, 7, {}));
}

TEST_CASE("new items arrive with every session", "[world]") {
  const World world({7, 3, 100, 5, 0.5});
  CHECK(world.candidates(0, 0, 1000).size() == 100);
  CHECK(world.candidates(0, 4, 1000).size() == 140);
}

TEST_CASE("a paired interval is the mean and 1.96 standard errors", "[world]") {
  Paired paired;
  for (const double b : {1.0, 2.0, 3.0, 4.0}) paired.add(1.0, b);
  CHECK(paired.difference() == Approx(1.5));
  CHECK(paired.half_width() == Approx(1.959964 * std::sqrt(5.0 / 3.0 / 4.0)));
}
