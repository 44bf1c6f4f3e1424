// SPDX-License-Identifier: Apache-2.0
//
// State that survives a call needs a place: a global (read-only), a captured variable that is
// assigned (refused here, from the compiled code), a captured table (replaced by a view here), or a
// native closure with variables of its own (refused here). Functions that the function captures are
// treated alike.
#include "script/freeze.hpp"

#include <utility>

#include "script/bytecode.hpp"
#include "script/library.hpp"

namespace lineup {

namespace {

class Freezer {
 public:
  // Stack index of a table: what was visited -> what stands for it now.
  Freezer(lua_State* L, int seen) : L_(L), seen_(seen) {}

  // Replaces the value on top of the stack by what may be captured in its place.
  void freeze_top(const std::string& name) {
    if (++depth_ > kDepthMax) luaL_error(L_, "what the function captures is nested too deep");
    freeze_value(name);
    --depth_;
  }

  std::vector<StateFault> faults;

 private:
  // LIMIT: tables in tables and functions that capture functions; each level is a call here.
  static constexpr int kDepthMax = 64;

  void freeze_value(const std::string& name) {
    switch (lua_type(L_, -1)) {
      case LUA_TTABLE:
        freeze_table(name);
        break;
      case LUA_TFUNCTION:
        check_function(name);
        break;
      default:
        break;  // other values cannot be changed by a script
    }
  }

  // Whether the value on top was visited; then it is replaced by its stand-in.
  bool replace_seen() {
    lua_pushvalue(L_, -1);
    if (lua_rawget(L_, seen_) == LUA_TNIL) {
      lua_pop(L_, 1);
      return false;
    }
    lua_replace(L_, -2);
    return true;
  }
  // Remembers the value below the top to be replaced by the top.
  void remember_pair() {
    lua_pushvalue(L_, -2);
    lua_pushvalue(L_, -2);
    lua_rawset(L_, seen_);
  }

  void freeze_table(const std::string& name) {
    luaL_checkstack(L_, 16, "tables are nested too deep");
    if (push_behind_view(L_, -1)) {  // a view already: a library or the globals
      lua_pop(L_, 1);
      return;
    }
    if (replace_seen()) return;
    // The copy is behind the view; the original stays with whoever else has it. The view is
    // remembered before the fields are visited, so that cycles end.
    lua_newtable(L_);
    lua_pushvalue(L_, -1);
    make_read_only(L_, Missing::Nil, "a table that a rule's function captured");
    lua_pushvalue(L_, -3);
    lua_pushvalue(L_, -2);
    lua_rawset(L_, seen_);
    // original, copy, view
    for (lua_pushnil(L_); lua_next(L_, -4) != 0;) {
      freeze_top(name);       // the value
      lua_pushvalue(L_, -2);  // the key, once for the copy
      freeze_top(name);
      lua_insert(L_, -2);
      lua_rawset(L_, -5);
    }
    lua_replace(L_, -3);
    lua_pop(L_, 1);
  }

  void check_function(const std::string& name) {
    luaL_checkstack(L_, 16, "functions are nested too deep");
    if (is_known(L_, -1) || replace_seen()) return;
    lua_pushvalue(L_, -1);
    remember_pair();
    lua_pop(L_, 1);
    if (lua_iscfunction(L_, -1) != 0) {
      faults.push_back(
          {"captures `" + name + "`, an iterator that remembers its place", name, line_of_captor_});
      return;
    }
    check_writes();
    const std::uint32_t outer = line_of_captor_;
    line_of_captor_ = line_defined();
    const int function = lua_gettop(L_);
    for (int i = 1;; ++i) {
      const char* variable = lua_getupvalue(L_, function, i);
      if (variable == nullptr) break;
      const std::string captured = variable;
      freeze_top(captured);
      lua_setupvalue(L_, function, i);
    }
    line_of_captor_ = outer;
  }

  void check_writes() {
    const auto writes = upvalue_writes(L_);
    if (!writes) faults.push_back({"cannot be checked for state", {}, line_defined()});
    if (!writes) return;
    for (const NameUse& write : *writes) {
      faults.push_back({"changes `" + write.name +
                            "`, which lives outside it: a rule keeps no state between calls",
                        write.name, write.line});
    }
  }

  std::uint32_t line_defined() {
    lua_Debug info;
    lua_pushvalue(L_, -1);
    lua_getinfo(L_, ">S", &info);
    return info.linedefined > 0 ? static_cast<std::uint32_t>(info.linedefined) : 0;
  }

  lua_State* L_;
  int seen_;
  std::uint32_t line_of_captor_ = 0;
  int depth_ = 0;
};

}  // namespace

std::vector<StateFault> freeze_function(lua_State* L) {
  const int function = lua_gettop(L);
  lua_newtable(L);
  Freezer freezer(L, function + 1);
  lua_pushvalue(L, function);
  freezer.freeze_top("the function");
  lua_settop(L, function);
  return std::move(freezer.faults);
}

}  // namespace lineup
