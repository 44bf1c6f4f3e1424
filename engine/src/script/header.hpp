// SPDX-License-Identifier: Apache-2.0
//
// What a rule file says of itself: the table of its `rule { ... }`.
#pragma once

#include <lua.hpp>

#include "script/rule.hpp"
#include "script/source.hpp"

namespace lineup {

// Reads the header on top of the stack, declared at `line`, into `file`: name, parameters, which
// functions it has and what they read. Functions that could keep state are faults. Called inside
// Sandbox::protect; leaves the stack as it was.
void read_header(lua_State* L, const Source& source, unsigned line, RuleFile& file,
                 Diagnostics& diagnostics);

}  // namespace lineup
