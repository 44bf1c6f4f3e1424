// SPDX-License-Identifier: Apache-2.0
//
// What a rule can reach: the globals, built from nothing by adding what is harmless. The whole list
// is what the fill_ functions add; a test walks everything reachable and compares.
#pragma once

#include <lua.hpp>
#include <string>
#include <vector>

namespace lineup {

// Makes the table of globals and fills in Lua's own part: base functions, string, table, math,
// utf8. It stays open for add_global() until seal_globals().
void make_globals(lua_State* L);
// Moves the value on top of the stack into the globals. Functions become known (see is_known).
void add_global(lua_State* L, const char* name);
// Replaces the globals by their read-only view.
void seal_globals(lua_State* L);
// Pushes the globals, for a chunk's first upvalue.
void push_globals(lua_State* L);

// Names of all globals, or of the fields of the library `name`; empty when there is no such
// library.
[[nodiscard]] std::vector<std::string> global_names(lua_State* L);
[[nodiscard]] std::vector<std::string> library_names(lua_State* L, const char* name);

// What reading a field that is not there does.
enum class Missing { Nil, UndeclaredGlobal, LibraryField, Parameter };

// Replaces the table on top of the stack by a read-only view of it. Reads go to the table, writes
// raise. `label` names it in messages. `names` is the stack index of a table whose keys read as nil
// without raising, and among which the nearest name is looked for; 0: the table itself.
void make_read_only(lua_State* L, Missing missing, const char* label, int names = 0);
// If the value at `index` is such a view, pushes the table behind it.
bool push_behind_view(lua_State* L, int index);

// Whether the function at `index` is one of those that the sandbox gave: they keep no state.
[[nodiscard]] bool is_known(lua_State* L, int index);

// Raises `message` with the place of the caller. Never returns.
[[noreturn]] void raise(lua_State* L, std::string message);
// "; did you mean `x`?" or nothing.
[[nodiscard]] std::string did_you_mean(const std::string& text,
                                       const std::vector<std::string>& names);

// Adds a function of the library being filled, the table on top of the stack.
void add_function(lua_State* L, const char* name, lua_CFunction function);
// The same for one of Lua's own behind `gate`, which looks at the arguments and then calls
// upvalue 1, the function itself.
void add_gate(lua_State* L, const char* name, lua_CFunction gate, lua_CFunction function);
// The same for one of Lua's own that reads its text arguments once from end to end: a wrapper pays
// for their length.
void add_charged(lua_State* L, const char* name, lua_CFunction function);
// The function `name` of Lua's own library at stack index `stock`.
[[nodiscard]] lua_CFunction stock_function(lua_State* L, int stock, const char* name);

// Fill the table on top of the stack. `stock` is the stack index of Lua's own library.
void fill_base(lua_State* L, int stock);
void fill_text(lua_State* L, int stock);
void fill_utf8(lua_State* L, int stock);
void fill_table(lua_State* L, int stock);
void fill_math(lua_State* L, int stock);

// Sorts the sequence at `index`, `count` long, stably and with the same comparisons in every run.
// `comparator` is the stack index of a function, or 0 for `<`.
void sort_sequence(lua_State* L, int index, lua_Integer count, int comparator);

// What scripts read instead of an address: "table", "function", "value". The value's own text for
// texts, numbers, nil and booleans. Pushes one text.
void push_text_of(lua_State* L, int index);

}  // namespace lineup
