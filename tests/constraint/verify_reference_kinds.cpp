// SPDX-License-Identifier: Apache-2.0
//
// Pairs, sums, mixes, sets of quotas and grids, from their definitions. Every pair is visited,
// seats are given one by one, and a line of a grid is looked at as a page of its own.
#include <algorithm>
#include <cmath>
#include <map>

#include "verify_reference.hpp"

namespace lineup::test {

namespace {

bool holds(const std::string& where, const Row& row, const Feed& feed) {
  return Reference::matches(spec_of(Kind::Window, where), row, feed);
}

// The values that an order compares, as numbers; nothing when one is missing and does not count.
std::vector<double> keys(const Spec& spec, const Row& row, const Feed& feed) {
  std::vector<double> out;
  for (const std::string& column : spec.by) {
    const Cell& value = cell(row, feed, column.c_str());
    double key = HUGE_VAL;  // after all others
    if (const auto* number = std::get_if<double>(&value)) key = *number;
    if (const auto* whole = std::get_if<std::int64_t>(&value)) key = static_cast<double>(*whole);
    if (key != HUGE_VAL && !spec.ascending) key = -key;
    if (key == HUGE_VAL && !spec.missing_as_value) return {};
    out.push_back(key);
  }
  return out;
}

bool agree(const Spec& spec, const Row& a, const Row& b, const Feed& feed) {
  Spec within = spec;
  within.by = spec.within;
  const auto a_values = Reference::values(within, a, feed);
  const auto b_values = Reference::values(within, b, feed);
  return std::any_of(a_values.begin(), a_values.end(), [&](const std::string& value) {
    return std::count(b_values.begin(), b_values.end(), value) > 0;
  });
}

double cosine(const Vector& a, const Vector& b) {
  double product = 0.0;
  double a_length = 0.0;
  double b_length = 0.0;
  for (std::uint32_t i = 0; i < kDimension; ++i) {
    product += static_cast<double>(a[i]) * b[i];
    a_length += static_cast<double>(a[i]) * a[i];
    b_length += static_cast<double>(b[i]) * b[i];
  }
  if (a_length == 0.0 || b_length == 0.0) return -2.0;
  return product / std::sqrt(a_length * b_length);
}

double price(const Spec& spec, const Row& row, const Feed& feed) {
  if (!Reference::matches(spec, row, feed)) return 0.0;
  const Cell& value = cell(row, feed, spec.column.c_str());
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  return 0.0;
}

// Seats by largest remainder; of equal remainders the first.
std::vector<long> seats(const std::vector<double>& weights, long slots) {
  double total = 0.0;
  for (const double weight : weights) total += weight;
  std::vector<long> out(weights.size());
  if (total <= 0.0) return out;
  std::vector<double> remainders;
  long left = slots;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double exact = weights[i] * static_cast<double>(slots) / total;
    out[i] = static_cast<long>(std::floor(exact + 1e-9));
    remainders.push_back(std::round((exact - static_cast<double>(out[i])) * 1e9));
    left -= out[i];
  }
  for (; left > 0; --left) {
    const auto best = std::max_element(remainders.begin(), remainders.end());
    ++out[static_cast<std::size_t>(best - remainders.begin())];
    *best = -1.0;
  }
  return out;
}

}  // namespace

std::vector<const Row*> Reference::standing(const Spec& spec, long& history) const {
  history = std::min(maximum(spec.history, 0, 0), static_cast<long>(feed.history.size()));
  std::vector<const Row*> out;
  for (long back = history; back > 0; --back) {
    out.push_back(&feed.history[feed.history.size() - static_cast<std::size_t>(back)]);
  }
  for (const std::uint32_t row : slate) out.push_back(&feed.rows[row]);
  return out;
}

long Reference::adjacent(const Spec& spec) const {
  const auto is_left = [&](std::uint32_t row) { return holds(spec.left, feed.rows[row], feed); };
  const auto is_right = [&](std::uint32_t row) { return holds(spec.right, feed.rows[row], feed); };
  long total = 0;
  const auto pair = [&](bool left, bool right) {
    if (left && (spec.require ? !right : right)) ++total;
  };
  if (slate.empty()) return 0;
  if (spec.left_side == PairSide::PageEnd) {
    pair(true, is_right(slate.front()));
    return total;
  }
  const std::size_t columns = page_columns;
  for (std::size_t i = 0; i < slate.size(); ++i) {
    if (spec.right_side == PairSide::PageEnd) {
      pair(is_left(slate[i]), i + 1 == slate.size());
      continue;
    }
    for (std::size_t j = 0; j < slate.size(); ++j) {
      const bool same_row = i / columns == j / columns;
      const bool follows = spec.across == Across::Columns ? j == i + columns
                           : spec.across == Across::Rows  ? j == i + 1 && same_row
                                                          : j == i + 1;
      if (follows) pair(is_left(slate[i]), is_right(slate[j]));
    }
  }
  long history = 0;
  const auto rows = standing(spec, history);
  const bool ends = spec.right_side == PairSide::PageEnd;
  if (history > 0 && !ends) {
    pair(holds(spec.left, *rows[static_cast<std::size_t>(history - 1)], feed),
         is_right(slate.front()));
  }
  return total;
}

