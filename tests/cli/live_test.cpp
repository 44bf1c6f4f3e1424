// SPDX-License-Identifier: Apache-2.0
//
// A number that is steered means what it means when it is written: every numeric field of every
// kind of constraint, set by a request, against the same number in the policy.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "program.hpp"

using namespace lineup::testing;
using Json = nlohmann::json;

namespace {

// The page under `constraint`, whose `p.n` the policy writes as `n`.
Json page_of(const std::string& constraint, const std::string& n, const std::string& request = "") {
  const Folder folder;
  folder.write("rules/probe.lua",
               "return rule {\n  name = \"probe\", about = \"Holds one number.\",\n"
               "  parameters = { n = number { about = \"The number.\" } },\n"
               "  constraints = function(p) return { " +
                   constraint + " } end,\n}\n");
  folder.write("policies/shop.yaml",
               "lineup: 1\nscene: shop\npage: 4\ncolumns:\n"
               "  score:    {type: float}\n"
               "  category: {type: category}\n"
               "  cost:     {type: float}\n"
               "  look:     {type: embedding, dimension: 2}\n"
               "rules:\n  - {use: probe, priority: 5, with: {n: " +
                   n + "}}\n");
  const Output output = run_program(
      {"run", "--bundle", folder.path()},
      R"({"id":"r","scene":"shop",)" + request +
          R"("history":[{"id":"h","category":"b"}],"candidates":[)"
          R"({"id":"a1","score":6,"category":"a","cost":3,"look":[1,0]},{"id":"a2","score":5,"category":"a","cost":3,"look":[1,0.1]},)"
          R"({"id":"a3","score":4.5,"category":"a","cost":3,"look":[1,0.2]},{"id":"a4","score":4,"category":"a","cost":3,"look":[1,0.3]},)"
          R"({"id":"b1","score":3.5,"category":"b","cost":0,"look":[0,1]},{"id":"b2","score":3,"category":"b","cost":0,"look":[0.1,1]},)"
          R"({"id":"c1","score":1,"category":"c","cost":0,"look":[0.7,0.7]}]})");
  INFO(output.err);
  REQUIRE(output.lines().size() == 1);
  const Json response = Json::parse(output.lines().front());
  return {response.at("slate"), response.at("status"), response.at("relaxed")};
}

struct Field {
  const char* constraint;
  const char* low;
  const char* high;
};

}  // namespace

TEST_CASE("a live number of any field acts like the number it is set to", "[run][live]") {
  const auto c = GENERATE(values<Field>({
      {R"(window { by = "category", size = 2, max = p.n })", "1", "2"},
      {R"(window { by = "category", size = p.n, max = 1 })", "2", "3"},
      {R"(window { where = 'category == "b"', size = 3, min = p.n })", "0", "1"},
      {R"(spacing { where = 'category == "a"', gap = p.n })", "0", "1"},
      {R"(spacing { where = 'category == "a"', first_slot = p.n })", "1", "2"},
      {R"(quota { where = 'category == "b"', min = p.n })", "0", "2"},
      {R"(quota { where = 'category == "a"', max = p.n })", "4", "1"},
      {R"(cap { by = "category", max = p.n })", "4", "2"},
      {R"(cap { by = "category", max = 1, history = p.n })", "0", "1"},
      {R"(budget { column = "cost", max = p.n })", "9", "3"},
      {R"(budget { column = "score", where = 'category == "c"', min = p.n })", "0", "1"},
      {R"(similar { embedding = "look", max_cosine = p.n })", "1", "0.5"},
      {R"(similar { embedding = "look", max_cosine = 0.5, size = p.n })", "2", "4"},
      {R"(mix { by = "category", channels = {"a", "b"}, ratio = {a = p.n, b = 1} })", "1", "3"},
      {R"(boost { where = 'category == "b"', add = p.n })", "0", "9"},
      {R"(boost { where = 'category == "b"', multiply = p.n })", "1", "3"},
  }));
  CAPTURE(c.constraint);
  const std::string live = std::string("{value: ") + c.low + ", live: {min: 0, max: 20}}";
  const Json low = page_of(c.constraint, c.low);
  const Json high = page_of(c.constraint, c.high);
  CHECK(low != high);
  CHECK(page_of(c.constraint, live) == low);
  CHECK(page_of(c.constraint, live,
                std::string(R"("overrides":{"probe":{"n":)") + c.high + "}},") == high);
}
