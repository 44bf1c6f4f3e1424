// SPDX-License-Identifier: Apache-2.0
//
// From the text of a condition to its expression tree.
//
//   condition  = all { "or" all }
//   all        = term { "and" term }
//   term       = "not" term | comparison
//   comparison = operand [ ("==" | "~=" | "!=" | "<" | "<=" | ">" | ">=") operand
//                        | [ "not" ] "in" ( set | range | "list" "." name )
//                        | ("starts" | "ends") "with" text
//                        | "is" [ "not" ] "missing" ]
//   operand    = value { ("+" | "-") duration }
//   value      = name | "context" "." path | "segment" "." name | "experiment" "." name | "now"
//              | literal | "(" condition ")"
//   literal    = number | text | "true" | "false" | "nil" | "time" "(" text [ "," text ] ")"
//   duration   = digits ("s" | "m" | "h" | "d" | "w")
//   set        = "{" [ literal { "," literal } ] "}"
//   range      = bound ".." bound
//   bound      = (literal | "now") { ("+" | "-") duration }
//
// Durations are added to moments only: conditions compare, they do not compute.
// `not` binds looser than a comparison: `not type == "ad"` is `not (type == "ad")`, as it reads.
// (In Lua it would compare `not type` with a text, which nobody means.)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "condition/ast.hpp"

namespace lineup {

// What is wrong with a condition, at which bytes of its text.
struct ConditionError {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::string message;
  std::string hint;
};

inline constexpr std::string_view kConditionsCompute =
    "conditions compare, they do not compute; durations are added to dates only: `now - 7d`";

struct ConditionToken {
  enum class Kind : std::uint8_t { Name, Integer, Float, Duration, Text, Symbol, End };
  Kind kind = Kind::End;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::string text;          // Name, Symbol: as written; Text: escapes resolved
  std::int64_t integer = 0;  // Duration: milliseconds
  double number = 0.0;

  [[nodiscard]] bool is_symbol(std::string_view symbol) const {
    return kind == Kind::Symbol && text == symbol;
  }
  [[nodiscard]] bool is_name(std::string_view name) const {
    return kind == Kind::Name && text == name;
  }
};

// The tokens of `text`, the last of kind End.
[[nodiscard]] tl::expected<std::vector<ConditionToken>, ConditionError> scan_condition(
    std::string_view text);

// The expression that `text` writes, or the first thing that is wrong with it.
[[nodiscard]] tl::expected<ConditionExpression, ConditionError> parse_condition(
    std::string_view text);

}  // namespace lineup
