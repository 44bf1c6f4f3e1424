// SPDX-License-Identifier: Apache-2.0
//
// Makes a rule's function unable to remember anything between calls.
#pragma once

#include <cstdint>
#include <lua.hpp>
#include <string>
#include <vector>

namespace lineup {

// Why a function may not serve.
struct StateFault {
  std::string message;
  std::string name;  // the variable
  std::uint32_t line = 0;
};

// Replaces every table that the function on top of the stack can reach through captured variables
// by a read-only view, through and through, and reports what could still carry state: assignments
// to variables outside the function, and captured iterators. Empty: the function is pure. The
// function stays on the stack.
[[nodiscard]] std::vector<StateFault> freeze_function(lua_State* L);

}  // namespace lineup
