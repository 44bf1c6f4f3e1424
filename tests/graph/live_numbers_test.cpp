// SPDX-License-Identifier: Apache-2.0
//
// Numbers of plugins that are set while requests run: declared by the policy, bound by the plugin,
// bounded like every dial, and refused where only one of the two knows of them.
#include <catch2/catch.hpp>
#include <memory>

#include "host.hpp"

namespace lineup {

namespace {

std::string graph_of(const std::string& node) {
  return "graph:\n  - " + node +
         "\n  - {id: value, evaluate: weighted_sum, from: [page]}\n"
         "  - {id: best,  select: best, from: [value]}\n";
}

const std::string kDiverse =
    "{id: page, generate: mmr, with: {theta: {value: 1, live: {min: 0.05, max: 1, max_step: "
    "0.95}}, "
    "categories: [{column: category}]}}";

struct Served {
  TestBundle bundle;
  std::string log;
  std::unique_ptr<host::Engine> engine;
  Feed feed{24};

  explicit Served(const std::string& text) {
    bundle.write("policies/home.yaml", text);
    engine = std::make_unique<host::Engine>(quiet_options(bundle.root(), &log));
  }
  std::string page() {
    Caller caller(*engine);
    const host::Result result = caller.rerank(feed);
    CHECK(result.answer() == host::Answer::Ok);
    return shown(result, feed);
  }
};

// What is said of a policy that is wrong.
std::string refusal(const std::string& text) {
  const TestBundle bundle;
  bundle.write("policies/home.yaml", text);
  try {
    const host::Engine engine(quiet_options(bundle.root()));
  } catch (const host::Error& error) {
    return error.what();
  }
  return "(it was accepted)";
}

}  // namespace

TEST_CASE("a live number of a generator changes the next page, and back", "[live]") {
  Served served(policy("", graph_of(kDiverse)));
  const std::string by_score = "v0 v1 v2 v3 v4 v5 v6 v7 v8 v9";
  CHECK(served.page() == by_score);
  served.engine->set_weight("home", "page.theta", 0.05, 0, "ann", "more of everything");
  // Categories come in pairs: with diversity first, no two neighbours share one.
  CHECK(served.page().substr(0, 12) == "v0 v2 v4 v6 ");
  served.engine->clear_weight("home", "page.theta", "ann", "enough");
  CHECK(served.page() == by_score);
}

TEST_CASE("a request may set a live number of a plugin for itself", "[live]") {
  Served served(policy("", graph_of(kDiverse)));
  Caller caller(*served.engine);
  host::Request& request = caller.prepare(served.feed);
  request.parameter(served.engine->parameter("page.theta"), 0.05);
  const host::Result result = caller.rerank();
  CHECK(shown(result, served.feed).substr(0, 12) == "v0 v2 v4 v6 ");
  REQUIRE(result.parameters().size() == 1);
  CHECK(result.parameters()[0].value == 0.05);
}

TEST_CASE("a schedule, a segment or an experiment may set a live number of a plugin", "[live]") {
  Served served(policy("",
                       "segments: {all: 'context.hour is missing'}\n"
                       "steer:\n  - {segment: all, set: {page.theta: 0.05}}\n" +
                           graph_of(kDiverse)));
  CHECK(served.page().substr(0, 12) == "v0 v2 v4 v6 ");
}

TEST_CASE("the generators that trade relevance against something take the price live", "[live]") {
  const std::string node = GENERATE(
      as<std::string>(),
      "{id: page, generate: dpp, with: {theta: {value: 0.98, live: {min: 0.01, max: 0.98}}, "
      "ridge: 0.5, categories: [{column: category}]}}",
      "{id: page, generate: ssd, with: {gamma: {value: 0, live: {min: 0, max: 5}}, "
      "categories: [{column: category}]}}",
      "{id: page, generate: sampled, with: {temperature: {value: 0, live: {min: 0, max: 5}}, "
      "slates: {value: 1, live: {min: 1, max: 4}}}}");
  CAPTURE(node);
  Served served(policy("", graph_of(node)));
  const std::string before = served.page();
  CHECK(before == "v0 v1 v2 v3 v4 v5 v6 v7 v8 v9");
  const std::string name = node.find("gamma") != std::string::npos         ? "page.gamma"
                           : node.find("temperature") != std::string::npos ? "page.temperature"
                                                                           : "page.theta";
  served.engine->set_weight("home", name, name == "page.theta" ? 0.01 : 5.0, 0, "ann", "a test");
  CHECK(served.page() != before);
}

TEST_CASE("the width of a beam is a live number", "[live]") {
  Served served(policy(
      "", graph_of("{id: page, generate: sequence_beam, with: {continue: '', values: [{column: "
                   "score}], width: {value: 1, live: {min: 1, max: 16}}}}")));
  Caller caller(*served.engine);
  const std::uint64_t narrow = caller.rerank(served.feed).work();
  served.engine->set_weight("home", "page.width", 16, 0, "ann", "a test");
  CHECK(caller.rerank(served.feed).work() > 2 * narrow);
}

TEST_CASE("a number that its plugin reads only once is refused as live, with those it takes") {
  const std::string said = refusal(
      policy("", graph_of("{id: page, generate: mmr, with: {categories: [{column: category}], "
                          "window: {value: 5, live: {min: 1, max: 9}}}}")));
  CHECK_THAT(said, Catch::Contains("a number of plugin `page` cannot be live: it is read once"));
  CHECK_THAT(said, Catch::Contains("write 5 alone; it takes live: `theta`"));
}

TEST_CASE("bounds that the plugin would not take are refused before anybody can set them") {
  const auto said = [](const std::string& bounds) {
    return refusal(policy("", graph_of("{id: page, generate: mmr, with: {categories: [{column: "
                                       "category}], theta: {value: 0.5, live: {" +
                                       bounds + "}}}}")));
  };
  CHECK_THAT(said("min: 0, max: 2"),
             Catch::Contains("`page.theta` could be set to 2, which the plugin does not take"));
  CHECK_THAT(said("min: -1, max: 1"), Catch::Contains("`page.theta` could be set to -1"));
  CHECK(said("min: 0, max: 1") == "(it was accepted)");
}

TEST_CASE("a live number keeps its dial when a reload puts another one before it", "[live]") {
  Served served(policy("", graph_of(kDiverse)));
  served.engine->set_weight("home", "page.theta", 0.05, 0, "ann", "a test");
  const std::string diverse = served.page();
  served.bundle.write("policies/home.yaml",
                      policy("  - {use: boost, with: {where: 'is_new', add: {value: 0, live: {min: "
                             "0, max: 1}}}}\n",
                             graph_of(kDiverse)));
  served.engine->reload();
  CHECK(served.page() == diverse);
  served.engine->set_weight("home", "boost.add", 1.0, 0, "ann", "a test");
  Caller caller(*served.engine);
  const host::Result result = caller.rerank(served.feed);
  REQUIRE(result.parameters().size() == 2);
  CHECK(result.slate()[0] == 5);  // boosted, and theta is what it was
  CHECK(result.parameters()[0].value + result.parameters()[1].value == 1.05);
}

}  // namespace lineup
