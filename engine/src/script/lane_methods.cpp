// SPDX-License-Identifier: Apache-2.0
//
// The columns of `allow_all` in Lua: `items.price:le(20) & ~items.category:same(slate[-1])`. Lua
// turns what comparison operators answer into true or false, so comparisons are methods; `&`, `|`,
// `~` and arithmetic are operators. Every operation pays for the rows it goes through.
#include <string>

#include "script/lanes.hpp"
#include "script/library.hpp"
#include "script/sandbox.hpp"
#include "script/views.hpp"

namespace lineup {

namespace {

// Its address is the registry's key of the metatable of lanes.
const char kLanesKey = 0;
// LIMIT: rows that cost as much as one instruction of Lua.
constexpr std::uint64_t kRowsPerUnit = 16;

LaneWork work_of(lua_State* L) { return LaneWork(Sandbox::of(L).views->facts()); }

void pay(lua_State* L, std::uint64_t passes = 1) {
  Sandbox::of(L).charge(1 + passes * work_of(L).rows() / kRowsPerUnit);
}

int push_lanes(lua_State* L, const Lanes& lanes) {
  *static_cast<Lanes*>(lua_newuserdatauv(L, sizeof(Lanes), 0)) = lanes;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &kLanesKey);
  lua_setmetatable(L, -2);
  return 1;
}

const Lanes& check_lanes(lua_State* L, int index) {
  const Lanes* lanes = lanes_at(L, index);
  if (lanes == nullptr) {
    raise(L, "expected a column as argument " + std::to_string(index - 1) +
                 "; methods are called with a colon: `items.price:le(20)`");
  }
  return *lanes;
}

std::int32_t check_column(lua_State* L, int index) {
  const Lanes& lanes = check_lanes(L, index);
  if (lanes.kind != Lanes::Kind::Column) raise(L, "expected a column as it is, not a result");
  const bool is_vector =
      lanes.column != kIdField && work_of(L).type_of(lanes) == ColumnType::Embedding;
  if (is_vector) raise(L, "an embedding is never the same as another");
  return lanes.column;
}

const double* check_numbers(lua_State* L, int index) {
  if (lua_type(L, index) == LUA_TNUMBER) return work_of(L).spread(lua_tonumber(L, index));
  const Lanes* lanes = lanes_at(L, index);
  const double* numbers = lanes == nullptr ? nullptr : work_of(L).numbers_of(*lanes);
  if (numbers == nullptr) raise(L, "expected numbers: a column of numbers, a result, a number");
  return numbers;
}

const Word* check_mask(lua_State* L, int index) {
  const Lanes* lanes = lanes_at(L, index);
  const Word* mask = lanes == nullptr ? nullptr : work_of(L).mask_of(*lanes);
  if (mask == nullptr) raise(L, "expected a mask: a comparison or a column of true and false");
  return mask;
}

// Rows whose value is the one at `index`, which is of the column's type.
Lanes rows_equal(lua_State* L, const Lanes& lanes, int index) {
  LaneWork work = work_of(L);
  const int type = lua_type(L, index);
  if (type == LUA_TNUMBER) {
    if (const double* numbers = work.numbers_of(lanes)) {
      return work.compare(numbers, LaneComparison::Equal, lua_tonumber(L, index));
    }
  }
  const bool is_column = lanes.kind == Lanes::Kind::Column;
  const bool is_id = is_column && lanes.column == kIdField;
  LaneValue value;
  if (is_column && type == LUA_TSTRING &&
      (is_id || work.type_of(lanes) == ColumnType::Category ||
       work.type_of(lanes) == ColumnType::Categories)) {
    std::size_t size = 0;
    const char* data = lua_tolstring(L, index, &size);
    value.kind = LaneValue::Kind::Text;
    value.text = {data, size};
    return work.equal(lanes.column, value);
  }
  if (is_column && !is_id && type == LUA_TBOOLEAN && work.type_of(lanes) == ColumnType::Bool) {
    value.kind = LaneValue::Kind::Truth;
    value.truth = lua_toboolean(L, index) != 0;
    return work.equal(lanes.column, value);
  }
  raise(L, std::string("a ") + luaL_typename(L, index) + " is nothing that the column could hold");
}

int compare(lua_State* L, LaneComparison how) {
  pay(L, 3);
  LaneWork work = work_of(L);
  const Lanes& left = check_lanes(L, 1);
  const bool is_number = lua_type(L, 2) == LUA_TNUMBER || lanes_at(L, 2) != nullptr;
  const bool is_equality = how == LaneComparison::Equal || how == LaneComparison::NotEqual;
  if (is_equality && !is_number) {
    const Lanes equal = rows_equal(L, left, 2);
    return push_lanes(L, how == LaneComparison::Equal ? equal : work.opposite(equal.mask));
  }
  const double* numbers = check_numbers(L, 1);
  if (lua_type(L, 2) == LUA_TNUMBER) {
    return push_lanes(L, work.compare(numbers, how, lua_tonumber(L, 2)));
  }
  return push_lanes(L, work.compare(numbers, how, check_numbers(L, 2)));
}

template <LaneComparison How>
int lanes_compare(lua_State* L) {
  return compare(L, How);
}

template <Arithmetic How>
int lanes_compute(lua_State* L) {
  pay(L, 3);
  const double* left = check_numbers(L, 1);
  return push_lanes(L, work_of(L).compute(left, How, check_numbers(L, 2)));
}

int lanes_negate(lua_State* L) {
  pay(L, 2);
  LaneWork work = work_of(L);
  return push_lanes(L, work.compute(work.spread(-1.0), Arithmetic::Multiply, check_numbers(L, 1)));
}

int lanes_and(lua_State* L) {
  pay(L);
  const Word* left = check_mask(L, 1);
  return push_lanes(L, work_of(L).both(left, check_mask(L, 2)));
}
int lanes_or(lua_State* L) {
  pay(L);
  const Word* left = check_mask(L, 1);
  return push_lanes(L, work_of(L).either(left, check_mask(L, 2)));
}
int lanes_not(lua_State* L) {
  pay(L);
  return push_lanes(L, work_of(L).opposite(check_mask(L, 1)));
}

// column:isin { "a", "b" }
int lanes_isin(lua_State* L) {
  const Lanes lanes = check_lanes(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  LaneWork work = work_of(L);
  Lanes out = work.nothing();
  const lua_Integer count = luaL_len(L, 2);
  if (count > kElementsMax) raise(L, "`isin` takes at most 10000 values");
  for (lua_Integer i = 1; i <= count; ++i) {
    pay(L, 2);
    lua_geti(L, 2, i);
    const auto mark = work.arena().mark();
    work.add(out, rows_equal(L, lanes, lua_gettop(L)));
    work.arena().rewind(mark);
    lua_pop(L, 1);
  }
  return push_lanes(L, out);
}

int lanes_missing(lua_State* L) {
  pay(L);
  const Lanes& lanes = check_lanes(L, 1);
  LaneWork work = work_of(L);
  if (lanes.kind == Lanes::Kind::Column) return push_lanes(L, work.missing(lanes.column));
  // Only what is missing is not equal to itself.
  const double* numbers = check_numbers(L, 1);
  return push_lanes(L, work.compare(numbers, LaneComparison::NotEqual, numbers));
}

// column:same(slate[-1]): nobody when there is no such row.
int lanes_same(lua_State* L) {
  pay(L, 2);
  const std::int32_t column = check_column(L, 1);
  LaneWork work = work_of(L);
  if (lua_isnoneornil(L, 2)) return push_lanes(L, work.nothing());
  const Views& views = *Sandbox::of(L).views;
  const auto row = views.placed_row(L, 2);
  if (!row) raise(L, "expected a row of the slate as argument 1");
  return push_lanes(L, work.same(column, *row));
}

int lanes_write(lua_State* L) { raise(L, "columns cannot be changed"); }

int lanes_order(lua_State* L) {
  raise(L,
        "columns are compared by methods: `items.price:lt(20)`, `:le`, `:gt`, `:ge`, `:eq`, `:ne`");
}

}  // namespace

const Lanes* lanes_at(lua_State* L, int index) {
  if (lua_type(L, index) != LUA_TUSERDATA || lua_rawlen(L, index) != sizeof(Lanes)) return nullptr;
  const auto* lanes = static_cast<const Lanes*>(lua_touserdata(L, index));
  return lanes->mark == Lanes::kMark ? lanes : nullptr;
}

int push_column_lanes(lua_State* L, std::int32_t column) {
  Lanes lanes;
  lanes.column = column;
  return push_lanes(L, lanes);
}

// slate:count_same(items.category, n), slate:distance_to_same(items.category)
int push_count_same(lua_State* L, int index, std::uint32_t last) {
  LaneWork work = work_of(L);
  pay(L, 2 + std::min<std::size_t>(last, Sandbox::of(L).views->facts().slate().size()));
  return push_lanes(L, work.count_same(check_column(L, index), last));
}
int push_distance(lua_State* L, int index) {
  pay(L, 2 + Sandbox::of(L).views->facts().slate().size());
  return push_lanes(L, work_of(L).distance(check_column(L, index)));
}

void open_lanes(lua_State* L) {
  const luaL_Reg methods[] = {{"eq", lanes_compare<LaneComparison::Equal>},
                              {"ne", lanes_compare<LaneComparison::NotEqual>},
                              {"lt", lanes_compare<LaneComparison::Less>},
                              {"le", lanes_compare<LaneComparison::LessEqual>},
                              {"gt", lanes_compare<LaneComparison::Greater>},
                              {"ge", lanes_compare<LaneComparison::GreaterEqual>},
                              {"has", lanes_compare<LaneComparison::Equal>},
                              {"isin", lanes_isin},
                              {"missing", lanes_missing},
                              {"same", lanes_same},
                              {nullptr, nullptr}};
  const luaL_Reg operators[] = {{"__add", lanes_compute<Arithmetic::Add>},
                                {"__sub", lanes_compute<Arithmetic::Subtract>},
                                {"__mul", lanes_compute<Arithmetic::Multiply>},
                                {"__div", lanes_compute<Arithmetic::Divide>},
                                {"__unm", lanes_negate},
                                {"__band", lanes_and},
                                {"__bor", lanes_or},
                                {"__bnot", lanes_not},
                                {"__lt", lanes_order},
                                {"__le", lanes_order},
                                {"__newindex", lanes_write},
                                {nullptr, nullptr}};
  lua_newtable(L);
  luaL_setfuncs(L, operators, 0);
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  make_read_only(L, Missing::LibraryField, "column");
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kLanesKey);
}

}  // namespace lineup
