// SPDX-License-Identifier: Apache-2.0
//
// The builder step by step, on random problems: what it says of rows and pages is compared with all
// completions there are, and taking back is compared with never having placed.
#include "constraint/builder.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <random>
#include <vector>

#include "brute_force.hpp"
#include "brute_instance.hpp"

namespace lineup {
namespace {

using brute::Random;

// Everything a builder answers.
struct View {
  std::vector<std::uint32_t> placed;
  std::vector<Word> allowed;
  std::vector<bool> permitted;
  std::vector<double> penalties;
  std::vector<std::uint32_t> violations;
  Answer completable = Answer::Unknown;
  bool operator==(const View&) const = default;
};

View view_of(Builder& builder, const Problem& problem) {
  View view;
  view.placed.assign(builder.placed().begin(), builder.placed().end());
  view.completable = builder.completable();
  const auto allowed = builder.allowed();
  view.allowed.assign(allowed.begin(), allowed.end());
  view.penalties.resize(problem.row_count);
  builder.penalties(view.penalties);
  view.violations.resize(problem.use_count);
  builder.violations(view.violations);
  for (std::uint32_t row = 0; row < problem.row_count; ++row) {
    view.permitted.push_back(builder.permits(row));
  }
  return view;
}

bool is_clean(const Problem& problem, const brute::Rows& page) {
  for (const Constraint& constraint : problem.constraints) {
    if (constraint.tier != Tier::Soft && brute::units_of(problem, constraint, page) > 0)
      return false;
  }
  return true;
}

// Whether some page of `length` rows begins with `page` and breaks no hard rule.
bool has_clean_completion(const Problem& problem, brute::Rows& page, std::size_t length) {
  if (page.size() == length) return is_clean(problem, page);
  for (std::uint32_t row = 0; row < problem.row_count; ++row) {
    if (!test_bit(problem.candidates, row)) continue;
    if (std::find(page.begin(), page.end(), row) != page.end()) continue;
    page.push_back(row);
    const bool has = has_clean_completion(problem, page, length);
    page.pop_back();
    if (has) return true;
  }
  return false;
}

void draw(brute::Instance& instance, Random& random) {
  if (brute::below(random, 3) == 0) instance.candidates[0] = false;
  brute::fill_randomly(instance, random,
                       {.constraints = 1 + brute::below(random, 4),
                        .has_required = brute::below(random, 3) == 0,
                        .has_soft = true,
                        .has_pairs_and_sums = brute::below(random, 2) == 0});
}

TEST_CASE("a row that a clean page could go on with is permitted, and completable is honest",
          "[builder]") {
  std::uint32_t answers[3] = {};
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    brute::Instance instance(5 + brute::below(random, 2), 1 + brute::below(random, 4));
    draw(instance, random);
    const Problem& problem = instance.problem();
    Arena arena;
    Builder builder(problem, arena);
    brute::Rows page;
    while (!builder.is_full()) {
      std::vector<std::uint32_t> placeable;
      const Answer answer = builder.completable();
      ++answers[static_cast<int>(answer)];
      const bool has_clean = has_clean_completion(problem, page, problem.slot_count);
      if (has_clean) REQUIRE(answer != Answer::No);
      if (!has_clean) REQUIRE(answer != Answer::Yes);
      for (std::uint32_t row = 0; row < problem.row_count; ++row) {
        CAPTURE(page, row);
        page.push_back(row);
        const bool is_placed = std::find(page.begin(), page.end() - 1, row) != page.end() - 1;
        const bool is_there = test_bit(problem.candidates, row) && !is_placed;
        if (is_there && has_clean_completion(problem, page, problem.slot_count)) {
          CHECK(test_bit(builder.allowed().data(), row));
          CHECK(builder.permits(row));
        }
        page.pop_back();
        if (builder.permits(row)) {
          CHECK(is_there);
          CHECK(test_bit(builder.allowed().data(), row));
        }
        if (builder.place(row)) {
          CHECK(is_there);
          builder.undo();
          placeable.push_back(row);
        }
      }
      if (placeable.empty()) break;
      page.push_back(placeable[brute::below(random, static_cast<std::uint32_t>(placeable.size()))]);
      REQUIRE(builder.place(page.back()));
    }
    if (!builder.is_full()) continue;
    CHECK((builder.completable() == Answer::Yes) == is_clean(problem, page));
    for (const Constraint& constraint : problem.constraints) {
      if (constraint.tier != Tier::Required) continue;
      CHECK(brute::units_of(problem, constraint, page) == 0);
    }
  }
  CHECK(answers[static_cast<int>(Answer::No)] > 0);
  CHECK(answers[static_cast<int>(Answer::Yes)] > 0);
}

TEST_CASE("undo, rewind and fork lead to exactly the page there was", "[builder]") {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    brute::Instance instance(8 + brute::below(random, 4), 4 + brute::below(random, 4));
    draw(instance, random);
    const Problem& problem = instance.problem();
    Arena arena;
    Builder builder(problem, arena);
    std::vector<View> views = {view_of(builder, problem)};
    for (int step = 0; step < 20; ++step) {
      if (brute::below(random, 3) > 0) {
        if (builder.place(brute::below(random, problem.row_count))) {
          views.push_back(view_of(builder, problem));
        }
      } else if (builder.slot() > 0) {
        builder.rewind(brute::below(random, builder.slot()));
        views.resize(builder.slot() + 1);
      }
      REQUIRE(view_of(builder, problem) == views[builder.slot()]);
      Builder* other = builder.fork();
      REQUIRE(view_of(*other, problem) == views[builder.slot()]);
      while (other->slot() > 0) other->undo();
      for (std::uint32_t row = 0; row < problem.row_count; ++row) other->place(row);
      REQUIRE(view_of(builder, problem) == views[builder.slot()]);
    }
    while (builder.slot() > 0) builder.undo();
    CHECK(view_of(builder, problem) == views[0]);
  }
}

