// SPDX-License-Identifier: Apache-2.0
//
// Windows. A run is a range of bits; what one more row adds is the number of runs around it that
// are full already. Most rows have too few of their group within reach of any run, which one look
// at the bits in reach decides. A minimum without `by` is a maximum of the rows that miss, on whole
// runs only, so it is counted the same way in a lane of its own.
#include <algorithm>

#include "constraint/state_kinds.hpp"

namespace lineup {

namespace {

bool row_has_group(const Tracker& tracker, std::uint32_t row, std::uint32_t group) {
  bool found = false;
  for_each_group(tracker, row, [&](std::uint32_t own) { found = found || own == group; });
  return found;
}

// What the values that occur in a whole run lack for the minimum, as if `row` (or kNoRow) stood on
// one of its open slots.
std::uint32_t run_shortage(const Tracker& tracker, const Page& page, std::uint32_t begin,
                           std::uint32_t end, std::uint32_t row) {
  std::uint32_t open = row == kNoRow ? 0U : 0U - 1U;
  for (std::uint32_t at = std::max(begin, tracker.past_bits); at < end; ++at) {
    open += page.rows[tracker.slot_of(at)] == kNoRow ? 1 : 0;
  }
  const std::uint32_t min = tracker.constraint->min;
  const auto lacking = [&](std::uint32_t count) {
    return count + open < min ? min - count - open : 0U;
  };
  std::uint32_t total = 0;
  for (std::uint32_t at = begin; at < end; ++at) {
    for_each_group_at(tracker, page, at, [&](std::uint32_t group) {
      const Word* lane = tracker.lane(group);
      if (first_between(lane, begin, at) != kNoBit) return;  // counted where it occurs first
      const bool joins = row != kNoRow && row_has_group(tracker, row, group);
      total += lacking(count_between(lane, begin, end) + (joins ? 1 : 0));
    });
  }
  if (row != kNoRow) {
    for_each_group(tracker, row, [&](std::uint32_t group) {
      if (first_between(tracker.lane(group), begin, end) == kNoBit) total += lacking(1);
    });
  }
  return total;
}

std::uint32_t shortage_added(const Tracker& tracker, const Page& page, Stretch stretch,
                             std::uint32_t at, std::uint32_t row) {
  std::uint32_t added = 0;
  for_each_run(*tracker.constraint, stretch, at, [&](std::uint32_t begin, std::uint32_t end) {
    if (end - begin < tracker.constraint->size) return;
    added += run_shortage(tracker, page, begin, end, row) -
             run_shortage(tracker, page, begin, end, kNoRow);
  });
  return added;
}

// Calls visit(begin, end) for every run of the page, each once.
template <typename Visit>
void for_all_runs(const Tracker& tracker, const Page& page, Visit&& visit) {
  const Constraint& window = *tracker.constraint;
  std::uint32_t seen_end = 0;  // runs begin from left to right, each with an end of its own
  for (std::uint32_t at = tracker.past_bits; at < tracker.past_bits + page.length; ++at) {
    const Stretch stretch = stretch_at(tracker, page.length, tracker.slot_of(at));
    if (stretch.begin == stretch.end) continue;
    for_each_run(window, stretch, at, [&](std::uint32_t begin, std::uint32_t end) {
      if (end > seen_end) visit(begin, end);
      seen_end = std::max(seen_end, end);
    });
  }
}

}  // namespace

std::uint32_t full_runs(const Constraint& window, const Word* lane, Stretch stretch,
                        std::uint32_t at, std::uint32_t max, bool whole_only) {
  const std::uint32_t size = window.size;
  const bool slides = !window.tumbling && stretch.end - stretch.begin > size;
  if (!slides) {
    std::uint32_t full = 0;
    for_each_run(window, stretch, at, [&](std::uint32_t begin, std::uint32_t end) {
      if (whole_only && end - begin < size) return;
      full = at_least_between(lane, begin, end, max) ? 1 : 0;
    });
    return full;
  }
  const std::uint32_t first = at + 1 > stretch.begin + size ? at + 1 - size : stretch.begin;
  const std::uint32_t last = std::min(at, stretch.end - size);
  if (last + size - first <= 64) {
    const Word reach = bits_between(lane, first, last + size - first);
    if (!has_at_least(reach, max)) return 0;
    std::uint32_t full = 0;
    for (std::uint32_t i = 0; i <= last - first; ++i) {
      full += has_at_least((reach >> i) & low_bits(size), max) ? 1 : 0;
    }
    return full;
  }
  if (!at_least_between(lane, first, last + size, max)) return 0;
  std::uint32_t count = count_between(lane, first, first + size);
  std::uint32_t full = count >= max ? 1 : 0;
  for (std::uint32_t begin = first + 1; begin <= last; ++begin) {
    count += test_bit(lane, begin + size - 1) ? 1 : 0;
    count -= test_bit(lane, begin - 1) ? 1 : 0;
    full += count >= max ? 1 : 0;
  }
  return full;
}

namespace {

// Slots that follow each other: the page, or one line of its grid.
struct Line {
  std::uint32_t first = 0;
  std::uint32_t step = 1;
  std::uint32_t count = 0;
};

std::uint32_t line_count(const Constraint& window, std::uint32_t length) {
  if (window.across == Across::Sequence) return 1;
  if (window.across == Across::Columns) return std::min(window.columns, length);
  return (length + window.columns - 1) / window.columns;
}

Line line_of(const Constraint& window, std::uint32_t length, std::uint32_t index) {
  const std::uint32_t columns = window.columns;
  if (window.across == Across::Sequence) return {0, 1, length};
  if (window.across == Across::Columns) {
    return {index, columns, (length - index + columns - 1) / columns};
  }
  return {index * columns, 1, std::min(columns, length - index * columns)};
}

}  // namespace

void lay_stretches(Tracker& tracker, std::uint32_t length) {
  if (tracker.stretches == nullptr) return;
  const Constraint& window = *tracker.constraint;
  std::uint32_t position = 0;  // of the first slot of the line
  for (std::uint32_t index = 0; index < line_count(window, length); ++index) {
    const Line line = line_of(window, length, index);
    const auto slot_at = [&](std::uint32_t i) { return line.first + i * line.step; };
    for (std::uint32_t i = 0; i < line.count;) {
      std::uint32_t end = i;
      while (end < line.count && tracker.has_slot(slot_at(end))) ++end;
      const std::uint32_t begin = slot_at(i) == 0 ? 0 : tracker.past_bits + position + i;
      const Stretch stretch = {begin, tracker.past_bits + position + end};
      if (end == i) tracker.stretches[slot_at(i++)] = {};
      for (; i < end; ++i) tracker.stretches[slot_at(i)] = stretch;
    }
    for (std::uint32_t i = 0; tracker.positions != nullptr && i < line.count; ++i) {
      tracker.positions[slot_at(i)] = position + i;
      tracker.slots_at[position + i] = slot_at(i);
    }
    position += line.count;
  }
}

std::uint32_t window_hopeless_units(const Tracker& tracker, const Page& page) {
  const Constraint& window = *tracker.constraint;
  if (window.has_by || window.min <= window.size) return 0;
  std::uint32_t units = 0;
  for_all_runs(tracker, page, [&](std::uint32_t begin, std::uint32_t end) {
    if (end - begin == window.size) units += window.min - window.size;
  });
  return units;
}

std::uint32_t window_added(const Tracker& tracker, const Page& page, std::uint32_t slot,
                           std::uint32_t row) {
  const Constraint& window = *tracker.constraint;
  const Stretch stretch = stretch_at(tracker, page.length, slot);
  if (stretch.begin == stretch.end) return 0;
  const std::uint32_t at = tracker.bit_of(slot);
  std::uint32_t added = 0;
  if (window.max != kUnlimited) {
    for_each_group(tracker, row, [&](std::uint32_t group) {
      added += full_runs(window, tracker.lane(group), stretch, at, window.max, false);
    });
  }
  if (window.min == 0) return added;
  if (window.has_by) return added + shortage_added(tracker, page, stretch, at, row);
  if (tracker.matches(row)) return added;
  return added +
         full_runs(window, tracker.lane(tracker.group_count), stretch, at, tracker.miss_max, true);
}

}  // namespace lineup
