// SPDX-License-Identifier: Apache-2.0
//
// From the tallies of the threads to one report. All tallies of a run were made of the same
// descriptions, so columns and objectives stand at the same places in each; scenes and rules are
// met by name.
#include <algorithm>
#include <cmath>

#include "cli/diff/diff_tally.hpp"

namespace lineup::cli {

namespace {

template <typename Array>
void add_all(Array& sums, const Array& more) {
  for (std::size_t i = 0; i < more.size(); ++i) sums[i] += more[i];
}

template <typename T>
void take_first(std::vector<T>& list, const std::vector<T>& more, std::size_t most,
                bool (*before)(const T&, const T&)) {
  list.insert(list.end(), more.begin(), more.end());
  std::sort(list.begin(), list.end(), before);
  if (list.size() > most) list.resize(most);
}

double mean(double sum, std::uint64_t count) {
  return count == 0 ? 0.0 : sum / static_cast<double>(count);
}

double share(double part, double whole) { return whole == 0.0 ? 0.0 : part / whole; }

// Values whose share of attention changed most first; then those shown most.
void sort_by_change(std::vector<DiffExposure>& exposure, const Pair<double>& all) {
  const auto change = [&all](const DiffExposure& e) {
    const double by = share(e.attention[1], all[1]) - share(e.attention[0], all[0]);
    return std::llround(std::abs(by) * kBillion);
  };
  std::sort(exposure.begin(), exposure.end(), [&](const DiffExposure& a, const DiffExposure& b) {
    if (change(a) != change(b)) return change(a) > change(b);
    const std::uint64_t shown_a = a.shown[0] + a.shown[1];
    const std::uint64_t shown_b = b.shown[0] + b.shown[1];
    return shown_a != shown_b ? shown_a > shown_b : a.value < b.value;
  });
}

}  // namespace

void DiffTally::merge(const DiffTally& other) {
  const DiffReport& more = other.report_;
  for (std::size_t side = 0; side < 2; ++side) {
    add_all(report_.sides[side].answers, more.sides[side].answers);
    add_all(report_.sides[side].searches, more.sides[side].searches);
    latencies_[side].merge(other.latencies_[side]);
  }
  report_.pages += more.pages;
  report_.pages_changed += more.pages_changed;
  report_.slots += more.slots;
  report_.slots_changed += more.slots_changed;
  auto& by_slots = report_.pages_by_slots_changed;
  by_slots.resize(std::max(by_slots.size(), more.pages_by_slots_changed.size()), 0);
  add_all(by_slots, more.pages_by_slots_changed);
  add_all(report_.overlap, more.overlap);
  report_.overlap_whole += more.overlap_whole;
  report_.rbo += more.rbo;
  report_.longest = std::max(report_.longest, more.longest);
  report_.not_in_segment += more.not_in_segment;
  report_.left_out_count += more.left_out_count;
  take_first(report_.left_out, more.left_out, kLeftOutShownMax, is_earlier);
  take_first(report_.most_changed, more.most_changed, kMostChangedMax, is_more_changed);
  for (const SceneTally& from : other.scenes_) {
    SceneTally& scene = scene_of(from.scene);
    scene.pages += from.pages;
    for (const DiffRule& rule : from.rules) {
      DiffRule& sum = rule_of(scene, rule.rule);
      sum.is_soft = sum.is_soft || rule.is_soft;
      add_all(sum.pages_acted, rule.pages_acted);
      add_all(sum.pages_broken, rule.pages_broken);
      add_all(sum.violations, rule.violations);
    }
    for (std::size_t i = 0; i < std::min(scene.objectives.size(), from.objectives.size()); ++i) {
      add_all(scene.objectives[i].sum, from.objectives[i].sum);
    }
  }
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    for (const auto& [value, exposure] : other.columns_[i].values) {
      Exposure& sum = columns_[i].values[value];
      add_all(sum.shown, exposure.shown);
      add_all(sum.attention, exposure.attention);
    }
  }
}

DiffColumn DiffTally::finish(const ColumnTally& tally) {
  DiffColumn out;
  out.column = tally.column.column;
  out.values = tally.values.size();
  for (const auto& [value, exposure] : tally.values) {
    out.exposure.push_back({value, exposure.shown, exposure.attention});
  }
  // By name first, so that sums do not depend on how the values lie in memory.
  std::sort(out.exposure.begin(), out.exposure.end(),
            [](const DiffExposure& a, const DiffExposure& b) { return a.value < b.value; });
  for (const DiffExposure& exposure : out.exposure) {
    add_all(out.shown, exposure.shown);
    add_all(out.attention, exposure.attention);
  }
  sort_by_change(out.exposure, out.attention);
  if (out.exposure.size() > kValuesShownMax) out.exposure.resize(kValuesShownMax);
  return out;
}

DiffReport DiffTally::finish() const {
  DiffReport out = report_;
  for (double& overlap : out.overlap) overlap = mean(overlap, out.pages) / kBillion;
  out.overlap_whole = mean(out.overlap_whole, out.pages) / kBillion;
  out.rbo = mean(out.rbo, out.pages) / kBillion;
  for (std::size_t side = 0; side < 2; ++side) {
    out.sides[side].p50_us = latencies_[side].quantile_us(0.5);
    out.sides[side].p99_us = latencies_[side].quantile_us(0.99);
  }
  for (const SceneTally& scene : scenes_) {
    if (scene.pages == 0) continue;
    out.rules.insert(out.rules.end(), scene.rules.begin(), scene.rules.end());
    for (const ObjectiveTally& objective : scene.objectives) {
      out.objectives.push_back(
          {scene.scene,
           objective.objective,
           objective.is_used,
           {mean(objective.sum[0], scene.pages), mean(objective.sum[1], scene.pages)}});
    }
  }
  for (const ColumnTally& column : columns_) {
    if (!column.values.empty()) out.columns.push_back(finish(column));
  }
  // Kinds of things before names of things: those with few values say most.
  std::stable_sort(out.columns.begin(), out.columns.end(),
                   [](const DiffColumn& a, const DiffColumn& b) { return a.values < b.values; });
  return out;
}

}  // namespace lineup::cli