TEST_CASE("violations are those of the rows so far as a whole page", "[builder]") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    brute::Instance instance(9, 6);
    brute::fill_randomly(instance, random,
                         {.constraints = 5, .has_past = true, .has_pairs_and_sums = seed % 2 == 0});
    const Problem& problem = instance.problem();
    Arena arena;
    Builder builder(problem, arena);
    for (std::uint32_t row = 0; row < 6; ++row) {
      const brute::Rows page(builder.placed().begin(), builder.placed().end());
      std::vector<std::uint32_t> expected(problem.use_count);
      for (const Constraint& constraint : problem.constraints) {
        expected[constraint.use] += brute::units_of(problem, constraint, page);
      }
      std::vector<std::uint32_t> violations(problem.use_count);
      builder.violations(violations);
      CHECK(violations == expected);
      builder.place((row * 4) % 9);
    }
  }
}

TEST_CASE("a full page is certified as the solver would, without a search", "[builder]") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    brute::Instance instance(7, 4);
    brute::fill_randomly(instance, random, {.constraints = 4, .has_soft = true, .has_past = true});
    const Problem& problem = instance.problem();
    Arena arena;
    Builder builder(problem, arena);
    while (!builder.is_full()) builder.place(brute::below(random, 7));
    const Solution quick = builder.certify(problem.utility, problem.discount);
    const Solution slow = builder.solve(problem.utility, problem.discount, {});
    const auto same = [](auto a, auto b) {
      return std::equal(a.begin(), a.end(), b.begin(), b.end());
    };
    CHECK(same(quick.rows, slow.rows));
    CHECK(same(quick.violations, slow.violations));
    CHECK(same(quick.soft_violations, slow.soft_violations));
    CHECK(quick.value == slow.value);
    CHECK(quick.penalty == slow.penalty);
  }
}

TEST_CASE("the best permitted row is the first of the largest utility", "[builder]") {
  brute::Instance instance(4, 2);
  instance.utility = {1.0, 3.0, 3.0, 2.0};
  Constraint& never = instance.add(Kind::Place, Tier::Hard);
  never.mode = PlaceMode::NeverIn;
  never.where = instance.mask({false, true, false, false});
  never.slots = instance.mask({true, true});
  const Problem& problem = instance.problem();
  Arena arena;
  Builder builder(problem, arena);
  CHECK(builder.best_permitted(instance.utility) == 2);
  CHECK(builder.place(2));
  CHECK(builder.best_permitted(instance.utility) == 3);
  CHECK(builder.place(1));  // only breaks a rule that can be relaxed
  CHECK(builder.best_permitted(instance.utility) == kNoRow);
  CHECK_FALSE(builder.place(3));
}

