// SPDX-License-Identifier: Apache-2.0
//
// Code rules whose answers will not be remembered: an answer is found again by the values that the
// call read, and values that differ from row to row are never the same again. Reads that compare
// two rows answer yes, no or a small number, and repeat well; they name their column in quotes.
#include <fmt/format.h>

#include <set>

#include "lint.hpp"

namespace lineup {

namespace {

// The byte of the source at a place; 0: there is none.
char byte_at(const std::string& source, const Span& span) {
  std::size_t begin = 0;
  for (std::uint32_t line = 1; line < span.line; ++line) {
    begin = source.find('\n', begin);
    if (begin == std::string::npos) return 0;
    ++begin;
  }
  const std::size_t at = begin + span.column - 1;
  return span.column > 0 && at < source.size() ? source[at] : '\0';
}

// Whether rows mostly have values of their own in the column.
bool differs_by_row(const Plan& plan, const std::string& column) {
  if (column == "id") return true;
  const auto index = plan.schema.find(column);
  if (!index) return false;
  const ColumnType type = plan.schema[*index].type;
  return type == ColumnType::Float || type == ColumnType::Time;
}

}  // namespace

void lint_code(const Plan& plan, Diagnostics& diagnostics) {
  std::set<std::pair<std::string, std::string>> said;  // rule file, column
  for (const CodeUse& use : plan.code_uses) {
    const RuleFile& rule = *use.rule;
    if (!rule.remember) continue;
    for (const CodeRead& read : rule.reads) {
      const bool is_plain = read.kind == CodeRead::Kind::Column && differs_by_row(plan, read.text);
      const char first = is_plain ? byte_at(rule.source, read.span) : '"';
      if (first == '"' || first == '\'' || first == '[') continue;
      if (!said.emplace(rule.name, read.text).second) continue;
      diagnostics
          .warning(
              read.span, "lint/not-remembered",
              fmt::format("the code of `{}` reads `{}`, which differs from row to row: what it "
                          "answers cannot be remembered",
                          rule.name, read.text),
              "compare rows (`item:same`, `slate:count_same`, `slate:distance_to_same`), read "
              "a column of few values, or write `remember = false` if it is meant so")
          .arguments = {{"rule", rule.name}, {"column", read.text}};
    }
  }
}

}  // namespace lineup
