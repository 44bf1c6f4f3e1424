// SPDX-License-Identifier: Apache-2.0
//
// The solver's page is counted anew from the definitions before it is compared: what the solver
// says of itself is checked, never trusted.
#include "exact/compare.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "constraint/brute_force.hpp"
#include "exact/certificate.hpp"
#include "exact/model.hpp"
#include "exact/reference.hpp"

namespace lineup::exact {

namespace {

constexpr double kSame = 1e-6;  // CBC's own tolerance

struct Truth {
  bool is_exact = false;  // else only `bound` is known
  std::size_t length = 0;
  std::vector<std::uint32_t> levels;
  double total = 0.0;
};

bool is_zero(const std::vector<std::uint32_t>& units) {
  return std::all_of(units.begin(), units.end(), [](std::uint32_t one) { return one == 0; });
}

class Comparison {
 public:
  Comparison(const Family& family, const Options& options, Tally& out)
      : family_(family), options_(options), out_(out) {}

  void run(std::uint64_t seed) {
    seed_ = seed;
    const Case one = family_.make(seed);
    const Problem& problem = one.instance->problem();
    ++out_.instances;
    SolveOptions options = options_.solve;
    options.gap = family_.gap;
    arena_.reset();
    const auto start = std::chrono::steady_clock::now();
    const Solution solution = solve(problem, {}, options, arena_);
    const auto end = std::chrono::steady_clock::now();
    out_.us.push_back(std::chrono::duration<double, std::micro>(end - start).count());
    if (solution.search != Search::Complete) ++out_.limit;
    const brute::Rows page(solution.rows.begin(), solution.rows.end());
    const brute::Score score = brute::score_of(problem, page);
    check_certificate(problem, solution, score, page);
    if (family_.judge == Judge::Bound) return compare_to_bound(one, problem, solution, score, page);
    Truth truth;
    if (!find_truth(problem, truth)) {
      ++out_.unknown;
      return;
    }
    compare_to_truth(truth, solution, score, page);
  }

 private:
  void wrong(const std::string& what) { out_.wrong.push_back(std::to_string(seed_) + ": " + what); }
  void not_best(const std::string& what) {
    out_.not_best.push_back(std::to_string(seed_) + ": " + what);
  }

  // What the solver says of its page is what the page is.
  void check_certificate(const Problem& problem, const Solution& solution,
                         const brute::Score& score, const brute::Rows& page) {
    brute::Rows sorted = page;
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) wrong("a row twice");
    std::vector<std::uint32_t> by_use(problem.use_count);
    for (const Constraint& constraint : problem.constraints) {
      if (constraint.tier == Tier::Soft) continue;
      by_use[constraint.use] += brute::units_of(problem, constraint, page);
    }
    if (!std::equal(by_use.begin(), by_use.end(), solution.violations.begin())) {
      wrong("violations are not those of the page");
    }
    if (std::fabs(score.total() - (solution.value - solution.penalty)) > kSame) {
      wrong("the total is not that of the page");
    }
    if (solution.bound < score.total() - kSame) wrong("the bound is below the page");
    if (score.required > 0 && !page.empty()) wrong("a required rule is broken");
  }

  bool find_truth(const Problem& problem, Truth& out) const {
    if (family_.judge == Judge::Pages) {
      const brute::Best best = brute::best_page(problem);
      out = {true, best.rows.size(), best.score.levels, best.score.total()};
      return true;
    }
    if (!can_express(problem)) return false;
    const auto best = best_page(problem, options_.seconds_max);
    if (!best) return false;
    // The program's own page, counted anew: the reference is not trusted either.
    const brute::Score score = brute::score_of(problem, best->rows);
    if (std::fabs(score.total() - best->total) > kSame) return false;
    out = {true, best->rows.size(), score.levels, score.total()};
    return true;
  }

  void compare_to_truth(const Truth& truth, const Solution& solution, const brute::Score& score,
                        const brute::Rows& page) {
    if (page.size() > truth.length ||
        (page.size() == truth.length && score.levels < truth.levels)) {
      // The page was counted anew from the definitions: an integer program that misses it was
      // ended by its own tolerances. All pages there are miss none.
      if (family_.judge == Judge::Pages) return wrong("breaks less than any page there is");
      ++out_.unknown;
      return not_best("unknown: the reference misses a better page");
    }
    const bool is_feasible = is_zero(truth.levels);
    ++(is_feasible ? out_.feasible : out_.infeasible);
    if (page.size() < truth.length || score.levels != truth.levels) {
      return solution.search == Search::Complete ? wrong("said to be the best, and is not")
                                                 : not_best("fewer units are possible");
    }
    ++(is_feasible ? out_.found : out_.least_broken);
    if (score.total() > truth.total + kSame) return wrong("more value than the reference");
    if (solution.bound < truth.total - kSame) wrong("the bound is below the best page");
    const double gap =
        std::max(0.0, truth.total - score.total()) / std::max(1e-9, std::fabs(truth.total));
    out_.gaps.push_back(gap);
    if (gap <= kSame) return;
    if (solution.search == Search::Complete && gap > family_.gap + kSame) {
      wrong("said to be the best, and is not");
    }
    not_best("gives up " + std::to_string(100 * gap) + " % of the value");
  }

  void compare_to_bound(const Case& one, const Problem& problem, const Solution& solution,
                        const brute::Score& score, const brute::Rows& page) {
    const bool is_clean = score.required == 0 && is_zero(score.levels);
    const bool is_feasible = one.is_feasible.value_or(is_clean);
    ++(is_feasible ? out_.feasible : out_.infeasible);
    if (!is_feasible) {
      if (is_clean) wrong("clean, where that is impossible");
      ++out_.least_broken;
      return;
    }
    if (!is_clean) {
      return solution.search == Search::Complete ? wrong("said to be the best, and is not")
                                                 : not_best("a clean page exists");
    }
    ++out_.found;
    const auto bound =
        can_express(problem)
            ? relaxed_bound(problem, static_cast<std::uint32_t>(page.size()), options_.seconds_max)
            : std::nullopt;
    if (!bound) ++out_.unknown;
    const double most = bound ? std::min(*bound, solution.bound) : solution.bound;
    if (bound && score.total() > *bound + kSame) wrong("more value than the relaxed program");
    out_.gaps.push_back(std::max(0.0, most - score.total()) / std::max(1e-9, std::fabs(most)));
  }

  const Family& family_;
  const Options& options_;
  Tally& out_;
  Arena arena_;
  std::uint64_t seed_ = 0;
};

}  // namespace

Tally compare(const Family& family, const Options& options) {
  Tally out;
  Comparison comparison(family, options, out);
  const std::uint32_t own = options.all ? family.count : family.sample_count;
  const std::uint32_t count = options.count > 0 ? options.count : own;
  for (std::uint64_t i = 0; i < count; ++i) comparison.run(options.first + i);
  return out;
}

double share(std::vector<double> values, double part) {
  if (values.empty()) return 0.0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1) + 0.5)];
}

double mean(const std::vector<double>& values) {
  if (values.empty()) return 0.0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace lineup::exact
