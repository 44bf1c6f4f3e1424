// SPDX-License-Identifier: Apache-2.0
//
// Relative reads, as rules are advised to make them: a number of rows that agree, not their values.
#include "cli/bench_code.hpp"

#include <fmt/format.h>

namespace lineup::cli {

namespace {

constexpr std::pair<const char*, const char*> kRules[] = {
    {"code_category", R"(slate:count_same(item, "category", 4) < 2)"},
    {"code_author", R"(slate:count_same(item, "author", 9) < 1)"},
    {"code_type", R"(slate:count_same(item, "type", 2) < 2)"},
    {"code_pair", R"(not (item:same(slate[-1], "category") and item:same(slate[-1], "type")))"},
};

constexpr std::string_view kRule = R"(return rule {{
  name = "{}",
  about = "One of the rules of w1 as code.",
  remember = {},
  allow = function(item, slate)
    return {}
  end,
}}
)";

}  // namespace

std::vector<std::pair<std::string, std::string>> bench_code_files(bool remember) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [name, body] : kRules) {
    out.emplace_back(fmt::format("rules/{}.lua", name), fmt::format(kRule, name, remember, body));
  }
  return out;
}

std::string bench_code_uses() {
  std::string out;
  for (const auto& rule : kRules) {
    out += fmt::format("  - {{use: {}, priority: 50}}\n", rule.first);
  }
  return out;
}

}  // namespace lineup::cli
