// SPDX-License-Identifier: Apache-2.0
//
// A view is a light userdata: its address bits hold sort, column and row. All light userdata of a
// state share one metatable, and no others reach a script. Names of columns are looked up in a Lua
// table of interned texts.
#include "script/views.hpp"

#include <cmath>
#include <string>
#include <utility>

#include "script/library.hpp"
#include "script/sandbox.hpp"

namespace lineup {

static_assert(sizeof(void*) == 8, "a view takes 64 bits");

namespace {

// The upvalues of on_index: column names to indexes, and the methods of each sort.
constexpr int kColumns = lua_upvalueindex(1);
constexpr int kMethods = lua_upvalueindex(2);

void push_scalar(lua_State* L, const Scalar& value) {
  switch (value.kind) {
    case Scalar::Kind::Missing:
      lua_pushnil(L);
      return;
    case Scalar::Kind::Bool:
      lua_pushboolean(L, value.boolean ? 1 : 0);
      return;
    case Scalar::Kind::Integer:
      lua_pushinteger(L, value.integer);
      return;
    case Scalar::Kind::Float:
      lua_pushnumber(L, value.number);
      return;
    case Scalar::Kind::Text:
      lua_pushlstring(L, value.text.data(), value.text.size());
      return;
  }
}

}  // namespace

const char Views::kColumnsKey = 0;

Views::Views(const Schema& schema, const ContextLayout& context, std::vector<Condition> conditions)
    : schema_(schema), paths_(1), conditions_(std::move(conditions)), masks_(conditions_.size()) {
  const std::vector<std::string>& paths = context.paths();
  for (std::size_t slot = 0; slot < paths.size(); ++slot) {
    std::uint32_t node = 0;
    std::string_view rest = paths[slot];
    while (!rest.empty()) {
      const auto dot = rest.find('.');
      const std::string name(rest.substr(0, dot));
      rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1);
      const auto next = static_cast<std::uint32_t>(paths_.size());
      const auto [place, is_new] = paths_[node].inner.emplace(name, next);
      node = place->second;
      if (is_new) paths_.emplace_back();
    }
    paths_[node].slot = static_cast<std::int32_t>(slot);
  }
}

Views& Views::of(lua_State* L) { return *Sandbox::of(L).views; }

void Views::push(lua_State* L, View view) {
  const std::uint64_t bits = (static_cast<std::uint64_t>(view.sort) << 56) |
                             (static_cast<std::uint64_t>(view.column & 0xFFFFFFU) << 32) |
                             view.index;
  lua_pushlightuserdata(L, reinterpret_cast<void*>(bits));
}

bool Views::read(lua_State* L, int index, View& view) {
  if (lua_type(L, index) != LUA_TLIGHTUSERDATA) return false;
  const auto bits = reinterpret_cast<std::uint64_t>(lua_touserdata(L, index));
  view.sort = static_cast<Sort>(bits >> 56);
  view.column = static_cast<std::uint32_t>(bits >> 32) & 0xFFFFFFU;
  view.index = static_cast<std::uint32_t>(bits);
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

void Views::push_item(lua_State* L, std::uint32_t row) { push(L, {Sort::Item, 0, row}); }
void Views::push_slate(lua_State* L) { push(L, {Sort::Slate, 0, 0}); }
void Views::push_context(lua_State* L) { push(L, {Sort::Context, 0, 0}); }

void Views::open(lua_State* L) {
  lua_newtable(L);
  for (std::uint32_t column = 0; column < schema_.size(); ++column) {
    lua_pushinteger(L, column);
    lua_setfield(L, -2, schema_[column].name.c_str());
  }
  lua_pushinteger(L, kIdColumn);
  lua_setfield(L, -2, std::string(kIdName).c_str());
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kColumnsKey);
  lua_newtable(L);
  const luaL_Reg methods[] = {{"same", item_same},
                              {"count", slate_count},
                              {"count_same", slate_count_same},
                              {"distance_to_same", slate_distance_to_same},
                              {"has", values_has},
                              {nullptr, nullptr}};
  luaL_setfuncs(L, methods, 0);
  // columns, methods
  lua_createtable(L, 0, 4);
  lua_insert(L, -3);
  lua_pushcclosure(L, on_index, 2);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, on_length);
  lua_setfield(L, -2, "__len");
  lua_pushcfunction(L, on_write);
  lua_setfield(L, -2, "__newindex");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pushlightuserdata(L, nullptr);
  lua_insert(L, -2);
  lua_setmetatable(L, -2);  // for all light userdata of this state
  lua_pop(L, 1);
}

void Views::bind(const Batch& batch, const RequestContext& context, std::uint32_t slot_count) {
  batch_ = &batch;
  context_ = context;
  slot_count_ = slot_count;
  slate_ = {};
  arena_.reset();
  for (const Word*& mask : masks_) mask = nullptr;
}

int Views::on_index(lua_State* L) {
  Views& views = of(L);
  View view;
  read(L, 1, view);
  switch (view.sort) {
    case Sort::Item:
      return views.index_item(L, view);
    case Sort::Slate:
      return views.index_slate(L);
    case Sort::Context:
      return views.index_context(L, view);
    case Sort::Values:
    case Sort::Vector:
      return views.index_values(L, view);
  }
  return 0;
}

