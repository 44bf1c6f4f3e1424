// SPDX-License-Identifier: Apache-2.0
//
// Controllers of an engine: feedback through the C interface moves a dial, people and requests have
// the last word, and the status tells all of it.
#include <catch2/catch.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "host.hpp"

namespace lineup {

namespace {

using Json = nlohmann::json;

constexpr std::int64_t kMinute = 60'000;

const std::string kBoost =
    "  - {use: boost, with: {where: 'is_new', add: {value: 0, live: {min: 0, max: 1}}}}\n";

std::string controlled(const std::string& more = "", const std::string& rest = "") {
  return policy(kBoost,
                "controllers:\n  fresh:\n    {hold: share, where: 'is_new', target: 0.4, "
                "tolerance: 0.02, move: boost.add, gain: 0.5, exposures: 20, warm_up: 20" +
                    more + "}\n" + rest + std::string(kGraph));
}

struct Served {
  TestBundle bundle;
  std::string log;
  std::unique_ptr<host::Engine> engine;
  Feed feed{40};
  std::int64_t now_ms = 1'800'000'000'000;
  int asked = 0;

  explicit Served(const std::string& text) {
    bundle.write("policies/home.yaml", text);
    engine = std::make_unique<host::Engine>(quiet_options(bundle.root(), &log));
  }
  // One request a minute, of which all ten slots were seen; answers the dial it used.
  double minute(bool is_told = true) {
    now_ms += kMinute;
    const std::string id = "r" + std::to_string(asked++);
    Caller caller(*engine);
    host::Request& request = caller.prepare(feed);
    request.id(id);
    request.now_ms(now_ms);
    const host::Result result = caller.rerank();
    REQUIRE(result.parameters().size() == 1);
    Json exposed = Json::array();
    for (const std::uint32_t row : result.slate()) exposed.push_back(feed.ids[row]);
    if (is_told) engine->feedback(id, Json{{"exposed", exposed}}.dump());
    return result.parameters()[0].value;
  }
  double run(int minutes) {
    double value = 0.0;
    for (int i = 0; i < minutes; ++i) value = minute();
    return value;
  }
  Json status() {
    const Json all = Json::parse(engine->status_json());
    REQUIRE(all["controllers"].size() == 1);
    return all["controllers"][0];
  }
};

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

TEST_CASE("feedback moves the dial until the target is held, and the status tells", "[control]") {
  Served served(controlled());
  CHECK(served.minute() == 0.0);
  const double value = served.run(200);
  CHECK(value > 0.0);
  const Json status = served.status();
  CHECK(status["scene"] == "home");
  CHECK(status["name"] == "fresh");
  CHECK(status["moves"] == "boost.add");
  CHECK(status["target"] == 0.4);
  CHECK(status["measured"].get<double>() > 0.25);  // one in six without
  CHECK(status["exposures"] == 2010);
}

TEST_CASE("the same feedback twice moves nothing twice", "[control]") {
  Served served(controlled());
  served.run(5);
  const Json before = served.status();
  served.engine->feedback("r4", R"({"exposed":["v0"]})");  // seen already, told in other words
  CHECK(served.status()["exposures"] == before["exposures"]);
}

TEST_CASE("a live value that a person sets counts over the controller", "[control]") {
  Served served(controlled());
  served.run(60);
  served.engine->set_weight("home", "boost.add", 0.01, 0, "ann", "enough of it");
  CHECK(served.minute() == 0.01);
  served.run(30);
  CHECK(served.status()["state"] == "overruled");
  served.engine->clear_weight("home", "boost.add", "ann", "go on");
  CHECK(served.minute() != 0.01);
}

TEST_CASE("a switch takes a controller off, and its dial goes back to the policy", "[control]") {
  Served served(controlled());
  CHECK(served.run(100) > 0.0);
  served.bundle.write("policies/home.yaml", controlled("", "switches: {controllers: [fresh]}\n"));
  served.engine->reload();
  CHECK(served.minute() == 0.0);
  served.minute();
  CHECK(served.status()["state"] == "off");
}

TEST_CASE("what a controller gave out outlives a reload that does not concern it", "[control]") {
  Served served(controlled());
  const double before = served.run(100);
  served.bundle.write("policies/home.yaml", "# another revision\n" + controlled());
  served.engine->reload();
  CHECK(served.minute(false) == Approx(before).margin(0.2));
  CHECK(served.minute(false) > 0.0);
}

TEST_CASE("a target out of reach is given up in the log and in the status", "[control]") {
  // No more than 7 of 40 are new: 70 % of a page. 90 % cannot be.
  const std::string text = controlled(", give_up_ms: 600000");
  Served served(std::string(text).replace(text.find("target: 0.4"), 11, "target: 0.9"));
  served.run(120);
  const Json status = served.status();
  CHECK(status["state"] == "given up");
  CHECK(status["given_up"] == 1);
  CHECK(served.minute() == 0.0);
  CHECK_THAT(served.log, Catch::Contains("controller `fresh` of scene `home` gives up"));
}

TEST_CASE("revenue per thousand is added up from a column or from events", "[control]") {
  const std::string hold = GENERATE(as<std::string>(), "column: score", "event: sale");
  CAPTURE(hold);
  Served served(policy(kBoost, "controllers:\n  money: {hold: per_thousand, " + hold +
                                   ", target: 500, move: boost.add, gain: 0.0001, exposures: 10, "
                                   "warm_up: 10}\n" +
                                   std::string(kGraph)));
  served.run(3);
  const double measured = served.status()["measured"];
  CHECK(measured == Approx(hold == "event: sale" ? 0.0 : 955.0).margin(20.0));
}

TEST_CASE("a controller that cannot work is refused with what is missing", "[control]") {
  const auto said = [](const std::string& controller) {
    return refusal(
        policy(kBoost, "controllers:\n  c: {" + controller + "}\n" + std::string(kGraph)));
  };
  CHECK_THAT(said("hold: share, where: 'is_new', target: 0.2, move: bost.add"),
             Catch::Contains("`bost.add` is no objective and no live parameter") &&
                 Catch::Contains("did you mean `boost.add`?"));
  CHECK_THAT(said("hold: share, target: 0.2, move: boost.add"),
             Catch::Contains("holds a share of no rows"));
  CHECK_THAT(said("hold: share, where: 'is_new', target: 15, move: boost.add"),
             Catch::Contains("`target` of a share must lie between 0 and 1, got 15"));
  CHECK_THAT(said("hold: per_thousand, target: 15, move: boost.add"),
             Catch::Contains("controller `c` adds up nothing"));
  CHECK_THAT(said("hold: per_thousand, column: bid, target: 15, move: boost.add"),
             Catch::Contains("unknown column `bid`"));
  CHECK_THAT(said("hold: share, where: 'is_newer', target: 0.2, move: boost.add"),
             Catch::Contains("is_newer"));
  CHECK_THAT(refusal(policy(kBoost, "switches: {controllers: [x]}\n" + std::string(kGraph))),
             Catch::Contains("the policy has no controller `x` to switch off"));
}

}  // namespace lineup
