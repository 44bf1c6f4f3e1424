// SPDX-License-Identifier: Apache-2.0
//
// Filling the open slots of one group from left to right, wherever the constraint still allows it,
// gives the most rows that fit: an earlier slot blocks no more later ones than a later slot does.
// Every row beyond that breaks the constraint at least once, since taking one row away for each
// violation would leave a clean arrangement.
#include "constraint/propagate.hpp"

#include <algorithm>
#include <cstring>

#include "constraint/state_kinds.hpp"

namespace lineup {

namespace {

bool bounds_groups(const Tracker& tracker) {
  const Constraint& constraint = *tracker.constraint;
  switch (constraint.kind) {
    case Kind::Window:
      return !tracker.is_multi && (constraint.max != kUnlimited || tracker.miss_max != kUnlimited);
    case Kind::Spacing:
    case Kind::Cap:
      return !tracker.is_multi;
    case Kind::Quota:
      return !tracker.is_multi;
    case Kind::Place:
      return constraint.mode == PlaceMode::OnlyWithin || constraint.mode == PlaceMode::NeverIn;
    default:
      return false;
  }
}

std::uint32_t over(std::uint32_t wanted, std::uint32_t there) {
  return wanted > there ? wanted - there : 0;
}

// The open slots that the constraint speaks of.
std::uint32_t open_slots(const Page& page, const Tracker& tracker) {
  const Word* slots = tracker.constraint->slots;
  if (slots == nullptr) return page.open_count;
  std::uint32_t open = 0;
  for (std::size_t w = 0; w < page.open.size(); ++w) {
    open += static_cast<std::uint32_t>(std::popcount(page.open[w] & slots[w]));
  }
  return open;
}

// Pins with `at_or_above` that are not placed yet: more with the same last slot than open slots up
// to it are too many. What the state counts already is left out.
std::uint32_t late_pins(const Tracker& tracker, const Page& page) {
  const Constraint& pins = *tracker.constraint;
  // LIMIT: lists of pins beyond this are rare, and the bound is quadratic in them.
  constexpr std::uint32_t kPinsMax = 32;
  if (pins.pin_count > kPinsMax) return 0;
  std::uint32_t late = 0;
  std::uint32_t counted = 0;
  for (std::uint32_t i = 0; i < pins.pin_count; ++i) {
    if (page.slot_of[pins.pin_rows[i]] != kNoSlot) continue;
    const std::uint32_t last = pins.pin_slots[i];
    std::uint32_t waiting = 0;
    for (std::uint32_t j = 0; j < pins.pin_count; ++j) {
      const std::uint32_t row = pins.pin_rows[j];
      if (page.slot_of[row] != kNoSlot || pins.pin_slots[j] > last) continue;
      // A row that is pinned more than once needs one slot only.
      const bool is_known = [&] {
        for (std::uint32_t k = 0; k < j; ++k) {
          if (pins.pin_rows[k] == row && pins.pin_slots[k] <= last) return true;
        }
        return false;
      }();
      waiting += is_known ? 0 : 1;
    }
    const std::uint32_t slots = std::min(page.length, last < page.length ? last + 1 : page.length);
    const std::uint32_t open = count_between(page.open.data(), 0, slots);
    late = std::max(late, over(waiting, open));
    counted += open == 0 ? 1 : 0;
  }
  return over(late, counted);
}

}  // namespace

Supply::Supply(const State& state, Arena& arena) : state_(state) {
  const auto trackers = state.trackers();
  stocks_ = arena.zeroed<Stock>(trackers.size());
  std::size_t total = 0;
  std::uint32_t words = 0;
  for (const Tracker& tracker : trackers) {
    if (bounds_groups(tracker)) total += tracker.group_count;
    words = std::max(words, tracker.words);
  }
  counts_ = arena.zeroed<std::uint32_t>(total);
  scratch_ = arena.zeroed<Word>(words).data();
  more_ = arena.zeroed<std::uint32_t>(trackers.size());
  total = 0;
  for (std::size_t i = 0; i < trackers.size(); ++i) {
    if (!bounds_groups(trackers[i])) continue;
    stocks_[i].of_group = counts_.data() + total;
    total += trackers[i].group_count;
  }
  find_squeezes(arena);
}

void Supply::find_squeezes(Arena& arena) {
  const auto trackers = state_.trackers();
  std::size_t count = 0;
  for (const Tracker& tracker : trackers) count += tracker.constraint->kind == Kind::Quota ? 1 : 0;
  if (count == 0) return;
  squeezes_ = arena.allocate<Squeeze>(count);
  const auto taken = arena.zeroed<std::uint8_t>(trackers.size());
  count = 0;
  for (std::size_t quota = 0; quota < trackers.size(); ++quota) {
    const Constraint& constraint = *trackers[quota].constraint;
    const bool has_min = constraint.kind == Kind::Quota && constraint.min > 0;
    if (!has_min || constraint.has_by || constraint.where == nullptr) continue;
    for (const Kind kind : {Kind::Spacing, Kind::Window}) {
      for (std::size_t other = 0; other < trackers.size() && taken[quota] == 0; ++other) {
        std::uint32_t group = 0;
        if (trackers[other].constraint->kind != kind || taken[other] != 0) continue;
        if (!find_lane(quota, other, group)) continue;
        squeezes_[count++] = {static_cast<std::uint32_t>(quota), static_cast<std::uint32_t>(other),
                              group};
        taken[quota] = taken[other] = 1;
      }
    }
  }
  squeezes_ = squeezes_.subspan(0, count);
}

// Whether all candidates of the quota are in one group of the other constraint.
bool Supply::find_lane(std::size_t quota, std::size_t other, std::uint32_t& group) const {
  const Tracker& tracker = state_.trackers()[other];
  if (stocks_[other].of_group == nullptr) return false;
  const Constraint& constraint = *tracker.constraint;
  if (constraint.kind == Kind::Window && constraint.max == kUnlimited) return false;
  const Word* where = state_.trackers()[quota].constraint->where;
  group = kNoGroup;
  for (std::size_t w = 0; w < word_count(state_.problem().row_count); ++w) {
    for (Word rest = state_.problem().candidates[w] & where[w]; rest != 0; rest &= rest - 1) {
      const auto row =
          static_cast<std::uint32_t>(w * 64) + static_cast<std::uint32_t>(std::countr_zero(rest));
      std::uint32_t own = kNoGroup;
      for_each_group(tracker, row, [&](std::uint32_t one) { own = one; });
      if (own == kNoGroup || (group != kNoGroup && own != group)) return false;
      group = own;
    }
  }
  return group != kNoGroup;
}

void Supply::start() {
  std::fill(counts_.begin(), counts_.end(), 0U);
  for (Stock& stock : stocks_) stock.free = 0;
  const Problem& problem = state_.problem();
  for_each_bit({problem.candidates, word_count(problem.row_count)}, [&](std::size_t row) {
    if (!state_.is_used(static_cast<std::uint32_t>(row))) give(static_cast<std::uint32_t>(row));
  });
}

void Supply::change(std::uint32_t row, std::uint32_t by) {
  const auto trackers = state_.trackers();
  for (std::size_t i = 0; i < trackers.size(); ++i) {
    Stock& stock = stocks_[i];
    if (stock.of_group == nullptr) continue;
    bool is_free = true;
    for_each_group(trackers[i], row, [&](std::uint32_t group) {
      stock.of_group[group] += by;
      is_free = false;
    });
    if (is_free) stock.free += by;
  }
}

double Supply::add_unavoidable(std::span<std::uint32_t> units) const {
  double penalty = 0.0;
  const auto trackers = state_.trackers();
  const std::uint32_t first_open = first_between(state_.page().open.data(), 0, state_.length());
  if (first_open == kNoBit) return penalty;
  const auto add = [&](const Tracker& tracker, std::uint32_t more) {
    if (tracker.rank < units.size()) {
      units[tracker.rank] += more;
    } else {
      penalty += tracker.constraint->weight * more;
    }
  };
  for (std::size_t i = 0; i < trackers.size(); ++i) {
    more_[i] = unavoidable(i, first_open);
    if (more_[i] > 0) add(trackers[i], more_[i]);
  }
  for (const Squeeze& squeeze : squeezes_) {
    const Tracker& quota = trackers[squeeze.quota];
    const Tracker& other = trackers[squeeze.other];
    const std::uint32_t needed = over(quota.constraint->min, quota.counts[0]);
    if (needed == 0) continue;
    // Each row that does not fit is missing in the quota or breaks the other: the less important
    // of the two is the lower bound. What either breaks anyway is counted already.
    const std::uint32_t room = capacity(other, squeeze.group, needed) + state_.page().open_count -
                               open_slots(state_.page(), other);
    const std::uint32_t lacking = over(needed, room);
    const std::uint32_t known =
        over(needed, quota.open) + more_[squeeze.quota] + more_[squeeze.other];
    if (lacking <= known) continue;
    const bool other_yields =
        other.rank > quota.rank ||
        (other.rank == quota.rank && other.constraint->weight < quota.constraint->weight);
    add(other_yields ? other : quota, lacking - known);
  }
  return penalty;
}

std::uint32_t Supply::unavoidable(std::size_t index, std::uint32_t first_open) const {
  const Tracker& tracker = state_.trackers()[index];
  const Stock& stock = stocks_[index];
  const Constraint& constraint = *tracker.constraint;
  if (constraint.kind == Kind::Place && constraint.mode == PlaceMode::AtOrAbove) {
    return late_pins(tracker, state_.page());
  }
  if (stock.of_group == nullptr) return 0;
  ++effort_;
  const bool has_table = forecast_ != nullptr && forecast_->knows(index);
  const auto by_table = [&] {
    return forecast_->added(index, first_open, {stock.of_group, tracker.group_count}, stock.free);
  };
  if (constraint.kind == Kind::Window) {
    std::uint32_t units = 0;
    if (constraint.max != kUnlimited) units = has_table ? by_table() : overflow(tracker, stock);
    if (tracker.miss_max == kUnlimited) return units;
    if (forecast_ == nullptr || !forecast_->knows_misses(index)) {
      return units + miss_overflow(tracker, stock);
    }
    return units + forecast_->added_by_misses(index, first_open, stock.of_group[0]);
  }
  if (has_table) return by_table();
  if (constraint.kind != Kind::Quota) return overflow(tracker, stock);
  const std::uint32_t excess = constraint.max == kUnlimited ? 0 : overflow(tracker, stock);
  if (constraint.min == 0) return excess;
  std::uint32_t missing = 0;   // no rows are left for these
  std::uint32_t possible = 0;  // these need slots
  for (std::uint32_t group = 0; group < tracker.group_count; ++group) {
    if (tracker.occurs != nullptr && tracker.occurs[group] == 0) continue;
    const std::uint32_t needed = over(min_of(constraint, group), tracker.counts[group]);
    const std::uint32_t there = std::min(needed, stock.of_group[group]);
    missing += needed - there;
    possible += there;
  }
  return excess + over(missing + over(possible, tracker.open), over(tracker.needed, tracker.open));
}

// Open slots of the constraint that no row can take without a violation.
std::uint32_t Supply::overflow(const Tracker& tracker, const Stock& stock) const {
  const Constraint& constraint = *tracker.constraint;
  const Page& page = state_.page();
  std::uint32_t open = open_slots(page, tracker);
  const bool is_outside =
      constraint.kind == Kind::Place && constraint.mode == PlaceMode::OnlyWithin;
  if (is_outside) open = page.open_count - open;
  std::uint32_t filled = stock.free;
  std::uint32_t cold = kNoBit;  // what a group that stands nowhere can hold, once known
  for (std::uint32_t group = 0; group < tracker.group_count && filled < open; ++group) {
    const std::uint32_t there = stock.of_group[group];
    if (there == 0) continue;
    const bool is_cold =
        tracker.words > 0 && std::all_of(tracker.lane(group), tracker.lane(group) + tracker.words,
                                         [](Word word) { return word == 0; });
    if (!is_cold) {
      filled += std::min(there, capacity(tracker, group, there));
      continue;
    }
    if (cold == kNoBit) cold = capacity(tracker, group, open);
    filled += std::min(there, cold);
  }
  return over(open, filled);
}

template <typename Fits>
std::uint32_t Supply::fill(const Word* lane, const Tracker& tracker, std::uint32_t enough,
                           Fits&& fits) const {
  const Page& page = state_.page();
  std::memcpy(scratch_, lane, tracker.words * sizeof(Word));
  std::uint32_t count = 0;
  for (std::size_t w = 0; w < page.open.size() && count < enough; ++w) {
    for (Word rest = page.open[w]; rest != 0 && count < enough; rest &= rest - 1) {
      const auto slot =
          static_cast<std::uint32_t>(w * 64) + static_cast<std::uint32_t>(std::countr_zero(rest));
      if (!tracker.has_slot(slot) || !fits(slot)) continue;
      set_bit(scratch_, tracker.bit_of(slot));
      ++count;
    }
  }
  ++effort_;
  return count;
}

// How many more rows of the group the open slots hold without a violation; at most `enough`.
std::uint32_t Supply::capacity(const Tracker& tracker, std::uint32_t group,
                               std::uint32_t enough) const {
  const Constraint& constraint = *tracker.constraint;
  const Page& page = state_.page();
  if (constraint.kind == Kind::Quota || constraint.kind == Kind::Cap) {
    const std::uint32_t past = tracker.past_counts == nullptr ? 0 : tracker.past_counts[group];
    if (tracker.occurs != nullptr && tracker.occurs[group] == 0) return enough;
    return constraint.max == kUnlimited ? enough
                                        : over(constraint.max, tracker.counts[group] + past);
  }
  if (constraint.kind == Kind::Place) return 0;
  if (constraint.kind == Kind::Window) {
    return fill(tracker.lane(group), tracker, enough, [&](std::uint32_t slot) {
      return full_runs(constraint, scratch_, stretch_at(tracker, page.length, slot),
                       tracker.bit_of(slot), constraint.max, false) == 0;
    });
  }
  return fill(tracker.lane(group), tracker, enough, [&](std::uint32_t slot) {
    if (slot < constraint.first_slot) return false;
    const std::uint32_t at = tracker.past_bits + slot;
    const std::uint32_t begin = at > constraint.gap ? at - constraint.gap : 0;
    const std::uint32_t end = std::min(at + constraint.gap + 1, tracker.past_bits + page.length);
    return first_between(scratch_, begin, end) == kNoBit;
  });
}

// The same for the rows that miss a window's `where`, which its minimum limits.
std::uint32_t Supply::miss_overflow(const Tracker& tracker, const Stock& stock) const {
  if (tracker.miss_max == kUnlimited) return 0;
  const Constraint& window = *tracker.constraint;
  const Page& page = state_.page();
  const std::uint32_t open = open_slots(page, tracker);
  if (stock.of_group[0] >= open) return 0;
  const std::uint32_t room =
      fill(tracker.lane(tracker.group_count), tracker, stock.free, [&](std::uint32_t slot) {
        return full_runs(window, scratch_, stretch_at(tracker, page.length, slot),
                         tracker.bit_of(slot), tracker.miss_max, true) == 0;
      });
  return over(open, stock.of_group[0] + room);
}

}  // namespace lineup
