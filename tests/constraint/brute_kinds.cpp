// SPDX-License-Identifier: Apache-2.0
//
// Pairs of rows, sums and mixes, from their definitions.
#include <algorithm>
#include <set>

#include "brute_force.hpp"

namespace lineup::brute {

namespace {

bool is_set(const Word* mask, std::uint32_t bit) { return mask == nullptr || test_bit(mask, bit); }

std::set<std::uint32_t> values_of(const Groups& groups, std::uint32_t index) {
  if (groups.single != nullptr) {
    if (groups.single[index] == kNoGroup) return {};
    return {groups.single[index]};
  }
  return {groups.values + groups.offsets[index], groups.values + groups.offsets[index + 1]};
}

bool share(const std::set<std::uint32_t>& a, const std::set<std::uint32_t>& b) {
  return std::any_of(a.begin(), a.end(), [&](std::uint32_t value) { return b.count(value) > 0; });
}

}  // namespace

std::uint32_t adjacent_units(const Constraint& adjacent, const Rows& page) {
  std::uint32_t units = 0;
  const auto pair = [&](bool left, bool right) {
    if (left && right != adjacent.require) ++units;
  };
  const auto left = [&](std::size_t slot) { return is_set(adjacent.where, page[slot]); };
  const auto right = [&](std::size_t slot) { return is_set(adjacent.right, page[slot]); };
  if (page.empty()) return 0;
  if (adjacent.left_side == PairSide::PageEnd) {
    pair(true, right(0));
    return units;
  }
  if (adjacent.right_side == PairSide::PageEnd) {
    for (std::size_t slot = 0; slot < page.size(); ++slot) {
      pair(left(slot), slot + 1 == page.size());
    }
    return units;
  }
  if (adjacent.past.count > 0) {
    const Past& past = adjacent.past;
    pair(past.matches == nullptr || past.matches[past.count - 1] != 0, right(0));
  }
  for (std::size_t a = 0; a < page.size(); ++a) {
    for (std::size_t b = a + 1; b < page.size(); ++b) {
      const std::size_t columns = adjacent.columns;
      bool are_neighbours = b == a + 1;
      if (adjacent.across == Across::Rows) {
        are_neighbours = are_neighbours && a / columns == b / columns;
      } else if (adjacent.across == Across::Columns) {
        are_neighbours = a % columns == b % columns && b / columns == a / columns + 1;
      }
      if (are_neighbours) pair(left(a), right(b));
    }
  }
  return units;
}

std::uint32_t order_units(const Constraint& order, const Rows& page) {
  struct One {
    std::uint32_t rank;
    std::set<std::uint32_t> values;
  };
  std::vector<One> all;
  for (std::uint32_t i = 0; i < order.past.count; ++i) {
    all.push_back({order.past.ranks[i],
                   order.has_by ? values_of(order.past.groups, i) : std::set<std::uint32_t>{0}});
  }
  const std::size_t past = all.size();
  for (const std::uint32_t row : page) {
    all.push_back({order.ranks[row],
                   order.has_by ? values_of(order.groups, row) : std::set<std::uint32_t>{0}});
  }
  std::uint32_t units = 0;
  for (std::size_t b = past; b < all.size(); ++b) {
    for (std::size_t a = 0; a < b; ++a) {
      if (all[a].rank == kNoGroup || all[b].rank == kNoGroup) continue;
      if (all[a].rank > all[b].rank && share(all[a].values, all[b].values)) ++units;
    }
  }
  return units;
}

std::uint32_t similar_units(const Problem& problem, const Constraint& similar, const Rows& page) {
  std::vector<std::uint32_t> all;
  for (std::uint32_t i = 0; i < similar.past.count; ++i) all.push_back(problem.row_count + i);
  const std::size_t past = all.size();
  all.insert(all.end(), page.begin(), page.end());
  std::uint32_t units = 0;
  for (std::size_t b = past; b < all.size(); ++b) {
    for (std::size_t a = 0; a < b; ++a) {
      if (b - a < similar.size && similar.closeness->is_close(all[a], all[b])) ++units;
    }
  }
  return units;
}

std::uint32_t budget_units(const Constraint& budget, const Rows& page) {
  std::int64_t sum = 0;
  for (std::uint32_t slot = 0; slot < page.size(); ++slot) {
    if (is_set(budget.slots, slot)) sum += budget.sums->amounts[page[slot]];
  }
  const auto begun = [](std::int64_t millionths) {
    std::uint32_t units = 0;
    for (; millionths > 0; millionths -= 1'000'000) ++units;
    return units;
  };
  std::uint32_t units = 0;
  if (budget.sums->has_max) units += begun(sum - budget.sums->max);
  if (budget.sums->has_min) units += begun(budget.sums->min - sum);
  return units;
}

std::uint32_t mix_units(const Constraint& mix, const Rows& page) {
  std::uint32_t units = 0;
  for (std::uint32_t slot = 0; slot < page.size(); ++slot) {
    if (mix.plan[slot] == kNoGroup) continue;
    units += mix.groups.single[page[slot]] != mix.plan[slot] ? 1 : 0;
  }
  return units;
}

}  // namespace lineup::brute
