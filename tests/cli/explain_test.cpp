// SPDX-License-Identifier: Apache-2.0
//
// `lineup explain`, `check --requests` and `test --coverage` by what an operator reads in them.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "program.hpp"

using namespace lineup::testing;
using Json = nlohmann::json;

namespace {

constexpr const char* kPolicy =
    "lineup: 1\nscene: shop\npage: 4\ncolumns:\n  score: {type: float}\n"
    "  category: {type: category}\n  is_new: {type: bool}\n"
    "segments:\n  nobody: 'context.x == 1'\nrules:\n"
    "  - {use: cold_start_quota, as: recent, with: {where: is_new, min: 3, slots: '1..4'}, "
    "priority: 50, owner: growth}\n"
    "  - {use: category_scatter, as: apart, with: {window: 2, max: 1}, priority: 90}\n"
    "  - {use: pin, as: hero, with: {id: a3, slot: 1}, priority: 100, reason: launch}\n"
    "  - {use: block, as: no_spam, with: {where: 'category == \"spam\"'}}\n"
    "  - {use: boost, as: lift, with: {where: 'category == \"c\"', add: 0.05}}\n"
    "  - {use: max_consecutive, as: never, with: {where: is_new, max: 1}, priority: 10, when: "
    "segment.nobody}\n";

constexpr const char* kRequest = R"({"id":"r1","scene":"shop","candidates":[)"
                                 R"({"id":"a1","score":0.9,"category":"a","is_new":true},)"
                                 R"({"id":"a2","score":0.8,"category":"a"},)"
                                 R"({"id":"a3","score":0.75,"category":"a"},)"
                                 R"({"id":"b1","score":0.7,"category":"b","is_new":true},)"
                                 R"({"id":"b2","score":0.2,"category":"b"},)"
                                 R"({"id":"s1","score":2,"category":"spam"},)"
                                 R"({"id":"c","score":0.1,"category":"c"},)"
                                 R"({"id":"a1","score":0.1,"category":"c"}]})";

struct Shop {
  Shop() {
    folder.write("policies/shop.yaml", kPolicy);
    requests = folder.write("requests.jsonl", std::string(kRequest) + "\n");
  }
  [[nodiscard]] Output run(const std::string& verb, std::vector<std::string> more) const {
    std::vector<std::string> arguments = {verb, "--bundle", folder.path(), "--requests", requests};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
  [[nodiscard]] Json json(std::vector<std::string> more = {}) const {
    more.emplace_back("--json");
    return Json::parse(run("explain", more).out);
  }
  Folder folder;
  std::string requests;
};

Json named(const Json& list, const char* key, const std::string& name) {
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const Json& each) { return each.at(key) == name; });
  return found == list.end() ? Json() : *found;
}

}  // namespace

TEST_CASE("a rule that no page can hold is shown with its numbers", "[explain]") {
  const Shop shop;
  const Json json = shop.json();
  REQUIRE(json.at("conflicts").size() == 1);
  const Json& conflict = json.at("conflicts").at(0);
  CHECK(conflict.at("given_up") == "recent");
  CHECK(conflict.at("proven_minimal") == true);
  REQUIRE(conflict.at("rules").size() == 1);
  CHECK(conflict.at("rules").at(0).at("because") ==
        "needs 3 rows where `is_new` in slots 1..4, the batch has 2");
  CHECK_THAT(shop.run("explain", {}).out,
             Catch::Contains("needs 3 rows where `is_new` in slots 1..4, the batch has 2"));
}

TEST_CASE("rules that cannot hold together are named, and no others", "[explain]") {
  Shop shop;
  shop.folder.write(
      "policies/shop.yaml",
      "lineup: 1\nscene: shop\npage: 4\ncolumns:\n  score: {type: float}\n"
      "  category: {type: category}\nrules:\n"
      "  - {use: pin, as: first, with: {id: a1, slot: 2}, priority: 90}\n"
      "  - {use: pin, as: second, with: {id: b1, slot: 2}, priority: 80}\n"
      "  - {use: category_scatter, as: apart, with: {window: 2, max: 1}, priority: 70}\n");
  const Json json = shop.json();
  CHECK(json.at("status") == "relaxed");
  REQUIRE(json.at("conflicts").size() == 1);
  const Json& conflict = json.at("conflicts").at(0);
  CHECK(conflict.at("given_up") == "second");
  REQUIRE(conflict.at("rules").size() == 2);
  CHECK(conflict.at("rules").at(0).at("rule") == "first");
  CHECK(conflict.at("rules").at(1).at("rule") == "second");
}

TEST_CASE("every rule says what it did and what it is predicted to cost", "[explain]") {
  const Shop shop;
  const Json rules = shop.json().at("rules");
  const Json hero = named(rules, "rule", "hero");
  CHECK(hero.at("slots_placed") == Json::array({1}));
  CHECK(hero.at("cost_predicted").get<double>() > 0.0);
  CHECK(hero.at("asks") == "row `a3` on slot 1");
  const Json apart = named(rules, "rule", "apart");
  CHECK(apart.at("acted").get<int>() > 0);
  CHECK(apart.at("cost_predicted").get<double>() > 0.0);
  CHECK(named(rules, "rule", "no_spam").at("rows_filtered") == 1);
  CHECK(named(rules, "rule", "lift").at("rows_boosted") == 1);
  const Json never = named(rules, "rule", "never");
  CHECK(never.at("status") == "when");
  CHECK(never.at("cost_predicted").is_null());
  CHECK(never.at("acted") == 0);
}

