// SPDX-License-Identifier: Apache-2.0
//
// A code rule that is remembered answers as it would if it ran: every condition that this needs, by
// name. `ask` compares with a worker that remembers nothing.
#include <catch2/catch.hpp>
#include <cmath>

#include "script/recall_run.hpp"

using namespace lineup;
using namespace lineup::test;

namespace {

const std::monostate kMissing;

// One more row.
void add(Page& page, const Cell& score, const Cell& category, const Cell& released = kMissing,
         const Cell& tags = kMissing) {
  page.rows.add("r" + std::to_string(page.added++), {score, category, true, released, tags});
}

}  // namespace

TEST_CASE("a call that asks what was asked before is answered without running", "[recall]") {
  RecallRun run(allow("return slate:count_same(item, 'category', 4) < 2"));
  Page& first = run.page();
  for (const char* category : {"a", "a", "a", "b"}) add(first, 0.5, category);
  first.finish();
  CHECK_FALSE(run.knows(first, {}, 0));
  CHECK(run.knows(first, {}, 1));
  CHECK_FALSE(run.knows(first, {0, 1}, 2));
  // Another request, other texts, the same counts.
  Page& second = run.page();
  for (const char* category : {"x", "y", "y", "y"}) add(second, 0.1, category);
  second.finish();
  CHECK(run.knows(second, {}, 3));
  CHECK(run.knows(second, {0, 1, 2}, 3));
  CHECK(run.ask(second, {0, 1, 2}, 3) == "false");
  CHECK(run.ask(second, {1, 2, 3}, 0) == "true");
}

TEST_CASE("texts are compared as texts, whatever codes a request gives them", "[recall]") {
  RecallRun run(allow("return item.category ~= 'a'"));
  Page& first = run.page();
  for (const char* category : {"a", "b"}) add(first, 0.5, category);
  first.finish();
  Page& second = run.page();
  for (const char* category : {"b", "a"}) add(second, 0.5, category);
  second.finish();
  CHECK(run.ask(first, {}, 0) == "false");
  CHECK(run.ask(first, {}, 1) == "true");
  CHECK(run.knows(second, {}, 0));
  CHECK(run.knows(second, {}, 1));
  CHECK(run.ask(second, {}, 0) == "true");
  CHECK(run.ask(second, {}, 1) == "false");
}

TEST_CASE("answers have types: an integer is no float, a zero no negative zero", "[recall]") {
  RecallRun typed(
      header("score = function(item, slate, context) "
             "return math.type(context.hour) == 'integer' and 1 or 2 end"));
  Page& whole = typed.page();
  add(whole, 0.5, "a");
  whole.finish({Scalar::of(std::int64_t{1})});
  Page& broken = typed.page();
  add(broken, 0.5, "a");
  broken.finish({Scalar::of(1.0)});
  CHECK(typed.ask(whole, {}, 0) == "0x1p+0");
  CHECK(typed.ask(broken, {}, 0) == "0x1p+1");
  CHECK(typed.ask(whole, {}, 0) == "0x1p+0");

  RecallRun zeros(allow("return 1 / item.score > 0"));
  Page& page = zeros.page();
  add(page, 0.0, "a");
  add(page, -0.0, "a");
  page.finish();
  CHECK(zeros.ask(page, {}, 0) == "true");
  CHECK(zeros.ask(page, {}, 1) == "false");
  CHECK(zeros.knows(page, {}, 0));
  CHECK(zeros.ask(page, {}, 0) == "true");
}

TEST_CASE("a number that is none is missing, and missing is an answer", "[recall]") {
  RecallRun run(allow("return item.score == nil"));
  Page& page = run.page();
  add(page, 0.5, "a");
  add(page, NAN, "a");
  add(page, kMissing, "a");
  page.finish();
  CHECK(run.ask(page, {}, 0) == "false");
  CHECK(run.ask(page, {}, 1) == "true");
  CHECK(run.knows(page, {}, 2));
  CHECK(run.ask(page, {}, 2) == "true");
}

TEST_CASE("a number of the context that is none is no other number", "[recall]") {
  RecallRun run(allow("return context.level == context.level"));
  for (const double level : {1.0, std::nan(""), 2.0}) {
    Page& page = run.page();
    add(page, 0.5, "a");
    page.finish({Scalar::of(level)});
    CHECK(run.ask(page, {}, 0) == (std::isnan(level) ? "false" : "true"));
  }
}

