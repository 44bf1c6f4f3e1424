// SPDX-License-Identifier: Apache-2.0
//
// Places. A pin is broken as soon as its slot holds another row or its row stands elsewhere; both
// can happen to one pin, and it counts once.
#include <algorithm>

#include "constraint/state_kinds.hpp"

namespace lineup {

namespace {

std::uint32_t exactly_added(const Tracker& tracker, const Page& page, std::uint32_t slot,
                            std::uint32_t row) {
  const Constraint& pins = *tracker.constraint;
  std::uint32_t added = 0;
  for (std::uint32_t pin = tracker.pin_of_slot[slot]; pin != kNoRow;
       pin = tracker.next_of_slot[pin]) {
    const std::uint32_t wanted = pins.pin_rows[pin];
    if (wanted != row && page.slot_of[wanted] == kNoSlot) ++added;
  }
  for (std::uint32_t pin = tracker.pin_of_row[row]; pin != kNoRow; pin = tracker.next_of_row[pin]) {
    const std::uint32_t wanted = pins.pin_slots[pin];
    if (wanted != slot && wanted < page.length && page.rows[wanted] == kNoRow) ++added;
  }
  return added;
}

std::uint32_t at_or_above_added(const Tracker& tracker, const Page& page, std::uint32_t slot,
                                std::uint32_t row) {
  const Constraint& pins = *tracker.constraint;
  const auto words = static_cast<std::uint32_t>(page.open.size() * 64);
  const std::uint32_t first_open = first_between(page.open.data(), 0, words);
  std::uint32_t added = 0;
  for (std::uint32_t pin = tracker.pin_of_row[row]; pin != kNoRow; pin = tracker.next_of_row[pin]) {
    const bool was_possible = first_open <= pins.pin_slots[pin];
    if (slot > pins.pin_slots[pin] && was_possible) ++added;
  }
  if (slot != first_open) return added;
  const std::uint32_t next_open = first_between(page.open.data(), first_open + 1, words);
  for (std::uint32_t pin = 0; pin < pins.pin_count; ++pin) {
    const std::uint32_t wanted = pins.pin_rows[pin];
    if (wanted == row || page.slot_of[wanted] != kNoSlot) continue;
    const std::uint32_t last = pins.pin_slots[pin];
    if (slot <= last && (next_open == kNoBit || next_open > last)) ++added;
  }
  return added;
}

// Lane 0 holds the matching rows, lane 1 the others.
std::uint32_t last_added(const Tracker& tracker, const Page& page, std::uint32_t slot,
                         std::uint32_t row) {
  const std::uint32_t last_other = last_between(tracker.lane(1), 0, page.length);
  if (tracker.matches(row)) return last_other != kNoBit && slot < last_other ? 1 : 0;
  if (last_other != kNoBit && slot < last_other) return 0;
  return count_between(tracker.lane(0), last_other == kNoBit ? 0 : last_other, slot);
}

}  // namespace

std::uint32_t pins_past_end(const Tracker& tracker, const Page& page) {
  const Constraint& pins = *tracker.constraint;
  if (pins.mode != PlaceMode::Exactly && pins.mode != PlaceMode::AtOrAbove) return 0;
  if (page.length == 0) return pins.pin_count;
  if (pins.mode == PlaceMode::AtOrAbove) return 0;
  std::uint32_t units = 0;
  for (std::uint32_t pin = 0; pin < pins.pin_count; ++pin) {
    if (pins.pin_slots[pin] >= page.length) ++units;
  }
  return units;
}

std::uint32_t place_added(const Tracker& tracker, const Page& page, std::uint32_t slot,
                          std::uint32_t row) {
  switch (tracker.constraint->mode) {
    case PlaceMode::Exactly:
      return exactly_added(tracker, page, slot, row);
    case PlaceMode::AtOrAbove:
      return at_or_above_added(tracker, page, slot, row);
    case PlaceMode::OnlyWithin:
      return tracker.matches(row) && !tracker.has_slot(slot) ? 1 : 0;
    case PlaceMode::NeverIn:
      return tracker.matches(row) && tracker.has_slot(slot) ? 1 : 0;
    case PlaceMode::Last:
      return last_added(tracker, page, slot, row);
  }
  return 0;
}

}  // namespace lineup
