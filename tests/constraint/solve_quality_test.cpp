// SPDX-License-Identifier: Apache-2.0
//
// Pages too large to try them all: found when they exist, the same every time, honest about what is
// not known, and without memory from the heap.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>

#include "base/clock.hpp"
#include "brute_force.hpp"
#include "brute_instance.hpp"
#include "constraint/solve.hpp"

namespace {
std::atomic<std::uint64_t> allocations{0};
}  // namespace

// Counted for the whole program.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size > 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size > 0 ? size : 1);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace lineup {
namespace {

using brute::Random;

bool is_clean(const Solution& solution) {
  return std::all_of(solution.violations.begin(), solution.violations.end(),
                     [](std::uint32_t units) { return units == 0; });
}

// Rows with categories and authors in score order, and a page of them that was drawn first: the
// rules are what that page just keeps.
class Planted {
 public:
  Planted(Random& random, std::uint32_t rows, std::uint32_t slots) : instance_(rows, slots) {
    for (std::uint32_t row = 0; row < rows; ++row) {
      instance_.utility[row] = 1.0 - row / (1.5 * rows);
      category_.push_back(std::min(brute::below(random, 12), brute::below(random, 12)));
      author_.push_back(brute::below(random, rows / 4));
      is_ad_.push_back(brute::below(random, 8) == 0);
    }
    std::vector<bool> used(rows);
    while (page_.size() < slots) {
      const std::uint32_t row = std::min(brute::below(random, rows), brute::below(random, rows));
      if (!used[row] && (fits(row) || brute::below(random, 50) == 0)) page_.push_back(row);
      used[page_.empty() ? 0 : page_.back()] = true;
    }
  }

  brute::Instance& with_rules(Random& random) {
    scatter(category_, 12, 3 + brute::below(random, 3), 0);
    scatter(author_, static_cast<std::uint32_t>(instance_.utility.size() / 4), 8, 1);
    Constraint& spacing = instance_.add(Kind::Spacing, Tier::Hard, 2);
    spacing.where = instance_.mask(is_ad_);
    spacing.gap = 20;
    std::vector<std::uint32_t> ads;
    for (std::uint32_t slot = 0; slot < page_.size(); ++slot) {
      if (!is_ad_[page_[slot]]) continue;
      if (!ads.empty()) spacing.gap = std::min(spacing.gap, slot - ads.back() - 1);
      ads.push_back(slot);
    }
    Constraint& quota = instance_.add(Kind::Quota, Tier::Hard, 3);
    quota.where = spacing.where;
    quota.min = static_cast<std::uint32_t>(ads.size());
    Constraint& pin = instance_.add(Kind::Place, Tier::Hard, 4);
    const std::uint32_t slot = brute::below(random, static_cast<std::uint32_t>(page_.size()));
    pin.pin_count = 1;
    pin.pin_rows = instance_.numbers({page_[slot]});
    pin.pin_slots = instance_.numbers({slot});
    return instance_;
  }

 private:
  bool fits(std::uint32_t row) const {
    for (std::size_t back = 1; back <= std::min<std::size_t>(page_.size(), 3); ++back) {
      const std::uint32_t other = page_[page_.size() - back];
      if (category_[row] == category_[other] || (is_ad_[row] && is_ad_[other])) return false;
    }
    return true;
  }

  void scatter(const std::vector<std::uint32_t>& value_of, std::uint32_t values, std::uint32_t size,
               std::uint16_t level) {
    Constraint& window = instance_.add(Kind::Window, Tier::Hard, level);
    window.has_by = true;
    window.groups = instance_.single(value_of, values);
    window.size = size;
    window.max = 1;
    while (brute::units_of(instance_.problem(), window, page_) > 0) ++window.max;
  }

  brute::Instance instance_;
  std::vector<std::uint32_t> category_;
  std::vector<std::uint32_t> author_;
  std::vector<bool> is_ad_;
  brute::Rows page_;
};

TEST_CASE("tight pages: no two neighbours alike, whenever that is possible", "[solve]") {
  for (const std::uint32_t categories : {3U, 4U, 6U}) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      CAPTURE(categories, seed);
      Random random(seed);
      brute::Instance instance(20, 20);
      std::vector<std::uint32_t> category(20);
      std::vector<std::uint32_t> counts(categories);
      for (std::uint32_t row = 0; row < 20; ++row) {
        category[row] =
            std::min(brute::below(random, categories), brute::below(random, categories));
        ++counts[category[row]];
        instance.utility[row] = 1.0 - 0.03 * row;
      }
      Constraint& window = instance.add(Kind::Window, Tier::Hard);
      window.size = 2;
      window.max = 1;
      window.has_by = true;
      window.groups = instance.single(category, categories);
      Arena arena;
      const Solution solution =
          solve(instance.problem(), {}, {.work_limit = 20'000, .gap = 0.01}, arena);
      const bool is_feasible = *std::max_element(counts.begin(), counts.end()) <= 10;
      CHECK(is_clean(solution) == is_feasible);
    }
  }
}

TEST_CASE("large pages that have a clean arrangement get one, close to the bound", "[solve]") {
  double gaps = 0.0;
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    Planted planted(random, 240, 30);
    const Problem& problem = planted.with_rules(random).problem();
    Arena arena;
    const Solution solution = solve(problem, {}, {.gap = 0.005}, arena);
    const brute::Rows page(solution.rows.begin(), solution.rows.end());
    CHECK(is_clean(solution));
    for (const Constraint& constraint : problem.constraints) {
      CHECK(brute::units_of(problem, constraint, page) == solution.violations[constraint.use]);
    }
    CHECK(solution.bound >= solution.value - 1e-9);
    if (solution.search == Search::Complete) CHECK(solution.value >= 0.995 * solution.bound);
    gaps += 1.0 - solution.value / solution.bound;
  }
  CHECK(gaps / 25 <= 0.01);
}