long Reference::order(const Spec& spec) const {
  long history = 0;
  const auto rows = standing(spec, history);
  long total = 0;
  for (std::size_t b = static_cast<std::size_t>(history); b < rows.size(); ++b) {
    for (std::size_t a = 0; a < b; ++a) {
      if (!matches(spec, *rows[a], feed) || !matches(spec, *rows[b], feed)) continue;
      const auto first = keys(spec, *rows[a], feed);
      const auto second = keys(spec, *rows[b], feed);
      if (first.empty() || second.empty() || first <= second) continue;
      if (spec.within.empty() || agree(spec, *rows[a], *rows[b], feed)) ++total;
    }
  }
  return total;
}

long Reference::similar(const Spec& spec) const {
  long history = 0;
  const auto rows = standing(spec, history);
  const long size = maximum(spec.size, static_cast<long>(slate.size()), 1'000'000);
  long total = 0;
  for (std::size_t b = static_cast<std::size_t>(history); b < rows.size(); ++b) {
    for (std::size_t a = 0; a < b; ++a) {
      const auto* first = std::get_if<Vector>(&cell(*rows[a], feed, spec.column.c_str()));
      const auto* second = std::get_if<Vector>(&cell(*rows[b], feed, spec.column.c_str()));
      if (first == nullptr || second == nullptr) continue;
      if (!matches(spec, *rows[a], feed) || !matches(spec, *rows[b], feed)) continue;
      if (static_cast<long>(b - a) >= size || !spec.max_cosine.is_given()) continue;
      // The cosines of these embeddings are far enough from the maxima that are drawn.
      if (cosine(*first, *second) > number(spec.max_cosine, 0.0)) ++total;
    }
  }
  return total;
}

long Reference::budget(const Spec& spec) const {
  long history = 0;
  const auto rows = standing(spec, history);
  double past = 0.0;
  double sum = 0.0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const long slot = static_cast<long>(i) - history + 1;
    if (slot < 1) past += price(spec, *rows[i], feed);
    if (slot >= 1 && has_slot(spec, slot)) sum += price(spec, *rows[i], feed);
  }
  const auto begun = [](double over) {
    return over > 0.0 ? static_cast<long>(std::ceil(over - 1e-9)) : 0L;
  };
  long total = 0;
  if (spec.max.is_given()) total += begun(sum - std::max(0.0, number(spec.max, 0.0) - past));
  if (spec.min.is_given()) total += begun(number(spec.min, 0.0) - sum);
  return total;
}

std::size_t Reference::channel_of(const Spec& spec, const Row& row) const {
  std::size_t channel = 0;
  while (channel < spec.channels.size() && !holds(spec.channels[channel].where, row, feed)) {
    ++channel;
  }
  return channel;
}

long Reference::mix(const Spec& spec) const {
  const std::size_t any = spec.channels.size();
  std::vector<long> supply(any + 1);
  for (const std::uint32_t row : candidates) ++supply[channel_of(spec, feed.rows[row])];
  std::vector<std::uint32_t> rows;
  for (std::size_t slot = 0; slot < slate.size(); ++slot) {
    if (has_slot(spec, static_cast<long>(slot) + 1)) rows.push_back(slate[slot]);
  }
  const long slots = static_cast<long>(rows.size());
  std::vector<std::size_t> wanted;
  if (spec.mix == MixMode::Ratio) {
    std::vector<double> weights;
    for (const Channel& channel : spec.channels) {
      weights.push_back(std::max(0.0, number(channel.share, 1.0)));
    }
    std::vector<long> targets(any + 1, -1);
    long left = slots;
    for (bool again = true; again;) {
      again = false;
      const std::vector<long> shared = seats(weights, left);
      for (std::size_t i = 0; i < any; ++i) {
        if (targets[i] >= 0 || shared[i] <= supply[i]) continue;
        targets[i] = supply[i];
        weights[i] = 0.0;
        left -= supply[i];
        again = true;
      }
      if (again) continue;
      for (std::size_t i = 0; i < any; ++i) {
        if (targets[i] < 0) targets[i] = shared[i];
      }
    }
    targets[any] = slots;
    for (std::size_t i = 0; i < any; ++i) targets[any] -= targets[i];
    std::vector<long> given(any + 1);
    for (long slot = 0; slot < slots; ++slot) {
      std::size_t best = any + 1;
      const auto behind = [&](std::size_t i) { return targets[i] * (slot + 1) - given[i] * slots; };
      for (std::size_t i = 0; i <= any; ++i) {
        if (given[i] == targets[i]) continue;
        if (best > any || behind(i) > behind(best)) best = i;
      }
      ++given[best];
      wanted.push_back(best);
    }
  } else {
    std::size_t turn = 0;
    for (long slot = 0; slot < slots; ++slot) {
      std::size_t found = any;
      for (std::size_t tries = 0; tries < spec.pattern.size(); ++tries, ++turn) {
        const std::uint32_t channel = spec.pattern[turn % spec.pattern.size()];
        if (channel != kAnyChannel && supply[channel] == 0) continue;
        if (channel != kAnyChannel) found = channel;
        ++turn;
        break;
      }
      if (found != any) --supply[found];
      wanted.push_back(found);
    }
  }
  long total = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (wanted[i] != any && channel_of(spec, feed.rows[rows[i]]) != wanted[i]) ++total;
  }
  return total;
}

