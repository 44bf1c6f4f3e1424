// SPDX-License-Identifier: Apache-2.0
//
// One constraint of a rule file, from its table to a Spec.
#pragma once

#include <lua.hpp>

#include "constraint/spec.hpp"
#include "script/declare.hpp"
#include "script/source.hpp"

namespace lineup {

// Reads the table on top of the stack, which `declared` was declared with. Faults, all of them, are
// reported at the fields. Called inside Sandbox::protect; leaves the stack as it was.
bool read_spec(lua_State* L, const Declaration& declared, const Source& source,
               Diagnostics& diagnostics, Spec& out);

}  // namespace lineup
