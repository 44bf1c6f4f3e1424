// SPDX-License-Identifier: Apache-2.0
//
// Trackers are ordered by rank, so the pins are too.
#include "constraint/search_pins.hpp"

#include <algorithm>

namespace lineup {

namespace {

// Calls visit(pin) for the pins of candidates that required and hard rules have in this mode.
template <typename Visit>
void for_each_pin(const State& state, PlaceMode mode, Visit&& visit) {
  for (const Tracker& tracker : state.trackers()) {
    const Constraint& constraint = *tracker.constraint;
    if (tracker.pin_of_slot == nullptr || constraint.tier == Tier::Soft ||
        constraint.mode != mode) {
      continue;
    }
    for (std::uint32_t pin = 0; pin < constraint.pin_count; ++pin) {
      if (!test_bit(state.problem().candidates, constraint.pin_rows[pin])) continue;
      visit(Pin{constraint.pin_rows[pin], constraint.pin_slots[pin], tracker.rank});
    }
  }
}

}  // namespace

std::span<Pin> collect_pins(const State& state, Arena& arena) {
  std::size_t count = 0;
  for_each_pin(state, PlaceMode::Exactly, [&](const Pin&) { ++count; });
  if (count == 0) return {};
  const auto pins = arena.allocate<Pin>(count);
  count = 0;
  for_each_pin(state, PlaceMode::Exactly, [&](const Pin& pin) { pins[count++] = pin; });
  return pins;
}

std::span<Pin> collect_late_pins(const State& state, const Ranking& ranking, Arena& arena) {
  std::size_t count = 0;
  const auto is_late = [&](const Pin& pin) { return ranking.rank_of(pin.row) > pin.slot; };
  for_each_pin(state, PlaceMode::AtOrAbove, [&](const Pin& pin) { count += is_late(pin) ? 1 : 0; });
  if (count == 0) return {};
  const auto pins = arena.allocate<Pin>(count);
  count = 0;
  for_each_pin(state, PlaceMode::AtOrAbove, [&](const Pin& pin) {
    if (is_late(pin)) pins[count++] = pin;
  });
  return pins;
}

bool can_reserve(const State& state, const Pin& pin, std::span<std::uint32_t> scratch) {
  if (pin.slot >= state.length() || !state.is_open(pin.slot) || state.is_used(pin.row))
    return false;
  std::fill(scratch.begin(), scratch.end(), 0U);
  state.added(pin.slot, pin.row, scratch);
  const auto worse = scratch.subspan(0, pin.rank + std::size_t{1});
  return std::all_of(worse.begin(), worse.end(), [](std::uint32_t units) { return units == 0; });
}

}  // namespace lineup
