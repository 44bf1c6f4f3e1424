// SPDX-License-Identifier: Apache-2.0
//
// Views are empty tables whose metatable leads to the table behind them. Scripts have neither
// setmetatable nor getmetatable nor the raw functions, so a view cannot be opened or by-passed.
#include "script/library.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/diagnostic.hpp"
#include "script/sandbox.hpp"

namespace lineup {

namespace {

// Keys of the registry: addresses are unique.
constexpr char kGlobals = 0;
constexpr char kKnown = 0;
constexpr char kContent = 0;  // in a view's metatable

std::vector<std::string> keys_of(lua_State* L, int index) {
  std::vector<std::string> names;
  index = lua_absindex(L, index);
  for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
    if (lua_type(L, -2) == LUA_TSTRING) names.emplace_back(lua_tostring(L, -2));
  }
  std::sort(names.begin(), names.end());
  return names;
}

int refuse_write(lua_State* L) {
  const char* label = lua_tostring(L, lua_upvalueindex(1));
  if (*label == '\0') {
    push_text_of(L, 2);
    raise(L, "writes the undeclared global `" + std::string(lua_tostring(L, -1)) +
                 "`; a rule keeps no state: write `local`");
  }
  raise(L, std::string(label) + " cannot be changed");
}

int view_length(lua_State* L) {
  lua_pushinteger(L, static_cast<lua_Integer>(lua_rawlen(L, lua_upvalueindex(1))));
  return 1;
}

// Upvalues: what it is (Missing), the names that are no mistake, the label.
int refuse_read(lua_State* L) {
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(2)) != LUA_TNIL) {
    lua_pushnil(L);
    return 1;
  }
  const auto missing = static_cast<Missing>(lua_tointeger(L, lua_upvalueindex(1)));
  push_text_of(L, 2);
  const std::string name = lua_tostring(L, -1);
  const std::string hint = did_you_mean(name, keys_of(L, lua_upvalueindex(2)));
  switch (missing) {
    case Missing::UndeclaredGlobal:
      raise(L, "undeclared global `" + name + "`" + hint);
    case Missing::Parameter:
      raise(L, "the rule has no parameter `" + name + "`" + hint);
    case Missing::LibraryField:
      raise(L, "rules have no `" + std::string(lua_tostring(L, lua_upvalueindex(3))) + "." + name +
                   "`" + hint);
    case Missing::Nil:
      break;
  }
  return 0;
}

// Lua's own library, loaded aside: nothing of it is reachable unless it is copied.
int push_stock(lua_State* L, lua_CFunction open) {
  lua_pushcfunction(L, open);
  lua_call(L, 0, 1);
  return lua_gettop(L);
}

void add_library(lua_State* L, const char* name, lua_CFunction open,
                 void (*fill)(lua_State* L, int stock)) {
  const int stock = push_stock(L, open);
  lua_newtable(L);
  fill(L, stock);
  make_read_only(L, Missing::LibraryField, name);
  add_global(L, name);
  lua_settop(L, stock - 1);
}

// Texts get the read-only string library as their methods. Arithmetic on texts, which Lua's own
// metatable offers, is left out: "1" + 1 is a mistake.
void lock_text_metatable(lua_State* L) {
  lua_pushliteral(L, "");
  lua_createtable(L, 0, 2);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &kGlobals);
  lua_getfield(L, -1, "string");
  lua_setfield(L, -3, "__index");
  lua_pop(L, 1);
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_pop(L, 1);
}

}  // namespace

void make_globals(lua_State* L) {
  lua_newtable(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kKnown);
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kGlobals);
  const int stock = push_stock(L, luaopen_base);
  lua_pushvalue(L, -2);
  fill_base(L, stock);
  lua_settop(L, stock - 2);
  add_library(L, "string", luaopen_string, fill_text);
  add_library(L, "table", luaopen_table, fill_table);
  add_library(L, "math", luaopen_math, fill_math);
  add_library(L, "utf8", luaopen_utf8, fill_utf8);
  lock_text_metatable(L);
  // luaopen_base filled the state's own globals: no chunk sees them, and they hold nothing now.
  lua_newtable(L);
  lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
}

void add_global(lua_State* L, const char* name) {
  if (lua_type(L, -1) == LUA_TFUNCTION) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &kKnown);
    lua_pushvalue(L, -2);
    lua_pushboolean(L, 1);
    lua_rawset(L, -3);
    lua_pop(L, 1);
  }
  lua_rawgetp(L, LUA_REGISTRYINDEX, &kGlobals);
  lua_insert(L, -2);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}

