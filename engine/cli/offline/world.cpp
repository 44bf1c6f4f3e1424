// SPDX-License-Identifier: Apache-2.0
//
// See the header. Numbers are chosen so that a page of ten gets about one click.
#include "cli/offline/world.hpp"

#include <algorithm>
#include <cmath>

namespace lineup::cli {

namespace {

constexpr double kQualityMean = -2.2;
constexpr double kAdShare = 0.12;
constexpr double kLeaveAlways = 0.05;
constexpr double kLeaveAfterAd = 0.04;
constexpr double kLeaveAfterClick = 0.10;
constexpr double kLeaveBored = 0.10;  // times tire, when the category stood there twice before

double logistic(double x) { return 1.0 / (1.0 + std::exp(-x)); }

std::uint64_t stream(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t kind) {
  return mix64(mix64(mix64(a + 1) + b + 1) + c + 1) ^ kind;
}

}  // namespace

World::World(const WorldOptions& options)
    : options_(options), arrivals_(std::max(1U, options.items / 10)) {
  Random random(options.seed, 1);
  const std::uint32_t all = options.items + arrivals_ * options.sessions;
  for (std::uint32_t id = 0; id < all; ++id) {
    WorldItem item;
    item.id = id;
    // Skewed: the first category has the most.
    const double at = random.uniform();
    item.category = std::min(static_cast<std::uint32_t>(at * at * kCategories), kCategories - 1);
    item.author = random.below(std::max(1U, all / 5));
    item.born = id < options.items ? 0.0 : (id - options.items + 1.0) / arrivals_;
    item.quality = kQualityMean + 0.7 * random.normal();
    item.is_ad = random.chance(kAdShare);
    item.bid = item.is_ad ? 0.2 + random.uniform() : 0.0;
    items_.push_back(item);
  }
  for (std::uint32_t i = 0; i < options.users * kCategories; ++i) {
    tastes_.push_back(0.8 * random.normal());
  }
}

std::vector<std::uint32_t> World::candidates(std::uint32_t user, std::uint32_t session,
                                             std::uint32_t count) const {
  Random random(options_.seed, stream(user, session, 0, 2));
  const auto arrived = static_cast<std::uint32_t>(arrivals_ * time_of(user, session));
  std::vector<std::uint32_t> ids(options_.items + arrived);
  for (std::uint32_t i = 0; i < ids.size(); ++i) ids[i] = i;
  const auto wanted = std::min<std::size_t>(count, ids.size());
  for (std::size_t i = 0; i < wanted; ++i) {
    std::swap(ids[i], ids[i + random.below(static_cast<std::uint32_t>(ids.size() - i))]);
  }
  ids.resize(wanted);
  return ids;
}

double World::taste_guess(std::uint32_t user, std::uint32_t item) const {
  Random random(options_.seed, stream(user, item, 0, 3));
  return 0.8 * tastes_[user * kCategories + items_[item].category] + 0.3 * random.normal();
}

std::uint32_t World::repeats(std::uint32_t item, std::span<const std::uint32_t> seen) const {
  std::uint32_t count = 0;
  const std::size_t first = seen.size() > kMemory ? seen.size() - kMemory : 0;
  for (std::size_t i = first; i < seen.size(); ++i) {
    count += items_[seen[i]].category == items_[item].category ? 1 : 0;
  }
  return count;
}

double World::click_probability(std::uint32_t user, std::uint32_t item,
                                std::span<const std::uint32_t> seen) const {
  const double taste = tastes_[user * kCategories + items_[item].category];
  return logistic(items_[item].quality + taste) * std::exp(-options_.tire * repeats(item, seen));
}

double World::leave_probability(std::uint32_t item, bool is_clicked,
                                std::span<const std::uint32_t> seen) const {
  double leave = kLeaveAlways + (items_[item].is_ad ? kLeaveAfterAd : 0.0) +
                 (is_clicked ? kLeaveAfterClick : 0.0);
  if (repeats(item, seen) >= 2) leave += kLeaveBored * options_.tire;
  return std::min(leave, 1.0);
}

double World::expected_clicks(std::uint32_t user, std::span<const std::uint32_t> page,
                              std::vector<std::uint32_t> seen) const {
  double there = 1.0;
  double clicks = 0.0;
  for (const std::uint32_t item : page) {
    const double click = click_probability(user, item, seen);
    clicks += there * click;
    there *= 1.0 - click * leave_probability(item, true, seen) -
             (1.0 - click) * leave_probability(item, false, seen);
    seen.push_back(item);
  }
  return clicks;
}

Visit World::visit(std::uint32_t user, std::uint32_t session, std::uint32_t number,
                   std::span<const std::uint32_t> page, std::vector<std::uint32_t>& seen) const {
  Random random(options_.seed, stream(user, session, number, 4));
  Visit out;
  for (std::uint32_t slot = 0; slot < page.size(); ++slot) {
    // Both draws are always made, so that a slot's luck does not depend on what stood above.
    const double click_luck = random.uniform();
    const double leave_luck = random.uniform();
    const bool is_clicked = click_luck < click_probability(user, page[slot], seen);
    const bool leaves = leave_luck < leave_probability(page[slot], is_clicked, seen);
    seen.push_back(page[slot]);
    ++out.seen;
    if (is_clicked) out.clicked.push_back(slot);
    if (!leaves) continue;
    out.has_left = true;
    break;
  }
  return out;
}

}  // namespace lineup::cli
