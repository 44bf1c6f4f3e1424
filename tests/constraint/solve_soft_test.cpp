// SPDX-License-Identifier: Apache-2.0
//
// The walk under soft windows takes the row that looking at every row would take.
#include <catch2/catch.hpp>

#include "brute_instance.hpp"
#include "constraint/search_ranking.hpp"
#include "constraint/search_soft.hpp"
#include "constraint/state.hpp"

namespace lineup {
namespace {

using brute::below;
using brute::Random;

Constraint& add_window(brute::Instance& instance, Random& random, Tier tier, std::uint32_t groups) {
  const auto rows = static_cast<std::uint32_t>(instance.utility.size());
  std::vector<std::uint32_t> group_of;
  for (std::uint32_t row = 0; row < rows; ++row) {
    // Some rows have no value.
    group_of.push_back(below(random, 8) == 0 ? kNoGroup : below(random, groups));
  }
  Constraint& window = instance.add(Kind::Window, tier);
  window.has_by = true;
  window.groups = instance.single(group_of, groups);
  window.size = 1 + below(random, 12);
  window.max = 1 + below(random, 2);
  window.weight = 0.25 * (1 + below(random, 8));
  if (below(random, 3) == 0) {
    const std::uint32_t past = 1 + below(random, 4);
    std::vector<std::uint32_t> before;
    for (std::uint32_t i = 0; i < past; ++i) before.push_back(below(random, groups));
    window.past.count = past;
    window.past.groups = instance.single(before, groups);
  }
  return window;
}

// By asking every row.
std::uint32_t best_of_all(const State& state, const Ranking& ranking, std::uint32_t slot) {
  std::uint32_t best = kNoRow;
  double best_score = 0.0;
  for (std::uint32_t rank = 0; rank < ranking.size(); ++rank) {
    const std::uint32_t row = ranking.row(rank);
    if (state.is_used(row) || !state.keeps_clean(slot, row)) continue;
    const Problem& problem = state.problem();
    const double score =
        problem.utility[row] * problem.discount[slot] - state.added_penalty(slot, row);
    if (best != kNoRow && score <= best_score) continue;
    best = row;
    best_score = score;
  }
  return best;
}

TEST_CASE("a walk under soft windows takes the best row of all for every slot", "[soft]") {
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    Random random(seed);
    brute::Instance instance(20 + below(random, 40), 4 + below(random, 16));
    for (double& utility : instance.utility) utility = 0.125 * below(random, 24);
    for (std::size_t row = 0; row < instance.candidates.size(); ++row) {
      instance.candidates[row] = below(random, 10) > 0;
    }
    add_window(instance, random, Tier::Soft, 8 + below(random, 6));
    if (below(random, 2) == 0) add_window(instance, random, Tier::Soft, 3);
    if (below(random, 2) == 0) add_window(instance, random, Tier::Soft, 9).has_by = false;
    if (below(random, 2) == 0) add_window(instance, random, Tier::Hard, 4);
    const Problem& problem = instance.problem();
    Arena arena;
    State state(problem, arena);
    Ranking ranking(problem, arena);
    const std::uint32_t length = std::min(problem.slot_count, ranking.size());
    state.reset(length);
    REQUIRE(SoftWalk::suits(state));
    SoftWalk walk(state, ranking, arena);
    for (std::uint32_t slot = 0; slot < length; ++slot) {
      CAPTURE(seed, slot);
      std::uint64_t work = 0;
      const std::uint32_t row = walk.best(slot, work);
      REQUIRE(row == best_of_all(state, ranking, slot));
      if (row == kNoRow) break;
      state.place(slot, row);
      ranking.take(row);
      walk.take(row);
    }
  }
}

}  // namespace
}  // namespace lineup
