// SPDX-License-Identifier: Apache-2.0
//
// Set-up of a state, and an empty page. All bits and counts lie in one piece of memory, so that a
// page is cleared or copied at once; rules over the same columns share their bits. Nothing is done
// per row: masks and groups are read where they are.
#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "constraint/state.hpp"
#include "constraint/state_kinds.hpp"

namespace lineup {

namespace {

bool has_lanes(const Constraint& constraint) {
  return constraint.kind == Kind::Window || constraint.kind == Kind::Spacing ||
         (constraint.kind == Kind::Place && constraint.mode == PlaceMode::Last);
}

std::uint32_t past_bits_of(const Constraint& constraint) {
  if (constraint.kind == Kind::Window && !constraint.tumbling && constraint.size > 0) {
    return std::min(constraint.past.count, constraint.size - 1);
  }
  return constraint.kind == Kind::Spacing ? std::min(constraint.past.count, constraint.gap) : 0;
}

// Calls visit(group) for every group of a past entry that matches.
template <typename Visit>
void for_each_past_group(const Constraint& constraint, std::uint32_t entry, Visit&& visit) {
  const Past& past = constraint.past;
  if (past.matches != nullptr && past.matches[entry] == 0) return;
  if (!constraint.has_by) {
    visit(0U);
  } else if (past.groups.single != nullptr) {
    if (past.groups.single[entry] != kNoGroup) visit(past.groups.single[entry]);
  } else {
    for (std::uint32_t i = past.groups.offsets[entry]; i < past.groups.offsets[entry + 1]; ++i) {
      visit(past.groups.values[i]);
    }
  }
}

void chain_pins(Tracker& tracker, const Problem& problem, Arena& arena) {
  const Constraint& pins = *tracker.constraint;
  tracker.pin_of_row = arena.filled<std::uint32_t>(problem.row_count, kNoRow).data();
  tracker.pin_of_slot = arena.filled<std::uint32_t>(problem.slot_count, kNoRow).data();
  tracker.next_of_row = arena.filled<std::uint32_t>(pins.pin_count, kNoRow).data();
  tracker.next_of_slot = arena.filled<std::uint32_t>(pins.pin_count, kNoRow).data();
  for (std::uint32_t pin = 0; pin < pins.pin_count; ++pin) {
    std::uint32_t& of_row = tracker.pin_of_row[pins.pin_rows[pin]];
    tracker.next_of_row[pin] = std::exchange(of_row, pin);
    if (pins.pin_slots[pin] >= problem.slot_count) continue;
    std::uint32_t& of_slot = tracker.pin_of_slot[pins.pin_slots[pin]];
    tracker.next_of_slot[pin] = std::exchange(of_slot, pin);
  }
}

void find_occurring(Tracker& tracker, const Problem& problem, Arena& arena) {
  tracker.occurs = arena.zeroed<std::uint8_t>(tracker.group_count).data();
  for_each_bit({problem.candidates, word_count(problem.row_count)}, [&](std::size_t row) {
    for_each_group(tracker, static_cast<std::uint32_t>(row),
                   [&](std::uint32_t group) { tracker.occurs[group] = 1; });
  });
}

bool is_same(const Groups& a, const Groups& b) {
  return a.count == b.count && a.single == b.single && a.offsets == b.offsets &&
         a.values == b.values;
}

// Whether both count the same rows at the same places.
bool has_same_bits(const Tracker& a, const Tracker& b) {
  const Constraint& one = *a.constraint;
  const Constraint& other = *b.constraint;
  if (a.words == 0 || a.words != b.words || a.past_bits != b.past_bits ||
      a.group_count != b.group_count || extra_lanes(one) != extra_lanes(other) ||
      a.positions != nullptr || b.positions != nullptr) {
    return false;
  }
  if (one.where != other.where || one.has_by != other.has_by) return false;
  if (one.has_by && !is_same(one.groups, other.groups)) return false;
  if (a.past_bits == 0) return true;
  return one.past.count == other.past.count && one.past.matches == other.past.matches &&
         (!one.has_by || is_same(one.past.groups, other.past.groups));
}

// Whether only the run that ends at a slot matters to a walk from the first slot on.
bool is_plain_window(const Tracker& tracker) {
  const Constraint& window = *tracker.constraint;
  return window.kind == Kind::Window && tracker.stretches == nullptr && !window.tumbling &&
         window.min == 0 && window.max != kUnlimited && !tracker.is_multi && window.size <= 64;
}

Gate gate_of(const Tracker& tracker) {
  const Constraint& window = *tracker.constraint;
  return {&tracker,
          window.has_by ? window.groups.single : nullptr,
          window.where,
          tracker.bits,
          tracker.words,
          tracker.past_bits,
          window.size,
          window.max,
          tracker.borrows_bits,
          ~low_bits(65 - window.size)};
}

bool is_native(const Constraint& constraint) { return constraint.kind != Kind::Code; }

}  // namespace

State::State(const Problem& problem, Arena& arena) : problem_(problem) {
  page_.rows = arena.filled<std::uint32_t>(problem.slot_count, kNoRow);
  page_.slot_of = arena.filled<std::uint32_t>(problem.row_count, kNoSlot);
  page_.open = arena.zeroed<Word>(word_count(problem.slot_count));
  units_ = arena.zeroed<std::uint32_t>(problem.level_count + std::size_t{1});
  const auto rank_of = [&](const Constraint& constraint) {
    if (constraint.tier == Tier::Required) return 0U;
    return constraint.tier == Tier::Hard ? 1U + constraint.level : 1U + problem.level_count;
  };
  trackers_ = arena.allocate<Tracker>(problem.constraints.size());
  std::size_t count = 0;
  for (std::uint32_t rank = 0; rank <= problem.level_count + 1; ++rank) {
    for (const Constraint& constraint : problem.constraints) {
      if (rank_of(constraint) != rank || !is_native(constraint)) continue;
      Tracker& tracker = trackers_[count++] = Tracker{};
      tracker.constraint = &constraint;
      tracker.rank = rank;
      prepare(tracker, arena);
    }
    if (rank == 0) required_count_ = static_cast<std::uint32_t>(count);
    if (rank == problem.level_count) hard_ = trackers_.subspan(0, count);
  }
  trackers_ = trackers_.subspan(0, count);
  soft_ = trackers_.subspan(hard_.size());
  lay_out_counters(arena);
  order_ = arena.allocate<std::uint32_t>(hard_.size());
  // What takes longest to answer is asked last.
  std::size_t asked = 0;
  for (const bool is_slow : {false, true}) {
    for (std::uint32_t i = 0; i < hard_.size(); ++i) {
      if ((hard_[i].constraint->kind == Kind::Similar) == is_slow) order_[asked++] = i;
    }
  }
  set_gates(arena);
  begin(problem.slot_count);
}

void State::lay_out_counters(Arena& arena) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < trackers_.size(); ++i) {
    Tracker& tracker = trackers_[i];
    const auto before = trackers_.subspan(0, i);
    const auto owner = std::find_if(before.begin(), before.end(), [&](const Tracker& other) {
      return !other.borrows_bits && has_same_bits(other, tracker);
    });
    tracker.borrows_bits = owner != before.end();
    if (tracker.borrows_bits) tracker.counter_bytes = 0;
    bytes += tracker.counter_bytes;
  }
  counters_ = std::span(static_cast<std::byte*>(arena.allocate_bytes(bytes, 64)), bytes);
  std::size_t at = 0;
  for (Tracker& tracker : trackers_) {
    void* memory = counters_.data() + at;
    if (tracker.words > 0) tracker.bits = static_cast<Word*>(memory);
    if (tracker.borrows_bits) {
      tracker.bits = std::find_if(trackers_.begin(), trackers_.end(), [&](const Tracker& other) {
                       return has_same_bits(other, tracker);
                     })->bits;
    }
    if (is_counted_kind(tracker.constraint->kind))
      tracker.counts = static_cast<std::uint32_t*>(memory);
    at += tracker.counter_bytes;
  }
}

