// SPDX-License-Identifier: Apache-2.0
//
// The counting beneath builder and solver: every partial page against the definitions.
#include <algorithm>
#include <catch2/catch.hpp>

#include "brute_force.hpp"
#include "brute_instance.hpp"
#include "constraint/state.hpp"

namespace lineup {
namespace {

using brute::Random;

std::vector<std::uint32_t> units_of(const State& state) {
  std::vector<std::uint32_t> out;
  for (const Tracker& tracker : state.trackers()) out.push_back(tracker.units);
  return out;
}

// Everything that a later answer could depend on.
std::vector<std::uint64_t> snapshot(const State& state) {
  std::vector<std::uint64_t> out;
  for (const Tracker& tracker : state.trackers()) {
    out.insert(out.end(), {tracker.units, tracker.open, tracker.needed,
                           static_cast<std::uint64_t>(tracker.sum)});
    const std::size_t counters = tracker.counter_bytes / sizeof(Word);
    const void* memory =
        tracker.words > 0 ? static_cast<const void*>(tracker.bits) : tracker.counts;
    const auto* words = static_cast<const Word*>(memory);
    if (words != nullptr) out.insert(out.end(), words, words + counters);
  }
  out.insert(out.end(), state.page().rows.begin(), state.page().rows.end());
  out.insert(out.end(), state.page().slot_of.begin(), state.page().slot_of.end());
  out.insert(out.end(), state.page().open.begin(), state.page().open.end());
  out.insert(out.end(), state.units().begin(), state.units().end());
  return out;
}

TEST_CASE("units on full pages equal the definitions, in any order of placing", "[state]") {
  for (std::uint64_t seed = 1; seed <= 6000; ++seed) {
    Random random(seed);
    brute::Instance instance(6 + brute::below(random, 6), 1 + brute::below(random, 8));
    brute::fill_randomly(instance, random,
                         {.constraints = 5,
                          .has_soft = true,
                          .has_past = true,
                          .has_pairs_and_sums = seed % 2 == 0});
    const Problem& problem = instance.problem();
    Arena arena;
    State state(problem, arena);
    const std::uint32_t length =
        brute::below(random, std::min(problem.slot_count, problem.row_count) + 1);
    state.reset(length);
    std::vector<std::uint32_t> rows(problem.row_count);
    std::vector<std::uint32_t> slots(length);
    for (std::uint32_t i = 0; i < rows.size(); ++i) rows[i] = i;
    for (std::uint32_t i = 0; i < length; ++i) slots[i] = i;
    std::shuffle(rows.begin(), rows.end(), random);
    std::shuffle(slots.begin(), slots.end(), random);
    brute::Rows page(length);
    std::vector<std::vector<std::uint64_t>> before;
    std::vector<std::uint32_t> last = units_of(state);
    for (std::uint32_t i = 0; i < length; ++i) {
      before.push_back(snapshot(state));
      state.place(slots[i], rows[i]);
      page[slots[i]] = rows[i];
      const std::vector<std::uint32_t> now = units_of(state);
      for (std::size_t t = 0; t < now.size(); ++t) REQUIRE(now[t] >= last[t]);
      last = now;
    }
    CAPTURE(seed, length);
    for (const Tracker& tracker : state.trackers()) {
      CAPTURE(tracker.constraint->use, static_cast<int>(tracker.constraint->kind));
      CHECK(tracker.units == brute::units_of(problem, *tracker.constraint, page));
    }
    for (std::uint32_t i = length; i-- > 0;) {
      state.remove(slots[i]);
      REQUIRE(snapshot(state) == before[i]);
    }
  }
}

}  // namespace
}  // namespace lineup
