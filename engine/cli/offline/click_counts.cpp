// SPDX-License-Identifier: Apache-2.0
//
// The JSON of counts is compact: items by the digits of their hash, slots as lists of five numbers.
#include "cli/offline/click_counts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/hash.hpp"

namespace lineup::cli {

namespace {

using Json = nlohmann::json;

SlotCounts& slot_of(ClickCounts::Item& item, std::uint32_t slot) {
  const auto at = std::lower_bound(item.begin(), item.end(), slot,
                                   [](const SlotCounts& a, std::uint32_t b) { return a.slot < b; });
  if (at != item.end() && at->slot == slot) return *at;
  SlotCounts made;
  made.slot = slot;
  return *item.insert(at, made);
}

void add_to(ClickCounts::Item& item, const SlotCounts& counts) {
  SlotCounts& sum = slot_of(item, counts.slot);
  sum.shown += counts.shown;
  sum.clicked += counts.clicked;
  sum.until_click += counts.until_click;
  sum.first_click += counts.first_click;
}

Json json_of(const ClickCounts::Item& item) {
  Json out = Json::array();
  for (const SlotCounts& at : item) {
    out.push_back({at.slot, at.shown, at.clicked, at.until_click, at.first_click});
  }
  return out;
}

// Throws what the JSON library throws.
ClickCounts::Item item_from(const Json& json) {
  ClickCounts::Item out;
  for (const Json& at : json) {
    SlotCounts counts;
    counts.slot = std::min(at.at(0).get<std::uint32_t>(), kModelSlots - 1);
    counts.shown = at.at(1);
    counts.clicked = at.at(2);
    counts.until_click = at.at(3);
    counts.first_click = at.at(4);
    add_to(out, counts);
  }
  return out;
}

}  // namespace

std::uint64_t ClickCounts::key_of(std::string_view item) { return hash64(item); }

ClickCounts::Item* ClickCounts::item_of(std::uint64_t key) {
  const auto found = items_.find(key);
  if (found != items_.end()) return &found->second;
  if (items_.size() >= items_max_ && key > items_.rbegin()->first) return &others_;
  return &items_[key];
}

// Gives up the items of the largest hashes.
void ClickCounts::shrink() {
  while (items_.size() > items_max_) {
    const auto last = std::prev(items_.end());
    for (const SlotCounts& counts : last->second) add_to(others_, counts);
    items_.erase(last);
  }
}

void ClickCounts::add(std::span<const Shown> shown) {
  if (shown.empty()) return;
  ++pages_;
  const std::uint32_t length = std::min(shown.back().slot + 1, kModelSlots);
  bool is_clicked = false;
  std::uint32_t last = 0;
  for (const Shown& row : shown) {
    SlotCounts counts;
    counts.slot = std::min(row.slot, kModelSlots - 1);
    counts.shown = 1;
    counts.clicked = row.is_clicked ? 1 : 0;
    counts.until_click = is_clicked ? 0 : 1;
    counts.first_click = !is_clicked && row.is_clicked ? 1 : 0;
    add_to(*item_of(key_of(row.item)), counts);
    shrink();
    if (!row.is_clicked) continue;
    is_clicked = true;
    last = counts.slot;
    ++ends_[{counts.slot, length}].clicks;
  }
  if (is_clicked) ++ends_[{last, length}].last;
}

void ClickCounts::merge(const ClickCounts& other) {
  pages_ += other.pages_;
  for (const auto& [key, item] : other.items_) {
    Item* sum = item_of(key);
    for (const SlotCounts& counts : item) add_to(*sum, counts);
    shrink();
  }
  for (const SlotCounts& counts : other.others_) add_to(others_, counts);
  for (const auto& [at, ends] : other.ends_) {
    ends_[at].clicks += ends.clicks;
    ends_[at].last += ends.last;
  }
}

std::string ClickCounts::json() const {
  Json items = Json::object();
  for (const auto& [key, item] : items_) items[fmt::format("{:016x}", key)] = json_of(item);
  Json ends = Json::array();
  for (const auto& [at, counts] : ends_) {
    ends.push_back({at.first, at.second, counts.clicks, counts.last});
  }
  return Json{{"lineup", "click counts"},
              {"version", 1},
              {"pages", pages_},
              {"ends", std::move(ends)},
              {"others", json_of(others_)},
              {"items", std::move(items)}}
      .dump();
}

Result<ClickCounts> ClickCounts::read(std::string_view line) {
  try {
    const Json json = Json::parse(line);
    if (!json.is_object() || json.value("lineup", "") != "click counts") {
      return failure("model/json", "these are no click counts; make them with `--fit`");
    }
    if (json.at("version") != 1) {
      return failure("model/json", "these click counts are of another version of the program");
    }
    ClickCounts out;
    out.pages_ = json.at("pages");
    for (const Json& ends : json.at("ends")) {
      Ends& sum = out.ends_[{std::min(ends.at(0).get<std::uint32_t>(), kModelSlots - 1),
                             std::min(ends.at(1).get<std::uint32_t>(), kModelSlots)}];
      sum.clicks += ends.at(2).get<std::uint64_t>();
      sum.last += ends.at(3).get<std::uint64_t>();
    }
    out.others_ = item_from(json.at("others"));
    for (const auto& [name, item] : json.at("items").items()) {
      std::uint64_t key = 0;
      const auto [end, fault] = std::from_chars(name.data(), name.data() + name.size(), key, 16);
      if (fault != std::errc() || end != name.data() + name.size()) {
        return failure("model/json", fmt::format("`{}` is no hash of an item", name));
      }
      out.items_[key] = item_from(item);
    }
    out.shrink();
    return out;
  } catch (const Json::exception& fault) {
    return failure("model/json", fmt::format("the click counts cannot be read: {}", fault.what()));
  }
}

}  // namespace lineup::cli