void State::set_gates(Arena& arena) {
  gates_ = arena.allocate<Gate>(hard_.size());
  soft_gates_ = arena.allocate<Gate>(soft_.size());
  others_ = arena.allocate<Tracker*>(hard_.size());
  std::size_t gates = 0;
  std::size_t others = 0;
  for (const std::uint32_t at : order_) {
    Tracker& tracker = hard_[at];
    if (is_plain_window(tracker)) {
      gates_[gates++] = gate_of(tracker);
    } else {
      others_[others++] = &tracker;
    }
  }
  gates_ = gates_.subspan(0, gates);
  others_ = others_.subspan(0, others);
  slow_ = arena.allocate<const Tracker*>(others);
  std::size_t slow = 0;
  for (const Tracker* tracker : others_) {
    if (tracker->constraint->kind == Kind::Similar) slow_[slow++] = tracker;
  }
  slow_ = slow_.subspan(0, slow);
  for (std::size_t i = 0; i < soft_.size(); ++i) {
    soft_gates_[i] = is_plain_window(soft_[i]) ? gate_of(soft_[i]) : Gate{};
  }
}

void State::prepare(Tracker& tracker, Arena& arena) {
  const Constraint& constraint = *tracker.constraint;
  assert(constraint.kind != Kind::Window || constraint.size > 0);
  tracker.is_multi = constraint.has_by && constraint.groups.single == nullptr;
  tracker.row_count = problem_.row_count;
  tracker.group_count =
      constraint.has_by ? std::max(constraint.groups.count, constraint.past.groups.count) : 1;
  if (has_lanes(constraint)) {
    tracker.past_bits = past_bits_of(constraint);
    tracker.words =
        static_cast<std::uint32_t>(word_count(tracker.past_bits + problem_.slot_count)) + 1;
    if (tracker.past_bits + problem_.slot_count <= 64) tracker.words = 1;
    const std::size_t lanes = tracker.group_count + extra_lanes(constraint);
    tracker.counter_bytes = lanes * tracker.words * sizeof(Word);
  } else if (is_counted_kind(constraint.kind)) {
    tracker.counter_bytes = (tracker.group_count + std::size_t{1}) / 2 * 2 * sizeof(std::uint32_t);
  }
  if (constraint.kind == Kind::Window) {
    if (constraint.slots != nullptr || constraint.across != Across::Sequence) {
      tracker.stretches = arena.allocate<Stretch>(problem_.slot_count).data();
    }
    if (constraint.across == Across::Columns) {
      tracker.positions = arena.allocate<std::uint32_t>(problem_.slot_count).data();
      tracker.slots_at = arena.allocate<std::uint32_t>(problem_.slot_count).data();
    }
    if (constraint.min > 0 && !constraint.has_by) {
      tracker.miss_max = constraint.min < constraint.size ? constraint.size - constraint.min : 0;
    }
  }
  if (is_counted_kind(constraint.kind) && constraint.past.count > 0) count_past(tracker, arena);
  const bool is_per_value = constraint.has_by && constraint.mins == nullptr;
  if (constraint.kind == Kind::Quota && is_per_value) find_occurring(tracker, problem_, arena);
  if (constraint.kind == Kind::Place && constraint.pin_rows != nullptr) {
    chain_pins(tracker, problem_, arena);
  }
}

