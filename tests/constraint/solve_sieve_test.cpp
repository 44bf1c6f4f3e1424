// SPDX-License-Identifier: Apache-2.0
//
// Rules that read the same columns share their counts, and the sieve asks them about all rows at
// once: both must say what every rule says of every row by itself.
#include <algorithm>
#include <catch2/catch.hpp>

#include "brute_force.hpp"
#include "brute_instance.hpp"
#include "constraint/search_ranking.hpp"
#include "constraint/search_sieve.hpp"
#include "constraint/state.hpp"

namespace lineup {
namespace {

using brute::below;
using brute::Random;

// Adds rules over the columns of those that are there: other sizes, bounds and kinds.
void add_kin(brute::Instance& instance, Random& random) {
  const std::span<const Constraint> there = instance.problem().constraints;
  const std::vector<Constraint> originals(there.begin(), there.end());
  for (const Constraint& original : originals) {
    const bool has_rows = original.where != nullptr || original.has_by;
    if (!has_rows || original.kind == Kind::Order || original.kind == Kind::Similar) continue;
    if (original.kind == Kind::Place || original.kind == Kind::Mix) continue;
    const Kind kinds[] = {Kind::Window, Kind::Spacing, Kind::Cap, Kind::Quota};
    const Kind kind = kinds[below(random, 4)];
    Constraint& kin = instance.add(kind, original.tier, original.level);
    kin.weight = original.weight;
    kin.where = original.where;
    kin.has_by = original.has_by;
    kin.groups = original.groups;
    kin.past = original.past;
    kin.past.ranks = nullptr;
    kin.size = 1 + below(random, 5);
    kin.gap = below(random, 4);
    kin.max = 1 + below(random, 2);
    kin.first_slot = kind == Kind::Spacing ? below(random, 3) : 0;
    if (kind == Kind::Quota) kin.min = below(random, 3);
  }
}

struct Scene {
  explicit Scene(std::uint64_t seed)
      : random(seed), instance(6 + below(random, 8), 2 + below(random, 7)) {
    brute::fill_randomly(instance, random,
                         {.constraints = 4,
                          .is_joint = seed % 3 == 0,
                          .has_required = true,
                          .has_soft = true,
                          .has_past = seed % 2 == 0,
                          .has_pairs_and_sums = seed % 5 < 2});
    for (std::uint32_t row = 0; seed % 4 == 0 && row < instance.candidates.size(); ++row) {
      instance.candidates[row] = below(random, 5) > 0;
    }
    add_kin(instance, random);
  }
  Random random;
  brute::Instance instance;
};

TEST_CASE("rules that share columns count as each would alone", "[state]") {
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    Scene scene(seed);
    const Problem& problem = scene.instance.problem();
    Arena arena;
    State state(problem, arena);
    brute::Rows page;
    for (std::uint32_t row = 0; row < problem.row_count; ++row) {
      if (scene.instance.candidates[row]) page.push_back(row);
    }
    const auto length = std::min(problem.slot_count, static_cast<std::uint32_t>(page.size()));
    state.reset(length);
    std::shuffle(page.begin(), page.end(), scene.random);
    page.resize(length);
    for (std::uint32_t slot = 0; slot < length; ++slot) state.place(slot, page[slot]);
    // Out and in again, so that what came off must come back.
    for (std::uint32_t slot = 0; slot < length; slot += 2) state.remove(slot);
    for (std::uint32_t slot = 0; slot < length; slot += 2) state.place(slot, page[slot]);
    CAPTURE(seed);
    std::size_t index = 0;
    for (const Tracker& tracker : state.trackers()) {
      CAPTURE(tracker.constraint->use, static_cast<int>(tracker.constraint->kind));
      CHECK(tracker.units == brute::units_of(problem, *tracker.constraint, page));
      // Asking what a slot's row breaks changes nothing.
      for (std::uint32_t slot = 0; slot < length; ++slot) {
        CHECK(state.relief(index, slot) <= tracker.units);
      }
      ++index;
    }
    for (const Tracker& tracker : state.trackers()) {
      CHECK(tracker.units == brute::units_of(problem, *tracker.constraint, page));
    }
  }
}

TEST_CASE("the sieve lets through the rows that keep every hard rule, and no others", "[sieve]") {
  std::uint64_t refused = 0;
  std::uint64_t passed = 0;
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    Scene scene(seed);
    const Problem& problem = scene.instance.problem();
    Arena arena;
    State state(problem, arena);
    Ranking ranking(problem, arena);
    const std::uint32_t length = std::min(problem.slot_count, ranking.size());
    state.reset(length);
    Sieve sieve(state, ranking, arena);
    CAPTURE(seed);
    for (std::uint32_t step = 0; step < 12 && length > 0; ++step) {
      const std::uint32_t slot = below(scene.random, length);
      if (!state.is_open(slot)) {
        const std::uint32_t row = state.page().rows[slot];
        state.remove(slot);
        ranking.give(row);
        sieve.changed(row);
      }
      sieve.look(slot);
      std::uint32_t open = sieve.next(0);
      for (std::uint32_t rank = 0; rank < ranking.size(); ++rank) {
        const std::uint32_t row = ranking.row(rank);
        if (state.is_used(row)) continue;
        CAPTURE(step, slot, row);
        const bool keeps = state.keeps_clean(slot, row);
        CHECK(keeps == (open == rank));
        if (open == rank) open = sieve.next(rank + 1);
        ++(keeps ? passed : refused);
      }
      CHECK(open == ranking.size());
      const std::uint32_t rank = ranking.next_unused(below(scene.random, ranking.size()));
      if (rank == ranking.size()) continue;
      const std::uint32_t row = ranking.row(rank);
      state.place(slot, row);
      ranking.take(row);
      sieve.changed(row);
    }
  }
  CHECK(refused > 10'000);
  CHECK(passed > 10'000);
}

}  // namespace
}  // namespace lineup
