// SPDX-License-Identifier: Apache-2.0
//
// Pairs, sums, mixes and declared sets of quotas, from the rules to the problem of one page.
#include <algorithm>

#include "constraint/instantiate_amount.hpp"
#include "constraint/instantiation.hpp"

namespace lineup {

void Instantiation::add_adjacent(Constraint out, const Compiled& compiled) {
  const Spec& spec = compiled.spec;
  out.left_side = spec.left_side;
  out.right_side = spec.right_side;
  out.require = spec.require;
  out.across = spec.across;
  if (spec.across != Across::Sequence) out.columns = input_.page_columns;
  const bool has_past = spec.left_side == PairSide::Rows && spec.right_side == PairSide::Rows;
  const Matching left = match(compiled.where, has_past ? std::min(past_rows(spec), 1U) : 0);
  const Matching right = match(compiled.right, 0);
  out.past.count = left.past_count;
  out.past.matches = left.past;
  if (!compiled.where.is_empty()) out.where = left.rows.data();
  if (!compiled.right.is_empty()) out.right = right.rows.data();
  const bool has_left = spec.left_side != PairSide::Rows || left.past_count > 0;
  if (!has_left && !any_bit(left.rows)) return;
  const bool has_right = spec.right_side != PairSide::Rows || spec.require;
  if (has_right || any_bit(right.rows)) emit(out);
}

void Instantiation::add_order(Constraint out, const Compiled& compiled) {
  const std::uint32_t past = past_rows(compiled.spec);
  const Matching matching = match(compiled.where, past);
  const RowRanks ranks = rank_rows(compiled, batch_, matching, arena_);
  if (ranks.compared < 2) return;
  out.past.count = past;
  out.past.matches = matching.past;
  out.ranks = ranks.rows;
  out.past.ranks = ranks.past;
  if (!compiled.where.is_empty()) out.where = matching.rows.data();
  if (!compiled.within.empty()) {
    out.has_by = true;
    const bool as_value = compiled.spec.missing_as_value;
    const Coding coding = code_groups(compiled.within, as_value, batch_, past, arena_);
    out.groups = coding.rows;
    out.past.groups = coding.past;
  }
  emit(out);
}

void Instantiation::add_similar(Constraint out, const Compiled& compiled) {
  const Spec& spec = compiled.spec;
  const double max_cosine = spec.max_cosine.is_given() ? value_of(spec.max_cosine, input_.live) : 1;
  out.size = std::min(at_most(spec.size, input_.live, slot_count_), kSlotsMost);
  if (!(max_cosine < 1.0) || out.size < 2) return;
  const Matching matching = match(compiled.where, std::min(past_rows(spec), out.size - 1));
  const auto column = static_cast<std::uint32_t>(compiled.column);
  out.closeness = make_closeness(column, batch_, matching, max_cosine, arena_);
  if (out.closeness == nullptr) return;
  out.past.count = out.closeness->past_count();
  out.past.matches = matching.past;
  if (!compiled.where.is_empty()) out.where = matching.rows.data();
  emit(out);
}

void Instantiation::add_budget(Constraint out, const Compiled& compiled) {
  const Spec& spec = compiled.spec;
  bind_slots(out, spec.slots);
  const Matching matching = match(compiled.where, past_rows(spec));
  const auto column = static_cast<std::uint32_t>(compiled.column);
  const Amounts amounts = read_amounts(column, batch_, candidates_, matching, arena_);
  const auto sums = arena_.filled<Sums>(1, amounts.sums);
  sums[0].has_max = spec.max.is_given();
  sums[0].has_min = spec.min.is_given();
  // What the history spent is gone, but never more than there was.
  const std::int64_t max = to_millionths(value_of(spec.max, input_.live));
  sums[0].max = std::max<std::int64_t>(0, max - amounts.past);
  sums[0].min = to_millionths(value_of(spec.min, input_.live));
  out.sums = sums.data();
  if (!compiled.where.is_empty()) out.where = matching.rows.data();
  if (sums[0].has_max || sums[0].has_min) emit(out);
}

void Instantiation::add_mix(Constraint out, const Compiled& compiled) {
  const Spec& spec = compiled.spec;
  const std::uint32_t present = bind_slots(out, spec.slots);
  const Channels channels = channels_of(compiled);
  const auto turns = arena_.allocate<std::uint32_t>(present);
  if (spec.mix == MixMode::Ratio) {
    plan_ratio(weights_of(spec), channels.supply, arena_, turns);
  } else {
    plan_pattern(spec.pattern, channels.supply, arena_, turns);
  }
  const auto plan = arena_.filled<std::uint32_t>(slot_count_, kNoGroup);
  std::uint32_t turn = 0;
  for (std::uint32_t slot = 0; slot < slot_count_; ++slot) {
    if (out.slots == nullptr || test_bit(out.slots, slot)) plan[slot] = turns[turn++];
  }
  out.has_by = true;
  out.groups.count = static_cast<std::uint32_t>(compiled.channels.size());
  out.groups.single = channels.of_row.data();
  out.plan = plan.data();
  emit(out);
}

// What no quota of the set has is a quota of its own.
void Instantiation::add_quota_set(Constraint out, const Compiled& compiled) {
  const std::uint32_t present = bind_slots(out, compiled.spec.slots);
  const auto rest = static_cast<std::uint32_t>(compiled.channels.size());
  const Channels channels = channels_of(compiled);
  for (std::uint32_t& channel : channels.of_row) channel = std::min(channel, rest);
  const auto mins = arena_.allocate<std::uint32_t>(rest + std::size_t{1});
  share_out(weights_of(compiled.spec), present, mins);
  out.has_by = true;
  out.groups.count = rest + 1;
  out.groups.single = channels.of_row.data();
  out.mins = mins.data();
  out.min = *std::max_element(mins.begin(), mins.end());
  if (out.min > 0) emit(out);
}

void Instantiation::add_even_quota(Constraint out, const Compiled& compiled) {
  const std::uint32_t present = bind_slots(out, compiled.spec.slots);
  if (bind_rows(out, compiled, 0) != Counted::Rows) return;
  const auto mins = arena_.zeroed<std::uint32_t>(out.groups.count);
  for_each_bit(candidates_, [&](std::size_t row) {
    if (out.where != nullptr && !test_bit(out.where, row)) return;
    for_each_value(out.groups, static_cast<std::uint32_t>(row),
                   [&](std::uint32_t group) { ++mins[group]; });
  });
  const Even even = even_level(mins, present);
  for (std::uint32_t& min : mins) min = std::min(min, even.level);
  out.mins = mins.data();
  out.min = even.level;
  out.max = even.level + (even.has_rest ? 1 : 0);
  emit(out);
}

Matching Instantiation::match(const Condition& where, std::uint32_t past_count) {
  if (where.is_empty()) return {candidates_, past_count, nullptr};
  Selection& selection = select(where);
  if (past_count == 0) return {selection.rows, 0, nullptr};
  return {selection.rows, past_count, select_past(selection).last(past_count).data()};
}

Channels Instantiation::channels_of(const Compiled& compiled) {
  const auto rows = arena_.allocate<std::span<const Word>>(compiled.channels.size());
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = select(compiled.channels[i]).rows;
  return assign_channels(rows, batch_.rows.row_count, arena_);
}

// In millionths. Quotas leave the rest of the whole to one more.
std::span<const std::uint64_t> Instantiation::weights_of(const Spec& spec) const {
  const std::size_t rest = spec.kind == Kind::Quota ? 1 : 0;
  const auto weights = arena_.zeroed<std::uint64_t>(spec.channels.size() + rest);
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < spec.channels.size(); ++i) {
    const double share = std::max(0.0, value_of(spec.channels[i].share, input_.live));
    total += weights[i] = static_cast<std::uint64_t>(to_millionths(share));
  }
  constexpr std::uint64_t kWhole = 1'000'000;
  if (rest > 0 && total < kWhole) weights[spec.channels.size()] = kWhole - total;
  return weights;
}

}  // namespace lineup
