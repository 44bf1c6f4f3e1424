// SPDX-License-Identifier: Apache-2.0
//
// The planted page takes good rows in roughly their order and keeps ads apart; what it happens to
// keep becomes the rules.
#include "exact/planted.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace lineup::exact {

using brute::below;
using brute::Instance;
using brute::Random;

Feed::Feed(Instance& instance, Random& random) {
  const auto rows = static_cast<std::uint32_t>(instance.utility.size());
  for (std::uint32_t row = 0; row < rows; ++row) {
    const auto unit = [&] { return static_cast<double>(below(random, 1 << 20)) / (1 << 20); };
    const double c = unit();
    const double a = unit();
    const double t = unit();
    category.push_back(static_cast<std::uint32_t>(40 * c * c));
    author.push_back(static_cast<std::uint32_t>(rows / 5.0 * a * a));
    type.push_back(t < 0.6 ? 0 : t < 0.9 ? 1 : 2);
    is_new.push_back(unit() < 0.15);
    is_ad.push_back(type.back() == 2);
    category_type.push_back(category.back() * 3 + type.back());
    tags.push_back({});
    for (std::uint32_t tag = 0; tag < 12; ++tag) {
      if (unit() < 0.12) tags.back().push_back(tag);
    }
    instance.utility[row] = unit();
  }
  std::sort(instance.utility.begin(), instance.utility.end(), std::greater<>());
  authors = rows / 5 + 1;
}

namespace {

// The most rows of one value in any `size` neighbours of the page.
std::uint32_t most_in_run(const std::vector<std::uint32_t>& page,
                          const std::vector<std::vector<std::uint32_t>>& values,
                          std::uint32_t size) {
  std::uint32_t most = 1;
  for (std::size_t begin = 0; begin < page.size(); ++begin) {
    std::vector<std::uint32_t> counts(100000);
    for (std::size_t i = begin; i < std::min(page.size(), begin + size); ++i) {
      for (const std::uint32_t value : values[page[i]]) most = std::max(most, ++counts[value]);
    }
  }
  return most;
}

std::vector<std::vector<std::uint32_t>> lists(const std::vector<std::uint32_t>& values) {
  std::vector<std::vector<std::uint32_t>> out;
  for (const std::uint32_t value : values) out.push_back({value});
  return out;
}

}  // namespace

void plant(Instance& instance, Random& random, std::uint32_t rules, std::uint32_t loose) {
  const Feed feed(instance, random);
  const auto rows = static_cast<std::uint32_t>(instance.utility.size());
  const auto slots = static_cast<std::uint32_t>(instance.discount.size());
  // The planted page: good rows in roughly their order, ads apart.
  std::vector<std::uint32_t> page;
  std::vector<bool> used(rows);
  while (page.size() < slots) {
    const std::uint32_t row = std::min(below(random, rows), below(random, rows));
    if (used[row]) continue;
    bool fits = true;
    for (std::size_t back = 1; back <= std::min<std::size_t>(4, page.size()); ++back) {
      const std::uint32_t other = page[page.size() - back];
      if (feed.is_ad[row] && feed.is_ad[other]) fits = false;
      if (back <= 2 && feed.category[row] == feed.category[other]) fits = false;
      if (feed.author[row] == feed.author[other]) fits = false;
    }
    if (!fits && below(random, 20) > 0) continue;
    used[row] = true;
    page.push_back(row);
  }
  for (std::uint32_t rule = 0; rule < rules; ++rule) {
    const auto level = static_cast<std::uint16_t>(rule % 8);
    const std::uint32_t kind = rule % 9;
    if (kind < 4) {  // windows
      Constraint& window = instance.add(Kind::Window, Tier::Hard, level);
      window.size = 2 + below(random, 9);
      window.has_by = true;
      const std::vector<std::vector<std::uint32_t>> values = kind == 0   ? lists(feed.category)
                                                             : kind == 1 ? lists(feed.author)
                                                             : kind == 2 ? lists(feed.type)
                                                                         : feed.tags;
      window.groups = kind == 3   ? instance.several(feed.tags, 12)
                      : kind == 0 ? instance.single(feed.category, 40)
                      : kind == 1 ? instance.single(feed.author, feed.authors)
                                  : instance.single(feed.type, 3);
      window.max = most_in_run(page, values, window.size);
      continue;
    }
    std::vector<bool> matches(rows);
    for (std::uint32_t row = 0; row < rows; ++row) {
      matches[row] = kind == 4   ? feed.is_ad[row]
                     : kind == 5 ? feed.is_new[row]
                                 : feed.category[row] < 3 + rule % 5;
    }
    std::vector<std::uint32_t> at;
    for (std::uint32_t slot = 0; slot < slots; ++slot) {
      if (matches[page[slot]]) at.push_back(slot);
    }
    const auto count = static_cast<std::uint32_t>(at.size());
    if (kind == 4) {
      Constraint& spacing = instance.add(Kind::Spacing, Tier::Hard, level);
      spacing.where = instance.mask(matches);
      spacing.gap = 6;
      for (std::size_t i = 1; i < at.size(); ++i)
        spacing.gap = std::min(spacing.gap, at[i] - at[i - 1] - 1);
      if (!at.empty()) spacing.first_slot = at[0];
      Constraint& quota = instance.add(Kind::Quota, Tier::Hard, level);
      quota.where = spacing.where;
      quota.min = count > loose ? count - loose : 0;
    } else if (kind == 5 || kind == 6) {
      Constraint& quota = instance.add(Kind::Quota, Tier::Hard, level);
      quota.where = instance.mask(matches);
      quota.min = count > loose ? count - loose : 0;
      quota.max = count + loose;
    } else if (kind == 7) {
      Constraint& cap = instance.add(Kind::Cap, Tier::Hard, level);
      cap.has_by = true;
      cap.groups = instance.single(feed.author, feed.authors);
      cap.max = most_in_run(page, lists(feed.author), slots);
    } else {
      Constraint& pin = instance.add(Kind::Place, Tier::Hard, level);
      const std::uint32_t slot = below(random, slots);
      pin.pin_count = 1;
      pin.pin_rows = instance.numbers({page[slot]});
      pin.pin_slots = instance.numbers({slot});
    }
  }
}

}  // namespace lineup::exact
