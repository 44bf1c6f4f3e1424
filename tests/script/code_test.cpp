// SPDX-License-Identifier: Apache-2.0
//
// What `allow` and `score` see of a request, against the same counted in C++.
#include <catch2/catch.hpp>
#include <random>

#include "script/request.hpp"

using namespace lineup;
using namespace lineup::test;

namespace {

// The value of an expression over item, slate, context and p, by way of `score`.
std::string value_of(const std::string& expression, const std::vector<std::uint32_t>& slate,
                     std::uint32_t row) {
  CodeRun run(header("score = function(item, slate, context, p)\n local v = " + expression +
                     "\n if type(v) == 'number' then return v end\n error(tostring(v), 0) end"));
  add_rows(run.rows());
  run.bind();
  const std::string answer = run.answer(slate, row);
  const std::string prefix = "r.lua:4: ";
  return answer.rfind(prefix, 0) == 0 ? answer.substr(prefix.size()) : answer;
}

}  // namespace

TEST_CASE("an item's columns read as Lua values, missing ones as nil", "[code]") {
  CHECK(value_of("item.id", {}, 0) == "m0");
  CHECK(value_of("item.score", {}, 0) == "0.9");
  CHECK(value_of("item.score", {}, 3) == "nil");
  CHECK(value_of("item.category", {}, 1) == "comedy");
  CHECK(value_of("item.category", {}, 3) == "nil");
  CHECK(value_of("item.is_new", {}, 1) == "false");
  CHECK(value_of("item.is_new", {}, 3) == "nil");
  CHECK(value_of("math.type(item.released)", {}, 1) == "integer");
  CHECK(value_of("item.released", {}, 1) == "2000");
  CHECK(value_of("item.released", {}, 2) == "nil");
}

TEST_CASE("a multi-valued column reads as a sequence", "[code]") {
  CHECK(value_of("#item.tags", {}, 0) == "2");
  CHECK(value_of("item.tags[1] .. item.tags[2]", {}, 0) == "ab");
  CHECK(value_of("item.tags[3]", {}, 0) == "nil");
  CHECK(value_of("item.tags[0]", {}, 0) == "nil");
  CHECK(value_of("item.tags:has('b')", {}, 0) == "true");
  CHECK(value_of("item.tags:has('c')", {}, 0) == "false");
  CHECK(value_of("item.tags", {}, 2) == "nil");
  CHECK(value_of("(function() local s = '' for i, t in ipairs(item.tags) do s = s .. i .. t end "
                 "return s end)()",
                 {}, 4) == "1a2c");
}

TEST_CASE("the slate reads from both ends", "[code]") {
  const std::vector<std::uint32_t> slate = {4, 1, 2};
  CHECK(value_of("#slate", slate, 0) == "3");
  CHECK(value_of("slate[1].id", slate, 0) == "m4");
  CHECK(value_of("slate[3].id", slate, 0) == "m2");
  CHECK(value_of("slate[-1].id", slate, 0) == "m2");
  CHECK(value_of("slate[-3].id", slate, 0) == "m4");
  CHECK(value_of("slate[4]", slate, 0) == "nil");
  CHECK(value_of("slate[-4]", slate, 0) == "nil");
  CHECK(value_of("slate[0]", slate, 0) == "nil");
  CHECK(value_of("slate[math.mininteger]", slate, 0) == "nil");
  CHECK(value_of("slate[math.maxinteger]", slate, 0) == "nil");
  CHECK(value_of("slate[-1]", {}, 0) == "nil");
  CHECK(value_of("slate[1] == slate[-3] and slate[1] ~= slate[2]", slate, 0) == "true");
}

TEST_CASE("missing values agree with nothing, and shared values of a multi-valued column agree",
          "[code]") {
  const std::vector<std::uint32_t> slate = {3, 1, 5, 4};
  CHECK(value_of("slate:count_same(item, 'category')", slate, 1) == "2");
  CHECK(value_of("slate:count_same(item, 'category')", slate, 3) == "0");
  CHECK(value_of("slate:count_same(item, 'tags')", slate, 0) == "2");
  CHECK(value_of("slate:count_same(item, 'released', 4)", slate, 0) == "1");
  CHECK(value_of("slate:count_same(item, 'released', 3)", slate, 0) == "0");
  CHECK(value_of("slate:count_same(item, 'released', -1)", slate, 0) == "0");
  CHECK(value_of("slate:distance_to_same(item, 'category')", slate, 1) == "1");
  CHECK(value_of("slate:distance_to_same(item, 'released')", slate, 0) == "4");
  CHECK(value_of("slate:distance_to_same(item, 'id')", slate, 0) == "nil");
  CHECK(value_of("item:same(slate[1], 'category')", slate, 3) == "false");
  CHECK(value_of("item:same(slate[2], 'tags')", slate, 0) == "true");
  CHECK(value_of("item:same(slate[9], 'tags')", slate, 0) == "false");
}

TEST_CASE("slate:count takes a condition that is written out or a parameter", "[code]") {
  CHECK(value_of("slate:count('is_new')", {0, 1, 2, 3}, 5) == "2");
  CHECK(value_of("slate:count('category == \"comedy\" and not is_new')", {0, 1, 4}, 5) == "1");
  CHECK(value_of("slate:count('is_' .. 'new')", {}, 0) ==
        "r.lua:2: the condition `is_new` is not known before the call: write it out in "
        "`slate:count(...)`, or make it a parameter");
  CodeRun run(header("parameters = { where = condition { about = 'w' } },\n"
                     "score = function(i, slate, c, p) return slate:count(p.where) end"),
              with({{"where", text("category == 'comedy' or is_new")}}));
  add_rows(run.rows());
  run.bind();
  CHECK(run.answer({0, 1, 3, 5}, 5) == "2");
}

