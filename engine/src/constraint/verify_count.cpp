// SPDX-License-Identifier: Apache-2.0
//
// A run holds one row too many for every occurrence that has `max` occurrences of its value before
// it in that run. The runs for which an occurrence is one too many begin at neighbouring positions,
// so they are counted by subtraction, and no run has to be looked at. Occurrences in the history
// are nobody's fault on this page: they count for those after them, but are never one too many.
#include "constraint/verify_count.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>

#include "base/hash.hpp"

namespace lineup {

namespace {

constexpr std::int64_t kNowhere = INT64_MIN;

// Where the occurrence stands that is `steps` of the same value before occurrence `index`, looking
// back as far as occurrence `first`; 0 steps is its own position.
std::int64_t position_before(Occurrences occurrences, std::size_t index, std::int64_t steps,
                             std::size_t first) {
  const Occurrence& last = occurrences[index];
  if (steps == 0) return last.position;
  while (index-- > first) {
    if (occurrences[index].value == last.value && --steps == 0) return occurrences[index].position;
  }
  return kNowhere;
}

// The part that stands at the positions [begin, end).
Occurrences between(Occurrences occurrences, std::int64_t begin, std::int64_t end) {
  const auto from = std::find_if(occurrences.begin(), occurrences.end(),
                                 [begin](const Occurrence& o) { return o.position >= begin; });
  const auto to = std::find_if(from, occurrences.end(),
                               [end](const Occurrence& o) { return o.position >= end; });
  return {from, to};
}

// How often values occur among the last so many occurrences, by their hash: never too low. Few
// occurrences are one too many, and this tells most of the others apart without a look back.
class Crowd {
 public:
  void add(std::uint64_t value) { ++counts_[place_of(value)]; }
  void take(std::uint64_t value) { --counts_[place_of(value)]; }
  [[nodiscard]] std::int64_t most(std::uint64_t value) const { return counts_[place_of(value)]; }

