// SPDX-License-Identifier: Apache-2.0
//
// Slate, context and lists are light userdata: the address bits hold sort, place and row. All light
// userdata of a state share one metatable, and no others reach a script. Names of columns are
// looked up in a Lua table of interned texts.
#include "script/views.hpp"

#include <string>

#include "script/lanes.hpp"
#include "script/library.hpp"
#include "script/sandbox.hpp"

namespace lineup {

static_assert(sizeof(void*) == 8, "a view takes 64 bits");

namespace {

// The upvalues of the functions that read: column names to indexes, the methods, the items by name.
constexpr int kColumns = lua_upvalueindex(1);
constexpr int kMethods = lua_upvalueindex(2);
constexpr int kRows = lua_upvalueindex(3);

// Its address is the registry's key of the metatable of items.
const char kItemKey = 0;
// And of the table of items by name, from which a call gets its first argument.
const char kRowsKey = 0;

// What the userdata of an item holds. Declarations are userdata too; nothing that a script can put
// into one looks like this.
struct ItemName {
  std::uint64_t mark = kMark;
  RowName row = kItem;
  static constexpr std::uint64_t kMark = 0x6c696e657570af17ULL;
};

RowName row_name(lua_State* L, int index) {
  return static_cast<const ItemName*>(lua_touserdata(L, index))->row;
}

}  // namespace

Views& Views::of(lua_State* L) { return *Sandbox::of(L).views; }

void Views::push(lua_State* L, View view) {
  const std::uint64_t bits = (static_cast<std::uint64_t>(view.sort) << 56) |
                             (static_cast<std::uint64_t>(view.place & 0xFFFFFFU) << 32) | view.row;
  lua_pushlightuserdata(L, reinterpret_cast<void*>(bits));
}

// `rows`: where the table of items by name is.
void Views::push_row(lua_State* L, RowName row, int rows) {
  if (lua_rawgeti(L, rows, row + lua_Integer{1}) == LUA_TUSERDATA) return;
  lua_pop(L, 1);
  auto* name = static_cast<ItemName*>(lua_newuserdatauv(L, sizeof(ItemName), 0));
  *name = ItemName{};
  name->row = row;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &kItemKey);
  lua_setmetatable(L, -2);
  lua_pushvalue(L, -1);
  lua_rawseti(L, rows, row + lua_Integer{1});
}

bool Views::read(lua_State* L, int index, View& view) {
  const int type = lua_type(L, index);
  if (type == LUA_TLIGHTUSERDATA) {
    const auto bits = reinterpret_cast<std::uint64_t>(lua_touserdata(L, index));
    view.sort = static_cast<Sort>(bits >> 56);
    view.place = static_cast<std::uint32_t>(bits >> 32) & 0xFFFFFFU;
    view.row = static_cast<RowName>(bits);
    return true;
  }
  if (type != LUA_TUSERDATA || lua_rawlen(L, index) != sizeof(ItemName)) return false;
  const auto* name = static_cast<const ItemName*>(lua_touserdata(L, index));
  if (name->mark != ItemName::kMark) return false;
  view = {Sort::Item, 0, name->row};
  return true;
}

Views::View Views::check(lua_State* L, int index, Sort sort, const char* what) {
  View view;
  if (!read(L, index, view) || view.sort != sort) {
    raise(L, std::string("expected ") + what + " as argument " + std::to_string(index - 1) +
                 "; methods are called with a colon: `slate:count(...)`");
  }
  return view;
}

void Views::push_item(lua_State* L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &kRowsKey);
  push_row(L, kItem, lua_gettop(L));
  lua_remove(L, -2);
}
void Views::push_items(lua_State* L) { push(L, {Sort::Items, 0, 0}); }
void Views::push_slate(lua_State* L) { push(L, {Sort::Slate, 0, 0}); }
void Views::push_context(lua_State* L) { push(L, {Sort::Context, 0, 0}); }

