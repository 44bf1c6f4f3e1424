// SPDX-License-Identifier: Apache-2.0
#include "script/load.hpp"

#include "script/declare.hpp"
#include "script/library.hpp"
#include "script/sandbox.hpp"

namespace lineup {

void open_rule_state(lua_State* L) {
  make_globals(L);
  add_words(L);
  seal_globals(L);
}

void push_chunk(lua_State* L, std::string_view source) {
  if (luaL_loadbufferx(L, source.data(), source.size(), kChunkName, "t") != LUA_OK) lua_error(L);
  push_globals(L);
  lua_setupvalue(L, -2, 1);
}

unsigned run_chunk(lua_State* L) {
  lua_call(L, 0, 1);
  const Declaration* rule = to_declaration(L, -1);
  if (rule == nullptr || rule->family != Declaration::Family::Rule) {
    luaL_error(L, "a rule file returns `rule { ... }`");
    return 0;
  }
  const unsigned line = rule->line;
  lua_getiuservalue(L, -1, 1);
  lua_replace(L, -2);
  return line;
}

}  // namespace lineup
