// SPDX-License-Identifier: Apache-2.0
//
// The emergency overlay as operators meet it: a file that takes rows off the pages at once.
#include <catch2/catch.hpp>
#include <chrono>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/clock.hpp"
#include "facade/trust_facade.hpp"
#include "host.hpp"

using namespace lineup;
using host::Engine;
using host::Options;
using Json = nlohmann::json;

namespace {

std::string overlay(const std::string& rest, std::int64_t ttl_ms = 3'600'000) {
  return "emergency: 1\nwho: ann\nwhy: a recall\nuntil: '" + format_time(wall_ms() + ttl_ms) +
         "'\n" + rest;
}

const std::string kRules =
    "  - {use: category_scatter, priority: 50, with: {window: 2, max: 1}}\n"
    "  - {use: boost, as: promo, with: {where: 'type == \"ad\"', add: 5.0}}\n"
    "  - {use: boost, as: demote, with: {where: 'type == \"ad\"', add: -0.1}}\n"
    "  - {use: exclude, as: no_ads_of_a6, with: {where: 'author == \"a6\"'}}\n"
    "  - {use: pin, as: must, required: true, with: {id: v9, slots: 1}}\n";

struct World {
  explicit World(const std::string& rules = "") {
    bundle.write("policies/home.yaml", policy(rules));
    bundle.write("lists/recalled.txt", "v1\nv2\n");
    bundle.write("rules/exclude.lua",
                 "return rule { name = 'exclude', about = 'Not these.',\n"
                 "parameters = { where = condition { about = 'Which.' } },\n"
                 "constraints = function(p) return { filter { where = p.where } } end }\n");
  }
  Options options() {
    Options options = quiet_options(bundle.root());
    options.log = [this](host::Level, std::string_view line) {
      const std::lock_guard lock(mutex);
      log.append(line).append("\n");
    };
    options.state_directory = state.root();
    return options;
  }
  TestBundle bundle;
  // The engine logs from threads of its own.
  std::string logged() {
    const std::lock_guard lock(mutex);
    return log;
  }
  TestBundle state;

