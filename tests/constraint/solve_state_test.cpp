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

// Rows are put on the slots in order, some of them before that, as pins are. Whatever was refused
// until a slot is asked about again on every slot before it.
TEST_CASE("what was refused stays refused until the slot that was told", "[state]") {
  std::uint64_t asked = 0;
  for (std::uint64_t seed = 1; seed <= 4000; ++seed) {
    Random random(seed);
    brute::Instance instance(8 + brute::below(random, 8), 4 + brute::below(random, 8));
    brute::fill_randomly(instance, random,
                         {.constraints = 5,
                          .has_soft = false,
                          .has_past = true,
                          .has_pairs_and_sums = seed % 2 == 0});
    const Problem& problem = instance.problem();
    Arena arena;
    State state(problem, arena);
    const std::uint32_t length = std::min(problem.slot_count, problem.row_count);
    state.reset(length);
    std::vector<std::uint32_t> until(problem.row_count, 0);
    for (std::uint32_t pin = brute::below(random, 3); pin > 0; --pin) {
      const std::uint32_t slot = brute::below(random, length);
      const std::uint32_t row = brute::below(random, problem.row_count);
      if (state.is_open(slot) && !state.is_used(row)) state.place(slot, row);
    }
    for (std::uint32_t slot = 0; slot < length; ++slot) {
      if (!state.is_open(slot)) continue;
      const bool is_walking = state.page().open_count + slot == length;
      std::uint32_t chosen = kNoRow;
      for (std::uint32_t row = 0; row < problem.row_count; ++row) {
        if (state.is_used(row)) continue;
        const bool keeps = is_walking && brute::below(random, 2) == 0
                               ? state.keeps_clean_walking(slot, row)
                               : state.keeps_clean(slot, row);
        CAPTURE(seed, slot, row, until[row]);
        if (slot < until[row]) {
          ++asked;
          REQUIRE_FALSE(keeps);
        }
        if (!keeps) {
          const std::uint32_t told = state.refused_until(slot, row);
          REQUIRE(told > slot);
          until[row] = std::max(until[row], told);
        }
        if (keeps && (chosen == kNoRow || brute::below(random, 3) == 0)) chosen = row;
      }
      // Pages that break something go on as well.
      for (std::uint32_t row = 0; chosen == kNoRow && row < problem.row_count; ++row) {
        if (!state.is_used(row)) chosen = row;
      }
      if (chosen != kNoRow) state.place(slot, chosen);
    }
  }
  CHECK(asked > 1000);
}

}  // namespace
}  // namespace lineup
