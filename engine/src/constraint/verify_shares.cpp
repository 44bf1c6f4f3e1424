// SPDX-License-Identifier: Apache-2.0
//
// Sums are taken over whole millionths. How the slots are shared out is worked out anew: by largest
// remainder, seat by seat, with the supply of every channel counted among the candidates.
#include <algorithm>
#include <cmath>

#include "constraint/verify_kinds.hpp"
#include "constraint/verify_values.hpp"

namespace lineup {

namespace {

// LIMIT: as when the sums of a request are made: larger values are that, more units not told apart.
constexpr double kValueMost = 1e9;
constexpr std::int64_t kUnitsMost = 10'000'000;

std::int64_t millionths(double value) {
  return static_cast<std::int64_t>(
      std::round(std::max(-kValueMost, std::min(value, kValueMost)) * 1e6));
}

std::int64_t amount_in(const Column& column, std::uint32_t row) {
  if (column.is_missing(row)) return 0;
  if (column.type == ColumnType::Float) return millionths(column.floats[row]);
  return millionths(static_cast<double>(column.integers[row]));
}

std::uint64_t begun_units(std::int64_t over) {
  if (over <= 0) return 0;
  return static_cast<std::uint64_t>(std::min((over - 1) / 1'000'000 + 1, kUnitsMost));
}

// The first channel whose condition holds for the row; their number when none does.
std::size_t channel_of(const CompiledConstraint& constraint, const ShownPage& page,
                       std::uint32_t row) {
  const Batch& batch = *page.input.batch;
  std::size_t channel = 0;
  for (const Condition& where : constraint.channels) {
    if (where.is_empty() || where.holds(batch.rows, batch.vocabularies, page.input.context, row)) {
      break;
    }
    ++channel;
  }
  return channel;
}

// Ends when every channel has `enough`: more than its slots no channel can give.
std::span<std::int64_t> count_candidates(const CompiledConstraint& constraint,
                                         const ShownPage& page, std::int64_t enough) {
  const std::size_t channels = constraint.channels.size();
  const auto counts = page.arena.zeroed<std::int64_t>(channels + 1);
  std::size_t short_of = enough > 0 ? channels : 0;  // channels that have fewer
  for (const std::uint32_t row : page.candidates) {
    if (short_of == 0) break;
    const std::size_t channel = channel_of(constraint, page, row);
    if (++counts[channel] == enough && channel < channels) --short_of;
  }
  return counts;
}

// The whole parts first, then one more seat for the largest remainder that has none yet.
void seats_of(std::span<const std::int64_t> weights, std::int64_t slots, Arena& arena,
              std::span<std::int64_t> seats) {
  std::int64_t total = 0;
  for (const std::int64_t weight : weights) total += weight;
  std::fill(seats.begin(), seats.end(), 0);
  if (total == 0) return;
  const auto has_extra = arena.zeroed<std::uint8_t>(weights.size());
  std::int64_t seated = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) seated += seats[i] = weights[i] * slots / total;
  for (; seated < slots; ++seated) {
    std::size_t best = weights.size();
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (has_extra[i] != 0) continue;
      if (best == weights.size() || weights[i] * slots % total > weights[best] * slots % total) {
        best = i;
      }
    }
    has_extra[best] = 1;
    ++seats[best];
  }
}

std::int64_t weight_of(const Channel& channel, const RuleInput& input) {
  return std::max<std::int64_t>(0, millionths(number_now(channel.share, input)));
}

// The channel wanted by every slot of the mix, `channels.size()` for any.
using Turns = std::span<std::size_t>;

void turns_of_pattern(const Spec& spec, std::span<std::int64_t> left, Turns turns) {
  std::size_t next = 0;
  for (std::size_t& turn : turns) {
    turn = spec.channels.size();
    for (std::size_t i = 0; i < spec.pattern.size(); ++i) {
      const std::uint32_t wanted = spec.pattern[(next + i) % spec.pattern.size()];
      if (wanted != kAnyChannel && left[wanted] == 0) continue;
      next = (next + i + 1) % spec.pattern.size();
      if (wanted != kAnyChannel) {
        turn = wanted;
        --left[wanted];
      }
      break;
    }
  }
}

void turns_of_ratio(const Spec& spec, std::span<const std::int64_t> supply, const ShownPage& page,
                    Turns turns) {
  const std::size_t channels = spec.channels.size();
  const auto slots = static_cast<std::int64_t>(turns.size());
  const auto weights = page.arena.zeroed<std::int64_t>(channels);
  const auto seats = page.arena.zeroed<std::int64_t>(channels);
  const auto wanted = page.arena.zeroed<std::int64_t>(channels + 1);
  for (std::size_t i = 0; i < channels; ++i) weights[i] = weight_of(spec.channels[i], page.input);
  std::int64_t left = slots;
  for (bool is_short = true; is_short;) {
    seats_of(weights, left, page.arena, seats);
    is_short = false;
    for (std::size_t i = 0; i < channels; ++i) {
      if (weights[i] == 0 || seats[i] <= supply[i]) continue;
      is_short = true;
      weights[i] = 0;
      wanted[i] = supply[i];
      left -= supply[i];
    }
  }
  for (std::size_t i = 0; i < channels; ++i) {
    if (weights[i] == 0) continue;
    wanted[i] = seats[i];
    left -= seats[i];
  }
  wanted[channels] = left;
  const auto given = page.arena.zeroed<std::int64_t>(channels + 1);
  for (std::int64_t slot = 0; slot < slots; ++slot) {
    const auto behind = [&](std::size_t i) { return wanted[i] * (slot + 1) - given[i] * slots; };
    std::size_t best = channels + 1;
    for (std::size_t i = 0; i <= channels; ++i) {
      if (given[i] >= wanted[i]) continue;
      if (best > channels || behind(i) > behind(best)) best = i;
    }
    ++given[best];
    turns[static_cast<std::size_t>(slot)] = best;
  }
}

}  // namespace

