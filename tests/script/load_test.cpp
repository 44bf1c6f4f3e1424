// SPDX-License-Identifier: Apache-2.0
//
// Loading rule files: what a header says, and what is said of files that are wrong. The messages
// are golden files beside the rules they are about.
#include <algorithm>
#include <catch2/catch.hpp>

#include "script/rule_text.hpp"
#include "support/golden.hpp"
#include "support/paths.hpp"

using namespace lineup;
using namespace lineup::test;

TEST_CASE("a rule file that is wrong is reported with line, column and what would be right",
          "[load]") {
  const std::string name = GENERATE("syntax", "unfinished", "header", "names", "state", "run",
                                    "no_rule", "endless", "bomb");
  const std::string base = kSourceDir + "/tests/script/golden/" + name;
  const std::string source = read_file(base + ".lua");
  Diagnostics diagnostics;
  ScriptLimits limits;
  limits.load_ns_max = 60'000'000'000;  // a slow machine must not change which limit is met
  CHECK(load_rule(name + ".lua", source, limits, diagnostics) == nullptr);
  std::string shown;
  for (const Diagnostic& diagnostic : diagnostics.all()) shown += render(diagnostic, source);
  check_golden(base + ".txt", shown);
}

TEST_CASE("a header becomes a rule file", "[load]") {
  const auto rule = rule_of(R"(
    return rule {
      name = "scatter", about = "Keeps apart.", required = true,
      parameters = {
        by    = columns { default = { "category", "author" }, about = "What." },
        max   = amount { default = "10%", about = "Most." },
        mode  = choice { "soft", "hard", default = "hard", about = "How." },
        where = condition { optional = true, about = "Which." },
        floor = number { default = 1, min = 0, max = 2.5, about = "At least." },
      },
      constraints = function(p) return {} end,
      score = function(item) return 0 end,
    })",
                            "rules/scatter.lua");
  CHECK(rule->name == "scatter");
  CHECK(rule->about == "Keeps apart.");
  CHECK(rule->path == "rules/scatter.lua");
  CHECK(rule->hash.size() == 32);
  CHECK(rule->required_by_default);
  CHECK(rule->has_constraints);
  CHECK_FALSE(rule->has_allow);
  CHECK(rule->has_score);
  REQUIRE(rule->parameters.size() == 5);
  CHECK(rule->parameters[0].name == "by");  // in the order of the file
  CHECK(rule->parameters[0].default_value->items[1].text == "author");
  CHECK(rule->parameters[1].default_value->text == "10%");
  CHECK(rule->parameters[2].choices == std::vector<std::string>{"soft", "hard"});
  CHECK(rule->parameters[3].optional);
  CHECK(rule->parameters[4].max == 2.5);
}

TEST_CASE("what the code reads is found in its text", "[load]") {
  const auto rule = rule_of(header(R"(allow = function(it, page, ctx, p)
    local last = page[#page - 1].author  -- page.ignored, it.ignored
    if it.price > ctx.price.ceiling or ctx.page > 3 then return false end
    return page:count("is_new") + page:count_same(it, "type", 3) < p.max and it:same(last, 'kind')
  end, parameters = { max = integer { default = 1, about = "m" } })"));
  std::vector<std::string> seen;
  for (const CodeRead& read : rule->reads) {
    const char* kinds[] = {"column ", "context ", "condition "};
    seen.push_back(kinds[static_cast<int>(read.kind)] + read.text);
  }
  CHECK(seen == std::vector<std::string>{"column author", "column price", "context price.ceiling",
                                         "condition is_new", "column type", "column kind"});
  CHECK(rule->reads[1].span.line == 3);
  CHECK(rule->reads[1].span.column == 11);
}

TEST_CASE("a file is read as people's editors write it", "[load]") {
  const std::string plain = header("constraints = function(p) end");
  CHECK(faults_of("\xEF\xBB\xBF" + plain) == "");
  CHECK(faults_of("local a = 1\r\n" + plain + "\r\n") == "");
  CHECK(faults_of("# a first line for a shell\n" + plain).find("script/syntax") !=
        std::string::npos);
}

TEST_CASE("bytecode and files that are too large are refused", "[load]") {
  CHECK(faults_of("\x1bLua") ==
        "r.lua:0:0-0 script/syntax: attempt to load a binary chunk (mode is `t`)\n");
  CHECK(faults_of(std::string(300 * 1024, ' ')) ==
        "r.lua:0:0-0 script/too-large: the file has 307200 bytes; at most 262144 are read\n");
}

TEST_CASE("a file of nothing but mistakes is told so quickly", "[load]") {
  std::string names;
  for (int i = 0; i < 20000; ++i) names += "x = y ";
  const std::string said = faults_of(names);
  CHECK(std::count(said.begin(), said.end(), '\n') == 2);  // each name once a line
  std::string tokens = "local t = { ";
  for (int i = 0; i < 20000; ++i) tokens += "1, ";
  CHECK(faults_of(tokens + "1 1 }").find("script/syntax: `}` expected near `1`") !=
        std::string::npos);
}

TEST_CASE("a rule has the name of its file", "[load]") {
  CHECK(faults_of(header("constraints = function(p) end"), "rules/other.lua") ==
        "rules/other.lua:1:22-25 script/name: the rule is called `r`, but its file `other.lua`; a "
        "rule is found by its file: give both the same name\n");
}

TEST_CASE("a rule that would do nothing is refused", "[load]") {
  CHECK(faults_of("return rule { name = 'r', about = 'a' }") ==
        "r.lua:1:8-12 script/no-effect: the rule has no `constraints`, `allow` or `score`\n");
}
