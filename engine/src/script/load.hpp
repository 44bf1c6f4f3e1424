// SPDX-License-Identifier: Apache-2.0
//
// From the text of a rule file to its header in a state. Everything here raises, and is called
// inside Sandbox::protect.
#pragma once

#include <lua.hpp>
#include <string_view>

namespace lineup {

// Gives the state all that a rule file may use.
void open_rule_state(lua_State* L);
// Pushes the compiled chunk; its only upvalue is the read-only globals. Text only, never bytecode.
void push_chunk(lua_State* L, std::string_view source);
// Runs the chunk on top of the stack and replaces it by the table of the rule that it returned.
// Returns the line of that `rule`.
unsigned run_chunk(lua_State* L);

}  // namespace lineup
