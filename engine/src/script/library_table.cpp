// SPDX-License-Identifier: Apache-2.0
//
// `table`: Lua's own functions behind gates that bound the number of elements and make them paid,
// and a sort of our own.
#include <algorithm>
#include <string>

#include "script/library.hpp"
#include "script/sandbox.hpp"

namespace lineup {

namespace {

void check_count(lua_State* L, const char* name, lua_Integer count) {
  if (count > kElementsMax) {
    raise(L, "`" + std::string(name) + "` works on at most " + std::to_string(kElementsMax) +
                 " elements, got " + std::to_string(count));
  }
  Sandbox::of(L).charge(static_cast<std::uint64_t>(std::max<lua_Integer>(count, 0)));
}

// Elements from `first` to `last`; a span too wide for an integer counts as the widest.
lua_Integer span_count(lua_Integer first, lua_Integer last) {
  if (last < first) return 0;
  const auto count = static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first);
  return count >= static_cast<std::uint64_t>(kElementsMax) ? kElementsMax + 1
                                                           : static_cast<lua_Integer>(count) + 1;
}

int call_stock(lua_State* L) { return lua_tocfunction(L, lua_upvalueindex(1))(L); }

int table_insert(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  if (lua_gettop(L) == 3)
    check_count(L, "insert", span_count(luaL_checkinteger(L, 2), luaL_len(L, 1)));
  return call_stock(L);
}

int table_remove(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  if (lua_gettop(L) == 2)
    check_count(L, "remove", span_count(luaL_checkinteger(L, 2), luaL_len(L, 1)));
  return call_stock(L);
}

int table_move(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  check_count(L, "move", span_count(luaL_checkinteger(L, 2), luaL_checkinteger(L, 3)));
  return call_stock(L);
}

int table_unpack(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  const lua_Integer first = luaL_optinteger(L, 2, 1);
  const lua_Integer last = lua_isnoneornil(L, 3) ? luaL_len(L, 1) : luaL_checkinteger(L, 3);
  check_count(L, "unpack", span_count(first, last));
  return call_stock(L);
}

int table_concat(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  std::size_t separator = 0;
  luaL_optlstring(L, 2, "", &separator);
  const lua_Integer first = luaL_optinteger(L, 3, 1);
  const lua_Integer last = lua_isnoneornil(L, 4) ? luaL_len(L, 1) : luaL_checkinteger(L, 4);
  const lua_Integer count = span_count(first, last);
  check_count(L, "concat", count);
  std::size_t bytes = 0;
  for (lua_Integer i = 0; i < count; ++i) {
    // A number's text is short; what cannot be joined is reported by Lua's own function.
    bytes += separator + (lua_geti(L, 1, first + i) == LUA_TSTRING ? lua_rawlen(L, -1) : 8);
    lua_pop(L, 1);
    if (bytes > kTextBytesMax) raise(L, "`concat` would make a text of more than 64 KiB");
  }
  Sandbox::of(L).charge(bytes / 16);
  return call_stock(L);
}

int table_sort(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  const bool has_comparator = !lua_isnoneornil(L, 2);
  if (has_comparator) luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  const lua_Integer count = luaL_len(L, 1);
  check_count(L, "sort", count);
  sort_sequence(L, 1, count, has_comparator ? 2 : 0);
  return 0;
}

int table_pack(lua_State* L) {
  check_count(L, "pack", lua_gettop(L));
  return call_stock(L);
}

}  // namespace

void fill_table(lua_State* L, int stock) {
  const luaL_Reg gates[] = {{"concat", table_concat}, {"insert", table_insert},
                            {"move", table_move},     {"pack", table_pack},
                            {"remove", table_remove}, {"unpack", table_unpack}};
  for (const luaL_Reg& gate : gates) {
    add_gate(L, gate.name, gate.func, stock_function(L, stock, gate.name));
  };
  add_function(L, "sort", table_sort);
}

}  // namespace lineup
