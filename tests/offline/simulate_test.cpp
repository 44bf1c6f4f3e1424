// SPDX-License-Identifier: Apache-2.0
//
// `lineup simulate`: what is planted is found, what is not is not.
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "program.hpp"
#include "support/paths.hpp"

using namespace lineup::testing;
using Json = nlohmann::json;

namespace {

constexpr const char* kByScore =
    "lineup: 1\nscene: feed\npage: 10\ncolumns:\n  score: {type: float}\n"
    "  category: {type: category}\n";

constexpr const char* kScatter =
    "return rule {\n  name = \"scatter\", about = \"Keeps categories apart.\",\n"
    "  parameters = {},\n  constraints = function() return { window { by = \"category\", size = 4, "
    "max = 1 } } end,\n}\n";

struct Bundles {
  Bundles() {
    a.write("policies/feed.yaml", kByScore);
    b.write("policies/feed.yaml",
            std::string(kByScore) + "rules:\n  - {use: scatter, priority: 50}\n");
    b.write("rules/scatter.lua", kScatter);
  }
  [[nodiscard]] Json simulate(std::vector<std::string> more) const {
    std::vector<std::string> all = {"simulate", a.path(), b.path(), "--json"};
    all.insert(all.end(), more.begin(), more.end());
    const Output output = run_program(all);
    INFO(output.err);
    REQUIRE(output.exit_code == 0);
    return Json::parse(output.out);
  }
  Folder a, b;
};

}  // namespace

TEST_CASE("scattered categories win where users tire of them", "[simulate]") {
  const Bundles bundles;
  const Json out = bundles.simulate({"--users", "150", "--sessions", "3", "--tire", "0.7"});
  CHECK(out["per_user"]["expected_clicks"]["interval"][0].get<double>() > 0.0);
}

TEST_CASE("scattered categories do not win where nobody tires", "[simulate]") {
  const Bundles bundles;
  const Json out = bundles.simulate({"--users", "150", "--sessions", "3", "--tire", "0"});
  CHECK(out["per_user"]["expected_clicks"]["interval"][0].get<double>() < 0.0);
}

TEST_CASE("the same bundle and seed give the same users the same clicks", "[simulate]") {
  const Bundles bundles;
  const std::vector<std::string> arguments = {"simulate", bundles.a.path(), bundles.a.path(),
                                              "--json",   "--users",        "60"};
  const Output first = run_program(arguments);
  CHECK(first.out == run_program(arguments).out);
  const Json out = Json::parse(first.out);
  CHECK(out["per_user"]["clicks"]["difference"] == 0.0);
  CHECK(out["per_user"]["clicks"]["a"].get<double>() > 0.0);
  CHECK(out["per_user"]["new_items_seen"]["a"].get<double>() > 0.0);
  CHECK(out["per_user"]["revenue"]["a"].get<double>() > 0.0);
}

TEST_CASE("feedback is late and lost as asked, and what arrives teaches the ranker", "[simulate]") {
  const Bundles bundles;
  const Json all = bundles.simulate({"--users", "100", "--sessions", "8"});
  const Json lossy = bundles.simulate(
      {"--users", "100", "--sessions", "8", "--loss", "0.2", "--delay-minutes", "30"});
  const Json none = bundles.simulate({"--users", "100", "--sessions", "8", "--loss", "1"});
  CHECK(all["a"]["feedback_lost"] == 0);
  const double lost = lossy["a"]["feedback_lost"];
  CHECK(lost / lossy["a"]["requests"].get<double>() == Approx(0.2).margin(0.03));
  CHECK(none["a"]["feedback_delivered"] == 0);
  CHECK(none["per_user"]["expected_clicks"]["a"] < all["per_user"]["expected_clicks"]["a"]);
}

TEST_CASE("bundles that do not open are named", "[simulate]") {
  const Bundles bundles;
  const Output output = run_program({"simulate", bundles.a.path(), bundles.a.path("none")});
  CHECK(output.exit_code == 2);
  CHECK_THAT(output.err, Catch::Contains("none"));
  CHECK(
      run_program({"simulate", bundles.a.path(), bundles.b.path(), "--scene", "shop"}).exit_code ==
      2);
}

TEST_CASE("the study of list effects refuses what it cannot read", "[simulate]") {
  const Folder folder;
  const Output output = run_program({"simulate", "--list-effect", folder.path()});
  CHECK(output.exit_code == 2);
  CHECK_THAT(output.err, Catch::Contains("movies.csv"));
  CHECK(run_program({"simulate"}).exit_code == 2);
}

TEST_CASE("a perfect list model gains on films with a planted effect, and not without",
          "[simulate][data]") {
  const std::string data = lineup::kSourceDir + "/../shared/data/movielens";
  if (!std::filesystem::exists(data)) {
    WARN("skipped: " << data << " is not there");
    return;
  }
  const auto gain = [&data](const char* coverage) {
    const Output output = run_program(
        {"simulate", "--list-effect", data, "--requests", "120", "--coverage", coverage, "--json"});
    INFO(output.err);
    REQUIRE(output.exit_code == 0);
    const Json study = Json::parse(output.out);
    for (const Json& row : study["rows"]) {
      if (row["generator"] == "beam inside the model" && row["evaluator"] == "true list model") {
        return row["interval"][0].get<double>();
      }
    }
    FAIL("there is no such row");
    return 0.0;
  };
  CHECK(gain("0.7") > 0.0);
  CHECK(gain("0") < 0.005);
}

// By blocks of four hours: an hour of so few users is known to about a point only.
TEST_CASE("a controller holds a cold-start share under late and lossy feedback", "[simulate]") {
  const std::string controlled =
      "lineup: 1\nscene: feed\npage: 10\ncolumns:\n  score: {type: float}\n"
      "  is_new: {type: bool, default: false}\nrules:\n"
      "  - {use: boost, with: {where: 'is_new', add: {value: 0, live: {min: -0.3, max: 0.3, "
      "max_step: 0.05}}}}\ncontrollers:\n"
      "  cold_start: {hold: share, where: 'is_new', target: 0.15, tolerance: 0.002, "
      "move: boost.add, gain: 0.5, trend: 0.03, every_ms: 300000, exposures: 500, warm_up: 500}\n";
  Folder a, b;
  a.write("policies/feed.yaml", kByScore);
  b.write("policies/feed.yaml", controlled);
  const Output output = run_program({"simulate", a.path(), b.path(), "--json", "--users", "400",
                                     "--sessions", "16", "--loss", "0.2", "--delay-minutes", "30"});
  INFO(output.err);
  REQUIRE(output.exit_code == 0);
  const Json out = Json::parse(output.out);
  const auto share = [&out](const char* side, std::size_t from) {
    double sum = 0.0;
    for (std::size_t hour = from; hour < from + 4; ++hour) {
      sum += out[side]["sessions"][hour]["new_share"].get<double>();
    }
    return sum / 4.0;
  };
  for (const std::size_t from : {std::size_t{4}, std::size_t{8}, std::size_t{12}}) {
    CAPTURE(from);
    CHECK(share("b", from) == Approx(0.15).margin(0.01));
    CHECK(share("a", from) < 0.13);  // what it is without
  }
  CHECK(out["b"]["controllers"][0]["given_up"] == 0);
}
