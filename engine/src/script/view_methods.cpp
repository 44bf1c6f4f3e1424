// SPDX-License-Identifier: Apache-2.0
//
// What can be called on items, the slate and multi-valued columns. Each looks at rows that were
// placed, and pays for them.
#include <algorithm>
#include <string>

#include "script/lanes.hpp"
#include "script/library.hpp"
#include "script/sandbox.hpp"
#include "script/views.hpp"

namespace lineup {

namespace {

// The upvalue of every method: column names to indexes.
constexpr int kColumns = lua_upvalueindex(1);

}  // namespace

std::int32_t Views::check_column(lua_State* L, int index) {
  lua_pushvalue(L, index);
  if (lua_rawget(L, kColumns) != LUA_TNUMBER) raise_unknown_column(L, index);
  const auto column = static_cast<std::int32_t>(lua_tointeger(L, -1));
  lua_pop(L, 1);
  const bool is_vector = column >= 0 && facts_.schema()[static_cast<std::uint32_t>(column)].type ==
                                            ColumnType::Embedding;
  if (is_vector) raise(L, "an embedding is never the same as another");
  return column;
}

// item:same(other, column): false when there is no other.
int Views::item_same(lua_State* L) {
  Views& views = of(L);
  const View item = check(L, 1, Sort::Item, "an item");
  Question question;
  question.op = Question::Op::Same;
  question.column = views.check_column(L, 3);
  if (lua_isnoneornil(L, 2)) {
    lua_pushboolean(L, 0);
    return 1;
  }
  const View other = check(L, 2, Sort::Item, "an item");
  question.row = item.row;
  question.other = other.row;
  lua_pushboolean(L, views.ask(question).truth() ? 1 : 0);
  return 1;
}

// slate:count(where)
int Views::slate_count(lua_State* L) {
  Views& views = of(L);
  check(L, 1, Sort::Slate, "the slate");
  std::size_t size = 0;
  const char* data = luaL_checklstring(L, 2, &size);
  const std::string_view where(data, size);
  Question question;
  question.op = Question::Op::Count;
  question.column = views.facts_.condition(where);
  if (question.column < 0) {
    raise(L, "the condition `" + std::string(where) +
                 "` is not known before the call: write it out in `slate:count(...)`, or make it a "
                 "parameter");
  }
  Sandbox::of(L).charge(1 + views.facts_.slate().size() / 4);
  lua_pushinteger(L, views.ask(question).integer());
  return 1;
}

// slate:count_same(item, column [, n]): how many of the last n rows (all) share the item's value.
int Views::slate_count_same(lua_State* L) {
  Views& views = of(L);
  check(L, 1, Sort::Slate, "the slate");
  if (lanes_at(L, 2) != nullptr) {
    const lua_Integer rows = luaL_optinteger(L, 3, kSlotsMax);
    return push_count_same(L, 2,
                           static_cast<std::uint32_t>(std::clamp<lua_Integer>(rows, 0, kSlotsMax)));
  }
  Question question;
  question.op = Question::Op::CountSame;
  question.row = check(L, 2, Sort::Item, "an item").row;
  question.column = views.check_column(L, 3);
  const lua_Integer last = luaL_optinteger(L, 4, kSlotsMax);
  question.number = static_cast<std::int32_t>(std::clamp<lua_Integer>(last, 0, kSlotsMax));
  const auto length = static_cast<lua_Integer>(views.facts_.slate().size());
  Sandbox::of(L).charge(
      1 + static_cast<std::uint64_t>(std::min(length, lua_Integer{question.number})) / 4);
  lua_pushinteger(L, views.ask(question).integer());
  return 1;
}

// slate:distance_to_same(item, column): 1 for the row placed last, nil when no row agrees.
int Views::slate_distance_to_same(lua_State* L) {
  Views& views = of(L);
  check(L, 1, Sort::Slate, "the slate");
  if (lanes_at(L, 2) != nullptr) return push_distance(L, 2);
  Question question;
  question.op = Question::Op::Distance;
  question.row = check(L, 2, Sort::Item, "an item").row;
  question.column = views.check_column(L, 3);
  Sandbox::of(L).charge(1 + views.facts_.slate().size() / 4);
  return push_answer(L, views.ask(question), {});
}

// item.tags:has("x")
int Views::values_has(lua_State* L) {
  Views& views = of(L);
  const View list = check(L, 1, Sort::List, "a multi-valued column");
  std::size_t size = 0;
  const char* data = luaL_checklstring(L, 2, &size);
  const bool is_vector = views.facts_.schema()[list.place].type == ColumnType::Embedding;
  if (is_vector) raise(L, "an embedding has numbers, not values");
  const Column& column = views.facts_.batch().rows.columns[list.place];
  const std::uint32_t row = views.facts_.row_of(list.row);
  // Not more than any question costs: what a call has left must not depend on what it did not ask.
  const std::uint32_t values = column.offsets[row + 1] - column.offsets[row];
  Sandbox::of(L).charge(1 + std::min<std::uint64_t>(values, kSlotsMax) / 4);
  const bool found = views.facts_.has(list.row, list.place, {data, size});
  if (views.replay_.is_recording()) {
    views.replay_.note_has(list.row, list.place, {data, size}, found);
  }
  lua_pushboolean(L, found ? 1 : 0);
  return 1;
}

}  // namespace lineup
