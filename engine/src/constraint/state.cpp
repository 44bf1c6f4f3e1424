// SPDX-License-Identifier: Apache-2.0
//
// The dispatch by kind, and what comes and goes with a row.
#include "constraint/state.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "constraint/state_kinds.hpp"

namespace lineup {

namespace {

std::uint32_t added_by(const Tracker& tracker, const Page& page, std::uint32_t slot,
                       std::uint32_t row) {
  switch (tracker.constraint->kind) {
    case Kind::Window:
      return window_added(tracker, page, slot, row);
    case Kind::Spacing:
      return spacing_added(tracker, page, slot, row);
    case Kind::Quota:
    case Kind::Cap:
      return count_added(tracker, slot, row);
    case Kind::Adjacent:
      return adjacent_added(tracker, page, slot, row);
    case Kind::Order:
      return order_added(tracker, page, slot, row);
    case Kind::Similar:
      return similar_added(tracker, page, slot, row);
    case Kind::Budget:
      return budget_added(tracker, slot, row);
    case Kind::Mix:
      return mix_added(tracker, slot, row);
    default:
      return place_added(tracker, page, slot, row);
  }
}

// What reads embeddings is asked last, whatever it refused before.
bool is_slow(const Tracker& tracker) { return tracker.constraint->kind == Kind::Similar; }

void mark_bits(Tracker& tracker, std::uint32_t slot, std::uint32_t row, bool in) {
  const std::uint32_t at = tracker.bit_of(slot);
  for_each_group(tracker, row, [&](std::uint32_t group) {
    in ? set_bit(tracker.lane(group), at) : clear_bit(tracker.lane(group), at);
  });
  if (extra_lanes(*tracker.constraint) > 0 && !tracker.matches(row)) {
    Word* misses = tracker.lane(tracker.group_count);
    in ? set_bit(misses, at) : clear_bit(misses, at);
  }
}

// Notes that `row` stands on `slot` now, or, with `in` false, no longer. Trackers share bits, so
// all of them are asked what a row adds before any is told of it.
void mark(Tracker& tracker, std::uint32_t slot, std::uint32_t row, bool in) {
  if (is_counted_kind(tracker.constraint->kind)) {
    in ? count_in(tracker, slot, row) : count_out(tracker, slot, row);
    return;
  }
  if (tracker.constraint->kind == Kind::Budget) return budget_mark(tracker, slot, row, in);
  if (tracker.words > 0 && !tracker.borrows_bits) mark_bits(tracker, slot, row, in);
}

}  // namespace

void State::copy(const State& other) {
  assert(&problem_ == &other.problem_);
  const auto copy_span = [](auto to, auto from) {
    std::copy(from.begin(), from.end(), to.begin());
  };
  copy_span(page_.rows, other.page_.rows);
  copy_span(page_.slot_of, other.page_.slot_of);
  copy_span(page_.open, other.page_.open);
  copy_span(units_, other.units_);
  copy_span(counters_, other.counters_);
  if (page_.length != other.page_.length) {
    for (Tracker& tracker : trackers_) lay_stretches(tracker, other.page_.length);
  }
  page_.length = other.page_.length;
  page_.open_count = other.page_.open_count;
  broken_ = other.broken_;
  for (std::size_t i = 0; i < trackers_.size(); ++i) {
    trackers_[i].units = other.trackers_[i].units;
    trackers_[i].open = other.trackers_[i].open;
    trackers_[i].needed = other.trackers_[i].needed;
    trackers_[i].sum = other.trackers_[i].sum;
  }
}

double State::penalty() const {
  double total = 0.0;
  for (const Tracker& tracker : soft_) total += tracker.constraint->weight * tracker.units;
  return total;
}

void State::place(std::uint32_t slot, std::uint32_t row) {
  assert(slot < page_.length && is_open(slot) && !is_used(row));
  for (Tracker& tracker : trackers_) {
    const std::uint32_t added = added_by(tracker, page_, slot, row);
    if (added == 0) continue;
    tracker.units += added;
    if (tracker.rank >= units_.size()) continue;
    units_[tracker.rank] += added;
    broken_ += added;
  }
  for (Tracker& tracker : trackers_) mark(tracker, slot, row, true);
  fill_slot(slot, row);
}

void State::fill_slot(std::uint32_t slot, std::uint32_t row) {
  page_.rows[slot] = row;
  page_.slot_of[row] = slot;
  clear_bit(page_.open.data(), slot);
  --page_.open_count;
}

void State::place_clean(std::uint32_t slot, std::uint32_t row) {
  assert(slot < page_.length && is_open(slot) && !is_used(row));
  for (Tracker& tracker : soft_) tracker.units += added_by(tracker, page_, slot, row);
  for (const Gate& gate : gates_) gate.mark(slot, row);
  for (Tracker* tracker : others_) mark(*tracker, slot, row, true);
  for (Tracker& tracker : soft_) mark(tracker, slot, row, true);
  fill_slot(slot, row);
}

bool State::keeps_clean_walking(std::uint32_t slot, std::uint32_t row) const {
  const std::size_t gates = gates_.size();
  if (gates > 0 && !gates_[first_gate_].lets_pass(slot, row)) {
    refuser_ = gates_[first_gate_].tracker;
    return false;
  }
  for (std::uint32_t i = 0; i < gates; ++i) {
    if (i == first_gate_ || gates_[i].lets_pass(slot, row)) continue;
    first_gate_ = i;
    refuser_ = gates_[i].tracker;
    return false;
  }
  for (std::size_t i = 0; i < others_.size(); ++i) {
    if (added_by(*others_[i], page_, slot, row) == 0) continue;
    refuser_ = others_[i];
    if (i > 0 && !is_slow(*others_[i])) std::swap(others_[i], others_[i - 1]);
    return false;
  }
  return true;
}

void State::remove(std::uint32_t slot) {
  assert(slot < page_.length && !is_open(slot));
  const std::uint32_t row = page_.rows[slot];
  page_.rows[slot] = kNoRow;
  page_.slot_of[row] = kNoSlot;
  set_bit(page_.open.data(), slot);
  ++page_.open_count;
  for (Tracker& tracker : trackers_) mark(tracker, slot, row, false);
  for (Tracker& tracker : trackers_) {
    // What breaks nothing breaks no less without the row.
    const std::uint32_t added = tracker.units == 0 ? 0 : added_by(tracker, page_, slot, row);
    if (added == 0) continue;
    tracker.units -= added;
    if (tracker.rank >= units_.size()) continue;
    units_[tracker.rank] -= added;
    broken_ -= added;
  }
}

// Whoever refuses a row is asked earlier from then on.
bool State::keeps_clean(std::uint32_t slot, std::uint32_t row) const {
  for (std::size_t i = 0; i < order_.size(); ++i) {
    if (added_by(hard_[order_[i]], page_, slot, row) == 0) continue;
    refuser_ = &hard_[order_[i]];
    if (i > 0 && !is_slow(hard_[order_[i]])) std::swap(order_[i], order_[i - 1]);
    return false;
  }
  return true;
}

std::uint32_t State::refused_until(std::uint32_t slot, std::uint32_t row) const {
  return lineup::refused_until(*refuser_, page_, slot, row);
}

std::uint32_t State::added_units(const Tracker& tracker, std::uint32_t slot,
                                 std::uint32_t row) const {
  return added_by(tracker, page_, slot, row);
}

bool State::adds_required(std::uint32_t slot, std::uint32_t row) const {
  for (const Tracker& tracker : hard_.subspan(0, required_count_)) {
    if (added_by(tracker, page_, slot, row) != 0) return true;
  }
  return false;
}

double State::added_penalty(std::uint32_t slot, std::uint32_t row, double limit) const {
  double total = 0.0;
  for (const Tracker& tracker : soft_) {
    total += tracker.constraint->weight * added_by(tracker, page_, slot, row);
    if (total >= limit) break;
  }
  return total;
}

double State::added_penalty_walking(std::uint32_t slot, std::uint32_t row, double limit) const {
  double total = 0.0;
  for (std::size_t i = 0; i < soft_.size() && total < limit; ++i) {
    if (soft_gates_[i].size > 0 && soft_gates_[i].lets_pass(slot, row)) continue;
    total += soft_[i].constraint->weight * added_by(soft_[i], page_, slot, row);
  }
  return total;
}

double State::added(std::uint32_t slot, std::uint32_t row, std::span<std::uint32_t> units) const {
  for (const Tracker& tracker : hard_) units[tracker.rank] += added_by(tracker, page_, slot, row);
  return added_penalty(slot, row);
}

// Whatever ended the sum early is asked earlier from then on.
std::uint64_t State::added_weight(std::uint32_t slot, std::uint32_t row,
                                  std::span<const std::uint32_t> weights,
                                  std::uint64_t limit) const {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < order_.size(); ++i) {
    const std::uint32_t at = order_[i];
    const std::uint32_t added = added_by(hard_[at], page_, slot, row);
    if (added == 0) continue;
    total += std::uint64_t{added} * weights[at];
    if (i > 0) std::swap(order_[i], order_[i - 1]);
    if (total >= limit) break;
  }
  return total;
}

std::uint32_t State::relief(std::size_t index, std::uint32_t slot) {
  assert(!is_open(slot));
  Tracker& tracker = trackers_[index];
  const std::uint32_t row = page_.rows[slot];
  // Only this tracker and the page forget the row for a moment.
  page_.rows[slot] = kNoRow;
  page_.slot_of[row] = kNoSlot;
  set_bit(page_.open.data(), slot);
  const bool has_bits = tracker.words > 0;  // its own, or those that it borrows
  has_bits ? mark_bits(tracker, slot, row, false) : mark(tracker, slot, row, false);
  const std::uint32_t units = added_by(tracker, page_, slot, row);
  has_bits ? mark_bits(tracker, slot, row, true) : mark(tracker, slot, row, true);
  clear_bit(page_.open.data(), slot);
  page_.slot_of[row] = slot;
  page_.rows[slot] = row;
  return units;
}

void State::add_by_use(std::span<std::uint32_t> hard, std::span<std::uint32_t> soft) const {
  for (const Tracker& tracker : trackers_) {
    const bool is_soft = tracker.constraint->tier == Tier::Soft;
    (is_soft ? soft : hard)[tracker.constraint->use] += tracker.units;
  }
}

}  // namespace lineup
