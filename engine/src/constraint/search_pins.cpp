// SPDX-License-Identifier: Apache-2.0
//
// Trackers are ordered by rank, so the pins are too.
#include "constraint/search_pins.hpp"

#include <algorithm>

namespace lineup {

namespace {

bool holds_pins(const Tracker& tracker) {
  return tracker.pin_of_slot != nullptr && tracker.constraint->tier != Tier::Soft &&
         tracker.constraint->mode == PlaceMode::Exactly;
}

}  // namespace

std::span<Pin> collect_pins(const State& state, Arena& arena) {
  std::size_t count = 0;
  for (const Tracker& tracker : state.trackers()) {
    if (holds_pins(tracker)) count += tracker.constraint->pin_count;
  }
  if (count == 0) return {};
  const auto pins = arena.allocate<Pin>(count);
  count = 0;
  for (const Tracker& tracker : state.trackers()) {
    if (!holds_pins(tracker)) continue;
    const Constraint& constraint = *tracker.constraint;
    for (std::uint32_t pin = 0; pin < constraint.pin_count; ++pin) {
      if (!test_bit(state.problem().candidates, constraint.pin_rows[pin])) continue;
      pins[count++] = {constraint.pin_rows[pin], constraint.pin_slots[pin], tracker.rank};
    }
  }
  return pins.subspan(0, count);
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