 private:
  static constexpr unsigned kBits = 6;
  static std::size_t place_of(std::uint64_t value) {
    return (value * 0x9e3779b97f4a7c15ULL) >> (64 - kBits);
  }
  std::array<std::uint32_t, 1U << kBits> counts_{};
};

std::uint64_t excess(Occurrences occurrences, std::int64_t begin, std::int64_t end,
                     const WindowRule& rule) {
  const std::int64_t size = std::min(rule.size, end - begin);
  // The first run that is not wholly history, and the last one.
  const std::int64_t first_run = std::max(begin, 1 - size);
  const std::int64_t last_run = end - size;
  std::uint64_t total = 0;
  std::size_t first = 0;  // the first occurrence that shares a run with occurrence i
  Crowd crowd;            // occurrences first to i
  for (std::size_t i = 0; i < occurrences.size(); ++i) {
    const std::int64_t position = occurrences[i].position;
    const std::int64_t from = rule.tumbling ? begin + (position - begin) / rule.size * rule.size
                                            : std::max(begin, position - size + 1);
    crowd.add(occurrences[i].value);
    while (occurrences[first].position < from) crowd.take(occurrences[first++].value);
    if (position < 0 || crowd.most(occurrences[i].value) <= rule.max) continue;
    const std::int64_t before = position_before(occurrences, i, rule.max, first);
    if (before == kNowhere) continue;
    const std::int64_t runs =
        rule.tumbling ? 1 : std::min(before, last_run) - std::max(from, first_run) + 1;
    if (runs > 0) total += static_cast<std::uint64_t>(runs);
  }
  return total;
}

std::int64_t positive(std::int64_t number) { return std::max<std::int64_t>(0, number); }

// What the run [begin, end) lacks, less what it would lack if all of its slots on the page held
// rows of the value: that much the history lost by itself.
std::uint64_t shortage_in_run(Occurrences run, std::int64_t begin, std::int64_t end,
                              const WindowRule& rule) {
  const auto is_past = [](const Occurrence& occurrence) { return occurrence.position < 0; };
  const std::int64_t slots = end - std::max<std::int64_t>(0, begin);
  if (!rule.has_by) {
    const auto count = static_cast<std::int64_t>(run.size());
    const std::int64_t past = std::count_if(run.begin(), run.end(), is_past);
    const std::int64_t lost = positive(std::min(rule.min, rule.size) - past - slots);
    return static_cast<std::uint64_t>(positive(rule.min - count) - lost);
  }
  std::int64_t total = 0;
  for (std::size_t i = 0; i < run.size(); ++i) {
    const auto is_same = [&](const Occurrence& other) { return other.value == run[i].value; };
    if (std::any_of(run.begin(), run.begin() + static_cast<std::ptrdiff_t>(i), is_same)) continue;
    const std::int64_t count = std::count_if(run.begin(), run.end(), is_same);
    const std::int64_t past = std::count_if(run.begin(), run.end(), [&](const Occurrence& other) {
      return is_past(other) && is_same(other);
    });
    total += positive(rule.min - count);
    if (past > 0) total -= positive(rule.min - past - slots);
  }
  return static_cast<std::uint64_t>(total);
}

// Whole runs only.
std::uint64_t shortage(Occurrences occurrences, std::int64_t begin, std::int64_t end,
                       const WindowRule& rule) {
  std::uint64_t total = 0;
  const std::int64_t first_run = rule.tumbling ? begin : std::max(begin, 1 - rule.size);
  const std::int64_t step = rule.tumbling ? rule.size : 1;
  for (std::int64_t run = first_run; run + rule.size <= end; run += step) {
    const std::int64_t run_end = run + rule.size;
    total += shortage_in_run(between(occurrences, run, run_end), run, run_end, rule);
  }
  return total;
}

}  // namespace

std::uint64_t count_window(Occurrences occurrences, std::int64_t begin, std::int64_t end,
                           const WindowRule& rule) {
  assert(begin < end && end > 0);
  const Occurrences inside = between(occurrences, begin, end);
  return excess(inside, begin, end, rule) + (rule.min > 0 ? shortage(inside, begin, end, rule) : 0);
}

std::uint64_t count_spacing(Occurrences occurrences, std::int64_t gap) {
  std::uint64_t total = 0;
  std::size_t first = 0;  // the first occurrence that is too near, whatever its value
  Crowd crowd;            // occurrences first to i
  for (std::size_t i = 0; i < occurrences.size(); ++i) {
    const std::int64_t position = occurrences[i].position;
    crowd.add(occurrences[i].value);
    while (occurrences[first].position < position - gap) crowd.take(occurrences[first++].value);
    if (position < 0 || crowd.most(occurrences[i].value) <= 1) continue;
    const std::int64_t before = position_before(occurrences, i, 1, first);
    if (before != kNowhere) total += static_cast<std::uint64_t>(gap - (position - before - 1));
  }
  return total;
}

std::uint64_t count_total(const UnitTally& tally, const CountRule& rule) {
  const std::int64_t too_few = positive(rule.min - tally.on_page);
  const std::int64_t too_many = positive(tally.on_page - positive(rule.max - tally.past));
  return static_cast<std::uint64_t>(too_few + too_many);
}

Tallies::Tallies(std::size_t values_max, Arena& arena)
    : places_(arena.filled<std::uint32_t>(std::bit_ceil(values_max * 2 + 2), kFree)),
      tallies_(arena.allocate<UnitTally>(values_max)) {}

UnitTally& Tallies::of(std::uint64_t value) {
  const std::size_t mask = places_.size() - 1;
  for (std::size_t at = mix64(value) & mask;; at = (at + 1) & mask) {
    if (places_[at] == kFree) {
      places_[at] = static_cast<std::uint32_t>(count_);
      return tallies_[count_++] = {value, 0, 0, false};
    }
    if (tallies_[places_[at]].value == value) return tallies_[places_[at]];
  }
}

}  // namespace lineup
