// SPDX-License-Identifier: Apache-2.0
//
// Everything that code of a rule can come by, from each value that it is given: the globals, its
// arguments (item, slate, context, whole columns, masks), texts, declarations, captured tables.
// Fields, metatables and what functions captured are walked with the means of the engine, which no
// script has, and compared with a file that a person can read.
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "script/declare.hpp"
#include "script/facts.hpp"
#include "script/freeze.hpp"
#include "script/lanes.hpp"
#include "script/library.hpp"
#include "script/load.hpp"
#include "script/replay.hpp"
#include "script/request.hpp"
#include "script/sandbox.hpp"
#include "script/views.hpp"
#include "support/golden.hpp"

using namespace lineup;
using namespace lineup::test;

namespace {

class Walk {
 public:
  explicit Walk(lua_State* L) : L_(L) {}

  // Walks the value on top of the stack and takes it off.
  void from(const std::string& path) {
    visit(path);
    lua_pop(L_, 1);
  }
  [[nodiscard]] std::string text() const {
    std::string out;
    for (const std::string& line : lines_) out += line + '\n';
    return out;
  }

 private:
  static bool has_children(int type) {
    return type == LUA_TTABLE || type == LUA_TFUNCTION || type == LUA_TUSERDATA;
  }

  void visit(const std::string& path) {
    luaL_checkstack(L_, 10, "deep");
    const int type = lua_type(L_, -1);
    lines_.insert(path + " " + lua_typename(L_, type));
    if (has_children(type) && !seen_.insert(lua_topointer(L_, -1)).second) return;
    // All texts share one metatable, and all light userdata: they are walked where one is given.
    const bool is_given = path.find_first_of(".{") == std::string::npos;
    if ((has_children(type) || is_given) && lua_getmetatable(L_, -1) != 0) {
      if (seen_.insert(lua_topointer(L_, -1)).second) fields(path + "{meta}");
      lua_pop(L_, 1);
    }
    if (type == LUA_TTABLE) fields(path);
    if (type == LUA_TFUNCTION) upvalues(path);
    if (type != LUA_TUSERDATA) return;
    if (lua_getiuservalue(L_, -1, 1) != LUA_TNONE) visit(path + "{value}");
    lua_pop(L_, 1);
  }

  // Of the table on top, in the order of their names: what is met first names what is met again.
  void fields(const std::string& path) {
    std::map<std::string, int> keys;  // to references of the keys
    for (lua_pushnil(L_); lua_next(L_, -2) != 0; lua_pop(L_, 1)) {
      const int key = lua_type(L_, -2);
      std::string name = lua_typename(L_, key);
      if (key == LUA_TSTRING) name = lua_tostring(L_, -2);
      if (key == LUA_TNUMBER) name = std::to_string(lua_tointeger(L_, -2));
      lua_pushvalue(L_, -2);
      keys.emplace(name, luaL_ref(L_, LUA_REGISTRYINDEX));
    }
    for (const auto& [name, reference] : keys) {
      lua_rawgeti(L_, LUA_REGISTRYINDEX, reference);
      luaL_unref(L_, LUA_REGISTRYINDEX, reference);
      lua_rawget(L_, -2);
      visit(path + "." + name);
      lua_pop(L_, 1);
    }
  }

  // Of the function on top: a script reaches them only through what the function does.
  void upvalues(const std::string& path) {
    for (int i = 1; lua_getupvalue(L_, -1, i) != nullptr; ++i) {
      visit(path + "{captured " + std::to_string(i) + "}");
      lua_pop(L_, 1);
    }
  }

  lua_State* L_;
  std::set<const void*> seen_;
  std::set<std::string> lines_;
};

}  // namespace

TEST_CASE("what each value given to a rule leads to is what the file lists", "[sandbox]") {
  const Schema schema = CodeRun::make_schema();
  ContextLayout layout;
  Facts facts(schema, layout, {});
  Replay replay(facts, nullptr, 1);
  Views views(facts, replay);
  Sandbox sandbox(1 << 20);
  sandbox.views = &views;
  sandbox.begin({1'000'000, 60'000'000'000});
  std::string text;
  const bool walked = sandbox.protect([&](lua_State* L) {
    open_rule_state(L);
    views.open(L);
    Walk walk(L);
    push_globals(L);
    walk.from("globals");
    lua_pushliteral(L, "a text");
    walk.from("text");
    Views::push_item(L);
    walk.from("item");
    Views::push_slate(L);
    walk.from("slate");
    Views::push_context(L);
    walk.from("context");
    Views::push_items(L);
    walk.from("items");
    push_column_lanes(L, 0);
    walk.from("items.score");
    push_chunk(L, "return window { by = 'category', size = 2, max = 1 }");
    lua_call(L, 0, 1);
    walk.from("window{}");
    push_chunk(L, "return integer { default = 1 }");
    lua_call(L, 0, 1);
    walk.from("integer{}");
    push_chunk(L, "local box = { inner = { 1 } } return function() return box end");
    lua_call(L, 0, 1);
    CHECK(freeze_function(L).empty());
    walk.from("allow");
    text = walk.text();
  });
  INFO(sandbox.fault());
  REQUIRE(walked);
  check_golden(kSourceDir + "/tests/script/attacks/reachable.txt", text);
}