long Reference::shares(const Spec& spec) const {
  std::vector<double> weights;
  double rest = 1.0;
  for (const Channel& channel : spec.channels) {
    weights.push_back(number(channel.share, 1.0));
    rest -= weights.back();
  }
  weights.push_back(rest > 1e-9 ? rest : 0.0);
  std::vector<long> counts(weights.size());
  for (std::size_t slot = 0; slot < slate.size(); ++slot) {
    if (!has_slot(spec, static_cast<long>(slot) + 1)) continue;
    ++counts[channel_of(spec, feed.rows[slate[slot]])];
  }
  const auto wanted = seats(weights, present_slots(spec, static_cast<long>(slate.size())));
  long total = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) total += std::max(0L, wanted[i] - counts[i]);
  return total;
}

// One slot more for every value that still has a row, round after round; in the last round there
// are too few for all, and anybody may have one.
long Reference::even(const Spec& spec) const {
  std::map<std::string, long> supply;
  std::map<std::string, long> counts;
  for (const std::uint32_t row : candidates) {
    if (!matches(spec, feed.rows[row], feed)) continue;
    for (const std::string& value : values(spec, feed.rows[row], feed)) ++supply[value];
  }
  for (std::size_t slot = 0; slot < slate.size(); ++slot) {
    const Row& row = feed.rows[slate[slot]];
    if (!has_slot(spec, static_cast<long>(slot) + 1) || !matches(spec, row, feed)) continue;
    for (const std::string& value : values(spec, row, feed)) ++counts[value];
  }
  long left = present_slots(spec, static_cast<long>(slate.size()));
  long rounds = 0;
  for (bool goes_on = true; goes_on;) {
    const long takers = std::count_if(supply.begin(), supply.end(),
                                      [&](const auto& one) { return one.second > rounds; });
    goes_on = takers > 0 && takers <= left;
    if (!goes_on) break;
    left -= takers;
    ++rounds;
  }
  long total = 0;
  for (const auto& [value, rows] : supply) {
    total += std::max(0L, std::min(rows, rounds) - counts[value]);
    total += std::max(0L, counts[value] - (left > 0 ? rounds + 1 : rounds));
  }
  return total;
}

long Reference::grid(const Spec& spec) const {
  const long length = static_cast<long>(slate.size());
  const long present = present_slots(spec, length);
  std::map<long, std::vector<long>> lines;  // slots, counted from 1
  for (long slot = 1; slot <= length; ++slot) {
    const long columns = page_columns;
    lines[spec.across == Across::Rows ? (slot - 1) / columns : (slot - 1) % columns].push_back(
        slot);
  }
  Spec along = spec;
  along.across = Across::Sequence;
  along.history = {};
  along.size =
      Amount::count(static_cast<double>(std::max(1L, maximum(spec.size, present, present))));
  along.max = Amount::count(static_cast<double>(maximum(spec.max, present, 1'000'000)));
  along.min = Amount::count(static_cast<double>(minimum(spec.min, present, 0)));
  long total = 0;
  for (const auto& [index, slots] : lines) {
    Reference line = {feed, live, score, candidates, {}, 1};
    along.slots = {};
    for (std::size_t i = 0; i < slots.size(); ++i) {
      line.slate.push_back(slate[static_cast<std::size_t>(slots[i] - 1)]);
      const auto position = static_cast<std::uint32_t>(i + 1);
      if (has_slot(spec, slots[i])) along.slots.ranges.emplace_back(position, position);
    }
    if (!along.slots.ranges.empty()) total += line.window(along);
  }
  return total;
}

}  // namespace lineup::test
