// SPDX-License-Identifier: Apache-2.0
//
// `allow_all`, which answers for all rows at once, against `allow`, which answers for one.
#include <catch2/catch.hpp>

#include "script/rule_maker.hpp"

using namespace lineup;
using namespace lineup::test;

namespace {

struct Pair {
  const char* all;
  const char* one;
};

const Pair kPairs[] = {
    {"items.category:eq('a')", "item.category == 'a'"},
    {"items.category:ne('a')", "item.category ~= 'a'"},
    {"items.category:eq('never seen')", "false"},
    {"items.score:lt(0.5)", "(item.score or 9) < 0.5"},
    {"items.score:le(0.5)", "(item.score or 9) <= 0.5"},
    {"items.score:gt(0.25)", "(item.score or -9) > 0.25"},
    {"items.score:ge(0.25)", "(item.score or -9) >= 0.25"},
    {"items.score:eq(0.25)", "item.score == 0.25"},
    {"items.score:ne(0.25)", "item.score ~= 0.25"},
    {"items.released:eq(1)", "item.released == 1"},
    {"items.released:missing()", "item.released == nil"},
    {"items.category:missing()", "item.category == nil"},
    {"items.id:missing()", "false"},
    {"(items.score * 0):missing()", "item.score == nil"},
    {"items.is_new", "item.is_new == true"},
    {"items.is_new:eq(false)", "item.is_new == false"},
    {"~items.is_new", "not item.is_new"},
    {"items.tags:has('b')", "item.tags ~= nil and item.tags:has('b')"},
    {"items.tags:has('z')", "false"},
    {"items.category:isin { 'a', 'c' }", "item.category == 'a' or item.category == 'c'"},
    {"items.released:isin { 0, 2 }", "item.released == 0 or item.released == 2"},
    {"items.category:isin {}", "false"},
    {"items.id:eq('x3')", "item.id == 'x3'"},
    {"items.category:same(slate[-1])", "item:same(slate[-1], 'category')"},
    {"items.tags:same(slate[-2])", "item:same(slate[-2], 'tags')"},
    {"items.id:same(slate[1])", "item:same(slate[1], 'id')"},
    {"slate:count_same(items.category, 3):lt(2)", "slate:count_same(item, 'category', 3) < 2"},
    {"slate:count_same(items.tags):ge(2)", "slate:count_same(item, 'tags') >= 2"},
    {"slate:count_same(items.score, -1):eq(0)", "true"},
    {"slate:distance_to_same(items.category):gt(2)",
     "(slate:distance_to_same(item, 'category') or 0) > 2"},
    {"slate:distance_to_same(items.released):missing()",
     "slate:distance_to_same(item, 'released') == nil"},
    {"(items.score + items.released):gt(1)", "(item.score or -99) + (item.released or -99) > 1"},
    {"(items.score - 1):lt(-0.5)", "(item.score or 9) - 1 < -0.5"},
    {"(2 * items.score):ge(items.released)",
     "item.score ~= nil and item.released ~= nil and 2 * item.score >= item.released"},
    {"(-items.score):lt(-0.4)", "-(item.score or 0) < -0.4"},
    {"(items.released / 2):eq(0.5)", "(item.released or 9) / 2 == 0.5"},
    {"items.category:eq('a') & items.is_new | items.score:gt(0.5)",
     "item.category == 'a' and item.is_new == true or (item.score or 0) > 0.5"},
    {"~(items.category:eq('a') | items.category:eq('b'))",
     "not (item.category == 'a' or item.category == 'b')"},
    {"#slate < 3", "#slate < 3"},
    {"slate[-1] == nil or items.category:ne('a')", "slate[-1] == nil or item.category ~= 'a'"},
    {"items.score:ge(slate[1] and slate[1].score or 0)",
     "(item.score or -1) >= (slate[1] and slate[1].score or 0)"},
    {"slate:count('is_new') > 1 and items.is_new or ~items.is_new",
     "slate:count('is_new') > 1 and item.is_new == true or "
     "slate:count('is_new') <= 1 and not item.is_new"},
};

std::string all(const std::string& expression) {
  return header("allow_all = function(items, slate, context, p) return " + expression + " end");
}

std::string fault(const std::string& expression) {
  RecallRun run(all(expression));
  Page& page = run.page();
  page.rows.add("r0", {0.5, "a", true, std::int64_t{1}, Texts{"a"}});
  page.finish();
  return run.ask(page, {}, 0);
}

}  // namespace

