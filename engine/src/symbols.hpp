// SPDX-License-Identifier: Apache-2.0
//
// Names that a host binds once: handles that hold for the life of the engine, whatever is reloaded.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lineup {

// One sort of names. Handles count up from 0 and are never given back. Thread safe; not on the
// request path: revisions hold tables from handle to their own indexes.
class SymbolTable {
 public:
  std::uint32_t intern(std::string_view name);
  [[nodiscard]] std::string name(std::uint32_t handle) const;
  [[nodiscard]] std::uint32_t size() const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::uint32_t> handles_;
  std::vector<std::string> names_;
};

struct Symbols {
  SymbolTable columns;
  SymbolTable context;
  SymbolTable scenes;
  SymbolTable objectives;
  SymbolTable parameters;
};

// From handles to a revision's indexes; -1: it does not know the name. A handle that was made after
// the table stands for a name that the revision does not have, because all its names were interned
// when it was built.
class SymbolMap {
 public:
  SymbolMap() = default;
  SymbolMap(SymbolTable& table, const std::vector<std::string>& names);
  [[nodiscard]] std::int32_t operator[](std::uint32_t handle) const {
    return handle < indexes_.size() ? indexes_[handle] : -1;
  }

 private:
  std::vector<std::int32_t> indexes_;
};

}  // namespace lineup
