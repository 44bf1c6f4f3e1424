// SPDX-License-Identifier: Apache-2.0
//
// What the code of a rule sees of a request: `item`, `slate`, `context`. None of them is a Lua
// object: each is one 64-bit word, so that calls create no garbage.
#pragma once

#include <cstdint>
#include <lua.hpp>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/arena.hpp"
#include "batch/batch.hpp"
#include "condition/condition.hpp"

namespace lineup {

// The data behind the views. Bound to one request at a time.
class Views {
 public:
  // `conditions`: all that code may count by; equal texts mean the same.
  Views(const Schema& schema, const ContextLayout& context, std::vector<Condition> conditions);

  // Gives the state its views. Called once for each state, inside Sandbox::protect, with
  // Sandbox::views set to this.
  void open(lua_State* L);

  void bind(const Batch& batch, const RequestContext& context, std::uint32_t slot_count);
  void set_slate(std::span<const std::uint32_t> rows) { slate_ = rows; }

  // Pushes the arguments of a call.
  static void push_item(lua_State* L, std::uint32_t row);
  static void push_slate(lua_State* L);
  static void push_context(lua_State* L);

 private:
  // A view in a word: what it is, a column where it matters, a row or another index.
  enum class Sort : std::uint8_t { Item = 1, Slate, Context, Values, Vector };
  struct View {
    Sort sort = Sort::Item;
    std::uint32_t column = 0;
    std::uint32_t index = 0;
  };
  // A name of the context, `trigger` of `context.trigger.category` say.
  struct PathNode {
    std::int32_t slot = -1;  // of RequestContext::context; -1: only leads on
    std::map<std::string, std::uint32_t, std::less<>> inner;
  };

  static constexpr std::int64_t kIdColumn = -1;
  // Its address is the registry's key of the table that leads from names of columns to indexes.
  static const char kColumnsKey;

  static Views& of(lua_State* L);
  static void push(lua_State* L, View view);
  static bool read(lua_State* L, int index, View& view);
  static View check(lua_State* L, int index, Sort sort, const char* what);

  static int on_index(lua_State* L);
  static int on_length(lua_State* L);
  static int on_write(lua_State* L);
  static int item_same(lua_State* L);
  static int slate_count(lua_State* L);
  static int slate_count_same(lua_State* L);
  static int slate_distance_to_same(lua_State* L);
  static int values_has(lua_State* L);

  int index_item(lua_State* L, View item);
  int index_slate(lua_State* L);
  int index_context(lua_State* L, View context);
  int index_values(lua_State* L, View values);
  int push_id(lua_State* L, std::uint32_t row) const;
  int push_column(lua_State* L, std::uint32_t column, std::uint32_t row) const;
  [[nodiscard]] std::string_view text(std::uint32_t column, std::uint32_t code) const;
  std::int64_t check_column(lua_State* L, int index);
  [[noreturn]] void raise_unknown_column(lua_State* L, int index) const;
  [[nodiscard]] bool agree(std::int64_t column, std::uint32_t a, std::uint32_t b) const;
  const Word* mask_of(std::size_t condition);

  const Schema& schema_;
  std::vector<PathNode> paths_;
  std::vector<Condition> conditions_;
  std::vector<const Word*> masks_;  // rows that hold, made when first asked in a request
  Arena arena_;
  const Batch* batch_ = nullptr;
  RequestContext context_;
  std::uint32_t slot_count_ = 0;
  std::span<const std::uint32_t> slate_;
};

}  // namespace lineup
