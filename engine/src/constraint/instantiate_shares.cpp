// SPDX-License-Identifier: Apache-2.0
//
// All in whole numbers, so that ties are ties. Of a ratio, channels that cannot fill their slots
// keep what they can, and the others share the rest anew; then every slot goes to the channel that
// is furthest behind its share of the slots so far.
#include "constraint/instantiate_shares.hpp"

#include <algorithm>

namespace lineup {

Channels assign_channels(std::span<const std::span<const Word>> rows, std::uint32_t row_count,
                         Arena& arena) {
  Channels out;
  out.of_row = arena.filled<std::uint32_t>(row_count, kNoGroup);
  out.supply = arena.zeroed<std::uint32_t>(rows.size());
  for (std::uint32_t channel = 0; channel < rows.size(); ++channel) {
    for_each_bit(rows[channel], [&](std::size_t row) {
      if (out.of_row[row] != kNoGroup) return;
      out.of_row[row] = channel;
      ++out.supply[channel];
    });
  }
  return out;
}

void share_out(std::span<const std::uint64_t> weights, std::uint32_t slots,
               std::span<std::uint32_t> out) {
  std::uint64_t total = 0;
  for (const std::uint64_t weight : weights) total += weight;
  std::fill(out.begin(), out.end(), 0U);
  if (total == 0) return;
  std::uint32_t left = slots;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    out[i] = static_cast<std::uint32_t>(weights[i] * slots / total);
    left -= out[i];
  }
  const auto remainder = [&](std::size_t i) { return weights[i] * slots % total; };
  // Fewer slots are left than there are weights, and each gets at most one of them.
  std::uint64_t last = total;  // the remainder that got the last slot,
  std::size_t last_index = 0;  // and whose it was
  for (; left > 0; --left) {
    std::size_t best = weights.size();
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const bool is_after = remainder(i) < last || (remainder(i) == last && i > last_index);
      if (is_after && (best == weights.size() || remainder(i) > remainder(best))) best = i;
    }
    last = remainder(best);
    last_index = best;
    ++out[best];
  }
}

void plan_pattern(std::span<const std::uint32_t> pattern, std::span<const std::uint32_t> supply,
                  Arena& arena, std::span<std::uint32_t> plan) {
  const Arena::Mark mark = arena.mark();
  const auto left = arena.allocate<std::uint32_t>(supply.size());
  std::copy(supply.begin(), supply.end(), left.begin());
  std::size_t turn = 0;
  for (std::uint32_t& wanted : plan) {
    wanted = kNoGroup;
    for (std::size_t tries = 0; tries < pattern.size(); ++tries) {
      const std::uint32_t channel = pattern[turn];
      turn = (turn + 1) % pattern.size();
      if (channel == kAnyChannel) break;
      if (left[channel] == 0) continue;
      --left[channel];
      wanted = channel;
      break;
    }
  }
  arena.rewind(mark);
}

namespace {

// What every channel gets of `slots`, never more than it has; the last one, any row, gets the rest.
void share_supply(std::span<const std::uint64_t> weights, std::span<const std::uint32_t> supply,
                  std::uint32_t slots, Arena& arena, std::span<std::uint32_t> targets) {
  const auto open = arena.allocate<std::uint64_t>(weights.size());
  const auto shares = arena.allocate<std::uint32_t>(weights.size());
  std::copy(weights.begin(), weights.end(), open.begin());
  std::uint32_t left = slots;
  for (bool is_settled = false; !is_settled;) {
    share_out(open, left, shares);
    is_settled = true;
    std::uint32_t kept = 0;
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (open[i] == 0 || shares[i] <= supply[i]) continue;
      targets[i] = supply[i];
      kept += supply[i];
      open[i] = 0;
      is_settled = false;
    }
    left -= kept;
  }
  std::uint32_t given = 0;
  for (std::size_t i = 0; i < open.size(); ++i) {
    if (open[i] > 0) targets[i] = shares[i];
    given += targets[i];
  }
  targets[weights.size()] = slots - given;
}

}  // namespace

void plan_ratio(std::span<const std::uint64_t> weights, std::span<const std::uint32_t> supply,
                Arena& arena, std::span<std::uint32_t> plan) {
  const Arena::Mark mark = arena.mark();
  const auto targets = arena.zeroed<std::uint32_t>(weights.size() + 1);
  const auto given = arena.zeroed<std::uint32_t>(targets.size());
  share_supply(weights, supply, static_cast<std::uint32_t>(plan.size()), arena, targets);
  const auto slots = static_cast<std::int64_t>(plan.size());
  for (std::size_t slot = 0; slot < plan.size(); ++slot) {
    std::size_t next = targets.size();
    std::int64_t most_behind = 0;
    for (std::size_t channel = 0; channel < targets.size(); ++channel) {
      if (given[channel] == targets[channel]) continue;
      const std::int64_t behind =
          targets[channel] * static_cast<std::int64_t>(slot + 1) - given[channel] * slots;
      if (next == targets.size() || behind > most_behind) {
        next = channel;
        most_behind = behind;
      }
    }
    ++given[next];
    plan[slot] = next < weights.size() ? static_cast<std::uint32_t>(next) : kNoGroup;
  }
  arena.rewind(mark);
}

Even even_level(std::span<const std::uint32_t> supply, std::uint32_t slots) {
  const auto filled_at = [&](std::uint32_t level) {
    std::uint64_t total = 0;
    for (const std::uint32_t rows : supply) total += std::min(rows, level);
    return total;
  };
  Even out;
  while (out.level < slots && filled_at(out.level + 1) <= slots) ++out.level;
  out.has_rest = filled_at(out.level) < slots;
  return out;
}

}  // namespace lineup