TEST_CASE("the length of the slate is asked", "[recall]") {
  RecallRun run(allow("return #slate % 2 == 0"));
  Page& page = run.page();
  for (int i = 0; i < 9; ++i) add(page, 0.5, "a");
  page.finish();
  for (const int round : {1, 2}) {
    CAPTURE(round);
    CHECK(run.ask(page, {}, 8) == "true");
    CHECK(run.ask(page, {0}, 8) == "false");
    CHECK(run.ask(page, {0, 1, 2, 3, 4, 5, 6}, 8) == "false");
    CHECK(run.ask(page, {0, 1, 2, 3, 4, 5}, 8) == "true");
  }
}

TEST_CASE("whether a slot is filled is asked", "[recall]") {
  RecallRun run(allow("return slate[3] == nil or slate[-3] ~= nil and slate[7] == nil"));
  Page& page = run.page();
  for (int i = 0; i < 9; ++i) add(page, 0.5, "a");
  page.finish();
  std::vector<std::uint32_t> slate;
  for (std::uint32_t row = 0; row < 8; ++row) {
    for (const int round : {1, 2}) {
      CAPTURE(row, round);
      CHECK(run.ask(page, slate, 8) == (slate.size() < 7 ? "true" : "false"));
    }
    slate.push_back(row);
  }
}

TEST_CASE("iterating asks for every row and for the end", "[recall]") {
  RecallRun run(
      header("score = function(item, slate) local n = 0 for _, other in ipairs(slate) do "
             "if other.category == item.category then n = n + 1 end end return n end"));
  Page& page = run.page();
  for (const char* category : {"a", "b", "a", "a", "b"}) add(page, 0.5, category);
  page.finish();
  for (const int round : {1, 2}) {
    CAPTURE(round);
    CHECK(run.ask(page, {}, 0) == "0x0p+0");
    CHECK(run.ask(page, {2, 3}, 0) == "0x1p+1");
    CHECK(run.ask(page, {2, 1}, 0) == "0x1p+0");
    CHECK(run.ask(page, {2, 1, 3}, 0) == "0x1p+1");
    CHECK(run.ask(page, {2, 1, 3}, 4) == "0x1p+0");
  }
}

TEST_CASE("values of a list, their number and whether one is there are asked", "[recall]") {
  RecallRun run(
      header("score = function(item) local tags = item.tags if tags == nil then return -1 end "
             "local n = #tags for i, tag in ipairs(tags) do if tag == 'x' then n = n + 10 * i end "
             "end return tags:has('y') and n + 1000 or n end"));
  Page& page = run.page();
  const std::vector<Cell> lists = {Texts{"x"}, Texts{"y"},           Texts{"y", "x"},
                                   kMissing,   Texts{"x", "y", "z"}, Texts{"x"}};
  for (const Cell& tags : lists) add(page, 0.5, "a", kMissing, tags);
  page.finish();
  const std::vector<double> expected = {11, 1001, 1022, -1, 1013, 11};
  for (const int round : {1, 2}) {
    for (std::uint32_t row = 0; row < expected.size(); ++row) {
      CAPTURE(round, row);
      std::ostringstream out;
      out << std::hexfloat << expected[row];
      CHECK(run.ask(page, {}, row) == out.str());
      CHECK((round == 1 || run.knows(page, {}, row)));
    }
  }
}

TEST_CASE("which row a view is of is asked when views are compared", "[recall]") {
  RecallRun run(allow("return slate[1] == slate[-1]"));
  Page& page = run.page();
  for (int i = 0; i < 5; ++i) add(page, 0.5, "a");
  page.finish();
  for (const int round : {1, 2}) {
    CAPTURE(round);
    CHECK(run.ask(page, {3}, 0) == "true");
    CHECK(run.ask(page, {3, 2}, 0) == "false");
    CHECK(run.ask(page, {1}, 0) == "true");
  }
  RecallRun middle(allow("return slate[2] == slate[-2]"));
  Page& other = middle.page();
  for (int i = 0; i < 5; ++i) add(other, 0.5, "a");
  other.finish();
  for (const int round : {1, 2}) {
    CAPTURE(round);
    CHECK(middle.ask(other, {0, 1, 2}, 4) == "true");
    CHECK(middle.ask(other, {0, 1}, 4) == "false");
    CHECK(middle.ask(other, {0, 1, 2, 3}, 4) == "false");
  }
}

