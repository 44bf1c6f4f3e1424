// SPDX-License-Identifier: Apache-2.0
#include "symbols.hpp"

namespace lineup {

std::uint32_t SymbolTable::intern(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto [at, is_new] =
      handles_.try_emplace(std::string(name), static_cast<std::uint32_t>(names_.size()));
  if (is_new) names_.emplace_back(name);
  return at->second;
}

std::string SymbolTable::name(std::uint32_t handle) const {
  const std::lock_guard lock(mutex_);
  return handle < names_.size() ? names_[handle] : std::string();
}

std::uint32_t SymbolTable::size() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::uint32_t>(names_.size());
}

SymbolMap::SymbolMap(SymbolTable& table, const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::uint32_t handle = table.intern(names[i]);
    if (handle >= indexes_.size()) indexes_.resize(handle + 1, -1);
    indexes_[handle] = static_cast<std::int32_t>(i);
  }
}

}  // namespace lineup
