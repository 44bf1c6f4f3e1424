// SPDX-License-Identifier: Apache-2.0
//
// What the code of a rule sees of a request: `item` (or `items`), `slate`, `context`. All that it
// can learn of them goes through Facts::ask(), and is written down while a Replay is recording; a
// function of whole columns (lanes.hpp) is never recorded.
//
// A view names what it stands for, never which row that is: a function that compared rows or kept
// them as keys would otherwise learn something that it did not ask. Items are userdata, one for
// each name, made once and used by all calls, because only userdata can be compared by asking; all
// else is one 64-bit word. Calls create no garbage.
#pragma once

#include <cstdint>
#include <lua.hpp>
#include <optional>
#include <string>

#include "script/facts.hpp"
#include "script/replay.hpp"

namespace lineup {

class Views {
 public:
  Views(Facts& facts, Replay& replay) : facts_(facts), replay_(replay) {}

  // Gives the state its views. Called once for each state, inside Sandbox::protect, with
  // Sandbox::views set to this.
  void open(lua_State* L);

  // Pushes the arguments of a call.
  static void push_item(lua_State* L);
  static void push_items(lua_State* L);
  static void push_slate(lua_State* L);
  static void push_context(lua_State* L);

  [[nodiscard]] Facts& facts() { return facts_; }
  // The row of the slate that the view at `index` is of.
  [[nodiscard]] std::optional<std::uint32_t> placed_row(lua_State* L, int index) const;

 private:
  // A view in a word: what it is, a column or a path of the context, a row.
  enum class Sort : std::uint8_t { Item = 1, Items, Slate, Context, List };
  struct View {
    Sort sort = Sort::Item;
    std::uint32_t place = 0;  // List: column; Context: path
    RowName row = kItem;
  };

  static Views& of(lua_State* L);
  static void push(lua_State* L, View view);
  static void push_row(lua_State* L, RowName row, int rows);
  static bool read(lua_State* L, int index, View& view);
  static View check(lua_State* L, int index, Sort sort, const char* what);

  static int on_item_index(lua_State* L);
  static int on_item_equal(lua_State* L);
  static int on_index(lua_State* L);
  static int on_length(lua_State* L);
  static int on_write(lua_State* L);
  static int item_same(lua_State* L);
  static int slate_count(lua_State* L);
  static int slate_count_same(lua_State* L);
  static int slate_distance_to_same(lua_State* L);
  static int values_has(lua_State* L);

  FactAnswer ask(const Question& question) {
    const FactAnswer answer = facts_.ask(question);
    if (replay_.is_recording()) replay_.note(question, answer);
    return answer;
  }
  // Pushes an answer; `there`: what it pushes for FactAnswer::Tag::There.
  static int push_answer(lua_State* L, const FactAnswer& answer, View there);

  int index_items(lua_State* L);
  int index_slate(lua_State* L);
  int index_context(lua_State* L, View context);
  int index_list(lua_State* L, View list);
  std::int32_t check_column(lua_State* L, int index);
  [[noreturn]] void raise_unknown_column(lua_State* L, int index) const;

  Facts& facts_;
  Replay& replay_;
};

}  // namespace lineup