TEST_CASE("rows as keys of a table tell nothing that was not asked", "[recall]") {
  RecallRun run(
      allow("local seen = { [slate[1] or 0] = true } return seen[slate[-1] or 0] == true"));
  Page& page = run.page();
  for (int i = 0; i < 5; ++i) add(page, 0.5, "a");
  page.finish();
  for (const int round : {1, 2}) {
    CAPTURE(round);
    CHECK(run.ask(page, {}, 4) == "true");
    CHECK(run.ask(page, {1}, 4) == "false");
    CHECK(run.ask(page, {1, 2}, 4) == "false");
  }
  RecallRun same(
      allow("local seen = { [item] = 1, [slate] = 2 } return seen[item] == 1 and "
            "seen[slate] == 2"));
  Page& other = same.page();
  add(other, 0.5, "a");
  other.finish();
  CHECK(same.ask(other, {}, 0) == "true");
}

TEST_CASE("the context, its parts and the page are asked", "[recall]") {
  RecallRun run(
      header("score = function(item, slate, context) local t = context.trigger.category "
             "if t == item.category then return context.page end return 0 end"));
  for (const char* trigger : {"a", "b", ""}) {
    for (const std::uint32_t slots : {8U, 12U}) {
      Page& page = run.page();
      for (const char* category : {"a", "b"}) add(page, 0.5, category);
      page.finish({trigger[0] == 0 ? Scalar{} : Scalar::of(std::string_view(trigger))});
      page.slots = slots;
    }
  }
  for (const int round : {1, 2}) {
    for (const Page& page : run.pages()) {
      for (const std::uint32_t row : {0U, 1U}) {
        CAPTURE(round, page.slots, row);
        CHECK(run.ask(page, {}, row).find("remembered") == std::string::npos);
        CHECK((round == 1 || run.knows(page, {}, row)));
      }
    }
  }
}

TEST_CASE("a call that used up its budget is never remembered", "[recall]") {
  ScriptLimits patient;
  patient.call_ns_max = 10'000'000'000;  // a busy machine must not end it first
  RecallRun run(allow("if #slate == 1 then while true do end end return true"), with({}), patient);
  Page& page = run.page();
  for (int i = 0; i < 5; ++i) add(page, 0.5, "a");
  page.finish();
  for (const int round : {1, 2, 3}) {
    CAPTURE(round);
    CHECK(run.ask(page, {}, 4) == "true");
    CHECK(run.ask(page, {0}, 4) == "broken: r.lua:1: used up its 100000 instructions");
    CHECK_FALSE(run.knows(page, {0}, 4));
    CHECK(run.ask(page, {0, 1}, 4) == "true");
  }
}

TEST_CASE("a call that came near its budget is never remembered", "[recall]") {
  // The more rows there are to look at, the more a question costs: what went well for a short slate
  // may not go well for a long one that answers the same.
  const std::string body =
      "local n = 0 for i = 1, 60 do n = n + slate:count_same(item, 'category') end return n == 0";
  ScriptLimits narrow;
  narrow.call_instructions_max = 2000;
  RecallRun run(allow(body), with({}), narrow);
  Page& page = run.page();
  std::vector<std::uint32_t> longest;
  for (std::uint32_t i = 0; i < 200; ++i) {
    add(page, 0.5, "a");
    longest.push_back(i);
  }
  add(page, 0.5, "b");
  page.finish();
  CHECK(run.ask(page, {0}, 200) == "true");
  CHECK_FALSE(run.knows(page, {0}, 200));
  CHECK(run.ask(page, longest, 200).find("broken") == 0);
  // With room to spare it is remembered, and the longest slate ends well too.
  RecallRun wide(allow(body));
  Page& same = wide.page();
  for (std::uint32_t i = 0; i < 200; ++i) add(same, 0.5, "a");
  add(same, 0.5, "b");
  same.finish();
  CHECK(wide.ask(same, {0}, 200) == "true");
  CHECK(wide.knows(same, longest, 200));
  CHECK(wide.ask(same, longest, 200) == "true");
}

