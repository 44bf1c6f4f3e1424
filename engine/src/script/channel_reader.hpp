// SPDX-License-Identifier: Apache-2.0
//
// The fields that hold lists of tables: who shares a page, and how. `mix { channels = .. }` with
// its pattern or ratio, and `quota { shares = .. }`.
#pragma once

#include <lua.hpp>
#include <optional>
#include <string>

#include "constraint/spec.hpp"

namespace lineup {

// What is wrong with a field, when something is.
struct FieldFault {
  const char* field = "";
  std::string wanted;  // what would be right
};

// Reads `channels` and one of `pattern`, `ratio`, `interleave` of the table at `table` into `out`.
// Leaves the stack as it was.
[[nodiscard]] std::optional<FieldFault> read_mix(lua_State* L, int table, Spec& out);
// Reads `shares`, when there are any.
[[nodiscard]] std::optional<FieldFault> read_shares(lua_State* L, int table, Spec& out);

// Whether the value on top is a live number; then it is read.
bool read_live_number(lua_State* L, Amount& out);

}  // namespace lineup
