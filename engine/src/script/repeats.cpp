// SPDX-License-Identifier: Apache-2.0
//
// Calls are remembered by what they read (recall.hpp), so what is read has to repeat. The text
// shows the two usual reasons why it does not; a category may have few values or many, so it is let
// pass.
#include <fmt/format.h>

#include <set>

#include "script/rule.hpp"

namespace lineup {

namespace {

bool hardly_repeats(ColumnType type) {
  switch (type) {
    case ColumnType::Float:
    case ColumnType::Time:
    case ColumnType::Embedding:
      return true;
    case ColumnType::Integer:
    case ColumnType::Category:
    case ColumnType::Categories:
    case ColumnType::Bool:
      break;
  }
  return false;
}

}  // namespace

void warn_not_remembered(const RuleFile& rule, const Schema& schema, Diagnostics& diagnostics) {
  if (!rule.remember || rule.is_vectorised) return;
  std::set<std::string> said;
  for (const CodeRead& read : rule.reads) {
    if (read.kind != CodeRead::Kind::Column || !read.is_value) continue;
    const auto column = schema.find(read.text);
    const bool is_many =
        read.text == kIdName || (column.has_value() && hardly_repeats(schema[*column].type));
    if (!is_many || !said.insert(read.text).second) continue;
    diagnostics
        .warning(read.span, "lint/not-remembered",
                 fmt::format("the code of `{}` reads `{}`, which differs from row to row: what it "
                             "answers cannot be remembered",
                             rule.name, read.text),
                 "compare rows (`item:same`, `slate:count_same`, `slate:distance_to_same`), read "
                 "a column of few values, or write `remember = false` if it is meant so")
        .arguments = {{"rule", rule.name}, {"column", read.text}};
  }
  if (rule.loops.empty()) return;
  diagnostics
      .warning(rule.loops.front(), "lint/not-remembered",
               "going through the slate asks for every row: such calls hardly repeat and are not "
               "remembered",
               "`slate:count(where)`, `slate:count_same(item, column, n)` and "
               "`slate:distance_to_same(item, column)` look at all rows in one question")
      .arguments = {{"rule", rule.name}};
}

}  // namespace lineup
