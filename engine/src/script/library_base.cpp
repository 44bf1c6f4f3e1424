// SPDX-License-Identifier: Apache-2.0
//
// Base functions, `math`, and the two helpers that others build on: texts without addresses, and a
// sort that is stable. `pairs` visits keys in order: Lua's own order depends on addresses and on
// the seed of the state, and a rule must answer the same on every thread.
#include <algorithm>
#include <bit>

#include "script/library.hpp"
#include "script/sandbox.hpp"

namespace lineup {

namespace {

int base_tostring(lua_State* L) {
  luaL_checkany(L, 1);
  push_text_of(L, 1);
  return 1;
}

// Lua's pcall, except that a budget that is used up cannot be caught.
int base_pcall(lua_State* L) {
  luaL_checkany(L, 1);
  lua_pushboolean(L, 1);
  lua_insert(L, 1);
  const int status = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 0);
  if (status == LUA_OK) return lua_gettop(L);
  Sandbox::of(L).rethrow_breach(status);
  lua_pushboolean(L, 0);
  lua_insert(L, -2);
  return 2;
}

int key_rank(lua_State* L, int index) {
  switch (lua_type(L, index)) {
    case LUA_TNUMBER:
      return 0;
    case LUA_TSTRING:
      return 1;
    case LUA_TBOOLEAN:
      return 2;
    default:
      break;
  }
  raise(L, "`pairs` visits keys in order, so they must be numbers, texts or booleans");
}

int key_less(lua_State* L) {
  const int left = key_rank(L, 1);
  const int right = key_rank(L, 2);
  const bool less = left != right ? left < right
                    : left == 2   ? lua_toboolean(L, 1) < lua_toboolean(L, 2)
                                  : lua_compare(L, 1, 2, LUA_OPLT) != 0;
  lua_pushboolean(L, less);
  return 1;
}

// Upvalues: the table, its keys in order, how many were visited. Keys that were removed meanwhile
// are passed over.
int next_pair(lua_State* L) {
  lua_Integer visited = lua_tointeger(L, lua_upvalueindex(3));
  while (lua_rawgeti(L, lua_upvalueindex(2), ++visited) != LUA_TNIL) {
    lua_pushvalue(L, -1);
    if (lua_gettable(L, lua_upvalueindex(1)) != LUA_TNIL) {
      lua_pushinteger(L, visited);
      lua_replace(L, lua_upvalueindex(3));
      return 2;
    }
    lua_pop(L, 2);
  }
  return 0;
}

int base_pairs(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  if (!push_behind_view(L, 1)) lua_pushvalue(L, 1);
  lua_newtable(L);
  lua_Integer count = 0;
  for (lua_pushnil(L); lua_next(L, 2) != 0; lua_pop(L, 1)) {
    key_rank(L, -2);
    lua_pushvalue(L, -2);
    lua_rawseti(L, 3, ++count);
    Sandbox::of(L).charge(1);
  }
  lua_pushcfunction(L, key_less);
  sort_sequence(L, 3, count, 4);
  lua_pop(L, 1);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, next_pair, 3);
  return 1;
}

}  // namespace

void fill_base(lua_State* L, int stock) {
  // `select` and `type` look at no more than their arguments; `error` and `assert` raise.
  for (const char* name : {"assert", "error", "ipairs", "select", "type"}) {
    add_function(L, name, stock_function(L, stock, name));
  }
  add_charged(L, "tonumber", stock_function(L, stock, "tonumber"));
  add_function(L, "tostring", base_tostring);
  add_function(L, "pcall", base_pcall);
  add_function(L, "pairs", base_pairs);
}

// No random and no seed: a rule depends on its arguments only.
void fill_math(lua_State* L, int stock) {
  for (const char* name : {"abs", "ceil", "exp", "floor", "fmod", "log", "max", "min", "modf",
                           "sqrt", "tointeger", "type", "ult"}) {
    add_function(L, name, stock_function(L, stock, name));
  }
  for (const char* name : {"huge", "maxinteger", "mininteger", "pi"}) {
    lua_getfield(L, stock, name);
    lua_setfield(L, -2, name);
  }
}

void push_text_of(lua_State* L, int index) {
  index = lua_absindex(L, index);
  switch (lua_type(L, index)) {
    case LUA_TNIL:
      lua_pushliteral(L, "nil");
      return;
    case LUA_TBOOLEAN:
      lua_pushstring(L, lua_toboolean(L, index) != 0 ? "true" : "false");
      return;
    case LUA_TNUMBER:
    case LUA_TSTRING:
      luaL_tolstring(L, index, nullptr);
      return;
    case LUA_TTABLE:
      lua_pushliteral(L, "table");
      return;
    case LUA_TFUNCTION:
      lua_pushliteral(L, "function");
      return;
    default:
      lua_pushliteral(L, "value");
      return;
  }
}

namespace {

// LIMIT: units paid for a comparison of two texts, by the byte.
constexpr std::size_t kBytesPerUnit = 16;

// Whether the value on top of the stack is less than the one below it.
bool is_less(lua_State* L, int comparator) {
  if (comparator == 0) {
    if (lua_type(L, -1) == LUA_TSTRING && lua_type(L, -2) == LUA_TSTRING) {
      const std::size_t bytes = std::min(lua_rawlen(L, -1), lua_rawlen(L, -2));
      Sandbox::of(L).charge(bytes / kBytesPerUnit);
    }
    return lua_compare(L, -1, -2, LUA_OPLT) != 0;
  }
  lua_pushvalue(L, comparator);
  lua_pushvalue(L, -2);
  lua_pushvalue(L, -4);
  lua_call(L, 2, 1);
  const bool less = lua_toboolean(L, -1) != 0;
  lua_pop(L, 1);
  return less;
}

// Merges the neighbouring runs [first, middle) and [middle, end); the left one is kept in the table
// at `kept` meanwhile.
void merge_runs(lua_State* L, int index, int kept, lua_Integer first, lua_Integer middle,
                lua_Integer end, int comparator) {
  lua_geti(L, index, middle - 1);
  lua_geti(L, index, middle);
  const bool crossed = is_less(L, comparator);
  lua_pop(L, 2);
  if (!crossed) return;
  const lua_Integer count = middle - first;
  for (lua_Integer i = 0; i < count; ++i) {
    lua_geti(L, index, first + i);
    lua_rawseti(L, kept, i + 1);
  }
  lua_Integer left = 0;
  lua_Integer right = middle;
  for (lua_Integer out = first; left < count; ++out) {
    lua_rawgeti(L, kept, left + 1);
    if (right < end) {
      lua_geti(L, index, right);
      if (is_less(L, comparator)) {
        lua_seti(L, index, out);
        lua_pop(L, 1);
        ++right;
        continue;
      }
      lua_pop(L, 1);
    }
    lua_seti(L, index, out);
    ++left;
  }
}

}  // namespace

void sort_sequence(lua_State* L, int index, lua_Integer count, int comparator) {
  const auto size = static_cast<std::uint64_t>(count);
  Sandbox::of(L).charge(size * static_cast<std::uint64_t>(std::bit_width(size)));
  lua_newtable(L);
  const int kept = lua_gettop(L);
  for (lua_Integer width = 1; width < count; width *= 2) {
    for (lua_Integer first = 1; first + width <= count; first += 2 * width) {
      merge_runs(L, index, kept, first, first + width, std::min(first + 2 * width, count + 1),
                 comparator);
    }
  }
  lua_pop(L, 1);
}

}  // namespace lineup