void seal_globals(lua_State* L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &kGlobals);
  make_read_only(L, Missing::UndeclaredGlobal, "");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kGlobals);
}

void push_globals(lua_State* L) { lua_rawgetp(L, LUA_REGISTRYINDEX, &kGlobals); }

std::vector<std::string> global_names(lua_State* L) {
  push_globals(L);
  std::vector<std::string> names;
  if (push_behind_view(L, -1)) {
    names = keys_of(L, -1);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return names;
}

std::vector<std::string> library_names(lua_State* L, const char* name) {
  const int top = lua_gettop(L);
  std::vector<std::string> names;
  push_globals(L);
  if (push_behind_view(L, -1)) {
    lua_pushstring(L, name);
    lua_rawget(L, -2);
    if (push_behind_view(L, -1)) names = keys_of(L, -1);
  }
  lua_settop(L, top);
  return names;
}

void make_read_only(lua_State* L, Missing missing, const char* label, int names) {
  const int content = lua_gettop(L);
  if (missing != Missing::Nil) {
    lua_createtable(L, 0, 1);
    lua_pushinteger(L, static_cast<lua_Integer>(missing));
    lua_pushvalue(L, names == 0 ? content : names);
    lua_pushstring(L, label);
    lua_pushcclosure(L, refuse_read, 3);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, content);
  }
  lua_newtable(L);
  lua_createtable(L, 0, 5);
  lua_pushvalue(L, content);
  lua_setfield(L, -2, "__index");
  lua_pushstring(L, label);
  lua_pushcclosure(L, refuse_write, 1);
  lua_setfield(L, -2, "__newindex");
  lua_pushvalue(L, content);
  lua_pushcclosure(L, view_length, 1);
  lua_setfield(L, -2, "__len");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pushvalue(L, content);
  lua_rawsetp(L, -2, &kContent);
  lua_setmetatable(L, -2);
  lua_replace(L, content);
}

bool push_behind_view(lua_State* L, int index) {
  if (lua_type(L, index) != LUA_TTABLE || lua_getmetatable(L, index) == 0) return false;
  lua_rawgetp(L, -1, &kContent);
  lua_remove(L, -2);
  if (lua_type(L, -1) == LUA_TTABLE) return true;
  lua_pop(L, 1);
  return false;
}

bool is_known(lua_State* L, int index) {
  index = lua_absindex(L, index);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &kKnown);
  lua_pushvalue(L, index);
  const bool known = lua_rawget(L, -2) != LUA_TNIL;
  lua_pop(L, 2);
  return known;
}

// The text moves into the Lua heap before the error leaves; C++'s unwinding frees the argument.
void raise(lua_State* L, std::string message) {
  luaL_where(L, 1);
  lua_pushlstring(L, message.data(), message.size());
  lua_concat(L, 2);
  lua_error(L);
  std::abort();  // lua_error does not return, but is not declared so
}

std::string did_you_mean(const std::string& text, const std::vector<std::string>& names) {
  const std::string near = nearest(text, names);
  return near.empty() ? std::string() : "; did you mean `" + near + "`?";
}

namespace {

void add_known(lua_State* L, const char* name) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &kKnown);
  lua_pushvalue(L, -2);
  lua_pushboolean(L, 1);
  lua_rawset(L, -3);
  lua_pop(L, 1);
  lua_setfield(L, -2, name);
}

// LIMIT: bytes that a simple loop over a text reads in the time of one instruction.
constexpr std::size_t kBytesPerUnit = 16;

int call_charged(lua_State* L) {
  std::size_t bytes = 0;
  for (int index = lua_gettop(L); index > 0; --index) {
    if (lua_type(L, index) == LUA_TSTRING) bytes += lua_rawlen(L, index);
  }
  Sandbox::of(L).charge(1 + bytes / kBytesPerUnit);
  return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

}  // namespace

void add_function(lua_State* L, const char* name, lua_CFunction function) {
  lua_pushcfunction(L, function);
  add_known(L, name);
}

void add_gate(lua_State* L, const char* name, lua_CFunction gate, lua_CFunction function) {
  lua_pushcfunction(L, function);
  lua_pushcclosure(L, gate, 1);
  add_known(L, name);
}

void add_charged(lua_State* L, const char* name, lua_CFunction function) {
  add_gate(L, name, call_charged, function);
}

lua_CFunction stock_function(lua_State* L, int stock, const char* name) {
  lua_getfield(L, stock, name);
  const lua_CFunction function = lua_tocfunction(L, -1);
  lua_pop(L, 1);
  return function;
}

}  // namespace lineup
