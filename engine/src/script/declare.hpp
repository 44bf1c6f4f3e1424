// SPDX-License-Identifier: Apache-2.0
//
// The words a rule file is written in: `rule`, parameter types, constraint kinds, `when`, `first`,
// `refuse`. Each makes a declaration that only the engine can open; what is in it is checked when
// it is used, so that all faults of a file are found at once.
#pragma once

#include <cstdint>
#include <lua.hpp>
#include <string>
#include <string_view>

#include "base/value.hpp"
#include "constraint/spec.hpp"
#include "script/rule.hpp"

namespace lineup {

// What a declaration is of. Its table, or a live number's name, is its first user value.
struct Declaration {
  enum class Family : std::uint8_t { Rule, Parameter, Constraint, Live };
  Family family = Family::Rule;
  Kind kind = Kind::Window;                    // Constraint
  ParameterType type = ParameterType::Number;  // Parameter
  std::uint32_t line = 0;                      // of the call
  std::int32_t live = -1;                      // Live: index of the plan's live parameter
  double value = 0.0;                          // Live: its default
};

// What `first(0)` gives: it names no slot, and only a constraint that is used may not.
inline constexpr std::string_view kNoSlots = "none";
// The ends of a page, as sides of a pair: `adjacent { left = .., right = page_end }`.
inline constexpr std::string_view kPageStart = "page_start";
inline constexpr std::string_view kPageEnd = "page_end";

// Adds the words to the globals, which are still open.
void add_words(lua_State* L);
// The word of a declaration: "window", "integer", "rule".
[[nodiscard]] std::string_view word_of(const Declaration& declaration);
// The declaration at `index`, or null.
[[nodiscard]] const Declaration* to_declaration(lua_State* L, int index);

// Pushes `value` as a script reads it: texts, numbers, lists; live numbers as declarations named
// `name` that can be handed on but not computed with.
void push_value(lua_State* L, const Value& value, const std::string& name);
// The value at `index`: nil, a boolean, a number, a text, or a table of these. Tables with keys
// 1 .. n become lists, others maps. False when there is something else in it.
bool read_value(lua_State* L, int index, Value& out);
// Pushes `p`: the read-only view of the arguments (a map), in which unknown names raise.
void push_arguments(lua_State* L, const RuleFile& rule, const Value& arguments);

// What `refuse` raised: the sentence and the parameter. Kept where Sandbox::refusal points.
struct Refusal {
  bool refused = false;
  std::string message;
  std::string parameter;
};

}  // namespace lineup
