// SPDX-License-Identifier: Apache-2.0
//
// One language of conditions: as text, as a table of YAML, as a table of Lua.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "program.hpp"

using namespace lineup::testing;
using Json = nlohmann::json;

namespace {

// A shop that hides what `where` says, in YAML.
void write_policy(const Folder& folder, const std::string& use) {
  folder.write("policies/shop.yaml",
               "lineup: 1\nscene: shop\npage: 5\ncolumns:\n"
               "  score:    {type: float}\n"
               "  category: {type: category}\n"
               "  tags:     {type: categories, split: ',', default: plain}\n"
               "  released: {type: time}\n"
               "rules:\n  - " +
                   use + "\n");
}

Json slate_of(const Folder& folder) {
  const Output output =
      run_program({"run", "--bundle", folder.path(), "--at", "2026-06-08"},
                  R"({"id":"r","scene":"shop","candidates":[)"
                  R"({"id":"a","score":5,"category":"ad","tags":"x, y","released":"2026-06-07"},)"
                  R"({"id":"b","score":4,"category":"post","tags":"y"},)"
                  R"({"id":"c","score":3,"category":"ad"},)"
                  R"({"id":"d","score":2,"released":"2026-01-01"}]})");
  INFO(output.err);
  REQUIRE(output.lines().size() == 1);
  return Json::parse(output.lines().front()).at("slate");
}

}  // namespace

TEST_CASE("a text, a table of YAML and a table of Lua mean the same", "[run][condition]") {
  const Folder folder;
  folder.write("rules/hide_ads.lua", R"(return rule {
  name = "hide_ads", about = "Hides dear ads.", required = true,
  constraints = function(p)
    return { filter { where = { category = "ad", score = { ">", 3.5 } } } }
  end,
}
)");
  const auto use = GENERATE(
      as<std::string>(), "{use: block, with: {where: 'category == \"ad\" and score > 3.5'}}",
      "{use: block, with: {where: {category: ad, score: ['>', 3.5]}}}", "{use: hide_ads}");
  CAPTURE(use);
  write_policy(folder, use);
  CHECK(slate_of(folder) == Json({"b", "c", "d"}));
}

TEST_CASE("conditions know the clock, what is missing, and several values", "[run][condition]") {
  struct Case {
    const char* where;
    Json left;
  };
  const auto c = GENERATE(values<Case>({
      {"'released >= now - 7d'", {"b", "c", "d"}},
      {"'released is missing'", {"a", "d"}},
      {"'tags == \"y\"'", {"c", "d"}},
      {"'tags == \"plain\"'", {"a", "b"}},
      {"'category starts with \"po\"'", {"a", "c", "d"}},
      {"{tags: [x, plain]}", {"b"}},
      {"{released: ['>=', 'now - 7d']}", {"b", "c", "d"}},
      {"{category: null}", {"a", "b", "c"}},
      {"{any: [{category: post}, {released: ['<', 2026-02-01]}]}", {"a", "c"}},
  }));
  CAPTURE(c.where);
  const Folder folder;
  write_policy(folder, std::string("{use: block, with: {where: ") + c.where + "}}");
  CHECK(slate_of(folder) == c.left);
}

TEST_CASE("a table that is no condition is answered with the name at fault", "[check][condition]") {
  const Folder folder;
  write_policy(folder, "{use: block, with: {where: {score: ['>']}}}");
  const Output yaml = run_program({"check", "--bundle", folder.path()});
  CHECK(yaml.exit_code == 1);
  CHECK_THAT(yaml.out, Catch::Contains("`score`: behind every operator stands one value"));
  write_policy(folder, "{use: hide}");
  folder.write("rules/hide.lua", R"(return rule {
  name = "hide", about = "Wrong.", required = true,
  constraints = function(p) return { filter { where = { prize = 3 } } } end,
}
)");
  CHECK_THAT(run_program({"check", "--bundle", folder.path()}).out,
             Catch::Contains("unknown column `prize`"));
  write_policy(folder,
               "{use: boost, as: lively, with: {where: {score: 1}, add: 1}}\n"
               "graph:\n  - {id: page, generate: score_order, with: {x: {value: 1, live: "
               "{min: 0, max: 2}}}}");
  CHECK_THAT(run_program({"check", "--bundle", folder.path()}).out,
             Catch::Contains("a number of plugin `page` cannot be live"));
}
