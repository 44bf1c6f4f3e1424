// SPDX-License-Identifier: Apache-2.0
//
// What the functions of a chunk do to names outside them, read from the code that Lua's own
// compiler made: which globals they read and write, and which variables that outlive a call they
// change. The compiler has resolved every name, so nothing is guessed.
#pragma once

#include <compare>
#include <cstdint>
#include <lua.hpp>
#include <optional>
#include <string>
#include <vector>

namespace lineup {

struct NameUse {
  enum class Kind : std::uint8_t {
    ReadGlobal,
    WriteGlobal,
    ReadField,    // name.field right after the global `name` was read
    WriteUpvalue  // a variable of an enclosing function
  };
  Kind kind = Kind::ReadGlobal;
  std::string name;
  std::string field;
  std::uint32_t line = 0;

  friend auto operator<=>(const NameUse&, const NameUse&) = default;
};

// The uses of globals in the main chunk on top of the stack and in all functions inside it, in the
// order of the code. Empty when the layout of compiled code is not the one of Lua 5.4.
[[nodiscard]] std::vector<NameUse> global_uses(lua_State* L);

// The changes that the Lua function on top of the stack, and the functions inside it, make to
// variables outside it. Nothing when that cannot be told.
[[nodiscard]] std::optional<std::vector<NameUse>> upvalue_writes(lua_State* L);

// Whether a call of the Lua function on top of the stack runs few instructions of Lua whatever it
// is given: it has no loop and no function inside, and nothing that it captured could be one of
// Lua's or hold one. What it calls is native then, and pays for itself.
[[nodiscard]] bool runs_straight(lua_State* L);

}  // namespace lineup
