// SPDX-License-Identifier: Apache-2.0
//
// One request at a time. What is found here is a number or goes into one; only the pages that
// changed most are kept in words.
#include "cli/diff/diff_tally.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "cli/print/response_json.hpp"
#include "cli/print/text_view.hpp"

namespace lineup::cli {

namespace {

double attention_at(std::size_t slot) { return 1.0 / std::log2(static_cast<double>(slot) + 2.0); }

template <typename T>
void keep_first(std::vector<T>& list, T one, std::size_t most, bool (*before)(const T&, const T&)) {
  list.insert(std::upper_bound(list.begin(), list.end(), one, before), std::move(one));
  if (list.size() > most) list.pop_back();
}

std::span<const std::uint32_t> page_of(const lineup_result& result) {
  return {result.slate, result.slate_count};
}

double in_billionths(double share) { return std::round(share * kBillion); }

}  // namespace

bool is_more_changed(const ChangedPage& a, const ChangedPage& b) {
  return std::tuple(a.rbo, b.slots_changed, a.line) < std::tuple(b.rbo, a.slots_changed, b.line);
}

bool is_earlier(const LeftOut& a, const LeftOut& b) { return a.line < b.line; }

DiffTally::DiffTally(const Pair<std::vector<SceneDescription>>& scenes) {
  for (std::size_t side = 0; side < 2; ++side) {
    for (const SceneDescription& scene : scenes[side]) learn(scene, side);
  }
  report_.rbo = report_.overlap_whole = 0.0;
}

DiffTally::SceneTally& DiffTally::scene_of(std::string_view name) {
  for (SceneTally& scene : scenes_) {
    if (scene.scene == name) return scene;
  }
  return scenes_.emplace_back(SceneTally{std::string(name), 0, {}, {}, {}});
}

DiffRule& DiffTally::rule_of(SceneTally& scene, std::string_view name) {
  for (DiffRule& rule : scene.rules) {
    if (rule.rule == name) return rule;
  }
  DiffRule& made = scene.rules.emplace_back();
  made.scene = scene.scene;
  made.rule = name;
  return made;
}

void DiffTally::learn(const SceneDescription& description, std::size_t side) {
  SceneTally& scene = scene_of(description.scene);
  for (const std::string& rule : description.rules) rule_of(scene, rule).is_used[side] = true;
  for (const ObjectiveDescription& objective : description.objectives) {
    if (objective.column.empty()) continue;
    auto found = std::find_if(scene.objectives.begin(), scene.objectives.end(),
                              [&](const auto& o) { return o.objective == objective.name; });
    if (found == scene.objectives.end()) {
      found = scene.objectives.insert(found, ObjectiveTally{objective.name, {}, {}, {}});
    }
    found->column[side] = objective.column;
    found->is_used[side] = true;
  }
  for (const CategoryDescription& category : description.categories) {
    auto found = std::find_if(columns_.begin(), columns_.end(), [&](const ColumnTally& c) {
      return c.column.column == category.column;
    });
    if (found == columns_.end()) found = columns_.insert(found, ColumnTally{category, {}});
    if (found->column.split == 0) found->column.split = category.split;
    const auto index = static_cast<std::size_t>(found - columns_.begin());
    if (std::find(scene.columns.begin(), scene.columns.end(), index) == scene.columns.end()) {
      scene.columns.push_back(index);
    }
  }
}

void DiffTally::add(const Compared& compared) {
  SceneTally& scene = scene_of(compared.request->scene);
  ++scene.pages;
  ++report_.pages;
  for (std::size_t side = 0; side < 2; ++side) {
    const lineup_result& result = *compared.results[side];
    ++report_.sides[side].answers[std::min(result.answer, 3U)];
    ++report_.sides[side].searches[std::min(result.search, 2U)];
    latencies_[side].add(result.elapsed_ns);
    add_rules(scene, compared, side);
    add_exposure(scene, compared, side);
    add_objectives(scene, compared, side);
  }
  const PageOverlap overlap =
      comparer_.compare(page_of(*compared.results[0]), page_of(*compared.results[1]),
                        compared.request->candidates.row_count());
  report_.slots += overlap.slots;
  report_.slots_changed += overlap.slots_changed;
  report_.longest = std::max(report_.longest, overlap.slots);
  for (std::size_t i = 0; i < overlap.at.size(); ++i) {
    report_.overlap[i] += in_billionths(overlap.at[i]);
  }
  report_.overlap_whole += in_billionths(overlap.whole);
  report_.rbo += in_billionths(overlap.rbo);
  auto& by_slots = report_.pages_by_slots_changed;
  if (by_slots.size() <= overlap.slots_changed) by_slots.resize(overlap.slots_changed + 1, 0);
  ++by_slots[overlap.slots_changed];
  if (overlap.slots_changed == 0) return;
  ++report_.pages_changed;
  keep_if_most_changed(scene, compared, overlap);
}

void DiffTally::add_left_out(LeftOut request) {
  ++report_.left_out_count;
  keep_first(report_.left_out, std::move(request), kLeftOutShownMax, is_earlier);
}

void DiffTally::add_rules(SceneTally& scene, const Compared& compared, std::size_t side) {
  const auto each = [&](const lineup_result& audit, auto visit) {
    for (std::uint32_t i = 0; i < audit.relaxed_count; ++i) {
      const lineup_relaxed& broken = audit.relaxed[i];
      DiffRule& rule = rule_of(scene, view(broken.rule));
      rule.is_soft = view(broken.reason) == "soft";
      visit(rule, broken);
    }
  };
  each(*compared.audits[side], [side](DiffRule& rule, const lineup_relaxed& broken) {
    ++rule.pages_broken[side];
    rule.violations[side] += broken.violations;
  });
  each(*compared.ranked[side],
       [side](DiffRule& rule, const lineup_relaxed&) { ++rule.pages_acted[side]; });
}

void DiffTally::add_exposure(const SceneTally& scene, const Compared& compared, std::size_t side) {
  const auto page = page_of(*compared.results[side]);
  for (const std::size_t index : scene.columns) {
    ColumnTally& tally = columns_[index];
    const OwnedColumn* cells = compared.request->candidates.find(tally.column.column);
    if (cells == nullptr) continue;
    for (std::size_t slot = 0; slot < page.size(); ++slot) {
      for (const std::string_view value : cells_.texts(*cells, page[slot], tally.column.split)) {
        auto found = tally.values.find(value);
        if (found == tally.values.end()) {
          const bool has_room = tally.values.size() < kValuesMax;
          found = tally.values.try_emplace(std::string(has_room ? value : kOtherValues)).first;
        }
        ++found->second.shown[side];
        found->second.attention[side] += attention_at(slot);
      }
    }
  }
}

void DiffTally::add_objectives(SceneTally& scene, const Compared& compared, std::size_t side) {
  const auto page = page_of(*compared.results[side]);
  for (ObjectiveTally& objective : scene.objectives) {
    if (!objective.is_used[side]) continue;
    const OwnedColumn* cells = compared.request->candidates.find(objective.column[side]);
    if (cells == nullptr) continue;
    for (std::size_t slot = 0; slot < page.size(); ++slot) {
      const auto value = number_at(*cells, page[slot]);
      if (value) objective.sum[side] += *value * attention_at(slot);
    }
  }
}

void DiffTally::keep_if_most_changed(const SceneTally& scene, const Compared& compared,
                                     const PageOverlap& overlap) {
  auto& kept = report_.most_changed;
  ChangedPage bare;
  bare.line = compared.line;
  bare.rbo = overlap.rbo;
  bare.slots_changed = overlap.slots_changed;
  if (kept.size() == kMostChangedMax && !is_more_changed(bare, kept.back())) return;
  keep_first(kept, show(scene, compared, overlap), kMostChangedMax, is_more_changed);
}

std::string DiffTally::label_of(const SceneTally& scene, const RequestLine& request,
                                std::uint32_t row) {
  if (const OwnedColumn* titles = request.candidates.find("title")) {
    return std::string(titles->text(row));
  }
  std::string label;
  for (const std::size_t index : scene.columns) {
    const OwnedColumn* cells = request.candidates.find(columns_[index].column.column);
    if (cells == nullptr) continue;
    for (const std::string_view value : cells_.texts(*cells, row, columns_[index].column.split)) {
      label += fmt::format("{}{}", label.empty() ? "" : ", ", value);
    }
  }
  return label;
}

ChangedPage DiffTally::show(const SceneTally& scene, const Compared& compared,
                            const PageOverlap& overlap) {
  ChangedPage out;
  out.line = compared.line;
  out.id = compared.request->id;
  out.scene = scene.scene;
  out.rbo = overlap.rbo;
  out.slots_changed = overlap.slots_changed;
  for (std::size_t side = 0; side < 2; ++side) {
    const auto page = page_of(*compared.results[side]);
    const auto other = page_of(*compared.results[1 - side]);
    out.status[side] = name_of_answer(compared.results[side]->answer);
    for (std::size_t slot = 0; slot < page.size(); ++slot) {
      ShownItem item;
      item.id = compared.request->candidates.ids().text(page[slot]);
      item.label = label_of(scene, *compared.request, page[slot]);
      item.is_kept = std::find(other.begin(), other.end(), page[slot]) != other.end();
      item.is_moved = item.is_kept && (slot >= other.size() || other[slot] != page[slot]);
      out.items[side].push_back(std::move(item));
    }
    const lineup_result& audit = *compared.audits[side];
    for (std::uint32_t i = 0; i < audit.relaxed_count; ++i) {
      out.given_up[side].emplace_back(view(audit.relaxed[i].rule));
    }
  }
  return out;
}

}  // namespace lineup::cli
