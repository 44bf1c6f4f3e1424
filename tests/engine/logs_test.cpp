// SPDX-License-Identifier: Apache-2.0
//
// What an engine leaves in its state directory: who changed what, what was decided, its counters.
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "facade/trust_facade.hpp"
#include "host.hpp"

using namespace lineup;
using host::Engine;
using host::Options;
using Json = nlohmann::json;

namespace {

struct World {
  World() { bundle.write("policies/home.yaml", policy("")); }
  Options options() {
    Options options = quiet_options(bundle.root());
    options.state_directory = state.root();
    return options;
  }
  [[nodiscard]] std::vector<Json> decisions(const std::string& name = "decisions.jsonl") const {
    std::vector<Json> out;
    std::ifstream file(state.path(name));
    for (std::string line; std::getline(file, line);) out.push_back(Json::parse(line));
    return out;
  }
  TestBundle bundle;
  TestBundle state;
};

Json decisions_of(Engine& engine) {
  return Json::parse(engine.status_json()).at("logs").at("decisions");
}

void ask(Engine& engine, int count, bool keep = false) {
  Caller caller(engine);
  const Feed feed(30);
  for (int i = 0; i < count; ++i) {
    host::Request& request = caller.prepare(feed);
    const std::string id = "r" + std::to_string(i);
    request.id(id);
    request.user("u7");
    if (keep) request.keep();
    (void)caller.rerank();
  }
}

// Waits until so many decisions were dealt with.
Json await(Engine& engine, std::uint64_t count) {
  for (int i = 0; i < 4000; ++i) {
    const Json counts = decisions_of(engine);
    const std::uint64_t sum = counts.at("written").get<std::uint64_t>() +
                              counts.at("passed_over").get<std::uint64_t>() +
                              counts.at("dropped").get<std::uint64_t>();
    if (sum >= count) return counts;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return decisions_of(engine);
}

}  // namespace

TEST_CASE("revisions, refusals and weights are in the audit log, with who and why") {
  World world;
  {
    Engine engine(world.options());
    world.bundle.write("policies/home.yaml", "scene: [");
    CHECK_THROWS(engine.reload());
    engine.set_weight("home", "relevance", 1.25, 0, "ann", "a trial");
    CHECK_THROWS(engine.set_weight("home", "relevance", 99.0, 0, "bob", "too much"));
    engine.clear_weight("home", "relevance", "ann", "over");
  }
  const auto changes = read_changes(world.state.root(), 0, 100);
  REQUIRE(changes);
  std::vector<std::string> told;
  for (const ChangeMade& change : *changes) {
    told.push_back(change.what + " " + change.result + " " + change.who + " " + change.why);
  }
  CHECK(told == std::vector<std::string>{"revision active  ", "revision refused  ",
                                         "weight set ann a trial", "weight refused bob too much",
                                         "weight taken back ann over"});
  CHECK(changes->at(2).target == "home/relevance");
  const Json refused = Json::parse(changes->at(1).detail);
  CHECK_FALSE(refused.at("code").get<std::string>().empty());
  CHECK_FALSE(refused.at("message").get<std::string>().empty());
}

TEST_CASE("every decision of the sample is a line of JSON") {
  World world;
  Options options = world.options();
  options.decision_every = 1;
  {
    Engine engine(options);
    ask(engine, 20);
    CHECK(await(engine, 20).at("written") == 20);
  }
  const auto lines = world.decisions();
  REQUIRE(lines.size() == 20);
  for (const char* field :
       {"decision", "request", "scene",         "revision",   "at",   "status",     "search",
        "rows",     "slots",   "relaxed_rules", "elapsed_us", "work", "seed",       "inputs",
        "weights",  "slate",   "user",          "slate_rows", "kept", "candidates", "nodes"}) {
    CAPTURE(field);
    CHECK(lines.front().contains(field));
  }
  CHECK(lines.front().at("request") == "r0");
  CHECK(lines.back().at("request") == "r19");
  CHECK(lines.back().at("slate_rows").size() == 10);
  CHECK(lines.back().at("candidates") == 30);
  std::vector<std::string> nodes;
  for (const Json& node : lines.back().at("nodes")) {
    nodes.push_back(node.at("id"));
    CHECK(node.at("status") == 0);
  }
  CHECK(nodes == std::vector<std::string>{"page", "value"});
  CHECK(lines.back().at("nodes").at(0).at("slates") == 1);
}

TEST_CASE("a sample is drawn by request ids, and what went wrong is always in it") {
  World world;
  Options options = world.options();
  options.decision_every = 10;
  Engine engine(options);
  ask(engine, 1000);
  const Json counts = await(engine, 1000);
  CHECK(counts.at("dropped") == 0);
  const auto written = counts.at("written").get<int>();
  CHECK(written > 50);
  CHECK(written < 200);
  ask(engine, 5, true);
  CHECK(await(engine, 1005).at("written").get<int>() == written + 5);
}

TEST_CASE("masked users are masked in the decision log") {
  World world;
  Options options = world.options();
  options.decision_every = 1;
  options.record_mask_user = true;
  Engine engine(options);
  ask(engine, 1);
  await(engine, 1);
  REQUIRE(world.decisions().size() == 1);
  CHECK(world.decisions().front().at("user") != "u7");
}

TEST_CASE("the decision log begins another file when one is full, and keeps four") {
  World world;
  Options options = world.options();
  options.decision_every = 1;
  options.decision_file_bytes = 4096;
  Engine engine(options);
  for (std::uint64_t round = 1; round <= 30; ++round) {
    ask(engine, 5);
    await(engine, 5 * round);
  }
  CHECK(decisions_of(engine).at("dropped") == 0);
  for (const char* name :
       {"decisions.jsonl", "decisions.1.jsonl", "decisions.2.jsonl", "decisions.3.jsonl"}) {
    CAPTURE(name);
    CHECK(std::filesystem::file_size(world.state.path(name)) <= 4096);
    CHECK_FALSE(world.decisions(name).empty());
  }
  CHECK_FALSE(std::filesystem::exists(world.state.path("decisions.4.jsonl")));
}

TEST_CASE("decisions that cannot be written are counted, and requests are answered") {
  World world;
  std::filesystem::create_directory(world.state.path("decisions.jsonl"));
  Options options = world.options();
  options.decision_every = 1;
  Engine engine(options);
  ask(engine, 5);
  const Json counts = await(engine, 5);
  CHECK(counts.at("dropped") == 5);
  CHECK(counts.at("written") == 0);
}

TEST_CASE("without a sample no decision log is written") {
  World world;
  Engine engine(world.options());
  ask(engine, 5);
  CHECK_FALSE(std::filesystem::exists(world.state.path("decisions.jsonl")));
}

TEST_CASE("metrics are written to the state directory, whole each time") {
  World world;
  Options options = world.options();
  options.metrics_ms = 20;
  Engine engine(options);
  ask(engine, 7);
  std::string text;
  for (int i = 0; i < 1000 && text.find("lineup_requests_total 7") == std::string::npos; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    std::ifstream file(world.state.path("metrics.prom"));
    std::ostringstream contents;
    contents << file.rdbuf();
    text = contents.str();
  }
  CHECK_THAT(text, Catch::Contains("lineup_requests_total 7"));
  CHECK_THAT(text, Catch::Contains("lineup_request_duration_seconds_count 7"));
  CHECK_THAT(text, Catch::Contains("lineup_emergency_active 0"));
}