// Of more rows than one word of bits, with equals, infinities and rows that stand already.
TEST_CASE("the best permitted row of many is that of a plain loop", "[builder]") {
  constexpr std::uint32_t kRows = 200;
  std::mt19937 random(11);
  for (int round = 0; round < 50; ++round) {
    brute::Instance instance(kRows, 20);
    std::vector<double> utility(kRows);
    for (double& value : utility) {
      const auto drawn = random() % 40;
      value =
          drawn == 0 ? -std::numeric_limits<double>::infinity() : static_cast<double>(drawn % 9);
    }
    instance.utility.assign(kRows, 0.0);
    const Problem& problem = instance.problem();
    Arena arena;
    Builder builder(problem, arena);
    std::vector<bool> stands(kRows, false);
    for (int slot = 0; slot < 20; ++slot) {
      std::uint32_t expected = kNoRow;
      for (std::uint32_t row = 0; row < kRows; ++row) {
        if (stands[row]) continue;
        if (expected == kNoRow || utility[row] > utility[expected]) expected = row;
      }
      REQUIRE(builder.best_permitted(utility) == expected);
      const std::uint32_t other = slot % 3 == 0 ? random() % kRows : expected;
      const std::uint32_t placed = stands[other] ? expected : other;
      REQUIRE(builder.place(placed));
      stands[placed] = true;
    }
  }
}

TEST_CASE("the best permitted row is that of a plain loop over what is permitted", "[builder]") {
  std::uint32_t refused_most = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const std::uint32_t rows = 70 + brute::below(random, 80);
    brute::Instance instance(rows, 8);
    draw(instance, random);
    // One that refuses many: the best rows only on the last slots.
    Constraint& never = instance.add(Kind::Place, Tier::Hard);
    never.mode = PlaceMode::NeverIn;
    std::vector<bool> best(rows), first(8, false);
    const std::uint32_t good = brute::below(random, 60);
    for (std::uint32_t row = 0; row < rows; ++row) best[row] = row < good;
    for (std::uint32_t slot = 0; slot < 5; ++slot) first[slot] = true;
    never.where = instance.mask(best);
    never.slots = instance.mask(first);
    const Problem& problem = instance.problem();
    std::vector<double> utility(rows);
    for (std::uint32_t row = 0; row < rows; ++row) {
      utility[row] = (row < good ? 50.0 : 0.0) + brute::below(random, 30);
    }
    Arena arena;
    Builder builder(problem, arena);
    while (!builder.is_full()) {
      std::uint32_t expected = kNoRow;
      std::uint32_t refused = 0;
      for (std::uint32_t row = 0; row < rows; ++row) {
        if (!builder.permits(row)) {
          ++refused;
        } else if (expected == kNoRow || utility[row] > utility[expected]) {
          expected = row;
        }
      }
      refused_most = std::max(refused_most, refused);
      CHECK(builder.best_permitted(utility) == expected);
      if (!builder.place(expected == kNoRow ? brute::below(random, rows) : expected)) break;
    }
  }
  CHECK(refused_most > 40);
}

TEST_CASE("a reserved slot comes back when the row that took it is taken back", "[builder]") {
  brute::Instance instance(5, 3);
  Constraint& pin = instance.add(Kind::Place, Tier::Hard);
  pin.pin_count = 1;
  pin.pin_rows = instance.numbers({4});
  pin.pin_slots = instance.numbers({1});
  const Problem& problem = instance.problem();
  Arena arena;
  Builder builder(problem, arena);
  CHECK_FALSE(builder.permits(4));  // it is due on the second slot
  CHECK(builder.place(0));
  CHECK(builder.permits(4));
  CHECK_FALSE(builder.permits(1));
  CHECK(builder.place(1));
  CHECK(builder.completable() == Answer::No);
  builder.undo();
  CHECK(builder.permits(4));
  CHECK(builder.completable() == Answer::Yes);
}

}  // namespace
}  // namespace lineup
