// SPDX-License-Identifier: Apache-2.0
//
// Fitting works on (item, slot) counts alone, so a round costs the number of these, not of the
// log's rows.
#include "cli/offline/click_models.hpp"

#include <algorithm>
#include <cmath>

namespace lineup::cli {

namespace {

constexpr int kRoundsMax = 2000;
constexpr double kSettled = 1e-7;
// A probability that became 0 or 1 never moves again.
constexpr double kLeast = 1e-6;

double probability(double value) { return std::clamp(value, kLeast, 1.0 - kLeast); }

// All that is fitted: what is not told apart is one more item.
struct Fitted {
  const ClickCounts::Item* counts = nullptr;
  double attraction = 0.5;
};

std::vector<Fitted> list_items(const ClickCounts& counts) {
  std::vector<Fitted> out;
  for (const auto& entry : counts.items()) out.push_back({&entry.second, 0.5});
  out.push_back({&counts.others(), 0.5});
  return out;
}

std::size_t slots_of(const std::vector<Fitted>& items) {
  std::size_t slots = 0;
  for (const Fitted& item : items) {
    if (!item.counts->empty()) slots = std::max<std::size_t>(slots, item.counts->back().slot + 1);
  }
  return slots;
}

class PositionBased {
 public:
  PositionBased(std::vector<Fitted> items, double prior)
      : items_(std::move(items)), prior_(prior), looks_(slots_of(items_), 0.5) {
    start();
  }

  int run() {
    for (int round = 1; round <= kRoundsMax; ++round) {
      if (step() < kSettled) return round;
    }
    return kRoundsMax;
  }
  [[nodiscard]] const std::vector<Fitted>& items() const { return items_; }
  [[nodiscard]] const std::vector<double>& looks() const { return looks_; }
  [[nodiscard]] double mean() const { return mean_; }

 private:
  // Where slot 1 is looked at always, its click rate is the attraction; begin near that.
  void start() {
    std::vector<double> shown(looks_.size());
    std::vector<double> clicked(looks_.size());
    for (const Fitted& item : items_) {
      for (const SlotCounts& at : *item.counts) {
        shown[at.slot] += static_cast<double>(at.shown);
        clicked[at.slot] += static_cast<double>(at.clicked);
      }
    }
    double most = 0.0;
    for (std::size_t slot = 0; slot < looks_.size(); ++slot) {
      looks_[slot] = shown[slot] > 0.0 ? clicked[slot] / shown[slot] : 0.0;
      most = std::max(most, looks_[slot]);
    }
    mean_ = probability(most);
    for (double& look : looks_) look = probability(most > 0.0 ? look / most : 0.5);
    for (Fitted& item : items_) item.attraction = mean_;
  }

  // One round; how far the parameters moved at most.
  double step() {
    std::vector<double> looked(looks_.size());
    std::vector<double> shown(looks_.size());
    double moved = 0.0;
    double attraction_sum = 0.0;
    double weight_sum = 0.0;
    for (Fitted& item : items_) {
      double attracted = prior_ * mean_;
      double all = prior_;
      for (const SlotCounts& at : *item.counts) {
        const auto clicks = static_cast<double>(at.clicked);
        const auto passes = static_cast<double>(at.shown - at.clicked);
        const double none = 1.0 - item.attraction * looks_[at.slot];
        attracted += clicks + passes * item.attraction * (1.0 - looks_[at.slot]) / none;
        all += static_cast<double>(at.shown);
        looked[at.slot] += clicks + passes * looks_[at.slot] * (1.0 - item.attraction) / none;
        shown[at.slot] += static_cast<double>(at.shown);
      }
      if (!(all > 0.0)) continue;
      const double next = probability(attracted / all);
      moved = std::max(moved, std::abs(next - item.attraction));
      item.attraction = next;
      attraction_sum += next * (all - prior_);
      weight_sum += all - prior_;
    }
    for (std::size_t slot = 0; slot < looks_.size(); ++slot) {
      if (shown[slot] > 0.0) {
        const double next = probability(looked[slot] / shown[slot]);
        moved = std::max(moved, std::abs(next - looks_[slot]));
        looks_[slot] = next;
      }
    }
    if (weight_sum > 0.0) mean_ = probability(attraction_sum / weight_sum);
    fix_scale();
    return moved;
  }

  // Only products are known: the slot that is looked at most is looked at always.
  void fix_scale() {
    const double most = *std::max_element(looks_.begin(), looks_.end());
    const double scale = (1.0 - kLeast) / most;
    for (double& look : looks_) look = probability(look * scale);
    for (Fitted& item : items_) item.attraction = probability(item.attraction / scale);
    mean_ = probability(mean_ / scale);
  }

