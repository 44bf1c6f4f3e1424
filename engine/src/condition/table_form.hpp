// SPDX-License-Identifier: Apache-2.0
//
// Conditions written as tables, which Lua and YAML make easy to build from data:
//
//   {type = "ad", price = {">", 5}}                    type == "ad" and price > 5
//   {category = {"Drama", "Comedy"}}                   category in {"Drama", "Comedy"}
//   {votes = {">=", 10, "<", 20}}                      votes >= 10 and votes < 20
//   {author = {"in", "list.blocked"}, tags = {"~=", "old"}}
//   {title = {"starts with", "Live"}, released = {">=", "now - 7d"}}
//   {any = {{is_new = true}, {score = {">", 0.9}}}}    is_new == true or score > 0.9
//
// A table becomes the text that says the same; from there on there is one language.
#pragma once

#include <string>

#include "base/result.hpp"
#include "base/value.hpp"

namespace lineup {

// The text of the condition that a map writes. Everything in the map has to hold; names stand in
// the order of the alphabet. Error condition/table: what is wrong, and under which name. [control]
[[nodiscard]] Result<std::string> condition_text(const Value& table);

}  // namespace lineup
