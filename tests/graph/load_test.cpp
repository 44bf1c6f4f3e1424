// SPDX-License-Identifier: Apache-2.0
//
// Levels of load: what a request goes without when its host is busy.
#include <catch2/catch.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "host.hpp"

namespace lineup {

namespace {

using Json = nlohmann::json;

const std::string kGraph3 =
    "graph:\n"
    "  - {id: plain, generate: score_order}\n"
    "  - {id: calm,  generate: mmr, with: {theta: {value: 0.5, live: {min: 0, max: 1}}, "
    "categories: [{column: category}]}}\n"
    "  - {id: drawn, generate: sampled}\n"
    "  - {id: best,  select: best, from: [plain, calm, drawn]}\n";
const std::string kLevels =
    "load:\n"
    "  - {level: busy, from: 0.5, set: {calm.theta: 0.9}, without: drawn}\n"
    "  - {level: full, from: 0.9, without: [calm]}\n";

struct Served {
  TestBundle bundle;
  std::unique_ptr<host::Engine> engine;
  Feed feed{24};
  Caller caller;

  explicit Served(const std::string& rest) : caller(open(rest)) {}
  host::Engine& open(const std::string& rest) {
    bundle.write("policies/home.yaml", policy("", rest));
    engine = std::make_unique<host::Engine>(quiet_options(bundle.root()));
    return *engine;
  }
  // Which generators were asked, and theta as they got it.
  std::string ask(double load) {
    host::Request& request = caller.prepare(feed);
    request.context(engine->context("load"), load);
    request.explain();
    const host::Result result = caller.rerank();
    REQUIRE(result.answer() == host::Answer::Ok);
    const Json trace = Json::parse(result.trace_json());
    std::string out;
    for (const Json& node : trace["nodes"]) {
      if (node["slates"] > 0) out += node["id"].get<std::string>() + " ";
      if (node["slates"] == 0 && node["id"] != "best")
        CHECK(node["status"] == "left out under load");
    }
    return out + std::to_string(result.parameters()[0].value).substr(0, 3);
  }
};

std::string refusal(const std::string& rest) {
  const TestBundle bundle;
  bundle.write("policies/home.yaml", policy("", rest));
  try {
    const host::Engine engine(quiet_options(bundle.root()));
  } catch (const host::Error& error) {
    return error.what();
  }
  return "(it was accepted)";
}

}  // namespace

TEST_CASE("a busy host's requests go without what each level names, one level upon the other") {
  Served served(kLevels + kGraph3);
  CHECK(served.ask(0.0) == "plain calm drawn 0.5");
  CHECK(served.ask(0.49) == "plain calm drawn 0.5");
  CHECK(served.ask(0.5) == "plain calm 0.9");
  CHECK(served.ask(0.89) == "plain calm 0.9");
  CHECK(served.ask(5.0) == "plain 0.9");
  CHECK(served.ask(0.1) == "plain calm drawn 0.5");
}

TEST_CASE("the explanation names the level that was reached") {
  Served served(kLevels + kGraph3);
  const auto level = [&](double load) {
    host::Request& request = served.caller.prepare(served.feed);
    request.context(served.engine->context("load"), load);
    request.explain();
    return Json::parse(served.caller.rerank().trace_json()).value("load", "none");
  };
  CHECK(level(0.2) == "none");
  CHECK(level(0.6) == "busy");
  CHECK(level(0.95) == "full");
}

TEST_CASE("a request that says nothing of load is served whole") {
  Served served(kLevels + kGraph3);
  host::Request& request = served.caller.prepare(served.feed);
  request.context(served.engine->context("load"), std::string_view("much"));
  request.explain();
  const host::Result result = served.caller.rerank();
  CHECK(Json::parse(result.trace_json())["nodes"][2]["slates"] == 1);
}

TEST_CASE("a value that a person sets counts over the level's") {
  Served served(kLevels + kGraph3);
  served.engine->set_weight("home", "calm.theta", 0.2, 0, "ann", "calm today");
  CHECK(served.ask(0.6) == "plain calm 0.2");
}

TEST_CASE("levels that cannot be are refused with what would be right") {
  CHECK_THAT(refusal("load: [{level: a, from: 0.5, without: drwan}]\n" + kGraph3),
             Catch::Contains("unknown node `drwan`") && Catch::Contains("did you mean `drawn`?"));
  CHECK_THAT(refusal("load: [{level: a, from: 0.5, without: best}]\n" + kGraph3),
             Catch::Contains("node `best` is the selector"));
  CHECK_THAT(refusal("load: [{level: a, from: 0.5, without: [plain, calm, drawn]}]\n" + kGraph3),
             Catch::Contains("no generator is left at level `a`"));
  CHECK_THAT(refusal("load: [{level: a, from: 0.5, without: calm}, {level: b, from: 0.5, without: "
                     "drawn}]\n" +
                     kGraph3),
             Catch::Contains("level `b` begins at 0.5, no later than level `a`"));
  CHECK_THAT(refusal("load: [{level: a, from: 0.5, without: calm}, {level: a, from: 0.6, without: "
                     "drawn}]\n" +
                     kGraph3),
             Catch::Contains("there is a level `a` of `load` already"));
  CHECK_THAT(refusal("load: [{level: a, from: 0.5, without: value}]\n" + kGraph3 +
                     "  - {id: value, evaluate: diversity, from: [plain, calm, drawn], with: "
                     "{coverage: relevance, by: category}}\n"),
             Catch::Contains("no evaluator is left at level `a`"));
  CHECK_THAT(refusal("load: [{level: a, from: 0.5}]\n" + kGraph3),
             Catch::Contains("level `a` of `load` goes without nothing"));
  CHECK_THAT(refusal("load: [{level: a, from: 0.5, set: {calm.theta: 3}}]\n" + kGraph3),
             Catch::Contains("`calm.theta` must lie between 0 and 1, got 3"));
}

}  // namespace lineup