void Views::open(lua_State* L) {
  lua_newtable(L);
  const Schema& schema = facts_.schema();
  for (std::uint32_t column = 0; column < schema.size(); ++column) {
    lua_pushinteger(L, column);
    lua_setfield(L, -2, schema[column].name.c_str());
  }
  lua_pushinteger(L, kIdField);
  lua_setfield(L, -2, std::string(kIdName).c_str());
  const int columns = lua_gettop(L);
  lua_newtable(L);
  const int methods = lua_gettop(L);
  lua_newtable(L);
  const int rows = lua_gettop(L);
  lua_pushvalue(L, rows);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kRowsKey);
  const luaL_Reg functions[] = {{"same", item_same},
                                {"count", slate_count},
                                {"count_same", slate_count_same},
                                {"distance_to_same", slate_distance_to_same},
                                {"has", values_has},
                                {nullptr, nullptr}};
  lua_pushvalue(L, methods);
  lua_pushvalue(L, columns);
  luaL_setfuncs(L, functions, 1);
  lua_pop(L, 1);
  const auto fill = [&](lua_CFunction index) {
    lua_createtable(L, 0, 5);
    for (const int upvalue : {columns, methods, rows}) lua_pushvalue(L, upvalue);
    lua_pushcclosure(L, index, 3);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, on_length);
    lua_setfield(L, -2, "__len");
    lua_pushcfunction(L, on_write);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
  };
  fill(on_item_index);
  lua_pushcfunction(L, on_item_equal);
  lua_setfield(L, -2, "__eq");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kItemKey);
  lua_pushlightuserdata(L, nullptr);
  fill(on_index);
  lua_setmetatable(L, -2);  // for all light userdata of this state
  push_row(L, kItem, rows);
  open_lanes(L);
  lua_settop(L, columns - 1);
}

int Views::push_answer(lua_State* L, const FactAnswer& answer, View there) {
  switch (answer.tag) {
    case FactAnswer::Tag::Nil:
      lua_pushnil(L);
      break;
    case FactAnswer::Tag::Bool:
      lua_pushboolean(L, answer.truth() ? 1 : 0);
      break;
    case FactAnswer::Tag::Integer:
      lua_pushinteger(L, answer.integer());
      break;
    case FactAnswer::Tag::Float:
      lua_pushnumber(L, answer.number());
      break;
    case FactAnswer::Tag::Text:
      lua_pushlstring(L, answer.text.data(), answer.text.size());
      break;
    case FactAnswer::Tag::There:
      push(L, there);
      break;
  }
  return 1;
}

int Views::on_item_index(lua_State* L) {
  const RowName row = row_name(L, 1);
  lua_pushvalue(L, 2);
  if (lua_rawget(L, kColumns) == LUA_TNUMBER) {
    Question question;
    question.op = Question::Op::Column;
    question.row = row;
    question.column = static_cast<std::int32_t>(lua_tointeger(L, -1));
    const View list{Sort::List, static_cast<std::uint32_t>(question.column), row};
    return push_answer(L, of(L).ask(question), list);
  }
  lua_pushvalue(L, 2);
  if (lua_rawget(L, kMethods) == LUA_TFUNCTION) return 1;
  of(L).raise_unknown_column(L, 2);
}

// The same view is equal to itself without asking; two views may be of one row.
int Views::on_item_equal(lua_State* L) {
  View left;
  View right;
  bool equal =
      read(L, 1, left) && read(L, 2, right) && left.sort == Sort::Item && right.sort == Sort::Item;
  if (equal && left.row != right.row) {
    Question question;
    question.op = Question::Op::Equal;
    question.row = std::min(left.row, right.row);
    question.other = std::max(left.row, right.row);
    equal = of(L).ask(question).truth();
  }
  lua_pushboolean(L, equal ? 1 : 0);
  return 1;
}

int Views::on_index(lua_State* L) {
  Views& views = of(L);
  View view;
  read(L, 1, view);
  switch (view.sort) {
    case Sort::Items:
      return views.index_items(L);
    case Sort::Slate:
      return views.index_slate(L);
    case Sort::Context:
      return views.index_context(L, view);
    case Sort::List:
      return views.index_list(L, view);
    case Sort::Item:
      break;
  }
  return 0;
}