TEST_CASE("a call that ran out of memory or time is never remembered", "[recall]") {
  ScriptLimits small;
  small.state_bytes_max = 1024 * 1024;
  small.call_instructions_max = 100'000'000;
  small.call_ns_max = 500'000'000;
  RecallRun memory(allow("if #slate == 1 then local t = {} for i = 1, 1e8 do t[i] = { i } end end "
                         "return true"),
                   with({}), small);
  Page& page = memory.page();
  for (int i = 0; i < 3; ++i) add(page, 0.5, "a");
  page.finish();
  for (const int round : {1, 2}) {
    CAPTURE(round);
    CHECK(memory.ask(page, {0}, 2).find("of memory") != std::string::npos);
    // Not even what was remembered is answered by a state that is not trusted any more.
    CHECK(memory.answer(*memory.remembering, {}, 2).find("ran out of memory before") !=
          std::string::npos);
    CHECK(memory.ask(page, {}, 2) == "true");
  }
  ScriptLimits brief;
  brief.call_instructions_max = 4'000'000'000;
  brief.call_ns_max = 1'000'000;
  RecallRun time(allow("while true do end"), with({}), brief);
  Page& other = time.page();
  add(other, 0.5, "a");
  other.finish();
  CHECK(time.ask(other, {}, 0) == "broken: r.lua:1: used up its 1 ms");
  CHECK_FALSE(time.knows(other, {}, 0));
}

TEST_CASE("what fails, fails each time with the same words", "[recall]") {
  RecallRun run(allow("return slate[-1].category ~= item.category"));
  Page& page = run.page();
  for (const char* category : {"a", "b"}) add(page, 0.5, category);
  page.finish();
  for (const int round : {1, 2}) {
    CAPTURE(round);
    CHECK(run.ask(page, {}, 0).find("broken: r.lua:1: attempt to index a nil value") == 0);
    CHECK(run.ask(page, {0}, 1) == "true");
  }
  RecallRun wrong(allow("return item.score"));
  Page& other = wrong.page();
  add(other, 0.5, "a");
  other.finish();
  for (const int round : {1, 2}) {
    CAPTURE(round);
    CHECK(wrong.ask(other, {}, 0) ==
          "broken: r.lua: `allow` must answer true or false, got number");
  }
}

TEST_CASE("a failure that is caught is part of what was asked", "[recall]") {
  RecallRun run(allow("local ok, why = pcall(function() return slate[-1].category end) return ok"));
  Page& page = run.page();
  for (const char* category : {"a", "b"}) add(page, 0.5, category);
  page.finish();
  for (const int round : {1, 2}) {
    CAPTURE(round);
    CHECK(run.ask(page, {}, 0) == "false");
    CHECK(run.ask(page, {0}, 1) == "true");
    CHECK((round == 1 || run.knows(page, {}, 0)));
  }
}

TEST_CASE("uses with other arguments remember apart", "[recall]") {
  const std::string source = header(
      "parameters = { max = integer { default = 1, about = 'm' } },\n"
      "allow = function(item, slate, context, p) "
      "return slate:count_same(item, 'category') < p.max end");
  const auto rule = rule_of(source);
  Schema schema = CodeRun::make_schema();
  ContextLayout layout;
  std::vector<CodeUse> uses(2);
  for (int i = 0; i < 2; ++i) {
    Diagnostics diagnostics;
    uses[i].rule = rule;
    check_arguments(*rule, with({{"max", number(i + 1)}}), uses[i].arguments, diagnostics);
    REQUIRE(diagnostics.all().empty());
  }
  auto made = ScriptWorker::create(uses, schema, layout, {}, make_recall(2));
  REQUIRE(made);
  Page page(schema);
  for (int i = 0; i < 3; ++i) add(page, 0.5, "a");
  page.finish();
  (*made)->bind(page.batch, page.context, 3);
  const std::vector<std::uint32_t> slate = {0};
  for (const int round : {1, 2}) {
    CAPTURE(round);
    CHECK((*made)->opaque(0)->judge({slate, nullptr}, 1).violations == 1);
    CHECK((*made)->opaque(1)->judge({slate, nullptr}, 1).violations == 0);
  }
  CHECK((*made)->calls().remembered == 2);
}

