// SPDX-License-Identifier: Apache-2.0
//
// Every count is taken anew from lists of plain values; pages are enumerated row by row.
#include "brute_force.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace lineup::brute {

namespace {

using Values = std::vector<std::uint32_t>;

// One place that a constraint looks at: an entry of the past or a slot of the page.
struct Entry {
  bool is_past = false;
  std::uint32_t slot = 0;  // of the page
  bool matches = false;
  Values values;  // what it may share with others; empty when it does not match
};

Values values_at(const Groups& groups, std::uint32_t index) {
  if (groups.single != nullptr) {
    if (groups.single[index] == kNoGroup) return {};
    return {groups.single[index]};
  }
  return {groups.values + groups.offsets[index], groups.values + groups.offsets[index + 1]};
}

bool row_matches(const Constraint& constraint, std::uint32_t row) {
  return constraint.where == nullptr || test_bit(constraint.where, row);
}

bool slot_counts(const Constraint& constraint, std::uint32_t slot) {
  return constraint.slots == nullptr || test_bit(constraint.slots, slot);
}

std::vector<Entry> past_entries(const Constraint& constraint) {
  std::vector<Entry> out;
  for (std::uint32_t i = 0; i < constraint.past.count; ++i) {
    Entry entry;
    entry.is_past = true;
    entry.matches = constraint.past.matches == nullptr || constraint.past.matches[i] != 0;
    if (entry.matches) {
      entry.values = constraint.has_by ? values_at(constraint.past.groups, i) : Values{0};
    }
    out.push_back(entry);
  }
  return out;
}

std::vector<Entry> page_entries(const Constraint& constraint, const Rows& page) {
  std::vector<Entry> out;
  for (std::uint32_t slot = 0; slot < page.size(); ++slot) {
    Entry entry;
    entry.slot = slot;
    entry.matches = row_matches(constraint, page[slot]);
    if (entry.matches) {
      entry.values = constraint.has_by ? values_at(constraint.groups, page[slot]) : Values{0};
    }
    out.push_back(entry);
  }
  return out;
}

std::map<std::uint32_t, std::uint32_t> counts_of(const std::vector<Entry>& entries) {
  std::map<std::uint32_t, std::uint32_t> counts;
  for (const Entry& entry : entries) {
    for (const std::uint32_t value : entry.values) ++counts[value];
  }
  return counts;
}

std::uint32_t above(std::uint32_t count, std::uint32_t max) {
  return max != kUnlimited && count > max ? count - max : 0;
}
std::uint32_t below(std::uint32_t count, std::uint32_t min) {
  return count < min ? min - count : 0;
}

// What the run breaks, less what its part of the past breaks whatever the page holds.
std::uint32_t run_units(const Constraint& window, const std::vector<Entry>& run) {
  std::uint32_t units = 0;
  auto counts = counts_of(run);
  std::vector<Entry> past;
  for (const Entry& entry : run) {
    if (entry.is_past) past.push_back(entry);
  }
  auto past_counts = counts_of(past);
  const auto page_slots = static_cast<std::uint32_t>(run.size() - past.size());
  for (const auto& [value, count] : counts) {
    units += above(count, window.max) - above(past_counts[value], window.max);
  }
  if (run.size() < window.size) return units;
  if (!window.has_by) {
    const std::uint32_t lost = past.size() - past_counts[0];
    const std::uint32_t allowed = window.size - std::min(window.min, window.size);
    return units + below(counts[0], window.min) - above(lost, allowed);
  }
  for (const auto& [value, count] : counts) {
    units += below(count, window.min);
    if (past_counts[value] > 0) units -= below(past_counts[value] + page_slots, window.min);
  }
  return units;
}

std::uint32_t stretch_units(const Constraint& window, const std::vector<Entry>& stretch) {
  std::uint32_t units = 0;
  if (window.tumbling) {
    for (std::size_t begin = 0; begin < stretch.size(); begin += window.size) {
      const std::size_t end = std::min(stretch.size(), begin + window.size);
      units += run_units(window, {stretch.begin() + begin, stretch.begin() + end});
    }
    return units;
  }
  if (stretch.size() < window.size) return run_units(window, stretch);
  for (std::size_t begin = 0; begin + window.size <= stretch.size(); ++begin) {
    const std::vector<Entry> run(stretch.begin() + begin, stretch.begin() + begin + window.size);
    if (!run.back().is_past) units += run_units(window, run);
  }
  return units;
}

std::uint32_t grid_units(const Constraint& window, const std::vector<Entry>& entries) {
  std::map<std::uint32_t, std::vector<Entry>> lines;
  for (const Entry& entry : entries) {
    const bool down = window.across == Across::Columns;
    lines[down ? entry.slot % window.columns : entry.slot / window.columns].push_back(entry);
  }
  std::uint32_t units = 0;
  for (const auto& [index, line] : lines) {
    std::vector<Entry> stretch;
    for (std::size_t i = 0; i <= line.size(); ++i) {
      const bool counts = i < line.size() && slot_counts(window, line[i].slot);
      if (counts) stretch.push_back(line[i]);
      if (counts || stretch.empty()) continue;
      units += stretch_units(window, stretch);
      stretch.clear();
    }
  }
  return units;
}

std::uint32_t window_units(const Constraint& window, const Rows& page) {
  const std::vector<Entry> entries = page_entries(window, page);
  if (window.across != Across::Sequence) return grid_units(window, entries);
  std::uint32_t units = 0;
  for (std::size_t slot = 0; slot < page.size();) {
    if (!slot_counts(window, slot)) {
      ++slot;
      continue;
    }
    std::vector<Entry> stretch;
    if (slot == 0 && !window.tumbling) stretch = past_entries(window);
    for (; slot < page.size() && slot_counts(window, slot); ++slot)
      stretch.push_back(entries[slot]);
    units += stretch_units(window, stretch);
  }
  return units;
}

std::uint32_t spacing_units(const Constraint& spacing, const Rows& page) {
  std::vector<Entry> entries = past_entries(spacing);
  const auto past = static_cast<std::uint32_t>(entries.size());
  for (const Entry& entry : page_entries(spacing, page)) entries.push_back(entry);
  std::uint32_t units = 0;
  std::map<std::uint32_t, std::uint32_t> last;  // where each value stood last
  for (std::uint32_t at = 0; at < entries.size(); ++at) {
    if (at >= past && entries[at].matches && at - past < spacing.first_slot) ++units;
    for (const std::uint32_t value : entries[at].values) {
      if (at >= past && last.count(value) > 0) units += below(at - last[value] - 1, spacing.gap);
      last[value] = at;
    }
  }
  return units;
}

std::uint32_t count_units(const Problem& problem, const Constraint& constraint, const Rows& page) {
  std::vector<Entry> inside;
  for (const Entry& entry : page_entries(constraint, page)) {
    if (slot_counts(constraint, entry.slot)) inside.push_back(entry);
  }
  auto counts = counts_of(inside);
  auto past = counts_of(past_entries(constraint));
  std::set<std::uint32_t> values;
  if (!constraint.has_by) {
    values.insert(0);
  } else if (constraint.kind == Kind::Quota) {
    for (std::uint32_t row = 0; row < problem.row_count; ++row) {
      if (!test_bit(problem.candidates, row) || !row_matches(constraint, row)) continue;
      for (const std::uint32_t value : values_at(constraint.groups, row)) values.insert(value);
    }
  } else {
    for (const auto& [value, count] : counts) values.insert(value);
    for (const auto& [value, count] : past) values.insert(value);
  }
  std::uint32_t units = 0;
  for (const std::uint32_t value : values) {
    units +=
        above(counts[value] + past[value], constraint.max) - above(past[value], constraint.max);
    if (constraint.kind == Kind::Quota) units += below(counts[value], constraint.min);
  }
  return units;
}

// A set of quotas: every group has a number of its own.
std::uint32_t set_units(const Constraint& quota, const Rows& page) {
  std::uint32_t units = 0;
  for (std::uint32_t group = 0; group < quota.groups.count; ++group) {
    std::uint32_t count = 0;
    for (std::uint32_t slot = 0; slot < page.size(); ++slot) {
      if (!slot_counts(quota, slot) || !row_matches(quota, page[slot])) continue;
      const Values values = values_at(quota.groups, page[slot]);
      count += std::count(values.begin(), values.end(), group);
    }
    units += below(count, quota.mins[group]) + above(count, quota.max);
  }
  return units;
}

std::uint32_t place_units(const Constraint& place, const Rows& page) {
  std::uint32_t units = 0;
  for (std::uint32_t pin = 0; pin < place.pin_count; ++pin) {
    const auto found = std::find(page.begin(), page.end(), place.pin_rows[pin]);
    const auto slot = static_cast<std::uint32_t>(found - page.begin());
    const bool exact = place.mode == PlaceMode::Exactly;
    const bool holds = found != page.end() &&
                       (exact ? slot == place.pin_slots[pin] : slot <= place.pin_slots[pin]);
    units += holds ? 0 : 1;
  }
  if (place.pin_rows != nullptr) return units;
  for (std::uint32_t slot = 0; slot < page.size(); ++slot) {
    if (!row_matches(place, page[slot])) continue;
    bool wrong = false;
    if (place.mode == PlaceMode::OnlyWithin) wrong = !slot_counts(place, slot);
    if (place.mode == PlaceMode::NeverIn) wrong = slot_counts(place, slot);
    if (place.mode == PlaceMode::Last) {
      for (std::size_t later = slot + 1; later < page.size(); ++later) {
        wrong = wrong || !row_matches(place, page[later]);
      }
    }
    units += wrong ? 1 : 0;
  }
  return units;
}

// Asks an opaque constraint row by row, from the empty page on.
Judgement judged(const Constraint& code, const Rows& page) {
  Judgement total;
  std::vector<std::byte> state(code.opaque->state_bytes());
  code.opaque->begin(state.data());
  for (std::size_t slot = 0; slot < page.size(); ++slot) {
    const Prefix prefix{{page.data(), slot}, state.data()};
    const Judgement one = code.opaque->judge(prefix, page[slot]);
    total.violations += one.violations;
    total.penalty += one.penalty;
    code.opaque->place(prefix, page[slot]);
  }
  return total;
}

bool same(double a, double b) { return std::fabs(a - b) <= 1e-9 * (1.0 + std::fabs(a)); }

}  // namespace

