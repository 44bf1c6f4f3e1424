// SPDX-License-Identifier: Apache-2.0
//
// Files of cases: what is read, what is refused and where, and that aliases cannot blow up.
#include "policy/cases.hpp"

#include <catch2/catch.hpp>
#include <string>

using lineup::Diagnostics;
using lineup::parse_cases;
using lineup::read_yaml;
using lineup::RuleCase;
using lineup::YamlAliases;
using lineup::YamlNode;

namespace {

std::vector<RuleCase> read(const std::string& text) {
  std::vector<RuleCase> cases;
  Diagnostics found;
  const bool fine = parse_cases("rules/x.cases.yaml", text, cases, found);
  INFO((found.empty() ? std::string() : found.all().front().message));
  REQUIRE(fine);
  return cases;
}

}  // namespace

TEST_CASE("a case is read with all its keys", "[cases]") {
  const auto cases = read(R"(- name: all keys
  with: {max: 2}
  priority: 7
  page: 4
  columns: {released: {type: time}}
  context: {hour: 20}
  time: 2026-01-01
  lists: {blocked: [a, 7]}
  history: [{type: ad}]
  rows: [{id: 1, score: 0.5}, {id: x}]
  expect: {slate: [x, 1], status: relaxed, relaxed: {cap: 2}}
)");
  REQUIRE(cases.size() == 1);
  const RuleCase& one = cases.front();
  CHECK(one.name == "all keys");
  CHECK(one.span.line == 1);
  CHECK(one.page == 4);
  CHECK(one.priority->integer == 7);
  CHECK(one.lists.front().second == std::vector<std::string>{"a", "7"});
  CHECK(one.rows.size() == 2);
  CHECK(one.history.size() == 1);
  CHECK(*one.slate == std::vector<std::string>{"x", "1"});
  CHECK(one.relaxed->front().second == 2);
  CHECK_FALSE(one.given.has_value());
}

TEST_CASE("cases share rows through aliases", "[cases]") {
  const auto cases = read(R"(- name: first
  rows: &rows [{id: &best a, score: &high 0.9}, {id: b, score: *high}]
  expect: {slate: [*best, b]}
- name: second
  rows: *rows
  given: {slate: [a]}
  expect: {violations: 0}
)");
  REQUIRE(cases.size() == 2);
  CHECK(cases[1].rows.size() == 2);
  CHECK(cases[0].rows[1].entry("score")->value.number == 0.9);
  CHECK(cases[0].slate->front() == "a");
  CHECK(*cases[1].given == std::vector<std::string>{"a"});
}

TEST_CASE("what is wrong with a case is said at its place", "[cases]") {
  struct Case {
    const char* text;
    const char* code;
    std::uint32_t line;
  };
  const auto c = GENERATE(values<Case>({
      {"name: x\n", "cases/type", 1},
      {"- name: x\n  rows: []\n", "cases/missing", 1},
      {"- rows: []\n  expect: {}\n", "cases/missing", 1},
      {"- name: x\n  rws: []\n  expect: {}\n", "cases/unknown-key", 2},
      {"- name: x\n  rows: [{score: 1}]\n  expect: {}\n", "cases/missing", 2},
      {"- name: x\n  page: 0\n  expect: {}\n", "cases/type", 2},
      {"- name: x\n  expect:\n    status: good\n", "cases/status", 3},
      {"- name: x\n  expect: {violations: 1}\n", "cases/expect", 2},
      {"- name: x\n  given: {slate: []}\n  expect: {status: ok}\n", "cases/expect", 3},
      {"- name: x\n  expect: {refused: never, status: ok}\n", "cases/expect", 2},
      {"- name: x\n  rows: *nothing\n  expect: {}\n", "policy/syntax", 2},
      {"- name: x\n  name: y\n  expect: {}\n", "policy/duplicate-key", 2},
  }));
  CAPTURE(c.text);
  std::vector<RuleCase> cases;
  Diagnostics found;
  CHECK_FALSE(parse_cases("rules/x.cases.yaml", c.text, cases, found));
  REQUIRE_FALSE(found.empty());
  CHECK(found.all().front().code == c.code);
  CHECK(found.all().front().span.line == c.line);
}

TEST_CASE("a few lines of aliases cannot stand for gigabytes", "[cases]") {
  std::string text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char name = 'b'; name < 'l'; ++name) {
    const std::string before = std::string("*") + static_cast<char>(name - 1);
    text += std::string(1, name) + ": &" + name + " [" + before;
    for (int i = 0; i < 9; ++i) text += ", " + before;
    text += "]\n";
  }
  YamlNode root;
  Diagnostics found;
  CHECK_FALSE(read_yaml("bomb.yaml", text, root, found, YamlAliases::Followed));
  CHECK(found.all().front().code == "policy/alias");

  Diagnostics itself;
  CHECK_FALSE(read_yaml("loop.yaml", "a: &a [*a]\n", root, itself, YamlAliases::Followed));
  CHECK(itself.has_errors());
}
