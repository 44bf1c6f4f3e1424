// SPDX-License-Identifier: Apache-2.0
//
// Names lie in chunks that are never moved, and the count is raised after a name is written: who
// reads a handle below the count reads a finished name.
#include "facade/symbols.hpp"

namespace lineup {

std::uint32_t SymbolTable::intern(std::string_view name) {
  const std::lock_guard lock(mutex_);
  if (const auto at = handles_.find(name); at != handles_.end()) return at->second;
  const std::uint32_t handle = count_.load(std::memory_order_relaxed);
  if (handle == kNamesMax) return kNamesMax;
  auto& chunk = chunks_[handle / kChunk];
  if (chunk == nullptr) chunk = std::make_unique<Chunk>();
  (*chunk)[handle % kChunk] = name;
  handles_.emplace(name, handle);
  count_.store(handle + 1, std::memory_order_release);
  return handle;
}

std::string_view SymbolTable::name(std::uint32_t handle) const {
  if (handle >= count_.load(std::memory_order_acquire)) return {};
  return (*chunks_[handle / kChunk])[handle % kChunk];
}

SymbolMap::SymbolMap(SymbolTable& table, const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::uint32_t handle = table.intern(names[i]);
    if (handle >= indexes_.size()) indexes_.resize(handle + 1, -1);
    indexes_[handle] = static_cast<std::int32_t>(i);
  }
}

}  // namespace lineup
