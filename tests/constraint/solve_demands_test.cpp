// SPDX-License-Identifier: Apache-2.0
//
// Minimums whose rows have to stand apart: told in time, and met by the first walk.
#include <algorithm>
#include <catch2/catch.hpp>

#include "brute_instance.hpp"
#include "constraint/search_demands.hpp"
#include "constraint/solve.hpp"
#include "constraint/state.hpp"

namespace lineup {
namespace {

// `rows` rows of which the last `ads` are ads; between two ads stand at least `gap` others.
struct Scene {
  Scene(std::uint32_t rows, std::uint32_t slots, std::uint32_t ads, std::uint32_t gap,
        std::uint32_t min)
      : instance(rows, slots) {
    std::vector<bool> is_ad(rows);
    for (std::uint32_t row = 0; row < rows; ++row) {
      is_ad[row] = row >= rows - ads;
      instance.utility[row] = 1.0 - row * 0.001;
    }
    const Word* where = instance.mask(is_ad);
    Constraint& spacing = instance.add(Kind::Spacing, Tier::Hard, 1);
    spacing.where = where;
    spacing.gap = gap;
    Constraint& quota = instance.add(Kind::Quota, Tier::Hard, 0);
    quota.where = where;
    quota.min = min;
  }
  brute::Instance instance;
};

TEST_CASE("a minimum presses as soon as later slots can no longer hold it", "[demands]") {
  Scene scene(20, 9, 10, 2, 3);
  Arena arena;
  State state(scene.instance.problem(), arena);
  state.reset(9);
  Demands demands(state, arena);
  // Slots 0 .. 8 hold three ads at most, and only when the first stands in 0 .. 2.
  CHECK_FALSE(demands.press(0));
  CHECK(demands.serves(0));
  state.place(0, 0);
  CHECK_FALSE(demands.press(1));
  state.place(1, 1);
  REQUIRE(demands.press(2));
  CHECK_FALSE(demands.serves(2));
  CHECK(demands.serves(15));
  state.place(2, 15);
  CHECK_FALSE(demands.press(3));
}

TEST_CASE("a minimum that nothing limits never presses", "[demands]") {
  Scene scene(20, 9, 10, 0, 9);
  Arena arena;
  State state(scene.instance.problem(), arena);
  state.reset(9);
  Demands demands(state, arena);
  CHECK_FALSE(demands.press(0));
}

// Two in three rows at most of one type, and every ad is of the type `ad`.
TEST_CASE("a rule over a value that all rows of a minimum share limits them", "[demands]") {
  std::vector<std::uint32_t> type(20, 0);
  for (std::uint32_t row = 10; row < 20; ++row) type[row] = 1;
  for (const bool is_shared : {true, false}) {
    if (!is_shared) type[19] = 2;
    Scene scene(20, 9, 10, 0, 6);
    Constraint& window = scene.instance.add(Kind::Window, Tier::Hard, 1);
    window.has_by = true;
    window.groups = scene.instance.single(type, 3);
    window.size = 3;
    window.max = 2;
    Arena arena;
    State state(scene.instance.problem(), arena);
    state.reset(9);
    Demands demands(state, arena);
    // Eight slots hold six of them, seven only five.
    CHECK_FALSE(demands.press(0));
    state.place(0, 0);
    CHECK(demands.press(1) == is_shared);
  }
}

TEST_CASE("the first walk meets minimums whose rows must stand apart", "[demands]") {
  for (const std::uint32_t gap : {1U, 2U, 4U}) {
    const std::uint32_t min = (40 + gap) / (gap + 1);
    Scene scene(200, 40, 60, gap, min);
    Arena arena;
    SolveOptions options;
    options.improve_limit = 0;
    const Solution solution = solve(scene.instance.problem(), {}, options, arena);
    CAPTURE(gap, min);
    CHECK(std::all_of(solution.violations.begin(), solution.violations.end(),
                      [](std::uint32_t units) { return units == 0; }));
    // The walk alone: repairing would take thousands of units.
    CHECK(solution.work < 1000);
  }
}

// The best rows are dear, and the first `slots` may not come to more than `max` millionths.
TEST_CASE("the first walk keeps a sum within reach while cheap rows are left", "[demands]") {
  for (const std::int64_t max : {100, 150, 300}) {
    brute::Instance instance(120, 20);
    std::vector<std::int64_t> amounts;
    for (std::uint32_t row = 0; row < 120; ++row) {
      instance.utility[row] = 1.0 - row * 0.001;
      amounts.push_back((row < 60 ? 30 - row % 7 : row % 11) * std::int64_t{1'000'000});
    }
    Sums sums;
    sums.most = 30'000'000;
    sums.has_max = true;
    sums.max = max * 1'000'000;
    Constraint& budget = instance.add(Kind::Budget, Tier::Hard);
    budget.sums = instance.sums(sums, amounts);
    Arena arena;
    SolveOptions options;
    options.improve_limit = 0;
    const Solution solution = solve(instance.problem(), {}, options, arena);
    CAPTURE(max);
    CHECK(std::all_of(solution.violations.begin(), solution.violations.end(),
                      [](std::uint32_t units) { return units == 0; }));
    CHECK(solution.work < 2000);
  }
}

}  // namespace
}  // namespace lineup
