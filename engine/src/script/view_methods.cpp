// SPDX-License-Identifier: Apache-2.0
//
// What can be called on items, the slate and multi-valued columns. Each looks at rows that were
// placed, and pays for them.
#include <algorithm>
#include <string>

#include "script/library.hpp"
#include "script/sandbox.hpp"
#include "script/views.hpp"

namespace lineup {

std::int64_t Views::check_column(lua_State* L, int index) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &kColumnsKey);
  lua_pushvalue(L, index);
  if (lua_rawget(L, -2) != LUA_TNUMBER) raise_unknown_column(L, index);
  const lua_Integer column = lua_tointeger(L, -1);
  lua_pop(L, 2);
  const bool is_vector =
      column >= 0 && schema_[static_cast<std::uint32_t>(column)].type == ColumnType::Embedding;
  if (is_vector) raise(L, "an embedding is never the same as another");
  return column;
}

// Whether two rows share a value. Missing values agree with nothing.
bool Views::agree(std::int64_t index, std::uint32_t a, std::uint32_t b) const {
  if (index == kIdColumn) {
    const Ids& ids = batch_->rows.ids;
    return ids.is_numeric() ? ids.numbers[a] == ids.numbers[b] : ids.text(a) == ids.text(b);
  }
  const Column& column = batch_->rows.columns[static_cast<std::size_t>(index)];
  if (column.is_missing(a) || column.is_missing(b)) return false;
  switch (column.type) {
    case ColumnType::Float:
      return column.floats[a] == column.floats[b];
    case ColumnType::Integer:
    case ColumnType::Time:
      return column.integers[a] == column.integers[b];
    case ColumnType::Bool:
      return column.bools[a] == column.bools[b];
    case ColumnType::Category:
      return column.codes[a] == column.codes[b];
    case ColumnType::Categories:
      for (std::uint32_t i = column.offsets[a]; i < column.offsets[a + 1]; ++i) {
        for (std::uint32_t j = column.offsets[b]; j < column.offsets[b + 1]; ++j) {
          if (column.codes[i] == column.codes[j]) return true;
        }
      }
      return false;
    case ColumnType::Embedding:
      return false;
  }
  return false;
}

// item:same(other, column): false when there is no other.
int Views::item_same(lua_State* L) {
  Views& views = of(L);
  const View item = check(L, 1, Sort::Item, "an item");
  const std::int64_t column = views.check_column(L, 3);
  if (lua_isnoneornil(L, 2)) {
    lua_pushboolean(L, 0);
    return 1;
  }
  const View other = check(L, 2, Sort::Item, "an item");
  lua_pushboolean(L, views.agree(column, item.index, other.index) ? 1 : 0);
  return 1;
}

const Word* Views::mask_of(std::size_t condition) {
  if (masks_[condition] == nullptr) {
    std::span<Word> mask = arena_.allocate<Word>(word_count(batch_->rows.row_count));
    conditions_[condition].select(batch_->rows, batch_->vocabularies, context_, arena_, mask);
    masks_[condition] = mask.data();
  }
  return masks_[condition];
}

// slate:count(where)
int Views::slate_count(lua_State* L) {
  Views& views = of(L);
  check(L, 1, Sort::Slate, "the slate");
  std::size_t size = 0;
  const char* data = luaL_checklstring(L, 2, &size);
  const std::string_view where(data, size);
  std::size_t condition = 0;
  while (condition < views.conditions_.size() && views.conditions_[condition].text() != where) {
    ++condition;
  }
  if (condition == views.conditions_.size()) {
    raise(L, "the condition `" + std::string(where) +
                 "` is not known before the call: write it out in `slate:count(...)`, or make it a "
                 "parameter");
  }
  Sandbox::of(L).charge(1 + views.slate_.size() / 4);
  const Word* mask = views.mask_of(condition);
  lua_Integer count = 0;
  for (const std::uint32_t row : views.slate_) count += test_bit(mask, row) ? 1 : 0;
  lua_pushinteger(L, count);
  return 1;
}

// slate:count_same(item, column [, n]): how many of the last n rows (all) share the item's value.
int Views::slate_count_same(lua_State* L) {
  Views& views = of(L);
  check(L, 1, Sort::Slate, "the slate");
  const View item = check(L, 2, Sort::Item, "an item");
  const std::int64_t column = views.check_column(L, 3);
  const auto length = static_cast<lua_Integer>(views.slate_.size());
  const lua_Integer last =
      std::min(std::max<lua_Integer>(luaL_optinteger(L, 4, length), 0), length);
  Sandbox::of(L).charge(1 + static_cast<std::uint64_t>(last) / 4);
  lua_Integer count = 0;
  for (const std::uint32_t row : views.slate_.last(static_cast<std::size_t>(last))) {
    count += views.agree(column, item.index, row) ? 1 : 0;
  }
  lua_pushinteger(L, count);
  return 1;
}

// slate:distance_to_same(item, column): 1 for the row placed last, nil when no row agrees.
int Views::slate_distance_to_same(lua_State* L) {
  Views& views = of(L);
  check(L, 1, Sort::Slate, "the slate");
  const View item = check(L, 2, Sort::Item, "an item");
  const std::int64_t column = views.check_column(L, 3);
  const std::size_t length = views.slate_.size();
  Sandbox::of(L).charge(1 + length / 4);
  for (std::size_t distance = 1; distance <= length; ++distance) {
    if (views.agree(column, item.index, views.slate_[length - distance])) {
      lua_pushinteger(L, static_cast<lua_Integer>(distance));
      return 1;
    }
  }
  lua_pushnil(L);
  return 1;
}

// item.tags:has("x")
int Views::values_has(lua_State* L) {
  Views& views = of(L);
  const View values = check(L, 1, Sort::Values, "a multi-valued column");
  std::size_t size = 0;
  const char* data = luaL_checklstring(L, 2, &size);
  const Column& column = views.batch_->rows.columns[values.column];
  const std::uint32_t end = column.offsets[values.index + 1];
  Sandbox::of(L).charge(1 + (end - column.offsets[values.index]) / 4);
  bool found = false;
  for (std::uint32_t i = column.offsets[values.index]; i < end && !found; ++i) {
    found = views.text(values.column, column.codes[i]) == std::string_view(data, size);
  }
  lua_pushboolean(L, found ? 1 : 0);
  return 1;
}

}  // namespace lineup