TEST_CASE("a mask allows the rows that the function of one row allows", "[lanes]") {
  for (const Pair& pair : kPairs) {
    RecallRun whole(all(pair.all));
    RecallRun single(allow("return " + std::string(pair.one)));
    for (std::uint32_t seed = 1; seed <= 12; ++seed) {
      RuleMaker maker(seed);
      const std::uint32_t rows = seed % 3 == 0 ? 64 + maker.below(80) : 1 + maker.below(12);
      Page& page = whole.page();
      maker.fill(page, rows);
      for (int slates = 0; slates < 4; ++slates) {
        const auto slate = maker.slate(rows);
        for (std::uint32_t row = 0; row < rows; ++row) {
          const std::string expected = single.ask(page, slate, row);
          REQUIRE(expected.find("broken") == std::string::npos);
          const std::string said = whole.ask(page, slate, row);
          if (said != expected) {
            FAIL(pair.all << " on row " << row << " (seed " << seed << ") is " << said << ", but "
                          << pair.one << " is " << expected);
          }
        }
      }
    }
  }
}

TEST_CASE("one call answers for all rows of a page, and pages are told apart", "[lanes]") {
  RecallRun run(all("slate:count_same(items.category, 1):lt(1)"));
  Page& page = run.page();
  for (const char* category : {"a", "a", "b", "b"}) {
    page.rows.add(std::string("r") + category, {0.5, category, true, std::int64_t{1}, Texts{}});
  }
  page.finish();
  ScriptWorker& worker = *run.remembering;
  worker.bind(page.batch, page.context, page.slots);
  const auto say = [&](const std::vector<std::uint32_t>& slate, std::uint32_t row) {
    return run.answer(worker, slate, row);
  };
  CHECK(say({0}, 1) == "false");
  CHECK(say({0}, 2) == "true");
  CHECK(say({0}, 3) == "true");
  CHECK(worker.calls().calls == 1);
  CHECK(say({2}, 1) == "true");
  CHECK(say({2}, 3) == "false");
  CHECK(worker.calls().calls == 2);
  CHECK(say({2, 0}, 1) == "false");
  CHECK(say({2}, 3) == "false");
  CHECK(worker.calls().calls == 3);
  // Another request with the same rows on the page.
  Page& other = run.page();
  for (const char* category : {"a", "b", "a", "b"}) {
    other.rows.add(std::string("r") + category, {0.5, category, true, std::int64_t{1}, Texts{}});
  }
  other.finish();
  worker.bind(other.batch, other.context, other.slots);
  CHECK(say({2}, 0) == "false");
  CHECK(say({2}, 1) == "true");
}

TEST_CASE("what columns cannot do is said", "[lanes]") {
  CHECK(fault("items[('Categry'):lower()]:eq('a')") ==
        "broken: r.lua:1: unknown column `categry`; did you mean `category`?");
  CHECK(fault("items.score < 3").find("columns are compared by methods: `items.price:lt(20)`") !=
        std::string::npos);
  CHECK(fault("items.category:lt('b')").find("expected numbers") != std::string::npos);
  CHECK(fault("items.score:eq('a')").find("a string is nothing that the column could hold") !=
        std::string::npos);
  CHECK(fault("items.score & items.is_new").find("expected a mask") != std::string::npos);
  CHECK(fault("items.category + 1").find("expected numbers") != std::string::npos);
  CHECK(fault("items.score.eq(3)").find("expected a column as argument 0") != std::string::npos);
  CHECK(fault("items.score:equals(3)").find("rules have no `column.equals`") != std::string::npos);
  CHECK(fault("items.category:same(3)").find("expected a row of the slate") != std::string::npos);
  CHECK(fault("(items.score + 1):same(slate[1])").find("a column as it is") != std::string::npos);
  CHECK(fault("items.score") ==
        "broken: r.lua: `allow_all` must answer a mask, true or false, got userdata");
  CHECK(fault("nil") == "broken: r.lua: `allow_all` must answer a mask, true or false, got nil");
  CHECK(fault("(function() items.score = 1 end)()").find("cannot be changed") != std::string::npos);
  CHECK(faults_of(header("allow = function() return true end, "
                         "allow_all = function() return true end"))
            .find("script/two-forms: the rule has `allow` and `allow_all`") != std::string::npos);
}

TEST_CASE("column operations pay for their rows", "[lanes]") {
  ScriptLimits limits;
  limits.call_ns_max = 60'000'000'000;
  const std::string source = header(
      "allow_all = function(items) local m = items.score for i = 1, 300 do m = m + 1 end "
      "return m:gt(0) end");
  RecallRun run(source, with({}), limits);
  RuleMaker maker(3);
  Page& few = run.page();
  maker.fill(few, 10);
  CHECK(run.ask(few, {}, 0).find("broken") == std::string::npos);
  Page& many = run.page();
  maker.fill(many, 4000);
  CHECK(run.ask(many, {}, 0) == "broken: r.lua:1: used up its 100000 instructions");
  CHECK(run.ask(few, {}, 0).find("broken") == std::string::npos);
}
