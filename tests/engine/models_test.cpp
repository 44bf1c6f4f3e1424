// SPDX-License-Identifier: Apache-2.0
//
// Models through the C interface: a changed one is in the next page, a broken one changes nothing,
// and what does not use it is not made anew.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "host.hpp"
#include "support/paths.hpp"

namespace lineup {

namespace {

using Json = nlohmann::json;

constexpr const char* kUpright = R"([{"inputs": [0, 1], "outputs": [0, 1]}])";
constexpr const char* kReversed = R"([{"inputs": [0, 1], "outputs": [1, 0]}])";

struct Shop {
  explicit Shop(const std::string& node = "") {
    bundle.write("models/curves.json", kUpright);
    bundle.add_plugin(kBinaryDir + "/plugins/calibrate.so", "calibrate");
    bundle.add_plugin(kBinaryDir + "/plugins/score_order.so", "score_order");
    bundle.write("policies/home.yaml",
                 policy("", "graph:\n  - {id: rates, score: calibrate" + node +
                                ", with: {curves: {model: curves}}}\n"
                                "  - {id: page, generate: score_order}\n"
                                "limits: {deadline_ms: 60000}\n"));
    engine = std::make_unique<host::Engine>(quiet_options(bundle.root()));
    caller = std::make_unique<Caller>(*engine);
  }
  [[nodiscard]] std::uint32_t first() { return caller->rerank(feed).slate()[0]; }

  TestBundle bundle;
  std::unique_ptr<host::Engine> engine;
  std::unique_ptr<Caller> caller;
  Feed feed{6};
};

}  // namespace

TEST_CASE("a changed model is in the next page", "[model]") {
  const bool is_apart = GENERATE(false, true);
  CAPTURE(is_apart);
  Shop shop(is_apart ? ", isolation: process" : "");
  const std::uint32_t best = shop.first();
  const std::string before(shop.caller->rerank(shop.feed).revision());
  shop.bundle.write("models/curves.json", kReversed);
  shop.engine->reload();
  CHECK(shop.first() != best);
  CHECK(shop.caller->rerank(shop.feed).revision() != before);
  shop.bundle.write("models/curves.json", kUpright);
  shop.engine->reload();
  CHECK(shop.first() == best);
}

TEST_CASE("a model that is broken, or is not what its plugin takes, changes nothing", "[model]") {
  Shop shop;
  const std::uint32_t best = shop.first();
  const std::string before(shop.caller->rerank(shop.feed).revision());
  for (const std::string wrong : {"[{\"inputs\": [0, 1", "{}",
                                  "[{\"inputs\": [1, 0], \"outputs\": "
                                  "[0, 1]}]",
                                  ""}) {
    CAPTURE(wrong);
    shop.bundle.write("models/curves.json", wrong);
    CHECK_THROWS_AS(shop.engine->reload(), host::Error);
    CHECK(shop.first() == best);
    CHECK(shop.caller->rerank(shop.feed).revision() == before);
  }
  shop.bundle.write("models/curves.json", kReversed);
  shop.engine->reload();
  CHECK(shop.first() != best);
}

}  // namespace lineup