int Views::index_items(lua_State* L) {
  lua_pushvalue(L, 2);
  if (lua_rawget(L, kColumns) != LUA_TNUMBER) raise_unknown_column(L, 2);
  return push_column_lanes(L, static_cast<std::int32_t>(lua_tointeger(L, -1)));
}

std::optional<std::uint32_t> Views::placed_row(lua_State* L, int index) const {
  View view;
  if (!read(L, index, view) || view.sort != Sort::Item || view.row == kItem) return std::nullopt;
  return facts_.row_of(view.row);
}

int Views::index_slate(lua_State* L) {
  if (lua_type(L, 2) == LUA_TNUMBER) {
    int is_whole = 0;
    const lua_Integer slot = lua_tointegerx(L, 2, &is_whole);
    // No page is longer, so nothing needs to be asked.
    const bool is_slot = is_whole != 0 && slot != 0 && slot >= -kSlotsMax && slot <= kSlotsMax;
    Question question;
    question.op = Question::Op::At;
    if (is_slot) question.row = static_cast<RowName>(slot < 0 ? kSlotsMax - slot : slot);
    if (!is_slot || ask(question).tag == FactAnswer::Tag::Nil) {
      lua_pushnil(L);
    } else {
      push_row(L, question.row, kRows);
    }
    return 1;
  }
  lua_pushvalue(L, 2);
  if (lua_rawget(L, kMethods) == LUA_TFUNCTION) return 1;
  push_text_of(L, 2);
  raise(L, "`slate` has no `" + std::string(lua_tostring(L, -1)) +
               "`; it has slots, `#slate`, `count`, `count_same` and `distance_to_same`");
}

int Views::index_context(lua_State* L, View context) {
  const char* name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
  Question question;
  if (context.place == 0 && std::string_view(name) == "page") {
    question.op = Question::Op::Page;
    return push_answer(L, ask(question), {});
  }
  const std::int32_t path = facts_.inner_path(context.place, name);
  if (path < 0) {
    raise(L, "`context." + std::string(name) +
                 "` is not known before the call: write the path out after the name of the "
                 "function's third argument");
  }
  question.op = Question::Op::Context;
  question.column = path;
  return push_answer(L, ask(question), {Sort::Context, static_cast<std::uint32_t>(path), kItem});
}

int Views::index_list(lua_State* L, View list) {
  if (lua_type(L, 2) != LUA_TNUMBER) {
    lua_pushvalue(L, 2);
    lua_rawget(L, kMethods);
    return 1;
  }
  const lua_Integer place = lua_tointeger(L, 2);
  if (place < 1 || place > INT32_MAX) {
    lua_pushnil(L);
    return 1;
  }
  Question question;
  question.op = Question::Op::Value;
  question.row = list.row;
  question.column = static_cast<std::int32_t>(list.place);
  question.number = static_cast<std::int32_t>(place);
  return push_answer(L, ask(question), {});
}

int Views::on_length(lua_State* L) {
  View view;
  read(L, 1, view);
  Question question;
  if (view.sort == Sort::List) {
    question.op = Question::Op::Size;
    question.row = view.row;
    question.column = static_cast<std::int32_t>(view.place);
  } else if (view.sort != Sort::Slate) {
    raise(L, "items and the context have no length");
  }
  return push_answer(L, of(L).ask(question), {});
}

int Views::on_write(lua_State* L) {
  raise(L, "items, the slate and the context cannot be changed");
}

void Views::raise_unknown_column(lua_State* L, int index) const {
  push_text_of(L, index);
  const std::string name = lua_tostring(L, -1);
  std::vector<std::string> names = facts_.schema().names();
  names.emplace_back(kIdName);
  raise(L, "unknown column `" + name + "`" + did_you_mean(name, names));
}

}  // namespace lineup