TEST_CASE("workers of a revision share what they find out", "[recall]") {
  RecallRun run(allow("return not item:same(slate[-1], 'category')"));
  Page& page = run.page();
  for (const char* category : {"a", "a", "b"}) add(page, 0.5, category);
  page.finish();
  CHECK(run.ask(page, {0}, 1) == "false");
  const auto other = run.another();
  other->bind(page.batch, page.context, page.slots);
  CHECK(run.answer(*other, {0}, 1) == "false");
  CHECK(other->calls().remembered == 1);
}

TEST_CASE("a rule whose reads do not repeat fills its memory and then simply runs", "[recall]") {
  RecallRun run(allow("return item.released % 2 == 0"));
  constexpr std::uint32_t kRows = 3 * Recall::kNodesMax;
  Page& page = run.page();
  for (std::uint32_t i = 0; i < kRows; ++i) add(page, 0.5, "a", std::int64_t{i});
  page.finish();
  for (std::uint32_t row = 0; row < kRows; ++row) {
    REQUIRE(run.ask(page, {}, row) == (row % 2 == 0 ? "true" : "false"));
  }
  CHECK(run.recall->is_full(0));
  CHECK(run.recall->node_count(0) == Recall::kNodesMax - 1);
  // It is not even looked up any more.
  const std::uint64_t asked = run.remembering->calls().looked_up;
  CHECK(run.ask(page, {}, 0) == "true");
  CHECK(run.remembering->calls().looked_up == asked);
}

TEST_CASE("more texts than there is room for are not remembered, and still right", "[recall]") {
  RecallRun run(allow("return item.category:sub(-1) ~= '7'"));
  Page& page = run.page();
  const std::string longest(2 * Recall::kSymbolTextMax, 'x');
  add(page, 0.5, longest + "7");
  add(page, 0.5, longest + "8");
  page.finish();
  for (const int round : {1, 2}) {
    CAPTURE(round);
    CHECK(run.ask(page, {}, 0) == "false");
    CHECK(run.ask(page, {}, 1) == "true");
    CHECK_FALSE(run.knows(page, {}, 1));
  }
  Recall recall(1);
  std::uint32_t kept = 0;
  for (int i = 0; i < 10'000; ++i) kept += recall.intern("text " + std::to_string(i)) != 0 ? 1 : 0;
  CHECK(kept == Recall::kSymbolsMax - 1);
  CHECK(recall.text(recall.find("text 17")) == "text 17");
  CHECK(recall.find("text 9999") == kNoSymbol);
}

TEST_CASE("a call that asks too much is not remembered, and still right", "[recall]") {
  RecallRun run(
      header("score = function(item, slate) local n = 0 for i = 1, #slate do "
             "if slate[i].score > 0.5 then n = n + 1 end end return n end"));
  Page& page = run.page();
  std::vector<std::uint32_t> slate;
  for (std::uint32_t i = 0; i < 100; ++i) {
    add(page, i % 3 == 0 ? 0.9 : 0.1, "a");
    if (i < 99) slate.push_back(i);
  }
  page.finish();
  CHECK(run.ask(page, slate, 99) == "0x1.08p+5");
  CHECK_FALSE(run.knows(page, slate, 99));
}

TEST_CASE("a rule that says `remember = false` always runs", "[recall]") {
  RecallRun run(header("remember = false, allow = function(item, slate) return #slate < 2 end"));
  Page& page = run.page();
  add(page, 0.5, "a");
  page.finish();
  CHECK(run.ask(page, {}, 0) == "true");
  CHECK(run.ask(page, {}, 0) == "true");
  CHECK(run.remembering->calls().looked_up == 0);
  CHECK(faults_of(header("remember = 1, allow = function() return true end"))
            .find("`remember` must be true or false") != std::string::npos);
}

TEST_CASE("calls that contradict each other are refused by the memory", "[recall]") {
  // No rule can do this; if one could, its second story would not be believed.
  Recall recall(1);
  RecallStep length;
  length.tag = FactAnswer::Tag::Integer;
  length.bits = 1;
  RecallStep hour = length;
  hour.question.op = Question::Op::Page;
  CHECK(recall.store(0, {&length, 1}, 1.0));
  CHECK_FALSE(recall.store(0, {&hour, 1}, 1.0));
  const RecallStep both[] = {length, hour};
  CHECK_FALSE(recall.store(0, both, 1.0));
}