bool is_in(const SlotSet& slots, std::int64_t slot) {
  return slots.is_all() ||
         std::any_of(slots.ranges.begin(), slots.ranges.end(), [slot](const auto& range) {
           return range.first <= slot + 1 && slot + 1 <= range.second;
         });
}

double number_now(const Amount& amount, const RuleInput& input) {
  const auto live = static_cast<std::size_t>(amount.live);
  return amount.live >= 0 && live < input.live.size() ? input.live[live] : amount.value;
}

std::uint64_t count_budget(const CompiledConstraint& budget, const ShownPage& page) {
  const Batch& batch = *page.input.batch;
  const auto column = static_cast<std::size_t>(budget.column);
  std::int64_t past = 0;
  for (std::uint32_t i = batch.history.row_count - page.past; i < batch.history.row_count; ++i) {
    if (!is_match(budget, page.input, batch.history, i)) continue;
    past += amount_in(batch.history.columns[column], i);
  }
  std::int64_t sum = 0;
  for (std::size_t slot = 0; slot < page.slate.size(); ++slot) {
    const std::uint32_t row = page.slate[slot];
    if (!is_in(budget.spec.slots, static_cast<std::int64_t>(slot))) continue;
    if (is_match(budget, page.input, batch.rows, row)) {
      sum += amount_in(batch.rows.columns[column], row);
    }
  }
  std::uint64_t total = 0;
  if (budget.spec.max.is_given()) {
    const std::int64_t left = millionths(number_now(budget.spec.max, page.input)) - past;
    total += begun_units(sum - std::max<std::int64_t>(0, left));
  }
  if (budget.spec.min.is_given()) {
    total += begun_units(millionths(number_now(budget.spec.min, page.input)) - sum);
  }
  return total;
}

std::uint64_t count_mix(const CompiledConstraint& mix, const ShownPage& page) {
  const Spec& spec = mix.spec;
  const auto slots = page.arena.allocate<std::size_t>(page.slate.size());
  std::size_t present = 0;
  for (std::size_t slot = 0; slot < page.slate.size(); ++slot) {
    if (is_in(spec.slots, static_cast<std::int64_t>(slot))) slots[present++] = slot;
  }
  const auto supply = count_candidates(mix, page, static_cast<std::int64_t>(present));
  const Turns turns = page.arena.zeroed<std::size_t>(present);
  if (spec.mix == MixMode::Ratio) {
    turns_of_ratio(spec, supply, page, turns);
  } else {
    turns_of_pattern(spec, supply, turns);
  }
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < present; ++i) {
    if (turns[i] == spec.channels.size()) continue;
    total += channel_of(mix, page, page.slate[slots[i]]) != turns[i] ? 1 : 0;
  }
  return total;
}

std::uint64_t count_quota_set(const CompiledConstraint& quota, const ShownPage& page) {
  const Spec& spec = quota.spec;
  const std::size_t channels = spec.channels.size();
  const auto counts = page.arena.zeroed<std::int64_t>(channels + 1);
  std::int64_t present = 0;
  for (std::size_t slot = 0; slot < page.slate.size(); ++slot) {
    if (!is_in(spec.slots, static_cast<std::int64_t>(slot))) continue;
    ++present;
    ++counts[channel_of(quota, page, page.slate[slot])];
  }
  const auto weights = page.arena.zeroed<std::int64_t>(channels + 1);
  std::int64_t rest = 1'000'000;
  for (std::size_t i = 0; i < channels; ++i) {
    rest -= weights[i] = weight_of(spec.channels[i], page.input);
  }
  weights[channels] = std::max<std::int64_t>(0, rest);
  const auto seats = page.arena.zeroed<std::int64_t>(channels + 1);
  seats_of(weights, present, page.arena, seats);
  std::int64_t total = 0;
  for (std::size_t i = 0; i <= channels; ++i)
    total += std::max<std::int64_t>(0, seats[i] - counts[i]);
  return static_cast<std::uint64_t>(total);
}

std::uint64_t count_even_quota(const CompiledConstraint& quota, const ShownPage& page) {
  const Walk walk = {page.input, page.slate, 0, page.candidates};
  const Occurrences occurrences = collect(quota, quota.by, walk, page.arena);
  Tallies tallies(occurrences.size() + 1, page.arena);
  std::int64_t present = 0;
  for (std::size_t slot = 0; slot < page.slate.size(); ++slot) {
    present += is_in(quota.spec.slots, static_cast<std::int64_t>(slot)) ? 1 : 0;
  }
  // `past` counts the candidates of a value here.
  for (const Occurrence& occurrence : occurrences) {
    UnitTally& tally = tallies.of(occurrence.value);
    if (occurrence.position == kOffPage)
      ++tally.past;
    else if (is_in(quota.spec.slots, occurrence.position))
      ++tally.on_page;
  }
  const auto filled = [&](std::int64_t level) {
    std::int64_t total = 0;
    for (const UnitTally& tally : tallies.all()) total += std::min(tally.past, level);
    return total;
  };
  if (filled(1) == 0) return 0;
  std::int64_t level = present;
  while (filled(level) > present) --level;
  const std::int64_t most = filled(level) < present ? level + 1 : level;
  std::int64_t total = 0;
  for (const UnitTally& tally : tallies.all()) {
    total += std::max<std::int64_t>(0, std::min(tally.past, level) - tally.on_page);
    total += std::max<std::int64_t>(0, tally.on_page - most);
  }
  return static_cast<std::uint64_t>(total);
}

}  // namespace lineup