std::uint32_t units_of(const Problem& problem, const Constraint& constraint, const Rows& page) {
  switch (constraint.kind) {
    case Kind::Window:
      return window_units(constraint, page);
    case Kind::Spacing:
      return spacing_units(constraint, page);
    case Kind::Quota:
    case Kind::Cap:
      if (constraint.mins != nullptr) return set_units(constraint, page);
      return count_units(problem, constraint, page);
    case Kind::Adjacent:
      return adjacent_units(constraint, page);
    case Kind::Order:
      return order_units(constraint, page);
    case Kind::Similar:
      return similar_units(problem, constraint, page);
    case Kind::Budget:
      return budget_units(constraint, page);
    case Kind::Mix:
      return mix_units(constraint, page);
    case Kind::Code:
      return judged(constraint, page).violations;
    default:
      return place_units(constraint, page);
  }
}

Score score_of(const Problem& problem, const Rows& page) {
  Score score;
  score.levels.assign(problem.level_count, 0);
  for (std::size_t slot = 0; slot < page.size(); ++slot) {
    score.value += problem.utility[page[slot]] * problem.discount[slot];
  }
  for (const Constraint& constraint : problem.constraints) {
    const std::uint32_t units = units_of(problem, constraint, page);
    if (constraint.tier == Tier::Required) score.required += units;
    if (constraint.tier == Tier::Hard) score.levels[constraint.level] += units;
    if (constraint.tier == Tier::Soft) score.penalty += constraint.weight * units;
    if (constraint.kind == Kind::Code) score.penalty += judged(constraint, page).penalty;
  }
  return score;
}

