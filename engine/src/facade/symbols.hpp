// SPDX-License-Identifier: Apache-2.0
//
// Names that a host binds once: handles that hold for the life of the engine, whatever is reloaded.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lineup {

// One sort of names. Handles count up from 0 and are never given back. Thread safe: intern() takes
// a lock, name() none.
class SymbolTable {
 public:
  // LIMIT: names that one engine can bind; a host that binds more binds per request by mistake.
  static constexpr std::uint32_t kNamesMax = 256 * 1024;

  // The handle of `name`, made when it is new. LIMIT reached: the handle of a name nobody knows.
  std::uint32_t intern(std::string_view name);
  // Empty for a handle that was never given. Lives as long as the table.
  [[nodiscard]] std::string_view name(std::uint32_t handle) const;

 private:
  static constexpr std::uint32_t kChunk = 256;
  using Chunk = std::array<std::string, kChunk>;
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  std::mutex mutex_;
  std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> handles_;
  std::array<std::unique_ptr<Chunk>, kNamesMax / kChunk> chunks_;  // filled in order, never moved
  std::atomic<std::uint32_t> count_{0};
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