TEST_CASE("a rule costs what its page is worth less than the page without it", "[explain]") {
  Shop shop;
  // One slot: the pin gives 0.75 where 0.9 could stand.
  shop.folder.write("policies/shop.yaml",
                    "lineup: 1\nscene: shop\npage: 1\ncolumns:\n  score: {type: float}\n"
                    "  category: {type: category}\nrules:\n"
                    "  - {use: block, with: {where: 'category == \"spam\"'}}\n"
                    "  - {use: pin, as: hero, with: {id: a3, slot: 1}, priority: 100}\n");
  const Json json = shop.json({"--why", "a1"});
  CHECK(named(json.at("rules"), "rule", "hero").at("cost_predicted").get<double>() == Approx(0.15));
  CHECK(named(json.at("rules"), "rule", "block").at("cost_predicted").get<double>() ==
        Approx(0.0).margin(1e-9));
  const Json& item = json.at("item");
  CHECK(item.at("natural_slot") == 1);
  CHECK(item.at("rule") == "hero");
  CHECK(item.at("forced").at("possible") == true);
  CHECK(item.at("forced").at("would_break").at(0).at("rule") == "hero");
  CHECK(item.at("forced").at("cost_predicted").get<double>() == Approx(-0.15));
}

TEST_CASE("an absent item is answered by what stopped it", "[explain]") {
  const Shop shop;
  const Json filtered = shop.json({"--why", "s1"}).at("item");
  CHECK(filtered.at("status") == "filtered");
  CHECK(filtered.at("filtered_by") == Json::array({"no_spam"}));
  const Json held = shop.json({"--why", "a2"}).at("item");
  CHECK(held.at("status") == "passed over");
  CHECK(held.at("natural_slot") == 2);
  CHECK(held.at("because") == "rule");
  CHECK(held.at("rule") == "apart");
  const Json below = shop.json({"--why", "c"}).at("item");
  CHECK(below.at("status") == "below the page");
  CHECK(below.at("natural_slot") == 6);
  CHECK(shop.json({"--why", "b1"}).at("item").at("status") == "on the page");
  const Output unknown = shop.run("explain", {"--why", "a9"});
  CHECK(unknown.exit_code == 2);
  CHECK_THAT(unknown.err, Catch::Contains("did you mean `a1`?"));
}

TEST_CASE("the text of an explanation fits its width", "[explain]") {
  const Shop shop;
  const Output output = shop.run("explain", {"--why", "a2"});
  for (const std::string& line : output.lines()) {
    CAPTURE(line);
    CHECK(line.size() <= 104);  // 100 columns; some characters take more bytes
  }
}

TEST_CASE("recorded requests show rules that never act or never hold", "[check]") {
  const Shop shop;
  const Output output = shop.run("check", {"--json"});
  CHECK(output.exit_code == 0);
  const Json json = Json::parse(output.out);
  const auto code_of = [&json](const std::string& rule) {
    for (const Json& each : json.at("diagnostics")) {
      if (each.at("arguments").value("rule", "") == rule &&
          each.at("code").get<std::string>().rfind("requests/", 0) == 0) {
        return each.at("code").get<std::string>();
      }
    }
    return std::string();
  };
  CHECK(code_of("recent") == "requests/always-relaxed");
  CHECK(code_of("never") == "requests/never-applied");
  CHECK(code_of("nobody") == "requests/nobody");
  CHECK(code_of("apart").empty());
  CHECK(named(json.at("requests").at("rules"), "rule", "apart").at("acted") == 1);
  CHECK_THAT(output.out, Catch::Contains("needs 3 rows where `is_new` in slots 1..4, the batch"));
}

TEST_CASE("coverage names what no case reaches, and can be asked for", "[test]") {
  const Folder folder;
  folder.write("rules/apart.lua",
               "return rule {\n  name = \"apart\", about = \"Keeps items apart.\",\n"
               "  parameters = {\n"
               "    by = column { default = \"category\", about = \"The column.\" },\n"
               "    head = integer { default = 0, min = 0, about = \"A stricter first part.\" },\n"
               "  },\n"
               "  constraints = function(p)\n"
               "    return {\n"
               "      window { by = p.by, size = 2, max = 1 },\n"
               "      when(p.head > 0, cap { by = p.by, max = 1, slots = first(p.head) }),\n"
               "    }\n"
               "  end,\n}\n");
  const std::string one =
      "- name: two of a kind do not meet\n"
      "  rows: [{id: 1, score: 2, category: x}, {id: 2, score: 1, category: y}]\n"
      "  expect: {slate: [1, 2]}\n";
  folder.write("rules/apart.cases.yaml", one);
  const auto run = [&folder](const std::string& least) {
    return run_program({"test", "--bundle", folder.path(), "--coverage", "--min-coverage", least});
  };
  const Output partial = run("90");
  CHECK(partial.exit_code == 1);
  CHECK_THAT(partial.out, Catch::Contains("parameter `by`, parameter `head`, kind `cap`"));
  CHECK_THAT(partial.out, Catch::Contains("line 10: `when` that holds"));
  CHECK(run("10").exit_code == 0);
  folder.write("rules/apart.cases.yaml", one +
                                             "- name: the first slots are stricter\n"
                                             "  with: {by: category, head: 2}\n"
                                             "  rows: [{id: 1, category: x}]\n"
                                             "  expect: {status: ok}\n");
  const Output whole = run("100");
  INFO(whole.out);
  CHECK(whole.exit_code == 0);
  CHECK_THAT(whole.out, Catch::Contains("100 %  apart"));
}
