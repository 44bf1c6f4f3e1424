// SPDX-License-Identifier: Apache-2.0
//
// Live weights and parameters: bounded, stepwise, for a time if wanted, kept over a restart, and
// written down with who and why.
#include <catch2/catch.hpp>
#include <chrono>
#include <nlohmann/json.hpp>

#include "host.hpp"

namespace lineup {

namespace {

std::int64_t wall_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

struct Steered {
  TestBundle bundle;
  std::unique_ptr<host::Engine> engine;
  Feed feed{12};

  Steered() {
    bundle.write("policies/home.yaml",
                 policy("  - {use: boost, with: {where: 'is_new', add: {value: 0.0, live: {min: "
                        "-1, max: 1, max_step: 1}}}}\n"));
    std::filesystem::create_directories(bundle.path("state"));
    open();
  }
  void open() {
    engine.reset();
    host::Options options = quiet_options(bundle.root());
    options.state_directory = bundle.path("state");
    engine = std::make_unique<host::Engine>(options);
  }
  void set(const std::string& name, double value, std::int64_t ttl_ms = 0) {
    engine->set_weight("home", name, value, ttl_ms, "ann", "a test");
  }
  std::string refusal(const std::string& name, double value) {
    try {
      set(name, value);
    } catch (const host::Error& error) {
      CHECK(error.status() == LINEUP_E_REFUSED);
      return error.what();
    }
    return "(it was accepted)";
  }
  // The composed weight of a request, whose clock is so much later than ours.
  double weight(std::int64_t later_ms = 0) {
    Caller caller(*engine);
    caller.prepare(feed).now_ms(wall_ms() + later_ms);
    const host::Result result = caller.rerank();
    REQUIRE(result.weights().size() == 1);
    CHECK(abi::view(result.weights()[0].name) == "relevance");
    return result.weights()[0].value;
  }
};

}  // namespace

TEST_CASE("a live weight counts from the next request on") {
  Steered steered;
  CHECK(steered.weight() == 1.0);
  steered.set("relevance", 1.5);
  CHECK(steered.weight() == 1.5);
  steered.engine->clear_weight("home", "relevance", "ann", "enough");
  CHECK(steered.weight() == 1.0);
}

TEST_CASE("a live parameter changes the page") {
  Steered steered;
  Caller caller(*steered.engine);
  CHECK(caller.rerank(steered.feed).slate()[0] == 0);
  steered.set("boost.add", 0.5);
  const host::Result result = caller.rerank(steered.feed);
  CHECK(result.slate()[0] == 5);  // the first new item
  REQUIRE(result.parameters().size() == 1);
  CHECK(abi::view(result.parameters()[0].name) == "boost.add");
  CHECK(result.parameters()[0].value == 0.5);
}

TEST_CASE("a live value out of bounds or too far is refused, and changes nothing") {
  Steered steered;
  CHECK(steered.refusal("relevance", 7.0) == "`relevance` must lie between 0 and 5, got 7");
  CHECK(steered.refusal("relevance", 3.0) ==
        "`relevance` is 1 now and may change by at most 0.5 at once, got 3");
  CHECK(steered.weight() == 1.0);
  try {
    steered.set("nonsense", 1.0);
    FAIL("an unknown name was accepted");
  } catch (const host::Error& error) {
    CHECK(error.status() == LINEUP_E_NOT_FOUND);
    CHECK(std::string(error.what()) == "scene `home` has no weight or live parameter `nonsense`");
  }
}

TEST_CASE("a live value with a time to live ends by itself") {
  Steered steered;
  steered.set("relevance", 1.5, 60'000);
  CHECK(steered.weight() == 1.5);
  CHECK(steered.weight(61'000) == 1.0);
}

TEST_CASE("a live value outlives reloads and restarts") {
  Steered steered;
  steered.set("relevance", 1.5);
  steered.set("boost.add", -0.25, 3'600'000);
  steered.engine->reload();
  CHECK(steered.weight() == 1.5);
  steered.open();
  CHECK(steered.weight() == 1.5);
  const auto live = nlohmann::json::parse(steered.engine->status_json())["live"];
  REQUIRE(live.size() == 2);
  CHECK(live[0]["name"] == "boost.add");
  CHECK(live[0]["value"] == -0.25);
  CHECK(live[0].contains("expires"));
}

TEST_CASE("a live value meets the narrower bounds of a new revision") {
  Steered steered;
  steered.set("relevance", 1.5);
  std::string narrow = policy("");
  narrow.replace(narrow.find("max: 5.0"), 8, "max: 1.2");
  steered.bundle.write("policies/home.yaml", narrow);
  steered.engine->reload();
  CHECK(steered.weight() == 1.2);
}

TEST_CASE("a request's own weight wins, within the bounds") {
  Steered steered;
  steered.set("relevance", 1.5);
  Caller caller(*steered.engine);
  caller.prepare(steered.feed).weight(steered.engine->objective("relevance"), 9.0);
  const host::Result result = caller.rerank();
  CHECK(result.weights()[0].value == 5.0);
  REQUIRE(result.warnings().size() == 1);
  CHECK(abi::view(result.warnings()[0]) == "`relevance` was given as 9 and is kept at its bound 5");
}

TEST_CASE("every change of a live value is written down with who and why") {
  Steered steered;
  steered.set("relevance", 1.5);
  static_cast<void>(steered.refusal("relevance", 9.0));
  steered.engine->clear_weight("home", "relevance", "bob", "back to normal");
  const auto history = nlohmann::json::parse(steered.engine->status_json())["live_history"];
  REQUIRE(history.size() == 3);
  CHECK(history[0]["who"] == "ann");
  CHECK(history[0]["before"] == 1.0);
  CHECK(history[0]["after"] == 1.5);
  CHECK(history[1].contains("refused"));
  CHECK(history[2]["who"] == "bob");
  CHECK(history[2]["why"] == "back to normal");
  CHECK(history[2]["after"].is_null());
}

}  // namespace lineup