bool is_better(const Score& a, const Rows& a_rows, const Score& b, const Rows& b_rows) {
  if (a.required != b.required) return a.required < b.required;
  if (a.levels != b.levels) return a.levels < b.levels;
  if (!same(a.total(), b.total())) return a.total() > b.total();
  return a_rows < b_rows;
}

namespace {

// Goes through all pages of `length` that begin with `page`.
void enumerate(const Problem& problem, std::size_t length, Rows& page, Best& best, bool& found) {
  if (page.size() == length) {
    const Score score = score_of(problem, page);
    if (!found || is_better(score, page, best.score, best.rows)) best = {page, score};
    found = true;
    return;
  }
  for (std::uint32_t row = 0; row < problem.row_count; ++row) {
    if (!test_bit(problem.candidates, row)) continue;
    if (std::find(page.begin(), page.end(), row) != page.end()) continue;
    page.push_back(row);
    enumerate(problem, length, page, best, found);
    page.pop_back();
  }
}

}  // namespace

Best best_page(const Problem& problem, const Rows& prefix) {
  const std::size_t rows = count_bits({problem.candidates, word_count(problem.row_count)});
  std::size_t length = std::min<std::size_t>(problem.slot_count, rows);
  for (;; --length) {
    Best best;
    Rows page = prefix;
    bool found = false;
    enumerate(problem, length, page, best, found);
    if (best.score.required == 0 || length == prefix.size()) return best;
  }
}

}  // namespace lineup::brute
