// SPDX-License-Identifier: Apache-2.0
//
// Figures of the solver, not tests: how often it finds the best page, how close it comes when that
// cannot be known, and how long it takes. Every instance is made from its number.
//
//   solver_bench [small|tight|planted|walk] [instances]
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "constraint/brute_instance.hpp"
#include "constraint/solve.hpp"
#include "exact/planted.hpp"

namespace lineup {
namespace {

using brute::below;
using brute::Instance;
using brute::Random;
using exact::Feed;
using exact::plant;

struct Timed {
  Solution solution;
  double us = 0.0;
};

Timed timed_solve(const Problem& problem, const SolveOptions& options, Arena& arena) {
  arena.reset();
  const auto start = std::chrono::steady_clock::now();
  Timed out;
  out.solution = solve(problem, {}, options, arena);
  const auto end = std::chrono::steady_clock::now();
  out.us = std::chrono::duration<double, std::micro>(end - start).count();
  return out;
}

double share(std::vector<double> values, double part) {
  if (values.empty()) return 0.0;
  std::sort(values.begin(), values.end());
  const auto at = static_cast<std::size_t>(part * static_cast<double>(values.size() - 1));
  return values[at];
}

double mean(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double value : values) sum += value;
  return values.empty() ? 0.0 : sum / static_cast<double>(values.size());
}

bool is_clean(const Solution& solution) {
  return std::all_of(solution.violations.begin(), solution.violations.end(),
                     [](std::uint32_t units) { return units == 0; });
}

// Small joint pages: proven within the usual work limit, and the same as without a limit.
void small(std::uint64_t instances) {
  std::printf("small joint pages, N = 12\n");
  for (std::uint32_t slots = 6; slots <= 8; ++slots) {
    std::uint64_t proven = 0;
    std::uint64_t best = 0;
    std::uint64_t feasible = 0;
    std::vector<double> work;
    std::vector<double> us;
    for (std::uint64_t seed = 1; seed <= instances; ++seed) {
      Random random(seed * 1000 + slots);
      Instance instance(12, slots);
      brute::fill_randomly(instance, random,
                           {.constraints = 3 + below(random, 6),
                            .is_joint = true,
                            .has_required = below(random, 4) == 0,
                            .has_soft = below(random, 2) == 0});
      const Problem& problem = instance.problem();
      Arena arena;
      Arena other;
      const Timed usual = timed_solve(problem, {}, arena);
      const Timed whole = timed_solve(problem, {.work_limit = 1'000'000'000}, other);
      if (usual.solution.search == Search::Complete) ++proven;
      if (is_clean(whole.solution)) ++feasible;
      if (std::equal(usual.solution.rows.begin(), usual.solution.rows.end(),
                     whole.solution.rows.begin(), whole.solution.rows.end())) {
        ++best;
      }
      work.push_back(static_cast<double>(usual.solution.work));
      us.push_back(usual.us);
    }
    std::printf(
        "  K=%u: %llu instances, %llu feasible, %llu proven, %llu equal to the search without "
        "limit; "
        "work p50 %.0f p99 %.0f max %.0f; us p50 %.1f p99 %.1f\n",
        slots, static_cast<unsigned long long>(instances),
        static_cast<unsigned long long>(feasible), static_cast<unsigned long long>(proven),
        static_cast<unsigned long long>(best), share(work, 0.5), share(work, 0.99),
        share(work, 1.0), share(us, 0.5), share(us, 0.99));
  }
}

// Tight pages: 20 of 20, no two neighbours of one category.
void tight(std::uint64_t instances) {
  std::printf("tight pages, N = K = 20, no two neighbours alike\n");
  for (const std::uint32_t categories : {3U, 4U, 6U}) {
    std::uint64_t feasible = 0;
    std::uint64_t found = 0;
    std::uint64_t proven = 0;
    std::vector<double> us;
    std::vector<double> gaps;
    Arena arena;
    for (std::uint64_t seed = 1; seed <= instances; ++seed) {
      Random random(seed);
      Instance instance(20, 20);
      std::vector<std::uint32_t> category(20);
      std::vector<std::uint32_t> counts(categories);
      for (std::uint32_t row = 0; row < 20; ++row) {
        const double u = static_cast<double>(below(random, 1 << 20)) / (1 << 20);
        category[row] = static_cast<std::uint32_t>(categories * std::pow(u, 1.3));
        ++counts[category[row]];
        instance.utility[row] = 1.0 - 0.04 * row - 0.0001 * below(random, 100);
      }
      Constraint& window = instance.add(Kind::Window, Tier::Hard);
      window.size = 2;
      window.max = 1;
      window.has_by = true;
      window.groups = instance.single(category, categories);
      const Problem& problem = instance.problem();
      const Timed timed = timed_solve(problem, {.gap = 0.01}, arena);
      if (*std::max_element(counts.begin(), counts.end()) > 10) continue;
      ++feasible;
      if (is_clean(timed.solution)) ++found;
      if (timed.solution.search == Search::Complete) ++proven;
      us.push_back(timed.us);
      gaps.push_back(1.0 - timed.solution.value / timed.solution.bound);
    }
    std::printf(
        "  %u categories: %llu feasible, %llu found, %llu proven; us p50 %.1f p99 %.1f; gap mean "
        "%.2f %%\n",
        categories, static_cast<unsigned long long>(feasible),
        static_cast<unsigned long long>(found), static_cast<unsigned long long>(proven),
        share(us, 0.5), share(us, 0.99), 100 * mean(gaps));
  }
}

void planted(std::uint64_t instances) {
  std::printf("planted pages: rules that a random page just keeps\n");
  struct Shape {
    std::uint32_t rows, slots, rules, loose;
  };
  for (const Shape& shape : {Shape{200, 20, 9, 0}, Shape{300, 30, 9, 1}, Shape{500, 50, 9, 0},
                             Shape{500, 50, 9, 2}, Shape{500, 50, 27, 2}}) {
    std::uint64_t found = 0;
    std::vector<double> gaps;
    std::vector<double> us;
    std::vector<double> work;
    Arena arena;
    for (std::uint64_t seed = 1; seed <= instances; ++seed) {
      Random random(seed);
      Instance instance(shape.rows, shape.slots);
      plant(instance, random, shape.rules, shape.loose);
      const Timed timed = timed_solve(instance.problem(), {.gap = 0.005}, arena);
      if (is_clean(timed.solution)) ++found;
      gaps.push_back(1.0 - timed.solution.value / timed.solution.bound);
      us.push_back(timed.us);
      work.push_back(static_cast<double>(timed.solution.work));
    }
    std::printf(
        "  N=%u K=%u rules=%u loose=%u: %llu of %llu found; gap mean %.2f %% p99 %.2f %%; us p50 "
        "%.0f p99 "
        "%.0f; work p50 %.0f max %.0f\n",
        shape.rows, shape.slots, shape.rules, shape.loose, static_cast<unsigned long long>(found),
        static_cast<unsigned long long>(instances), 100 * mean(gaps), 100 * share(gaps, 0.99),
        share(us, 0.5), share(us, 0.99), share(work, 0.5), share(work, 1.0));
  }
}

// Four windows over rows in score order: what a request usually is.
void walk(std::uint64_t instances) {
  std::printf("the plain walk: 4 windows, rows in score order\n");
  for (const std::uint32_t rows : {200U, 500U, 1000U}) {
    Random random(12345 + rows);
    Instance instance(rows, 50);
    const Feed feed(instance, random);
    const auto window = [&](Groups groups, std::uint32_t size, std::uint32_t max,
                            std::uint16_t level) {
      Constraint& constraint = instance.add(Kind::Window, Tier::Hard, level);
      constraint.has_by = true;
      constraint.groups = groups;
      constraint.size = size;
      constraint.max = max;
    };
    window(instance.single(feed.category, 40), 5, 2, 0);
    window(instance.single(feed.author, feed.authors), 10, 1, 1);
    window(instance.single(feed.type, 3), 3, 2, 2);
    window(instance.single(feed.category_type, 120), 2, 1, 3);
    const Problem& problem = instance.problem();
    Arena arena;
    for (const double gap : {0.0, 0.01, 0.05}) {
      std::vector<double> us;
      Timed timed;
      for (std::uint64_t i = 0; i < instances; ++i) {
        timed = timed_solve(problem, {.gap = gap}, arena);
        us.push_back(timed.us);
      }
      std::printf(
          "  N=%u K=50 gap=%.3f: us p50 %.2f p99 %.2f; %s, work %llu, within %.3f %% of the "
          "bound\n",
          rows, gap, share(us, 0.5), share(us, 0.99),
          timed.solution.search == Search::Complete ? "complete" : "limit",
          static_cast<unsigned long long>(timed.solution.work),
          100 * (1.0 - timed.solution.value / timed.solution.bound));
    }
  }
}

}  // namespace
}  // namespace lineup

int main(int count, char** arguments) {
  const std::string what = count > 1 ? arguments[1] : "";
  const std::uint64_t instances = count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 0;
  if (what.empty() || what == "small") lineup::small(instances > 0 ? instances : 1000);
  if (what.empty() || what == "tight") lineup::tight(instances > 0 ? instances : 2000);
  if (what.empty() || what == "planted") lineup::planted(instances > 0 ? instances : 50);
  if (what.empty() || what == "walk") lineup::walk(instances > 0 ? instances : 2000);
  return 0;
}
