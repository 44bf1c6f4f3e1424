// SPDX-License-Identifier: Apache-2.0
//
// Declarations are userdata: their table hangs on them as a user value, out of the script's reach.
#include "script/declare.hpp"

#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

#include "script/coverage.hpp"
#include "script/library.hpp"
#include "script/sandbox.hpp"

namespace lineup {

namespace {

constexpr const char* kDeclarationType = "lineup.declaration";
constexpr const char* kLiveType = "lineup.live";

struct KindWord {
  const char* word;
  Kind kind;
};
constexpr KindWord kKindWords[] = {
    {"window", Kind::Window}, {"spacing", Kind::Spacing}, {"quota", Kind::Quota},
    {"cap", Kind::Cap},       {"place", Kind::Place},     {"adjacent", Kind::Adjacent},
    {"budget", Kind::Budget}, {"similar", Kind::Similar}, {"filter", Kind::Filter},
    {"boost", Kind::Boost},   {"mix", Kind::Mix},         {"order", Kind::Order}};

constexpr ParameterType kTypes[] = {
    ParameterType::Integer, ParameterType::Number,    ParameterType::Amount, ParameterType::Boolean,
    ParameterType::Text,    ParameterType::Condition, ParameterType::Column, ParameterType::Columns,
    ParameterType::Slots,   ParameterType::List,      ParameterType::Id,     ParameterType::Choice};

std::uint32_t caller_line(lua_State* L) {
  lua_Debug frame;
  if (lua_getstack(L, 1, &frame) == 0 || lua_getinfo(L, "l", &frame) == 0) return 0;
  return frame.currentline > 0 ? static_cast<std::uint32_t>(frame.currentline) : 0;
}

Declaration* push_declaration(lua_State* L, Declaration::Family family) {
  void* memory = lua_newuserdatauv(L, sizeof(Declaration), 1);
  auto* declaration = new (memory) Declaration;
  declaration->family = family;
  return declaration;
}

// Upvalues: family, kind or type. Called as `word { ... }`.
int declare(lua_State* L) {
  const auto family = static_cast<Declaration::Family>(lua_tointeger(L, lua_upvalueindex(1)));
  const auto which = lua_tointeger(L, lua_upvalueindex(2));
  if (lua_isnoneornil(L, 1)) {
    lua_settop(L, 0);
    lua_newtable(L);
  }
  const bool is_table = lua_type(L, 1) == LUA_TTABLE;
  Declaration* made = push_declaration(L, family);
  if (family == Declaration::Family::Parameter) made->type = static_cast<ParameterType>(which);
  if (family == Declaration::Family::Constraint) made->kind = static_cast<Kind>(which);
  made->line = caller_line(L);
  if (!is_table) {
    const std::string word(word_of(*made));
    raise(L, "`" + word + "` takes a table: `" + word + " { ... }`");
  }
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  luaL_setmetatable(L, kDeclarationType);
  return 1;
}

// when(condition, constraint or list of them): nothing when the condition does not hold. `false`
// stands for nothing, because a nil would make a hole in a list.
int word_when(lua_State* L) {
  lua_settop(L, 2);
  if (ScriptCoverage* coverage = script_coverage()) {
    luaL_where(L, 1);  // "(rule):12: "
    const char* colon = std::strchr(lua_tostring(L, -1), ':');
    const auto line = colon == nullptr ? 0 : std::strtoul(colon + 1, nullptr, 10);
    ScriptCoverage::Sides& sides = coverage->whens[static_cast<std::uint32_t>(line)];
    (lua_toboolean(L, 1) != 0 ? sides.held : sides.failed) = true;
    lua_settop(L, 2);
  }
  if (lua_toboolean(L, 1) == 0) lua_pushboolean(L, 0);
  return 1;
}

int word_first(lua_State* L) {
  if (to_declaration(L, 1) != nullptr) raise(L, "`first` takes a number that is not live");
  if (lua_isinteger(L, 1) == 0) raise(L, "`first` takes a whole number of slots");
  const lua_Integer count = lua_tointeger(L, 1);
  if (count < 1) {
    lua_pushlstring(L, kNoSlots.data(), kNoSlots.size());
  } else {
    lua_pushfstring(L, "1..%I", static_cast<LUAI_UACINT>(count));
  }
  return 1;
}

// refuse(message [, parameter]): the arguments do not fit together. Reported where the policy gives
// the parameter, not at a line of the rule file.
int word_refuse(lua_State* L) {
  Refusal* refusal = Sandbox::of(L).refusal;
  const char* message = luaL_checkstring(L, 1);
  const char* parameter = luaL_optstring(L, 2, "");
  if (refusal != nullptr) *refusal = {true, message, parameter};
  luaL_where(L, 1);
  lua_pushvalue(L, 1);
  lua_concat(L, 2);
  return lua_error(L);
}

int refuse_live(lua_State* L) {
  for (int index = 1; index <= 2; ++index) {
    const Declaration* declaration = to_declaration(L, index);
    if (declaration == nullptr || declaration->family != Declaration::Family::Live) continue;
    lua_getiuservalue(L, index, 1);
    raise(L, "`" + std::string(lua_tostring(L, -1)) +
                 "` is live: it may be handed to a field of a constraint, not computed with");
  }
  raise(L, "a live number may be handed to a field of a constraint, not computed with");
}

int refuse_index(lua_State* L) {
  const Declaration* declaration = to_declaration(L, 1);
  raise(L, "a `" + std::string(declaration == nullptr ? "declaration" : word_of(*declaration)) +
               "` cannot be read, only returned");
}

void lock_metatable(lua_State* L) {
  lua_pushcfunction(L, refuse_index);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, refuse_index);
  lua_setfield(L, -2, "__newindex");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
}

void add_word(lua_State* L, const char* word, Declaration::Family family, lua_Integer which) {
  lua_pushinteger(L, static_cast<lua_Integer>(family));
  lua_pushinteger(L, which);
  lua_pushcclosure(L, declare, 2);
  add_global(L, word);
}

}  // namespace

