// SPDX-License-Identifier: Apache-2.0
//
// Places: where values begin and end, in every way in which YAML can write them.
#include <catch2/catch.hpp>

#include "condition/condition.hpp"
#include "policy/document.hpp"
#include "policy/yaml.hpp"

namespace lineup {

namespace {

// "2:4-2:9" of the value of key `a`.
std::string place_of_a(const std::string& text) {
  Diagnostics diagnostics;
  YamlNode root;
  if (!read_yaml("f", text, root, diagnostics)) return diagnostics.all()[0].message;
  const YamlEntry* entry = root.entry("a");
  if (entry == nullptr) return "no key";
  const Span& span = entry->value.span;
  return std::to_string(span.line) + ":" + std::to_string(span.column) + "-" +
         std::to_string(span.end_line) + ":" + std::to_string(span.end_column);
}

YamlNode value_of_a(const std::string& text) {
  Diagnostics diagnostics;
  YamlNode root;
  REQUIRE(read_yaml("f", text, root, diagnostics));
  return root.entry("a")->value;
}

}  // namespace

TEST_CASE("every value knows where it begins and ends", "[policy]") {
  struct Case {
    const char* text;
    const char* place;
  };
  const auto c = GENERATE(values<Case>({
      {"a: 12\nb: 1\n", "1:4-1:6"},
      {"a:   plain text   # comment\n", "1:6-1:16"},
      {"a: 'it''s'\n", "1:4-1:11"},
      {"a: \"x\\\"y\"\n", "1:4-1:10"},
      {"a: {b: 1, c: [1, 2]}\n", "1:4-1:21"},
      {"a: { b: 1, }  # end\n", "1:4-1:13"},
      {"a: {}\n", "1:4-1:6"},
      {"a: [\n  1,\n  2  # two\n]\n", "1:4-4:2"},
      {"a:\n  - b\n  - cc\n", "2:3-3:7"},
      {"a:\n  b: 1\n  c: long\nd: 2\n", "2:3-3:10"},
      {"a: folded\n  over lines\nb: 1\n", "1:4-2:13"},
      {"a: |\n  literal\n  lines\nb: 1\n", "1:4-3:8"},
      {"a: >-\n\n  folded\n\n  end\nb: 1\n", "1:4-5:6"},
      {"a:\nb: 1\n", "1:1-1:2"},
      {"a: ~\n", "1:4-1:5"},
      {"a: null # nothing\n", "1:4-1:8"},
      {"a:\r\n  b: 'x'\r\n", "2:3-2:9"},
      {"é: ö\na: ü\n", "2:4-2:6"},
      {"{é: ö, a: ü}\n", "1:13-1:15"},
      {"\xEF\xBB\xBF"
       "a: 1\n",
       "1:4-1:5"},
      {"- 1\n", "no key"},
  }));
  CAPTURE(c.text);
  CHECK(place_of_a(c.text) == c.place);
}

TEST_CASE("words without quotes are what people expect them to be", "[policy]") {
  struct Case {
    const char* text;
    Value::Kind kind;
  };
  using Is = Value::Kind;
  const auto c = GENERATE(values<Case>({
      {"true", Is::Bool},
      {"False", Is::Bool},
      {"no", Is::Text},
      {"on", Is::Text},
      {"yes", Is::Text},
      {"off", Is::Text},
      {"12", Is::Integer},
      {"-3", Is::Integer},
      {"+5", Is::Integer},
      {"0", Is::Integer},
      {"007", Is::Text},
      {"0x1F", Is::Text},
      {"1_000", Is::Text},
      {"12:30", Is::Text},
      {"1.5", Is::Float},
      {".5", Is::Float},
      {"1.", Is::Float},
      {"1e3", Is::Float},
      {"-0.0", Is::Float},
      {".inf", Is::Text},
      {".nan", Is::Text},
      {"1e999", Is::Text},
      {"+", Is::Text},
      {".", Is::Text},
      {"'12'", Is::Text},
      {"2026-01-31", Is::Text},
      {"1.2.3", Is::Text},
      {"10%", Is::Text},
      {"null", Is::Null},
      {"+-5", Is::Text},
      {"9223372036854775807", Is::Integer},
      {"9223372036854775808", Is::Text},
  }));
  CAPTURE(c.text);
  CHECK(value_of_a(std::string("a: ") + c.text + "\n").kind == c.kind);
}

TEST_CASE("a number keeps the text it was written as", "[policy]") {
  CHECK(value_of_a("a: 1.50\n").text == "1.50");
  CHECK(value_of_a("a: 1.50\n").number == 1.5);
  CHECK(value_of_a("a: +5\n").integer == 5);
  CHECK(value_of_a("a: -7\n").integer == -7);
}

TEST_CASE("a fault inside a condition is shown inside the value", "[policy]") {
  const std::string text =
      "lineup: 1\nscene: s\npage: 3\ncolumns: {price: {type: float}}\n"
      "rules:\n  - {use: block, with: {where: 'prize > 3'}, required: true}\n";
  Diagnostics diagnostics;
  PolicyDocument policy;
  REQUIRE(parse_policy("p.yaml", text, policy, diagnostics));
  const Value* where = policy.rules[0].with.find("where");
  REQUIRE(where != nullptr);
  Condition condition;
  ConditionScope scope;
  scope.schema = &policy.columns;
  CHECK_FALSE(condition.compile(where->text, scope, where->span, where->text_offset, diagnostics));
  REQUIRE(diagnostics.all().size() == 1);
  CHECK(render(diagnostics.all()[0], text) ==
        "p.yaml:6:33: error[condition/unknown-column]: unknown column `prize`; did you mean "
        "`price`?\n"
        "  |   - {use: block, with: {where: 'prize > 3'}, required: true}\n"
        "  |                                 ^~~~~\n");
}

}  // namespace lineup
