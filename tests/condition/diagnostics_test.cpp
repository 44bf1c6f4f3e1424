// SPDX-License-Identifier: Apache-2.0
//
// Every sentence that a wrong condition can meet. The golden file holds both sides: lines that
// begin with `> ` are conditions, what stands under them is what is said. To add a case, add such a
// line and run with LINEUP_UPDATE_GOLDEN=1.
#include <catch2/catch.hpp>
#include <sstream>

#include "condition/condition.hpp"
#include "condition/scene.hpp"
#include "support/golden.hpp"
#include "support/paths.hpp"

namespace lineup {

namespace {

Span span_of(std::uint32_t column, std::size_t width) {
  return {"feed.yaml", 1, column, 1, static_cast<std::uint32_t>(column + width)};
}

// What is said about `text` where it stands in quotes in a file.
std::string findings(const std::string& text) {
  ColumnScene scene;
  Diagnostics diagnostics;
  const std::string line = "where: '" + text + "'";
  Condition condition;
  const bool good =
      condition.compile(text, scene.scope(), span_of(8, text.size() + 2), 1, diagnostics);
  CHECK(good == diagnostics.empty());
  CHECK(condition.is_empty() == !good);
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics.all()) out += render(diagnostic, line);
  return out.empty() ? "fine\n" : out;
}

}  // namespace

TEST_CASE("a wrong condition is answered with place, reason and what would be right",
          "[condition]") {
  const std::string path = kSourceDir + "/tests/condition/golden/findings.txt";
  std::istringstream golden(read_text(path));
  std::string actual;
  for (std::string line; std::getline(golden, line);) {
    if (line.rfind("> ", 0) == 0) actual += line + "\n" + findings(line.substr(2)) + "\n";
  }
  REQUIRE_FALSE(actual.empty());
  check_golden(path, actual);
}

TEST_CASE("all unknown names of a condition are reported at once", "[condition]") {
  ColumnScene scene;
  Diagnostics diagnostics;
  Condition condition;
  const std::string text = "prize > 1 and autor == \"x\" or segment.newcomer and tag == \"y\"";
  CHECK_FALSE(condition.compile(text, scene.scope(), span_of(1, text.size()), 0, diagnostics));
  REQUIRE(diagnostics.all().size() == 4);
  CHECK(diagnostics.all()[0].code == "condition/unknown-column");
  CHECK(diagnostics.all()[0].arguments ==
        std::vector<std::pair<std::string, std::string>>{{"name", "prize"}});
  CHECK(diagnostics.all()[2].code == "condition/unknown-segment");
  CHECK(diagnostics.all()[3].span.column == 52);
}

TEST_CASE("a text that is not in the file as it is gets the whole value as its place",
          "[condition]") {
  ColumnScene scene;
  const std::string text = "prize > 1";
  struct Case {
    const char* name;
    Span origin;
    std::uint32_t offset;
    std::uint32_t column, end_column;
  };
  const auto c = GENERATE(values<Case>({
      {"plain", {"f", 3, 10, 3, 19}, 0, 10, 15},
      {"in quotes", {"f", 3, 10, 3, 21}, 1, 11, 16},
      {"without an end", {"f", 3, 10, 0, 0}, 0, 10, 15},
      {"with escapes", {"f", 3, 10, 3, 25}, 1, 10, 25},
      {"over several lines", {"f", 3, 10, 4, 8}, 1, 10, 8},
      {"put together by a rule", {"f", 3, 10, 3, 90}, 0, 10, 90},
      {"nowhere", {"", 0, 0, 0, 0}, 0, 0, 0},
  }));
  CAPTURE(c.name);
  Diagnostics diagnostics;
  Condition condition;
  CHECK_FALSE(condition.compile(text, scene.scope(), c.origin, c.offset, diagnostics));
  REQUIRE(diagnostics.all().size() == 1);
  CHECK(diagnostics.all()[0].span.column == c.column);
  CHECK(diagnostics.all()[0].span.end_column == c.end_column);
  CHECK(diagnostics.all()[0].span.line == c.origin.line);
}

TEST_CASE("a scope offers only what it has", "[condition]") {
  ColumnScene scene;
  const auto code_of = [&](const char* text, const ConditionScope& scope) {
    Diagnostics diagnostics;
    Condition condition;
    condition.compile(text, scope, {}, 0, diagnostics);
    return diagnostics.empty() ? std::string("fine") : diagnostics.all()[0].code;
  };
  CHECK(code_of("price > 1", {nullptr, &scene.context, nullptr, nullptr}) ==
        "condition/unknown-column");
  CHECK(code_of("id == 1", {nullptr, &scene.context, nullptr, nullptr}) ==
        "condition/unknown-column");
  CHECK(code_of("context.x == 1", {&scene.schema, nullptr, nullptr, nullptr}) ==
        "condition/unknown-context");
  CHECK(code_of("segment.newcomers", {&scene.schema, &scene.context, nullptr, nullptr}) ==
        "condition/unknown-segment");
  CHECK(code_of("author in list.blocked_authors", {&scene.schema, nullptr, nullptr, nullptr}) ==
        "condition/unknown-list");
  CHECK(code_of("context.x == 1", {nullptr, &scene.context, nullptr, nullptr}) == "fine");
}

TEST_CASE("no text makes the compiler crash", "[condition]") {
  ColumnScene scene;
  const std::string seed =
      "not (price >= 10.5 and tags in {\"a\", 'b\\n'}) or released in "
      "\"2020-01-01\"..time(\"2021-01-01\") and author not in list.blocked_authors or "
      "context.a.b == nil and segment.night or released + 3d >= now - 7d and author is not missing "
      "or tags starts with \"a\" and experiment.x == \"B\"";
  std::uint64_t state = 1;
  const auto random = [&](std::size_t below) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::size_t>(state >> 33) % below;
  };
  for (int i = 0; i < 20000; ++i) {
    std::string text = seed.substr(0, 1 + random(seed.size()));
    for (std::size_t edits = random(4); edits > 0 && !text.empty(); --edits) {
      switch (random(3)) {
        case 0:
          text.erase(random(text.size()), 1 + random(5));
          break;
        case 1:
          text[random(text.size())] = static_cast<char>(random(256));
          break;
        default:
          text.insert(random(text.size()), seed, random(seed.size()), random(12));
          break;
      }
    }
    Diagnostics diagnostics;
    Condition condition;
    const bool good =
        condition.compile(text, scene.scope(), span_of(1, text.size()), 0, diagnostics);
    if (good != diagnostics.empty()) FAIL("a verdict without a reason: " << text);
    for (const Diagnostic& diagnostic : diagnostics.all()) {
      if (diagnostic.message.empty() || diagnostic.span.end_column > text.size() + 1) {
        FAIL("a bad finding: " << text);
      }
    }
  }
}

TEST_CASE("deep nesting is refused, not followed", "[condition]") {
  ColumnScene scene;
  for (const char* opening : {"(", "not "}) {
    std::string text;
    for (int i = 0; i < 10000; ++i) text += opening;
    Diagnostics diagnostics;
    Condition condition;
    CHECK_FALSE(condition.compile(text + "true", scene.scope(), {}, 0, diagnostics));
    REQUIRE(diagnostics.all().size() == 1);
    CHECK(diagnostics.all()[0].message == "the condition is nested deeper than 64");
  }
}

}  // namespace lineup