void add_words(lua_State* L) {
  luaL_newmetatable(L, kDeclarationType);
  lock_metatable(L);
  luaL_newmetatable(L, kLiveType);
  lock_metatable(L);
  for (const char* event : {"__add",    "__sub",  "__mul", "__div",  "__mod", "__pow", "__unm",
                            "__idiv",   "__band", "__bor", "__bxor", "__shl", "__shr", "__bnot",
                            "__concat", "__lt",   "__le",  "__eq",   "__len", "__call"}) {
    lua_pushcfunction(L, refuse_live);
    lua_setfield(L, -2, event);
  }
  lua_pop(L, 2);
  add_word(L, "rule", Declaration::Family::Rule, 0);
  for (const ParameterType type : kTypes) {
    add_word(L, std::string(name_of(type)).c_str(), Declaration::Family::Parameter,
             static_cast<lua_Integer>(type));
  }
  for (const KindWord& entry : kKindWords) {
    add_word(L, entry.word, Declaration::Family::Constraint, static_cast<lua_Integer>(entry.kind));
  }
  lua_pushcfunction(L, word_when);
  add_global(L, "when");
  lua_pushcfunction(L, word_first);
  add_global(L, "first");
  lua_pushcfunction(L, word_refuse);
  add_global(L, "refuse");
  for (const std::string_view end : {kPageStart, kPageEnd}) {
    lua_pushlstring(L, end.data(), end.size());
    add_global(L, std::string(end).c_str());
  }
}

std::string_view word_of(const Declaration& declaration) {
  switch (declaration.family) {
    case Declaration::Family::Rule:
      return "rule";
    case Declaration::Family::Parameter:
      return name_of(declaration.type);
    case Declaration::Family::Constraint:
      return name_of(declaration.kind);
    case Declaration::Family::Live:
      return "live number";
  }
  return "";
}

const Declaration* to_declaration(lua_State* L, int index) {
  void* memory = luaL_testudata(L, index, kDeclarationType);
  if (memory == nullptr) memory = luaL_testudata(L, index, kLiveType);
  return static_cast<const Declaration*>(memory);
}