// Placing and removing are exact opposites: a page without rows is as it was begun.
void State::reset(std::uint32_t length) {
  assert(length <= problem_.slot_count);
  if (length == page_.length && page_.open_count == length) return;
  begin(length);
}

void State::begin(std::uint32_t length) {
  for (const std::uint32_t row : page_.rows) {
    if (row != kNoRow) page_.slot_of[row] = kNoSlot;
  }
  std::fill(page_.rows.begin(), page_.rows.end(), kNoRow);
  set_first(page_.open, length);
  page_.length = length;
  page_.open_count = length;
  std::memset(counters_.data(), 0, counters_.size());
  std::fill(units_.begin(), units_.end(), 0U);
  broken_ = 0;
  for (Tracker& tracker : trackers_) start(tracker);
}

void State::start(Tracker& tracker) {
  const Constraint& constraint = *tracker.constraint;
  std::uint32_t units = 0;  // whatever the page will hold, but not what the past breaks by itself
  if (constraint.kind == Kind::Window) {
    lay_stretches(tracker, page_.length);
    mark_past(tracker);
    units = window_hopeless_units(tracker, page_);
  } else if (constraint.kind == Kind::Spacing) {
    mark_past(tracker);
  } else if (is_counted_kind(constraint.kind)) {
    start_counts(tracker, page_);
    units = quota_short_units(tracker);
  } else if (constraint.kind == Kind::Budget) {
    tracker.sum = 0;
    tracker.open = open_slots_of(tracker, page_.length);
    units = budget_units(tracker);
  } else if (constraint.kind == Kind::Place) {
    units = pins_past_end(tracker, page_);
  }
  tracker.units = units;
  if (constraint.tier == Tier::Soft) return;
  units_[tracker.rank] += tracker.units;
  broken_ += tracker.units;
}

void State::mark_past(Tracker& tracker) {
  const Constraint& constraint = *tracker.constraint;
  const std::uint32_t first = constraint.past.count - tracker.past_bits;
  for (std::uint32_t at = 0; at < tracker.past_bits; ++at) {
    for_each_past_group(constraint, first + at,
                        [&](std::uint32_t group) { set_bit(tracker.lane(group), at); });
    const bool misses =
        constraint.past.matches != nullptr && constraint.past.matches[first + at] == 0;
    if (misses && extra_lanes(constraint) > 0) set_bit(tracker.lane(tracker.group_count), at);
  }
}

void State::count_past(Tracker& tracker, Arena& arena) {
  tracker.past_counts = arena.zeroed<std::uint32_t>(tracker.group_count).data();
  for (std::uint32_t entry = 0; entry < tracker.constraint->past.count; ++entry) {
    for_each_past_group(*tracker.constraint, entry,
                        [&](std::uint32_t group) { ++tracker.past_counts[group]; });
  }
}

}  // namespace lineup