 private:
  std::mutex mutex;
  std::string log;
};

Json emergency_of(Engine& engine) { return Json::parse(engine.status_json()).at("emergency"); }

// Waits until the overlay is in that state; how long it took, milliseconds.
std::int64_t await(Engine& engine, const std::string& state) {
  const std::int64_t began_ns = monotonic_ns();
  const auto passed_ms = [began_ns] { return (monotonic_ns() - began_ns) / 1'000'000; };
  while (emergency_of(engine).at("state") != state && passed_ms() < 20'000) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  CHECK(emergency_of(engine).at("state") == state);
  return passed_ms();
}

std::string page(Engine& engine, const Feed& feed) {
  Caller caller(engine);
  return shown(caller.rerank(feed), feed);
}

// Why an overlay is refused that is there when the engine opens; empty: it acts.
std::string refusal(World& world, const std::string& text) {
  world.state.write("emergency.yaml", text);
  Engine engine(world.options());
  const Json status = emergency_of(engine);
  CHECK(status.contains("refused") == (status.at("state") == "none"));
  return status.value("refused", "");
}

}  // namespace

TEST_CASE("ids, values of columns and lists are taken off the page") {
  World world;
  const Feed feed(100);
  world.state.write("emergency.yaml", overlay("most: '50%'\n"
                                              "block: {id: [v0], author: a4}\n"
                                              "block_lists: {id: recalled}\n"));
  Engine engine(world.options());
  // a4 has v4, v11, v18, ...
  CHECK(page(engine, feed) == "v3 v5 v6 v7 v8 v9 v10 v12 v13 v14");
  Caller caller(engine);
  const auto result = caller.rerank(feed);
  CHECK(static_cast<int>(result.answer()) == LINEUP_ANSWER_OK);
  REQUIRE(result.warnings().size() == 1);
  CHECK_THAT(std::string(result.warnings()[0].data, result.warnings()[0].size),
             Catch::Contains("took 17 of 100 candidates away"));
}

TEST_CASE("a column that no rule reads can be blocked all the same") {
  World world;
  const Feed feed(50);
  Options options = world.options();
  {
    Engine engine(options);
    CHECK(page(engine, feed) == "v0 v1 v2 v3 v4 v5 v6 v7 v8 v9");
  }
  world.state.write("emergency.yaml", overlay("most: '50%'\nblock: {type: ad}\n"));
  Engine engine(options);
  CHECK(page(engine, feed) == "v0 v1 v2 v3 v5 v6 v7 v8 v10 v11");
}

TEST_CASE("a file that is saved acts within a second and a file that is removed no more") {
  World world;
  const Feed feed(50);
  Engine engine(world.options());
  const std::string before = page(engine, feed);
  world.state.write("emergency.yaml", overlay("block: {id: v0}\n"));
  CHECK(await(engine, "active") < 5000);  // a busy machine; alone it is 200 ms
  CHECK(page(engine, feed) == "v1 v2 v3 v4 v5 v6 v7 v8 v9 v10");
  world.state.write("emergency.yaml", overlay("block: {id: v1}\n"));
  for (int i = 0; i < 1000 && page(engine, feed).starts_with("v1 "); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  CHECK(page(engine, feed) == "v0 v2 v3 v4 v5 v6 v7 v8 v9 v10");
  world.state.remove("emergency.yaml");
  await(engine, "none");
  CHECK(page(engine, feed) == before);
}

TEST_CASE("an overlay ends by itself when its time is over") {
  World world;
  const Feed feed(50);
  world.state.write("emergency.yaml", overlay("block: {id: v0}\n", 700));
  Engine engine(world.options());
  CHECK(page(engine, feed).starts_with("v1 "));
  await(engine, "none");
  CHECK(page(engine, feed).starts_with("v0 "));
  // One that had run out before does not begin.
  world.state.write("emergency.yaml", overlay("block: {id: v0}\n", -1));
  Engine late(world.options());
  CHECK(page(late, feed).starts_with("v0 "));
}

TEST_CASE("a request that looks at a later day is not touched") {
  World world;
  const Feed feed(50);
  world.state.write("emergency.yaml", overlay("block: {id: v0}\n"));
  Engine engine(world.options());
  Caller caller(engine);
  caller.prepare(feed).now_ms(wall_ms() + 7'200'000);
  CHECK(shown(caller.rerank(), feed).starts_with("v0 "));
}

TEST_CASE("what would take more than its share acts on no row of that request, and says so") {
  World world;
  const Feed feed(50);
  // Every fifth row is an ad: 10 of 50.
  world.state.write("emergency.yaml", overlay("most: '19%'\nblock: {type: ad}\n"));
  Engine engine(world.options());
  Caller caller(engine);
  const auto result = caller.rerank(feed);
  CHECK(shown(result, feed) == "v0 v1 v2 v3 v4 v5 v6 v7 v8 v9");
  REQUIRE(result.warnings().size() == 1);
  CHECK_THAT(std::string(result.warnings()[0].data, result.warnings()[0].size),
             Catch::Contains("does not act here: it would take 10 of 50"));
  CHECK(emergency_of(engine).at("requests_left_out") == 1);
  for (int i = 0; i < 1000 && world.logged().find("left out") == std::string::npos; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  CHECK_THAT(world.logged(), Catch::Contains("more than 19% of the rows"));
}

TEST_CASE("one row is within every share, so that small batches can be protected") {
  World world;
  const Feed feed(3);
  world.state.write("emergency.yaml", overlay("most: '1%'\nblock: {id: v0}\n"));
  Engine engine(world.options());
  CHECK(page(engine, feed) == "v1 v2");
}

TEST_CASE("rules are switched off by the names of their uses") {
  World world(kRules);
  const Feed feed(50);
  Options options = world.options();
  std::string with;
  {
    Engine engine(options);
    with = page(engine, feed);
  }
  world.state.write("emergency.yaml", overlay("switch_off: [promo, category_scatter]\n"));
  Engine engine(options);
  const std::string without = page(engine, feed);
  CHECK(with != without);
  // By score, but for the pin that is required, the filter, and ads that are kept down.
  CHECK(without.starts_with("v9 v0 v1 v2 v3"));
  Caller caller(engine);
  const auto result = caller.rerank(feed);
  CHECK(static_cast<int>(result.answer()) == LINEUP_ANSWER_OK);
  CHECK(result.relaxed().empty());
  REQUIRE(result.warnings().size() == 1);
  CHECK_THAT(std::string(result.warnings()[0].data, result.warnings()[0].size),
             Catch::Contains("switched rules off"));
}

TEST_CASE("required rules, filters and what keeps rows down cannot be switched off") {
  World world(kRules);
  CHECK_THAT(refusal(world, overlay("switch_off: [must]\n")), Catch::Contains("it is required"));
  CHECK_THAT(refusal(world, overlay("switch_off: [no_ads_of_a6]\n")),
             Catch::Contains("it is a filter"));
  CHECK_THAT(refusal(world, overlay("switch_off: [demote]\n")),
             Catch::Contains("it keeps rows down"));
  CHECK(refusal(world, overlay("switch_off: [promo]\n")).empty());
}

TEST_CASE("an overlay that names what is not there is refused, with what would be right") {
  World world(kRules);
  CHECK_THAT(refusal(world, overlay("switch_off: [promos]\n")),
             Catch::Contains("there is no rule `promos`"));
  CHECK_THAT(refusal(world, overlay("block: {autor: a1}\n")),
             Catch::Contains("there is no column `autor`"));
  CHECK_THAT(refusal(world, overlay("block_lists: {id: recall}\n")),
             Catch::Contains("there is no list `recall`"));
  CHECK_THAT(refusal(world, overlay("block: {id: a}\nscenes: [hom]\n")),
             Catch::Contains("it speaks for no scene"));
  CHECK_THAT(refusal(world, "block: {id: a}\n"), Catch::Contains("needs the key `until`"));
}

TEST_CASE("while a new overlay is refused the one before goes on acting") {
  World world;
  const Feed feed(50);
  world.state.write("emergency.yaml", overlay("block: {id: v0}\n"));
  Engine engine(world.options());
  world.state.write("emergency.yaml", overlay("blok: {id: v1}\n"));
  for (int i = 0; i < 1000 && !emergency_of(engine).contains("refused"); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  CHECK_THAT(emergency_of(engine).value("refused", ""), Catch::Contains("`block`"));
  CHECK(page(engine, feed).starts_with("v1 "));
}

TEST_CASE("an overlay acts on every revision that comes after it, from its first request on") {
  World world;
  const Feed feed(50);
  world.state.write("emergency.yaml", overlay("block: {id: v0}\n"));
  Engine engine(world.options());
  std::atomic<bool> stop{false};
  std::atomic<int> shown_blocked{0};
  std::thread asking([&] {
    Caller caller(engine);
    while (!stop) {
      const auto result = caller.rerank(feed);
      for (const std::uint32_t row : result.slate()) shown_blocked += row == 0 ? 1 : 0;
    }
  });
  for (int i = 0; i < 50; ++i) {
    world.bundle.write("policies/home.yaml", policy("") + "# " + std::to_string(i) + "\n");
    engine.reload();
  }
  stop = true;
  asking.join();
  CHECK(shown_blocked == 0);
}

TEST_CASE("the state directory's overlay stands before the bundle's") {
  World world;
  const Feed feed(50);
  world.bundle.write("emergency.yaml", overlay("block: {id: v0}\n"));
  {
    Engine engine(world.options());
    CHECK(page(engine, feed).starts_with("v1 "));
  }
  world.state.write("emergency.yaml", overlay("block: {id: v1}\n"));
  Engine engine(world.options());
  CHECK(page(engine, feed).starts_with("v0 v2"));
}

TEST_CASE("where bundles have to be signed, so has the overlay in their directory") {
  World world;
  TestBundle keys;
  const auto ann = make_key_file(keys.path("ann.key"), "ann", false, {"home"});
  const auto bob = make_key_file(keys.path("bob.key"), "bob", false, {"detail"});
  keys.write("trust.json",
             R"({"lineup_trust": 1, "keys": [)" + ann->entry + "," + bob->entry + "]}");
  ManifestOrder order;
  order.bundle = world.bundle.root();
  REQUIRE(create_manifest(order));
  Diagnostics found;
  REQUIRE(sign_path(world.bundle.root(), keys.path("ann.key"), found));
  Options options = world.options();
  options.trust_file = keys.path("trust.json");
  world.bundle.write("emergency.yaml", overlay("scenes: [home]\nblock: {id: v0}\n"));
  const auto refused = [&] {
    Engine engine(options);
    return emergency_of(engine).value("refused", "");
  };
  CHECK_THAT(refused(), Catch::Contains("trust/"));
  REQUIRE(sign_path(world.bundle.path("emergency.yaml"), keys.path("bob.key"), found));
  CHECK_THAT(refused(), Catch::Contains("who owns all the scenes"));
  REQUIRE(sign_path(world.bundle.path("emergency.yaml"), keys.path("ann.key"), found));
  CHECK(refused().empty());
}

TEST_CASE("whatever became of an overlay is in the audit log") {
  World world;
  world.state.write("emergency.yaml", overlay("block: {id: v0}\n"));
  {
    Engine engine(world.options());
    world.state.write("emergency.yaml", "emergency: 1\n");
    for (int i = 0; i < 1000 && !emergency_of(engine).contains("refused"); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    world.state.remove("emergency.yaml");
    await(engine, "none");
  }
  std::string results;
  const auto changes = read_changes(world.state.root(), 0, 100);
  REQUIRE(changes);
  for (const ChangeMade& change : *changes) {
    if (change.what != "emergency") continue;
    results += change.result + (change.who.empty() ? "" : " by " + change.who) + ";";
  }
  CHECK(results == "active by ann;refused;removed by ann;");
}
