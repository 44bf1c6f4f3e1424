// SPDX-License-Identifier: Apache-2.0
//
// Masks are made once, one per group of a column, and shared by the rules that read the column. A
// look goes through the rows that stand within a rule's reach; what is full for good is kept up to
// date as rows come and go.
#include "constraint/search_sieve.hpp"

#include <algorithm>
#include <limits>

#include "constraint/state_kinds.hpp"

namespace lineup {

namespace {

// LIMIT: bytes of the masks of one column's groups. Beyond, making them costs more than they save.
constexpr std::size_t kLaneBytesMax = 256 * 1024;
// LIMIT: groups of a counted column of several values, which are looked through at every change.
constexpr std::uint32_t kCountedMax = 64;
// LIMIT: pins of one rule.
constexpr std::uint32_t kPinsMax = 16;

bool is_of_rows(const Tracker& tracker) {
  const Constraint& constraint = *tracker.constraint;
  return !constraint.has_by && constraint.kind != Kind::Budget && constraint.kind != Kind::Order &&
         constraint.kind != Kind::Similar;
}

}  // namespace

Sieve::Way Sieve::way_of(const Tracker& tracker) const {
  const Constraint& constraint = *tracker.constraint;
  switch (constraint.kind) {
    case Kind::Place:
      if (tracker.pin_of_row == nullptr) return Way::Parts;
      return constraint.pin_count <= kPinsMax ? Way::Pins : Way::RowByRow;
    case Kind::Adjacent:
      return Way::Parts;
    case Kind::Mix:
      return Way::Plan;
    case Kind::Window:
      if (is_of_rows(tracker)) return Way::Parts;
      return constraint.min == 0 && constraint.max > 0 ? Way::Reach : Way::RowByRow;
    case Kind::Spacing:
      return is_of_rows(tracker) ? Way::Parts : Way::Reach;
    case Kind::Quota:
    case Kind::Cap:
      if (is_of_rows(tracker)) return Way::Parts;
      if (constraint.min > 0) return Way::RowByRow;
      return tracker.is_multi && tracker.group_count > kCountedMax ? Way::RowByRow : Way::Counts;
    default:
      return Way::RowByRow;
  }
}

Sieve::Sieve(const State& state, const Ranking& ranking, Arena& arena)
    : state_(state),
      ranking_(ranking),
      words_(ranking.unused().size()),
      is_plain_(ranking.size() == state.problem().row_count && ranking.is_plain()) {
  const auto trackers = state.trackers().subspan(0, state.hard_count());
  filters_ = arena.allocate<Filter>(trackers.size());
  lanes_ = arena.allocate<Lanes>(2 * trackers.size());
  row_by_row_ = arena.allocate<Filter*>(trackers.size());
  all_ = arena.allocate<Word>(words_);
  set_first(all_, ranking.size());
  shut_ = arena.allocate<Word>(words_);
  std::size_t count = 0;
  for (std::size_t i = 0; i < trackers.size(); ++i) {
    Filter& filter = filters_[i] = Filter{};
    filter.tracker = &trackers[i];
    filter.way = way_of(trackers[i]);
    set_up(filter, arena);
    if (filter.way == Way::RowByRow) row_by_row_[count++] = &filter;
  }
  row_by_row_ = row_by_row_.subspan(0, count);
  start();
}

void Sieve::set_up(Filter& filter, Arena& arena) {
  const bool needs_lanes =
      filter.way == Way::Reach || filter.way == Way::Counts || filter.way == Way::Plan;
  if (needs_lanes && !set_lanes(filter, arena)) filter.way = Way::RowByRow;
  if (filter.way == Way::RowByRow) return;
  filter.shut = arena.allocate<Word>(words_).data();
  if (filter.way == Way::Parts) set_parts(filter, arena);
  if (filter.way == Way::Pins) set_pins(filter, arena);
  if (filter.way == Way::Reach && filter.tracker->constraint->kind == Kind::Spacing) {
    add_part(filter, mask_of(filter.tracker->constraint->where, arena));
  }
  if (filter.way == Way::Counts) {
    filter.full = arena.zeroed<Word>(words_).data();
    filter.is_full = arena.zeroed<std::uint8_t>(filter.lane_count).data();
  }
}

// The ranks of the rows of a mask.
const Word* Sieve::mask_of(const Word* where, Arena& arena) {
  if (where == nullptr) return all_.data();
  if (is_plain_) return where;
  for (std::size_t i = 0; i < lane_count_; ++i) {
    if (lanes_[i].where == where && lanes_[i].groups.count == 0) return lanes_[i].rows;
  }
  Word* out = arena.zeroed<Word>(words_).data();
  for (std::uint32_t rank = 0; rank < ranking_.size(); ++rank) {
    if (test_bit(where, ranking_.row(rank))) set_bit(out, rank);
  }
  lanes_[lane_count_++] = {where, {}, out};
  return out;
}

void Sieve::add_part(Filter& filter, const Word* rows) {
  for (std::size_t w = 0; w < words_; ++w) {
    const Word some = rows[w] & all_[w];
    if (some == 0) continue;
    const auto rank =
        static_cast<std::uint32_t>(w * 64) + static_cast<std::uint32_t>(std::countr_zero(some));
    filter.parts[filter.part_count++] = {rows, ranking_.row(rank)};
    return;
  }
}

void Sieve::set_parts(Filter& filter, Arena& arena) {
  const Constraint& constraint = *filter.tracker->constraint;
  const bool is_pair = constraint.kind == Kind::Adjacent;
  const Word* left = mask_of(constraint.where, arena);
  const Word* right = is_pair ? mask_of(constraint.right, arena) : all_.data();
  for (unsigned part = 0; part < (is_pair ? 4U : 2U); ++part) {
    Word* rows = arena.allocate<Word>(words_).data();
    for (std::size_t w = 0; w < words_; ++w) {
      rows[w] = all_[w] & ((part & 1U) != 0 ? ~left[w] : left[w]) &
                ((part & 2U) != 0 ? ~right[w] : right[w]);
    }
    add_part(filter, rows);
  }
}

void Sieve::set_pins(Filter& filter, Arena& arena) {
  const Tracker& tracker = *filter.tracker;
  Word* others = arena.allocate<Word>(words_).data();
  std::copy(all_.begin(), all_.end(), others);
  for (std::uint32_t pin = 0; pin < tracker.constraint->pin_count; ++pin) {
    const std::uint32_t row = tracker.constraint->pin_rows[pin];
    if (test_bit(state_.problem().candidates, row)) clear_bit(others, ranking_.rank_of(row));
  }
  add_part(filter, others);
}

bool Sieve::set_lanes(Filter& filter, Arena& arena) {
  const Constraint& constraint = *filter.tracker->constraint;
  const Groups& groups = constraint.groups;
  filter.lane_count = groups.count;
  // A mix reads its channels alone.
  const Word* where = constraint.kind == Kind::Mix ? nullptr : constraint.where;
  for (std::size_t i = 0; i < lane_count_; ++i) {
    const Lanes& made = lanes_[i];
    if (made.where == where && made.groups.count == groups.count && groups.count > 0 &&
        made.groups.single == groups.single && made.groups.values == groups.values) {
      filter.lanes = made.rows;
      return true;
    }
  }
  if (groups.count == 0 || groups.count * words_ * sizeof(Word) > kLaneBytesMax) return false;
  Word* lanes = arena.zeroed<Word>(groups.count * words_).data();
  for (std::uint32_t rank = 0; rank < ranking_.size(); ++rank) {
    const std::uint32_t row = ranking_.row(rank);
    if (where != nullptr && !test_bit(where, row)) continue;
    for_each_value(groups, row,
                   [&](std::uint32_t group) { set_bit(lanes + group * words_, rank); });
  }
  filter.lanes = lanes;
  lanes_[lane_count_++] = {where, groups, lanes};
  return true;
}

void Sieve::start() {
  for (Filter& filter : filters_) {
    if (filter.way != Way::Counts) continue;
    std::fill_n(filter.full, words_, Word{0});
    std::fill_n(filter.is_full, filter.lane_count, std::uint8_t{0});
    for (std::uint32_t group = 0; group < filter.lane_count; ++group) count(filter, group);
  }
}

// Notes whether the group is full now.
void Sieve::count(Filter& filter, std::uint32_t group) {
  const Tracker& tracker = *filter.tracker;
  const std::uint32_t past = tracker.past_counts == nullptr ? 0 : tracker.past_counts[group];
  const bool is_full = tracker.counts[group] + past >= tracker.constraint->max;
  if (is_full == (filter.is_full[group] != 0)) return;
  filter.is_full[group] = is_full ? 1 : 0;
  const Word* rows = filter.lanes + group * words_;
  if (is_full) {
    for (std::size_t w = 0; w < words_; ++w) filter.full[w] |= rows[w];
    return;
  }
  if (!tracker.is_multi) {
    for (std::size_t w = 0; w < words_; ++w) filter.full[w] &= ~rows[w];
    return;
  }
  // A row may be in another full group.
  std::fill_n(filter.full, words_, Word{0});
  for (std::uint32_t other = 0; other < filter.lane_count; ++other) {
    if (filter.is_full[other] == 0) continue;
    const Word* more = filter.lanes + other * words_;
    for (std::size_t w = 0; w < words_; ++w) filter.full[w] |= more[w];
  }
}

void Sieve::changed(std::uint32_t row) {
  for (Filter& filter : filters_) {
    if (filter.way != Way::Counts) continue;
    for_each_group(*filter.tracker, row, [&](std::uint32_t group) { count(filter, group); });
  }
}

void Sieve::shut(Filter& filter, const Word* rows) {
  if (!filter.is_shut) {
    std::copy_n(rows, words_, filter.shut);
    filter.is_shut = true;
    return;
  }
  for (std::size_t w = 0; w < words_; ++w) filter.shut[w] |= rows[w];
}

void Sieve::look(std::uint32_t slot) {
  slot_ = slot;
  std::fill(shut_.begin(), shut_.end(), Word{0});
  for (Filter& filter : filters_) {
    if (filter.way == Way::RowByRow) continue;
    filter.is_shut = false;
    ask(filter, slot);
    if (!filter.is_shut) continue;
    for (std::size_t w = 0; w < words_; ++w) shut_[w] |= filter.shut[w];
  }
}

void Sieve::ask(Filter& filter, std::uint32_t slot) {
  const Constraint& constraint = *filter.tracker->constraint;
  switch (filter.way) {
    case Way::Parts:
      for (std::uint32_t i = 0; i < filter.part_count; ++i) {
        const Part& part = filter.parts[i];
        if (state_.added_units(*filter.tracker, slot, part.one) > 0) shut(filter, part.rows);
      }
      return;
    case Way::Reach:
      return constraint.kind == Kind::Window ? ask_window(filter, slot) : ask_spacing(filter, slot);
    case Way::Counts:
      if (filter.tracker->has_slot(slot)) shut(filter, filter.full);
      return;
    case Way::Pins:
      return ask_pins(filter, slot);
    case Way::Plan: {
      const std::uint32_t wanted = constraint.plan[slot];
      if (wanted == kNoGroup) return;
      const Word* rows = filter.lanes + wanted * words_;
      for (std::size_t w = 0; w < words_; ++w) filter.shut[w] = all_[w] & ~rows[w];
      filter.is_shut = true;
      return;
    }
    case Way::RowByRow:
      return;
  }
}

void Sieve::ask_window(Filter& filter, std::uint32_t slot) {
  const Tracker& tracker = *filter.tracker;
  const Constraint& window = *tracker.constraint;
  const Stretch stretch = stretch_at(tracker, state_.length(), slot);
  if (stretch.begin == stretch.end) return;
  const std::uint32_t at = tracker.bit_of(slot);
  const std::uint32_t first =
      std::max(stretch.begin, at + 1 > window.size ? at + 1 - window.size : 0U);
  const std::uint32_t end = std::min(stretch.end, at + window.size);
  // Two rows of one run are one too many already.
  const bool is_any_too_many = window.max == 1 && !window.tumbling;
  const auto meet = [&](std::uint32_t group) {
    if (group >= filter.lane_count) return;
    const bool is_refused = is_any_too_many || full_runs(window, tracker.lane(group), stretch, at,
                                                         window.max, false) > 0;
    if (is_refused) shut(filter, filter.lanes + group * words_);
  };
  for (std::uint32_t bit = first; bit < end; ++bit) {
    for_each_group_at(tracker, state_.page(), bit, meet);
  }
}

void Sieve::ask_spacing(Filter& filter, std::uint32_t slot) {
  const Tracker& tracker = *filter.tracker;
  const Constraint& spacing = *tracker.constraint;
  if (slot < spacing.first_slot && filter.part_count > 0) shut(filter, filter.parts[0].rows);
  const std::uint32_t at = tracker.past_bits + slot;
  const std::uint32_t end = std::min(at + spacing.gap + 1, tracker.past_bits + state_.length());
  for (std::uint32_t bit = at > spacing.gap ? at - spacing.gap : 0; bit < end; ++bit) {
    for_each_group_at(tracker, state_.page(), bit, [&](std::uint32_t group) {
      if (group < filter.lane_count) shut(filter, filter.lanes + group * words_);
    });
  }
}

void Sieve::ask_pins(Filter& filter, std::uint32_t slot) {
  const Tracker& tracker = *filter.tracker;
  if (filter.part_count > 0 && state_.added_units(tracker, slot, filter.parts[0].one) > 0) {
    shut(filter, filter.parts[0].rows);
  }
  for (std::uint32_t pin = 0; pin < tracker.constraint->pin_count; ++pin) {
    const std::uint32_t row = tracker.constraint->pin_rows[pin];
    if (!test_bit(state_.problem().candidates, row) || state_.is_used(row)) continue;
    if (state_.added_units(tracker, slot, row) == 0) continue;
    if (!filter.is_shut) {
      std::fill_n(filter.shut, words_, Word{0});
      filter.is_shut = true;
    }
    set_bit(filter.shut, ranking_.rank_of(row));
  }
}

bool Sieve::passes(std::uint32_t row) const {
  if (row_by_row_.empty()) return true;
  ++effort_;
  state_.expect(row);
  return std::all_of(row_by_row_.begin(), row_by_row_.end(), [&](const Filter* filter) {
    return state_.added_units(*filter->tracker, slot_, row) == 0;
  });
}

std::uint32_t Sieve::next_let_in(std::uint32_t rank) const {
  const std::span<const Word> unused = ranking_.unused();
  std::size_t word = rank / 64;
  if (word >= words_) return ranking_.size();
  Word rest = unused[word] & ~shut_[word] & (~Word{0} << (rank % 64));
  while (rest == 0) {
    if (++word == words_) return ranking_.size();
    rest = unused[word] & ~shut_[word];
  }
  return static_cast<std::uint32_t>(word * 64) + static_cast<std::uint32_t>(std::countr_zero(rest));
}

std::uint32_t Sieve::next(std::uint32_t rank) const {
  rank = next_let_in(rank);
  while (rank < ranking_.size() && !passes(ranking_.row(rank))) rank = next_let_in(rank + 1);
  return rank;
}

}  // namespace lineup
