// SPDX-License-Identifier: Apache-2.0
//
// Conflicting sets against all pages there are: the set cannot hold, and every set with one rule
// less can.
#include "constraint/conflict.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>

#include "brute_force.hpp"
#include "brute_instance.hpp"

namespace lineup {
namespace {

using brute::Random;

using Kept = std::vector<std::uint8_t>;

// Whether some page of the length asked for breaks none of the rules kept, by trying all pages.
bool holds_by_trying(const Problem& problem, const Kept& kept) {
  std::vector<Constraint> constraints;
  for (Constraint constraint : problem.constraints) {
    if (constraint.tier == Tier::Soft || kept[constraint.use] == 0) continue;
    constraint.tier = Tier::Hard;
    constraint.level = 0;
    constraints.push_back(constraint);
  }
  Problem question = problem;
  question.constraints = constraints;
  question.level_count = 1;
  const brute::Best best = brute::best_page(question);
  return best.rows.size() == problem.slot_count && best.score.levels[0] == 0;
}

std::vector<std::uint16_t> order_of(const Problem& problem) {
  std::vector<std::uint16_t> order(problem.use_count);
  std::iota(order.begin(), order.end(), std::uint16_t{0});
  return order;
}

Conflict conflict_of(const Problem& problem, const ConflictOptions& options = {}) {
  Arena arena;
  return find_conflict(problem, Kept(problem.use_count, 1), order_of(problem), options, arena);
}

Kept only(const Problem& problem, const std::vector<std::uint16_t>& uses) {
  Kept kept(problem.use_count, 0);
  for (const std::uint16_t use : uses) kept[use] = 1;
  return kept;
}

TEST_CASE("a conflict cannot hold, and with any one rule less it can", "[conflict]") {
  std::uint32_t conflicts = 0;
  std::uint32_t joint = 0;  // of several rules
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    brute::Instance instance(5 + brute::below(random, 2), 3 + brute::below(random, 2));
    brute::fill_randomly(instance, random,
                         {.constraints = 3 + brute::below(random, 4),
                          .is_joint = seed % 2 == 0,
                          .has_required = seed % 3 == 0,
                          .has_soft = seed % 5 == 0});
    const Problem& problem = instance.problem();
    const Conflict conflict = conflict_of(problem);
    CAPTURE(conflict.uses);
    if (holds_by_trying(problem, Kept(problem.use_count, 1))) {
      CHECK(conflict.uses.empty());
      continue;
    }
    REQUIRE_FALSE(conflict.uses.empty());
    CHECK(conflict.is_minimal);
    ++conflicts;
    if (conflict.uses.size() > 1) ++joint;
    Kept kept = only(problem, conflict.uses);
    CHECK_FALSE(holds_by_trying(problem, kept));
    for (const std::uint16_t use : conflict.uses) {
      kept[use] = 0;
      CHECK(holds_by_trying(problem, kept));
      kept[use] = 1;
    }
  }
  // The instances say something: many conflict, and many of these only together.
  CHECK(conflicts > 100);
  CHECK(joint > 50);
}

TEST_CASE("a conflict found on a small budget conflicts, and is not called proven", "[conflict]") {
  std::uint32_t unproven = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    brute::Instance instance(6, 4);
    brute::fill_randomly(instance, random, {.constraints = 5});
    const Problem& problem = instance.problem();
    const Conflict conflict = conflict_of(problem, {.work_limit = 400, .solve_limit = 100});
    if (conflict.uses.empty()) continue;
    Kept kept = only(problem, conflict.uses);
    CHECK_FALSE(holds_by_trying(problem, kept));
    if (!conflict.is_minimal) {
      ++unproven;
      continue;
    }
    for (const std::uint16_t use : conflict.uses) {
      kept[use] = 0;
      CHECK(holds_by_trying(problem, kept));
      kept[use] = 1;
    }
  }
  CHECK(unproven > 0);
}

TEST_CASE("a rule that comes last in the order stays in the conflict", "[conflict]") {
  // Three rows are pinned to one slot: any two conflict.
  brute::Instance instance(4, 2);
  for (std::uint32_t row = 0; row < 3; ++row) {
    Constraint& pin = instance.add(Kind::Place, Tier::Hard);
    pin.pin_count = 1;
    pin.pin_rows = instance.numbers({row});
    pin.pin_slots = instance.numbers({0});
  }
  const Problem& problem = instance.problem();
  Arena arena;
  const Kept kept(3, 1);
  const std::vector<std::uint16_t> last_is_zero = {2, 1, 0};
  const std::vector<std::uint16_t> last_is_two = {0, 1, 2};
  CHECK(find_conflict(problem, kept, last_is_zero, {}, arena).uses ==
        std::vector<std::uint16_t>{0, 1});
  CHECK(find_conflict(problem, kept, last_is_two, {}, arena).uses ==
        std::vector<std::uint16_t>{1, 2});
  const Kept without_last = {1, 1, 0};
  CHECK(find_conflict(problem, without_last, last_is_two, {}, arena).uses ==
        std::vector<std::uint16_t>{0, 1});
}

TEST_CASE("soft rules take no part in a conflict", "[conflict]") {
  brute::Instance instance(4, 2);
  for (std::uint32_t row = 0; row < 2; ++row) {
    Constraint& pin = instance.add(Kind::Place, row == 0 ? Tier::Hard : Tier::Soft);
    pin.pin_count = 1;
    pin.pin_rows = instance.numbers({row});
    pin.pin_slots = instance.numbers({0});
  }
  CHECK(conflict_of(instance.problem()).uses.empty());
}

}  // namespace
}  // namespace lineup