  std::vector<Fitted> items_;
  double prior_;
  std::vector<double> looks_;
  double mean_ = 0.5;
};

// Of the dependent click model: items, by the order of list_items(), and their mean.
double attract_dependent(std::vector<Fitted>& items, double prior) {
  double looks = 0.0;
  double clicks = 0.0;
  for (const Fitted& item : items) {
    for (const SlotCounts& at : *item.counts) {
      looks += static_cast<double>(at.until_click);
      clicks += static_cast<double>(at.first_click);
    }
  }
  const double mean = looks > 0.0 ? clicks / looks : 0.0;
  for (Fitted& item : items) {
    double item_looks = prior;
    double item_clicks = prior * mean;
    for (const SlotCounts& at : *item.counts) {
      item_looks += static_cast<double>(at.until_click);
      item_clicks += static_cast<double>(at.first_click);
    }
    item.attraction = item_looks > 0.0 ? item_clicks / item_looks : mean;
  }
  return mean;
}

std::vector<double> fit_leaves(const ClickCounts& counts, const std::vector<Fitted>& items,
                               std::size_t slots) {
  std::vector<double> shown(slots);
  std::vector<double> attraction(slots);
  for (const Fitted& item : items) {
    for (const SlotCounts& at : *item.counts) {
      shown[at.slot] += static_cast<double>(at.shown);
      attraction[at.slot] += item.attraction * static_cast<double>(at.shown);
    }
  }
  std::vector<double> clicks(slots);
  std::vector<double> last(slots);
  std::vector<double> no_more(slots);  // that nothing after a click at the slot attracts
  for (const auto& [at, ends] : counts.ends()) {
    const auto [slot, length] = at;
    if (slot >= slots) continue;
    double none = 1.0;
    for (std::uint32_t later = slot + 1; later < std::min<std::size_t>(length, slots); ++later) {
      if (shown[later] > 0.0) none *= 1.0 - attraction[later] / shown[later];
    }
    clicks[slot] += static_cast<double>(ends.clicks);
    last[slot] += static_cast<double>(ends.last);
    no_more[slot] += none * static_cast<double>(ends.clicks);
  }
  std::vector<double> leaves(slots, 0.0);
  double before = 0.0;
  for (std::size_t slot = 0; slot < slots; ++slot) {
    const double end = clicks[slot] > 0.0 ? last[slot] / clicks[slot] : 1.0;
    const double none = clicks[slot] > 0.0 ? no_more[slot] / clicks[slot] : 1.0;
    // After the last slot nothing can be known: it is as the one before.
    leaves[slot] = none < 0.999 ? std::clamp((end - none) / (1.0 - none), 0.0, 1.0) : before;
    before = leaves[slot];
  }
  return leaves;
}

}  // namespace

const ClickModels::Attraction& ClickModels::of(std::string_view item) const {
  const auto found = items.find(ClickCounts::key_of(item));
  return found == items.end() ? unknown : found->second;
}

double ClickModels::look(std::size_t slot) const {
  return looks.empty() ? 1.0 : looks[std::min(slot, looks.size() - 1)];
}

double ClickModels::leave(std::size_t slot) const {
  return leaves.empty() ? 0.0 : leaves[std::min(slot, leaves.size() - 1)];
}

ClickModels fit(const ClickCounts& counts, double prior_looks) {
  ClickModels out;
  out.pages = counts.pages();
  if (out.pages == 0) return out;
  PositionBased position(list_items(counts), prior_looks);
  out.rounds = position.run();
  out.looks = position.looks();
  std::vector<Fitted> dependent = list_items(counts);
  const double dependent_mean = attract_dependent(dependent, prior_looks);
  out.leaves = fit_leaves(counts, dependent, out.looks.size());
  std::size_t index = 0;
  for (const auto& entry : counts.items()) {
    out.items[entry.first] = {position.items()[index].attraction, dependent[index].attraction};
    ++index;
  }
  out.unknown = {position.mean(), dependent_mean};
  if (!counts.others().empty()) {
    out.unknown = {position.items().back().attraction, dependent.back().attraction};
  }
  return out;
}

Expected expect_position_based(const ClickModels& models, std::span<const double> attractions) {
  Expected out;
  for (std::size_t slot = 0; slot < attractions.size(); ++slot) {
    const double look = models.look(slot);
    out.views += look;
    out.clicks += look * attractions[slot];
  }
  return out;
}

Expected expect_dependent(const ClickModels& models, std::span<const double> attractions) {
  Expected out;
  double look = 1.0;
  for (std::size_t slot = 0; slot < attractions.size(); ++slot) {
    out.views += look;
    out.clicks += look * attractions[slot];
    look *= 1.0 - attractions[slot] * models.leave(slot);
  }
  return out;
}

}  // namespace lineup::cli
