// SPDX-License-Identifier: Apache-2.0
//
// Opaque constraints: what only code can say of a row, mixed with native rules.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <functional>

#include "brute_force.hpp"
#include "brute_instance.hpp"
#include "constraint/builder.hpp"
#include "constraint/solve.hpp"

namespace lineup {
namespace {

using brute::Random;

// Answers by a table over (the row before, the row), and by a count that it keeps as its state.
class TableRule : public Opaque {
 public:
  TableRule(Random& random, std::uint32_t rows, bool is_score) : rows_(rows), is_score_(is_score) {
    for (std::uint32_t i = 0; i < (rows + 1) * rows; ++i) {
      table_.push_back(brute::below(random, 5) == 0 ? 1 : 0);
    }
    limit_ = 1 + brute::below(random, 4);
  }
  [[nodiscard]] std::size_t state_bytes() const override { return sizeof(std::uint32_t); }
  void begin(std::byte* state) override { store(state, 0); }
  Judgement judge(const Prefix& prefix, std::uint32_t row) override {
    const bool is_hit = hits(prefix, row);
    Judgement judgement;
    if (is_score_) {
      judgement.penalty = is_hit ? 0.2 : row % 3 == 0 ? -0.1 : 0.0;
    } else {
      judgement.violations = is_hit ? 1 : 0;
      if (load(prefix.state) >= limit_ && row % 2 == 0) ++judgement.violations;
    }
    return judgement;
  }
  bool place(const Prefix& prefix, std::uint32_t row) override {
    if (row % 2 == 0) store(prefix.state, load(prefix.state) + 1);
    return true;
  }

 private:
  [[nodiscard]] bool hits(const Prefix& prefix, std::uint32_t row) const {
    const std::uint32_t before = prefix.rows.empty() ? rows_ : prefix.rows.back();
    return table_[before * rows_ + row] != 0;
  }
  static std::uint32_t load(const std::byte* state) {
    std::uint32_t count = 0;
    std::memcpy(&count, state, sizeof count);
    return count;
  }
  static void store(std::byte* state, std::uint32_t count) {
    std::memcpy(state, &count, sizeof count);
  }

  std::uint32_t rows_;
  bool is_score_;
  std::uint32_t limit_ = 0;
  std::vector<std::uint8_t> table_;
};

TEST_CASE("opaque rules with native ones: the page is the best of all pages", "[solve][opaque]") {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    brute::Instance instance(5 + brute::below(random, 2), 2 + brute::below(random, 3));
    brute::fill_randomly(instance, random, {.constraints = 2, .has_soft = true});
    const auto rows = static_cast<std::uint32_t>(instance.utility.size());
    TableRule allow(random, rows, false);
    TableRule score(random, rows, true);
    const std::uint32_t which = brute::below(random, 4);
    const Tier tier = which == 0 ? Tier::Required : Tier::Hard;
    instance.add(Kind::Code, tier, 1).opaque = &allow;
    if (which >= 2) instance.add(Kind::Code, Tier::Soft).opaque = &score;
    const Problem& problem = instance.problem();
    const brute::Best best = brute::best_page(problem);
    Arena arena;
    const Solution solution = solve(problem, {}, {}, arena);
    const brute::Rows page(solution.rows.begin(), solution.rows.end());
    CAPTURE(page, best.rows);
    const brute::Score found = brute::score_of(problem, page);
    REQUIRE(page.size() == best.rows.size());
    CHECK(found.required == best.score.required);
    CHECK(found.levels == best.score.levels);
    CHECK(found.total() == Approx(best.score.total()));
    CHECK(solution.opaque_unbounded == (which >= 2 || solution.opaque_unbounded));
    CHECK(solution.value - solution.penalty == Approx(found.total()));
  }
}

class BreakingRule : public Opaque {
 public:
  Judgement judge(const Prefix& prefix, std::uint32_t) override {
    Judgement judgement;
    judgement.broken = prefix.rows.size() == 2;
    return judgement;
  }
};

TEST_CASE("an opaque rule that breaks is named, and the search ends", "[solve][opaque]") {
  brute::Instance instance(300, 20);
  for (std::uint32_t row = 0; row < 300; ++row) instance.utility[row] = 1.0 - 0.001 * row;
  BreakingRule rule;
  instance.add(Kind::Cap, Tier::Hard).max = 30;
  instance.add(Kind::Code, Tier::Hard).opaque = &rule;
  const Problem& problem = instance.problem();
  Arena arena;
  const Solution solution = solve(problem, {}, {}, arena);
  CHECK(solution.broken_use == 1);
  CHECK(solution.work < 1000);
  Builder builder(problem, arena);
  for (std::uint32_t row = 0; row < 4; ++row) builder.place(row);
  CHECK(builder.broken_use() == 1);
}

TEST_CASE("the builder asks an opaque rule before it permits a row", "[builder][opaque]") {
  class NeverTwoEven : public Opaque {
   public:
    Judgement judge(const Prefix& prefix, std::uint32_t row) override {
      Judgement judgement;
      const bool clashes = !prefix.rows.empty() && prefix.rows.back() % 2 == 0 && row % 2 == 0;
      judgement.violations = clashes ? 1 : 0;
      return judgement;
    }
  };
  for (const Tier tier : {Tier::Hard, Tier::Required}) {
    brute::Instance instance(6, 3);
    NeverTwoEven rule;
    instance.add(Kind::Code, tier).opaque = &rule;
    const Problem& problem = instance.problem();
    Arena arena;
    Builder builder(problem, arena);
    CHECK(builder.place(0));
    CHECK(test_bit(builder.allowed().data(), 2));  // allowed() asks no opaque rule
    CHECK_FALSE(builder.permits(2));
    CHECK(builder.permits(3));
    CHECK(builder.completable() == Answer::Unknown);
    CHECK(builder.place(2) == (tier == Tier::Hard));
  }
}

}  // namespace
}  // namespace lineup
