// SPDX-License-Identifier: Apache-2.0
//
// Which instances may serve on in the next revision. An instance holds indexes of columns and
// context values; it is only taken over when the new plan gives those names the same indexes.
#include <fmt/format.h>

#include "plan/compile.hpp"

namespace lineup {

namespace {

std::string fixed_part(const NodeLayout& layout) {
  std::string out = fmt::format("{}/{}/{}/{}", layout.rows_max, layout.slots_max,
                                layout.threads_max, layout.history_max);
  for (const Objective& objective : layout.objectives) {
    out += fmt::format("/{}:{}", objective.name, objective.column);
  }
  return out;
}

bool columns_agree(const std::vector<std::pair<std::string, std::int32_t>>& bound,
                   std::span<const std::int32_t> indexes, const Schema& schema) {
  for (std::size_t i = 0; i < bound.size(); ++i) {
    const std::int32_t index = indexes[i];
    // A column that was absent has no name here: it may have been declared since.
    if (index < 0 || static_cast<std::uint32_t>(index) >= schema.size()) return false;
    const ColumnSpec& spec = schema[static_cast<std::uint32_t>(index)];
    if (spec.name != bound[i].first || static_cast<std::int32_t>(spec.type) != bound[i].second) {
      return false;
    }
  }
  return true;
}

}  // namespace

// The one at the place in the revision that is followed, whatever version of the library it is of
// and however it is configured: a version that adds a parameter has another configuration already.
// Not the one that was made last: that may be of a revision that was taken back or never served.
std::shared_ptr<NodeInstance> InstanceCache::predecessor(const NodeType& type,
                                                         const std::string& place) const {
  const auto at = heir_of_.find(place);
  auto instance = at == heir_of_.end() ? nullptr : at->second.lock();
  const bool is_alike =
      instance != nullptr && instance->type().id == type.id && instance->type().kind == type.kind;
  return is_alike ? instance : nullptr;
}

// In this process, with the state of the one before it.
Result<std::shared_ptr<NodeInstance>> InstanceCache::make_here(
    const std::shared_ptr<const NodeType>& type, const std::string& config_json,
    NodeLayout& layout) const {
  const auto before = predecessor(*type, layout.place);
  return before == nullptr ? NodeInstance::create(type, config_json, layout)
                           : NodeInstance::succeed(*before, type, config_json, layout);
}

Result<std::shared_ptr<NodeInstance>> InstanceCache::get(std::shared_ptr<const NodeType> type,
                                                         const std::string& config_json,
                                                         NodeLayout& layout,
                                                         const Isolate* isolate) {
  const std::string key = fmt::format("{}|{}|{}|{}", type->content_hash, type->id,
                                      isolate == nullptr ? "" : type->name, config_json);
  const std::string fixed = fixed_part(layout);
  const auto [first, last] = entries_.equal_range(key);
  for (auto at = first; at != last;) {
    const auto instance = at->second.instance.lock();
    if (instance == nullptr) {
      at = entries_.erase(at);
      continue;
    }
    Entry& entry = at->second;
    ++at;
    // Scorers make columns: a new instance says which, so it is made anew.
    if (type->content_hash.empty() || type->kind == LINEUP_KIND_SCORER || entry.fixed != fixed ||
        !columns_agree(entry.columns, instance->columns(), *layout.schema)) {
      continue;
    }
    bool agrees = true;
    for (const auto& [path, slot] : entry.context) {
      agrees = agrees && layout.context->slot(path) == slot;
    }
    if (!agrees) continue;
    if (!layout.place.empty()) placed_[layout.place] = instance;
    ++taken_over_;
    return instance;
  }
  auto made = isolate == nullptr ? make_here(type, config_json, layout)
                                 : (*isolate)(type, config_json, layout);
  if (!made) return made;
  Entry entry;
  if (!layout.place.empty()) placed_[layout.place] = *made;
  entry.instance = *made;
  entry.fixed = fixed;
  for (const std::int32_t index : (*made)->columns()) {
    if (index < 0) {
      entry.columns.emplace_back("", -1);
      continue;
    }
    const ColumnSpec& spec = (*layout.schema)[static_cast<std::uint32_t>(index)];
    entry.columns.emplace_back(spec.name, static_cast<std::int32_t>(spec.type));
  }
  for (const std::uint32_t slot : (*made)->context_slots()) {
    entry.context.emplace_back(layout.context->paths()[slot], slot);
  }
  entries_.emplace(key, std::move(entry));
  return made;
}

}  // namespace lineup
