// SPDX-License-Identifier: Apache-2.0
//
// Relative reads, as rules are advised to make them: a number of rows that agree, not their values.
#include "cli/bench/bench_code.hpp"

#include <fmt/format.h>

namespace lineup::cli {

namespace {

// A rule as asked of one row, and of all rows at once.
struct CodeRule {
  const char* name;
  const char* of_one;
  const char* of_all;
};

constexpr CodeRule kRules[] = {
    {"code_category", R"(slate:count_same(item, "category", 4) < 2)",
     "slate:count_same(items.category, 4):lt(2)"},
    {"code_author", R"(slate:count_same(item, "author", 9) < 1)",
     "slate:count_same(items.author, 9):lt(1)"},
    {"code_type", R"(slate:count_same(item, "type", 2) < 2)",
     "slate:count_same(items.type, 2):lt(2)"},
    {"code_pair", R"(not (item:same(slate[-1], "category") and item:same(slate[-1], "type")))",
     "~(items.category:same(slate[-1]) & items.type:same(slate[-1]))"},
};

constexpr std::string_view kRule = R"(return rule {{
  name = "{}",
  about = "One of the rules of w1 as code.",
  remember = {},
  {} = function({}, slate)
    return {}
  end,
}}
)";

}  // namespace

std::vector<std::pair<std::string, std::string>> bench_code_files(CodeForm form) {
  const bool is_of_all = form == CodeForm::Vectorised;
  std::vector<std::pair<std::string, std::string>> out;
  for (const CodeRule& rule : kRules) {
    out.emplace_back(fmt::format("rules/{}.lua", rule.name),
                     fmt::format(kRule, rule.name, form == CodeForm::Remembered,
                                 is_of_all ? "allow_all" : "allow", is_of_all ? "items" : "item",
                                 is_of_all ? rule.of_all : rule.of_one));
  }
  return out;
}

std::string bench_code_uses() {
  std::string out;
  for (const CodeRule& rule : kRules) {
    out += fmt::format("  - {{use: {}, priority: 50}}\n", rule.name);
  }
  return out;
}

}  // namespace lineup::cli