int Views::index_item(lua_State* L, View item) {
  lua_pushvalue(L, 2);
  if (lua_rawget(L, kColumns) == LUA_TNUMBER) {
    const lua_Integer column = lua_tointeger(L, -1);
    return column == kIdColumn ? push_id(L, item.index)
                               : push_column(L, static_cast<std::uint32_t>(column), item.index);
  }
  lua_pushvalue(L, 2);
  if (lua_rawget(L, kMethods) == LUA_TFUNCTION) return 1;
  raise_unknown_column(L, 2);
}

int Views::index_slate(lua_State* L) {
  if (lua_type(L, 2) == LUA_TNUMBER) {
    int is_whole = 0;
    lua_Integer slot = lua_tointegerx(L, 2, &is_whole);
    const auto length = static_cast<lua_Integer>(slate_.size());
    if (slot < 0) slot += length + 1;
    if (is_whole == 0 || slot < 1 || slot > length) {
      lua_pushnil(L);
    } else {
      push_item(L, slate_[static_cast<std::size_t>(slot - 1)]);
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
  const bool is_root = context.index == 0;
  if (is_root && std::string_view(name) == "page") {
    lua_pushinteger(L, slot_count_);
    return 1;
  }
  const auto& inner = paths_[context.index].inner;
  const auto found = inner.find(std::string_view(name));
  if (found == inner.end()) {
    raise(L, "`context." + std::string(name) +
                 "` is not known before the call: write the path out after the name of the "
                 "function's third argument");
  }
  const PathNode& node = paths_[found->second];
  const bool has_value =
      node.slot >= 0 && static_cast<std::size_t>(node.slot) < context_.context.size();
  if (has_value && (node.inner.empty() || !context_.context[node.slot].is_missing())) {
    push_scalar(L, context_.context[node.slot]);
  } else if (node.inner.empty()) {
    lua_pushnil(L);
  } else {
    push(L, {Sort::Context, 0, found->second});
  }
  return 1;
}

int Views::index_values(lua_State* L, View values) {
  const Column& column = batch_->rows.columns[values.column];
  if (lua_type(L, 2) != LUA_TNUMBER) {
    lua_pushvalue(L, 2);
    lua_rawget(L, kMethods);
    return 1;
  }
  const lua_Integer place = lua_tointeger(L, 2);
  if (values.sort == Sort::Vector) {
    if (place >= 1 && place <= column.dimension) {
      lua_pushnumber(L, column.vectors[std::size_t{values.index} * column.dimension +
                                       static_cast<std::size_t>(place - 1)]);
      return 1;
    }
  } else {
    const std::uint32_t begin = column.offsets[values.index];
    const std::uint32_t end = column.offsets[values.index + 1];
    if (place >= 1 && place <= static_cast<lua_Integer>(end - begin)) {
      const std::string_view value =
          text(values.column, column.codes[begin + static_cast<std::uint32_t>(place - 1)]);
      lua_pushlstring(L, value.data(), value.size());
      return 1;
    }
  }
  lua_pushnil(L);
  return 1;
}

int Views::on_length(lua_State* L) {
  Views& views = of(L);
  View view;
  read(L, 1, view);
  switch (view.sort) {
    case Sort::Slate:
      lua_pushinteger(L, static_cast<lua_Integer>(views.slate_.size()));
      return 1;
    case Sort::Values: {
      const Column& column = views.batch_->rows.columns[view.column];
      lua_pushinteger(L, column.offsets[view.index + 1] - column.offsets[view.index]);
      return 1;
    }
    case Sort::Vector:
      lua_pushinteger(L, views.batch_->rows.columns[view.column].dimension);
      return 1;
    case Sort::Item:
    case Sort::Context:
      break;
  }
  raise(L, "an item and the context have no length");
}

int Views::on_write(lua_State* L) {
  raise(L, "items, the slate and the context cannot be changed");
}

int Views::push_id(lua_State* L, std::uint32_t row) const {
  const Ids& ids = batch_->rows.ids;
  if (ids.is_numeric()) {
    lua_pushinteger(L, ids.numbers[row]);
  } else {
    const std::string_view id = ids.text(row);
    lua_pushlstring(L, id.data(), id.size());
  }
  return 1;
}

std::string_view Views::text(std::uint32_t column, std::uint32_t code) const {
  return batch_->vocabularies[column].texts[code];
}

int Views::push_column(lua_State* L, std::uint32_t index, std::uint32_t row) const {
  const Column& column = batch_->rows.columns[index];
  if (column.is_missing(row)) {
    lua_pushnil(L);
    return 1;
  }
  switch (column.type) {
    case ColumnType::Float:
      lua_pushnumber(L, column.floats[row]);
      break;
    case ColumnType::Integer:
    case ColumnType::Time:
      lua_pushinteger(L, column.integers[row]);
      break;
    case ColumnType::Bool:
      lua_pushboolean(L, column.bools[row]);
      break;
    case ColumnType::Category: {
      const std::string_view value = text(index, column.codes[row]);
      lua_pushlstring(L, value.data(), value.size());
      break;
    }
    case ColumnType::Categories:
      push(L, {Sort::Values, index, row});
      break;
    case ColumnType::Embedding:
      push(L, {Sort::Vector, index, row});
      break;
  }
  return 1;
}

void Views::raise_unknown_column(lua_State* L, int index) const {
  push_text_of(L, index);
  const std::string name = lua_tostring(L, -1);
  std::vector<std::string> names = schema_.names();
  names.emplace_back(kIdName);
  raise(L, "unknown column `" + name + "`" + did_you_mean(name, names));
}

}  // namespace lineup