TEST_CASE("the same problem gives the same page, whatever the arena held before", "[solve]") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Random random(seed);
    Planted planted(random, 120, 20);
    const Problem& problem = planted.with_rules(random).problem();
    Arena arena;
    const Solution first = solve(problem, {}, {.work_limit = 20'000}, arena);
    (void)arena.allocate_bytes(seed * 100, 1);
    const Solution second = solve(problem, {}, {.work_limit = 20'000}, arena);
    CHECK(std::equal(first.rows.begin(), first.rows.end(), second.rows.begin(), second.rows.end()));
    CHECK(first.work == second.work);
    CHECK(first.bound == second.bound);
  }
}

TEST_CASE("equal totals: the smallest sequence of rows", "[solve]") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    brute::Instance instance(6, 4);
    brute::fill_randomly(instance, random, {.constraints = 2});
    for (double& utility : instance.utility) utility = 0.5 * brute::below(random, 3);
    const std::uint32_t shape = brute::below(random, 3);
    for (std::size_t slot = 0; slot < 4 && shape > 0; ++slot) {
      instance.discount[slot] = shape == 1 ? 1.0 : 0.5 * brute::below(random, 3);
    }
    const Problem& problem = instance.problem();
    const brute::Best best = brute::best_page(problem);
    Arena arena;
    const Solution solution = solve(problem, {}, {}, arena);
    CHECK(brute::Rows(solution.rows.begin(), solution.rows.end()) == best.rows);
  }
}

TEST_CASE("a prefix stays, and the page goes on from it in the best way", "[solve]") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    brute::Instance instance(6, 4);
    brute::fill_randomly(instance, random, {.constraints = 3, .has_required = true});
    const Problem& problem = instance.problem();
    const brute::Rows prefix = {brute::below(random, 3), 3 + brute::below(random, 3)};
    const brute::Best best = brute::best_page(problem, prefix);
    Arena arena;
    const Solution solution = solve(problem, prefix, {}, arena);
    CHECK(brute::Rows(solution.rows.begin(), solution.rows.end()) == best.rows);
  }
}

TEST_CASE("work that ends too soon is said, and required rules hold all the same", "[solve]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    brute::Instance instance(60, 20);
    brute::fill_randomly(instance, random,
                         {.constraints = 6, .is_joint = true, .has_required = true});
    const Problem& problem = instance.problem();
    Arena arena;
    const Solution solution = solve(problem, {}, {.work_limit = 1 + seed * 20}, arena);
    const Solution late = solve(problem, {}, {.deadline_ns = 1}, arena);
    const brute::Rows page(solution.rows.begin(), solution.rows.end());
    for (const Constraint& constraint : problem.constraints) {
      const std::uint32_t units = brute::units_of(problem, constraint, page);
      CHECK(units == solution.violations[constraint.use]);
      if (constraint.tier == Tier::Required && !page.empty()) CHECK(units == 0);
    }
    if (late.search != Search::Complete) CHECK(late.search == Search::Deadline);
    CHECK(solution.work < 200'000);
  }
}

TEST_CASE("pages and batches of every odd size", "[solve]") {
  for (const std::uint32_t rows : {0U, 1U, 2U, 64U, 65U, 130U}) {
    for (const std::uint32_t slots : {0U, 1U, 3U, 64U, 65U, 140U}) {
      CAPTURE(rows, slots);
      brute::Instance instance(rows, slots);
      std::vector<std::uint32_t> category(rows);
      for (std::uint32_t row = 0; row < rows; ++row) {
        instance.utility[row] = 1.0 / (1.0 + row);
        category[row] = row % 7;
      }
      Constraint& window = instance.add(Kind::Window, Tier::Hard);
      window.size = 70;
      window.max = 10;
      window.has_by = true;
      window.groups = instance.single(category, 7);
      Constraint& spacing = instance.add(Kind::Spacing, Tier::Hard);
      spacing.has_by = true;
      spacing.gap = 3;
      spacing.groups = window.groups;
      const Problem& problem = instance.problem();
      Arena arena;
      const Solution solution = solve(problem, {}, {.work_limit = 20'000, .gap = 0.05}, arena);
      const brute::Rows page(solution.rows.begin(), solution.rows.end());
      CHECK(page.size() == std::min(rows, slots));
      for (const Constraint& constraint : problem.constraints) {
        const std::uint32_t units = brute::units_of(problem, constraint, page);
        CHECK(units == solution.violations[constraint.use]);
      }
    }
  }
}

TEST_CASE("solving takes no memory from the heap once the arena is warm", "[solve]") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Random random(seed);
    Planted planted(random, 200, 25);
    const Problem& problem = planted.with_rules(random).problem();
    brute::Instance small(8, 5);
    brute::fill_randomly(small, random, {.constraints = 5, .has_soft = true});
    const Problem& other = small.problem();
    Arena arena;
    for (int warm = 0; warm < 2; ++warm) {
      arena.reset();
      (void)solve(problem, {}, {.work_limit = 30'000}, arena);
      (void)solve(other, {}, {}, arena);
    }
    const std::uint64_t before = allocations;
    arena.reset();
    (void)solve(problem, {}, {.work_limit = 30'000}, arena);
    (void)solve(other, {}, {}, arena);
    CHECK(allocations == before);
  }
}

}  // namespace
}  // namespace lineup