void push_value(lua_State* L, const Value& value, const std::string& name) {
  luaL_checkstack(L, 4, "values are nested too deep");
  if (value.live >= 0) {
    Declaration* live = push_declaration(L, Declaration::Family::Live);
    live->live = value.live;
    live->value = value.number;
    lua_pushlstring(L, name.data(), name.size());
    lua_setiuservalue(L, -2, 1);
    luaL_setmetatable(L, kLiveType);
    return;
  }
  switch (value.kind) {
    case Value::Kind::Null:
      lua_pushnil(L);
      return;
    case Value::Kind::Bool:
      lua_pushboolean(L, value.boolean ? 1 : 0);
      return;
    case Value::Kind::Integer:
      lua_pushinteger(L, value.integer);
      return;
    case Value::Kind::Float:
      lua_pushnumber(L, value.number);
      return;
    case Value::Kind::Text:
      lua_pushlstring(L, value.text.data(), value.text.size());
      return;
    case Value::Kind::List:
      lua_newtable(L);
      for (std::size_t i = 0; i < value.items.size(); ++i) {
        push_value(L, value.items[i], name);
        lua_rawseti(L, -2, static_cast<lua_Integer>(i) + 1);
      }
      return;
    case Value::Kind::Map:
      lua_newtable(L);
      for (const auto& [key, item] : value.entries) {
        lua_pushlstring(L, key.data(), key.size());
        push_value(L, item, name);
        lua_rawset(L, -3);
      }
      return;
  }
}

namespace {

// LIMIT: defaults are small; deeper nesting is a mistake or a table inside itself.
constexpr int kNestingMax = 8;

bool read_nested(lua_State* L, int index, int depth, Value& out) {
  index = lua_absindex(L, index);
  switch (lua_type(L, index)) {
    case LUA_TNIL:
      return true;
    case LUA_TBOOLEAN:
      out.kind = Value::Kind::Bool;
      out.boolean = lua_toboolean(L, index) != 0;
      return true;
    case LUA_TNUMBER:
      out.kind = lua_isinteger(L, index) != 0 ? Value::Kind::Integer : Value::Kind::Float;
      out.integer = lua_tointeger(L, index);
      out.number = lua_tonumber(L, index);
      return true;
    case LUA_TSTRING: {
      std::size_t size = 0;
      const char* text = lua_tolstring(L, index, &size);
      out.kind = Value::Kind::Text;
      out.text.assign(text, size);
      return true;
    }
    case LUA_TTABLE:
      break;
    default:
      return false;
  }
  if (depth == kNestingMax) return false;
  luaL_checkstack(L, 4, "values are nested too deep");
  const auto length = static_cast<lua_Integer>(lua_rawlen(L, index));
  out.kind = length > 0 ? Value::Kind::List : Value::Kind::Map;
  for (lua_Integer i = 1; i <= length; ++i) {
    lua_rawgeti(L, index, i);
    const bool read = read_nested(L, -1, depth + 1, out.items.emplace_back());
    lua_pop(L, 1);
    if (!read) return false;
  }
  lua_Integer keys = 0;
  for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
    ++keys;
    if (length > 0) continue;
    if (lua_type(L, -2) != LUA_TSTRING) return false;
    auto& [key, value] = out.entries.emplace_back(lua_tostring(L, -2), Value{});
    if (!read_nested(L, -1, depth + 1, value)) return false;
  }
  return length == 0 || keys == length;
}

}  // namespace

bool read_value(lua_State* L, int index, Value& out) { return read_nested(L, index, 0, out); }

// Parameters without a value read as nil; names that are no parameter raise.
void push_arguments(lua_State* L, const RuleFile& rule, const Value& arguments) {
  lua_createtable(L, 0, static_cast<int>(rule.parameters.size()));
  const int names = lua_gettop(L);
  lua_createtable(L, 0, static_cast<int>(rule.parameters.size()));
  for (const ParameterSpec& parameter : rule.parameters) {
    lua_pushboolean(L, 1);
    lua_setfield(L, names, parameter.name.c_str());
    const Value* value = arguments.find(parameter.name);
    if (value == nullptr) continue;
    push_value(L, *value, parameter.name);
    if (lua_type(L, -1) == LUA_TTABLE) make_read_only(L, Missing::Nil, "a parameter");
    lua_setfield(L, -2, parameter.name.c_str());
  }
  make_read_only(L, Missing::Parameter, "a parameter", names);
  lua_remove(L, names);
}

}  // namespace lineup