TEST_CASE("the context reads by path, and the page is the number of slots", "[code]") {
  CodeRun run(
      header("score = function(item, slate, ctx)\n"
             "  if ctx.trigger.category == item.category then return ctx.hour end\n"
             "  return ctx.page end"));
  add_rows(run.rows());
  // Slots of the layout are given in the order in which the text reads them.
  run.bind({Scalar::of(std::string_view("drama")), Scalar::of(std::int64_t{17})}, 12);
  CHECK(run.answer({}, 0) == "17");
  CHECK(run.answer({}, 1) == "12");
  run.bind({Scalar{}, Scalar{}}, 8);
  CHECK(run.answer({}, 1) == "8");
  CHECK(value_of("context[item.category]", {}, 0) ==
        "r.lua:2: `context.drama` is not known before the call: write the path out after the name "
        "of the function's third argument");
}

TEST_CASE("allow answers true or false, score a finite number, and nothing else", "[code]") {
  const auto answer = [](const std::string& fields) {
    CodeRun run(header(fields));
    add_rows(run.rows());
    run.bind();
    return run.answer({}, 0);
  };
  CHECK(answer("allow = function() return true end") == "true");
  CHECK(answer("allow = function() return false end") == "false");
  CHECK(answer("allow = function() end") == "r.lua: `allow` must answer true or false, got nil");
  CHECK(answer("allow = function() return 1 end") ==
        "r.lua: `allow` must answer true or false, got number");
  CHECK(answer("score = function() return -0.25 end") == "-0.25");
  CHECK(answer("score = function() return 0/0 end") ==
        "r.lua: `score` must answer a finite number, got one that is not");
  CHECK(answer("score = function() return 'x' end") ==
        "r.lua: `score` must answer a finite number, got string");
}

TEST_CASE("a run-time error says file and line, and the next call is unharmed", "[code]") {
  CodeRun run(header("allow = function(item, slate)\n  return slate[-1].category ~= 'x'\nend"));
  add_rows(run.rows());
  run.bind();
  CHECK(run.answer({}, 0).find("r.lua:2: attempt to index a nil value") == 0);
  CHECK(run.answer({1}, 0) == "true");
  CHECK_FALSE(run.worker().is_spent());
  CHECK(value_of("item[('categry'):lower()]", {}, 0) ==
        "r.lua:2: unknown column `categry`; did you mean `category`?");
  CHECK(value_of("slate.count('is_new')", {}, 0).find("methods are called with a colon") !=
        std::string::npos);
}

TEST_CASE("items, slate, context and parameters cannot be changed", "[code]") {
  for (const char* change :
       {"item.score = 1", "slate[1] = item", "context.page = 2", "p.max = 3"}) {
    CodeRun run(
        header("parameters = { max = integer { default = 1, about = 'm' } },\n"
               "allow = function(item, slate, context, p)\n" +
               std::string(change) + "\nreturn true end"));
    add_rows(run.rows());
    run.bind();
    CHECK(run.answer({}, 0).find("r.lua:3: ") == 0);
    CHECK(run.answer({}, 0).find("cannot be changed") != std::string::npos);
  }
}

TEST_CASE("code and C++ agree on random slates", "[code]") {
  CodeRun run(header(R"(score = function(item, slate, context, p)
    local runs = 0
    for i = -1, -#slate, -1 do
      if not item:same(slate[i], "category") then break end
      runs = runs + 1
    end
    local far = slate:distance_to_same(item, "category") or 0
    return runs * 10000 + far * 100 + slate:count_same(item, "tags", 3) * 10 + slate:count("is_new")
  end)"));
  std::mt19937 random(7);
  const char* names[] = {"a", "b", "c"};
  for (int i = 0; i < 40; ++i) {
    Cell category;
    if (random() % 4 != 0) category = std::string(names[random() % 3]);
    Texts tags;
    for (const char* name : names) {
      if (random() % 3 == 0) tags.emplace_back(name);
    }
    run.rows().add("m" + std::to_string(i),
                   {0.5, category, random() % 2 == 0, std::int64_t{1}, tags});
  }
  run.bind();
  const Rows& rows = run.rows();
  const auto same = [&](std::uint32_t a, std::uint32_t b) {
    const Cell left = rows.cell(1, a);
    return !std::holds_alternative<std::monostate>(left) && left == rows.cell(1, b);
  };
  const auto shares_tag = [&](std::uint32_t a, std::uint32_t b) {
    const auto left = std::get<Texts>(rows.cell(4, a));
    const auto right = std::get<Texts>(rows.cell(4, b));
    for (const auto& x : left) {
      for (const auto& y : right) {
        if (x == y) return true;
      }
    }
    return false;
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<std::uint32_t> slate;
    for (std::uint32_t i = random() % 12; i > 0; --i) slate.push_back(random() % 40);
    const std::uint32_t row = random() % 40;
    int run_length = 0;
    while (run_length < static_cast<int>(slate.size()) &&
           same(row, slate[slate.size() - 1 - static_cast<std::size_t>(run_length)])) {
      ++run_length;
    }
    int far = 0;
    int tags = 0;
    int fresh = 0;
    for (std::size_t i = 0; i < slate.size(); ++i) {
      const int distance = static_cast<int>(slate.size() - i);
      if (same(row, slate[i])) far = distance;
      if (distance <= 3 && shares_tag(row, slate[i])) ++tags;
      if (std::get<bool>(rows.cell(2, slate[i]))) ++fresh;
    }
    const double expected = run_length * 10000 + far * 100 + tags * 10 + fresh;
    const Judgement said = run.judge(slate, row);
    CAPTURE(round, run.worker().last_fault());
    CHECK_FALSE(said.broken);
    CHECK(said.penalty == -expected);
  }
}
