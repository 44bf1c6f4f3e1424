// SPDX-License-Identifier: Apache-2.0
//
// The solver against all pages there are.
#include "constraint/solve.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "brute_force.hpp"
#include "brute_instance.hpp"

namespace lineup {
namespace {

using brute::Random;

void check_against_all_pages(brute::Instance& instance, const brute::Rows& prefix = {}) {
  const Problem& problem = instance.problem();
  const brute::Best best = brute::best_page(problem, prefix);
  Arena arena;
  const Solution solution = solve(problem, prefix, {}, arena);
  const brute::Rows rows(solution.rows.begin(), solution.rows.end());
  CAPTURE(rows, best.rows, solution.work);
  const brute::Score score = brute::score_of(problem, rows);
  CAPTURE(score.required, score.levels, score.total(), best.score.required, best.score.levels,
          best.score.total());
  REQUIRE(rows.size() == best.rows.size());
  CHECK(score.required == best.score.required);
  CHECK(score.levels == best.score.levels);
  CHECK(score.total() == Approx(best.score.total()).epsilon(1e-9));
  CHECK(rows == best.rows);
  CHECK(solution.search == Search::Complete);
  CHECK(solution.value == Approx(score.value));
  CHECK(solution.penalty == Approx(score.penalty).margin(1e-12));
  CHECK(solution.bound >= score.total() - 1e-9);
  std::vector<std::uint32_t> hard(problem.use_count);
  std::vector<std::uint32_t> soft(problem.use_count);
  for (const Constraint& constraint : problem.constraints) {
    auto& units = constraint.tier == Tier::Soft ? soft : hard;
    units[constraint.use] += brute::units_of(problem, constraint, rows);
  }
  CHECK(hard == std::vector<std::uint32_t>(solution.violations.begin(), solution.violations.end()));
  CHECK(soft == std::vector<std::uint32_t>(solution.soft_violations.begin(),
                                           solution.soft_violations.end()));
}

// More seeds for a long run: LINEUP_SEEDS=100000.
std::uint64_t seeds(std::uint64_t usual) {
  const char* text = std::getenv("LINEUP_SEEDS");
  return text == nullptr ? usual : std::strtoull(text, nullptr, 10);
}

TEST_CASE("hard rules of every kind: the page is the best of all pages", "[solve]") {
  for (std::uint64_t seed = 1; seed <= seeds(700); ++seed) {
    CAPTURE(seed);
    Random random(seed);
    brute::Instance instance(4 + brute::below(random, 3), 1 + brute::below(random, 4));
    brute::fill_randomly(instance, random, {.constraints = 1 + brute::below(random, 5)});
    check_against_all_pages(instance);
  }
}

TEST_CASE("soft rules and history: the page is the best of all pages", "[solve]") {
  for (std::uint64_t seed = 1; seed <= seeds(700); ++seed) {
    CAPTURE(seed);
    Random random(seed);
    brute::Instance instance(4 + brute::below(random, 3), 1 + brute::below(random, 4));
    brute::fill_randomly(
        instance, random,
        {.constraints = 2 + brute::below(random, 4), .has_soft = true, .has_past = true});
    check_against_all_pages(instance);
  }
}

TEST_CASE("required rules: the longest page that keeps them, and the best of that length",
          "[solve]") {
  for (std::uint64_t seed = 1; seed <= seeds(500); ++seed) {
    CAPTURE(seed);
    Random random(seed);
    brute::Instance instance(4 + brute::below(random, 3), 1 + brute::below(random, 4));
    brute::fill_randomly(instance, random,
                         {.constraints = 2 + brute::below(random, 4), .has_required = true});
    check_against_all_pages(instance);
  }
}

TEST_CASE("joint rules: the page is the best of all pages", "[solve]") {
  for (std::uint64_t seed = 1; seed <= seeds(150); ++seed) {
    CAPTURE(seed);
    Random random(seed);
    brute::Instance instance(7, 5);
    brute::fill_randomly(
        instance, random,
        {.constraints = 4, .is_joint = true, .has_soft = brute::below(random, 2) > 0});
    check_against_all_pages(instance);
  }
}

TEST_CASE("pairs, sums, mixes and grids among all kinds: the page is the best of all pages",
          "[solve]") {
  for (std::uint64_t seed = 1; seed <= seeds(3000); ++seed) {
    CAPTURE(seed);
    Random random(seed);
    brute::Instance instance(4 + brute::below(random, 3), 1 + brute::below(random, 5));
    brute::fill_randomly(instance, random,
                         {.constraints = 1 + brute::below(random, 5),
                          .has_required = brute::below(random, 3) == 0,
                          .has_soft = brute::below(random, 2) == 0,
                          .has_past = brute::below(random, 2) == 0,
                          .has_pairs_and_sums = true});
    check_against_all_pages(instance);
  }
}

TEST_CASE("larger pages under pairs, sums, mixes and grids: the best of all pages", "[solve]") {
  for (std::uint64_t seed = 1; seed <= seeds(40); ++seed) {
    CAPTURE(seed);
    Random random(seed);
    brute::Instance instance(8, 6);
    brute::fill_randomly(instance, random,
                         {.constraints = 4 + brute::below(random, 4),
                          .has_required = brute::below(random, 3) == 0,
                          .has_soft = brute::below(random, 2) == 0,
                          .has_past = true,
                          .has_pairs_and_sums = true});
    check_against_all_pages(instance);
  }
}

}  // namespace
}  // namespace lineup
