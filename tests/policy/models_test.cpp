// SPDX-License-Identifier: Apache-2.0
//
// Files of models/ as they are read, what is said of those that are wrong, and where policies put
// them.
#include "policy/models.hpp"

#include <catch2/catch.hpp>

namespace lineup {

namespace {

std::string findings(const std::string& text) {
  Value model;
  Diagnostics diagnostics;
  const bool good = parse_model("curves.json", text, model, diagnostics);
  CHECK(good == !diagnostics.has_errors());
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics.all()) out += render(diagnostic, "");
  return out;
}

// A policy of one node with `with`, and one rule that is a plugin.
struct Placed {
  explicit Placed(const std::string& with, const Models& models) {
    const std::string text =
        "lineup: 1\nscene: home\npage: 3\ncolumns: {score: {type: float}}\n"
        "rules:\n  - {constrain: cap, with: {table: {model: m}}}\n"
        "graph:\n  - {id: rates, score: calibrate, with: " +
        with + "}\n";
    REQUIRE(parse_policy("home.yaml", text, policy, diagnostics));
    place_models(policy, models, used, diagnostics);
  }
  [[nodiscard]] const Value& parameter(std::size_t index) const {
    return policy.nodes.front().with.entries.at(index).value;
  }

  PolicyDocument policy;
  Diagnostics diagnostics;
  std::set<std::string, std::less<>> used;
};

Value read(const std::string& text) {
  Value model;
  Diagnostics diagnostics;
  REQUIRE(parse_model("m.json", text, model, diagnostics));
  return model;
}

}  // namespace

TEST_CASE("a model is any JSON value, with its keys in their order", "[model]") {
  const Value model = read(R"({"b": [1, -2.5, 18446744073709551615], "a": {"c": null, "d": "é"},)"
                           R"( "e": true})");
  REQUIRE(model.entries.size() == 3);
  CHECK(model.entries[0].key == "b");
  const Value& list = model.entries[0].value;
  REQUIRE(list.items.size() == 3);
  CHECK(list.items[0].integer == 1);
  CHECK(list.items[0].number == 1.0);
  CHECK(list.items[1].number == -2.5);
  CHECK(list.items[2].kind == Value::Kind::Float);
  CHECK(list.items[2].number == 18446744073709551616.0);
  CHECK(model.find("a")->find("c")->kind == Value::Kind::Null);
  CHECK(model.find("a")->find("d")->text == "é");
  CHECK(model.find("e")->boolean);
}

TEST_CASE("what is no model is refused where it ends to be one", "[model]") {
  CHECK_THAT(findings("[1,\n 2,, 3]"), Catch::Contains("curves.json:2:4") &&
                                           Catch::Contains("model/unreadable") &&
                                           Catch::Contains("it is not JSON"));
  CHECK_THAT(findings(""), Catch::Contains("it is not JSON"));
  CHECK_THAT(findings("[1] [2]"), Catch::Contains("it is not JSON"));
  CHECK_THAT(findings("[NaN]"), Catch::Contains("it is not JSON"));
  CHECK_THAT(findings("[\"\xff\"]"), Catch::Contains("it is not JSON"));
  CHECK_THAT(findings(R"({"a": 1, "a": 2})"), Catch::Contains("`a` comes twice"));
  CHECK_THAT(findings("[1e999]"), Catch::Contains("model/unreadable"));
  CHECK(findings(R"([{"a": 1}, {"a": 2}])").empty());
}

TEST_CASE("a model has bounds", "[model]") {
  CHECK(findings(std::string(32, '[') + std::string(32, ']')).empty());
  CHECK_THAT(findings(std::string(33, '[') + std::string(33, ']')), Catch::Contains("32 deep"));
  std::string many = "[0";
  for (std::size_t i = 1; i < kModelValuesMax; ++i) many += ",0";
  CHECK_THAT(findings(many + "]"), Catch::Contains("more than 200000 values"));
  CHECK_THAT(findings("\"" + std::string(kModelBytesMax, 'a') + "\""),
             Catch::Contains("model/too-large"));
}

TEST_CASE("a policy puts models where values of parameters stand, at any depth", "[model]") {
  const Placed placed("{curves: {model: m}, deep: [{x: {model: n}}]}",
                      {{"m", read("[1, 2]")}, {"n", read("7")}});
  CHECK(placed.diagnostics.empty());
  CHECK(placed.parameter(0).items.size() == 2);
  CHECK(placed.parameter(0).span.line == 8);  // what is wrong with it is said of the policy
  CHECK(placed.parameter(1).items[0].find("x")->integer == 7);
  CHECK(placed.policy.rules.front().with.find("table")->items.size() == 2);
  CHECK(placed.used == std::set<std::string, std::less<>>{"m", "n"});
}

TEST_CASE("a parameter may be called model, and a map may have more than that", "[model]") {
  const Placed placed("{model: m, other: {model: m, scale: 2}, third: {model: 3}}",
                      {{"m", read("1")}});
  CHECK(placed.diagnostics.empty());
  CHECK(placed.parameter(0).text == "m");
  CHECK(placed.parameter(1).entries.size() == 2);
  CHECK(placed.parameter(2).find("model")->integer == 3);
}

TEST_CASE("a model that is not there is an error, with the one that was meant", "[model]") {
  const Placed placed("{curves: {model: curvs}}", {{"m", read("1")}, {"curves", read("2")}});
  REQUIRE(placed.diagnostics.has_errors());
  const std::string said = render(placed.diagnostics.all().front(), "");
  CHECK_THAT(said, Catch::Contains("home.yaml:8") && Catch::Contains("policy/unknown-model") &&
                       Catch::Contains("did you mean `curves`?"));
  const Placed none("{curves: {model: curves}}", {});
  CHECK_THAT(none.diagnostics.all().front().hint, Catch::Contains("models/curves.json"));
}

}  // namespace lineup
