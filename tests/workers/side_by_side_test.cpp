// SPDX-License-Identifier: Apache-2.0
//
// Nodes of one request that really are in their calls at once, seen by nodes that wait for each
// other; and many requests, reloads and helpers at the same time.
#include <atomic>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <thread>

#include "host.hpp"
#include "support/paths.hpp"

namespace lineup {

namespace {

using Json = nlohmann::json;

// Longer than any machine is busy; what is expected to happen ends it at once.
constexpr const char* kPatient = "with: {patience_ms: 300000}";
constexpr const char* kHasty = "with: {patience_ms: 20}";

// What became of each node, by id.
Json statuses(const std::string& graph, std::uint32_t workers) {
  TestBundle bundle;
  bundle.write("policies/home.yaml", policy("", "limits: {deadline_ms: 60000}\n" + graph));
  bundle.add_plugin(kBinaryDir + "/tests/workers_plugins/meets.so", "meets");
  host::Options options = quiet_options(bundle.root());
  options.workers = workers;
  host::Engine engine(options);
  Caller caller(engine);
  const Feed feed(30);
  caller.prepare(feed).explain();
  const host::Result result = caller.rerank();
  CHECK(result.slate().size() == 10);
  Json out;
  const Json trace = Json::parse(std::string(result.trace_json()));
  for (const Json& node : trace["nodes"]) {
    out[node["id"].get<std::string>()] = node["status"];
  }
  out["helped"] = Json::parse(engine.status_json())["workers"]["nodes"];
  return out;
}

std::string two_generators(const std::string& plugin, const char* with) {
  return "graph:\n  - {id: a, generate: " + plugin + ", " + with +
         "}\n  - {id: b, generate: " + plugin + ", " + with + "}\n";
}

std::string two_evaluators(const char* with) {
  return std::string("graph:\n  - {id: page, generate: score_order}\n") +
         "  - {id: a, evaluate: meets_too, from: [page], on_failure: skip, " + with + "}\n" +
         "  - {id: b, evaluate: meets_too, from: [page], on_failure: skip, " + with + "}\n" +
         "  - {id: best, select: best, from: [a, b]}\n";
}

}  // namespace

TEST_CASE("two generators of one request are in their calls at once when a thread may help") {
  const Json with = statuses(two_generators("meets", kPatient), 1);
  CHECK(with["a"] == "ok");
  CHECK(with["b"] == "ok");
  CHECK(with["helped"] == 1);
  const Json without = statuses(two_generators("meets", kHasty), 0);
  CHECK(without["a"] == "nobody came");
  CHECK(without["b"] == "nobody came");
  CHECK(without["helped"] == 0);
}

TEST_CASE("two evaluators of one request are in their calls at once when a thread may help") {
  const Json with = statuses(two_evaluators(kPatient), 2);
  CHECK(with["a"] == "ok");
  CHECK(with["b"] == "ok");
  CHECK(statuses(two_evaluators(kHasty), 0)["b"] == "nobody came");
}

TEST_CASE("calls of an instance that must not overlap do not, however many threads may help") {
  const Json with = statuses(two_generators("meets_alone", kHasty), 3);
  CHECK(with["a"] == "nobody came");
  CHECK(with["b"] == "nobody came");
}

TEST_CASE("a generator that goes on from another one runs after it") {
  const std::string graph = std::string("graph:\n  - {id: a, generate: meets, ") + kHasty +
                            "}\n  - {id: b, generate: meets, from: [a], " + kHasty + "}\n";
  CHECK(statuses(graph, 3)["b"] == "nobody came");
}

TEST_CASE(
    "nodes that are done before a thread would be awake are not offered, once that is known") {
  TestBundle bundle;
  bundle.write("policies/home.yaml", policy("",
                                            "limits: {deadline_ms: 60000}\n"
                                            "graph:\n  - {id: a, generate: score_order}\n"
                                            "  - {id: b, generate: score_order}\n"));
  host::Options options = quiet_options(bundle.root());
  options.workers = 1;
  host::Engine engine(options);
  Caller caller(engine);
  const Feed feed(12);
  // Offers end as soon as the usual time of a call is known to be short: a machine that is busy for
  // long stretches only takes more requests for it.
  const auto helped = [&engine] {
    return Json::parse(engine.status_json())["workers"]["nodes"].get<std::uint64_t>();
  };
  bool is_calm = false;
  for (int round = 0; round < 1000 && !is_calm; ++round) {
    const std::uint64_t before = helped();
    for (int i = 0; i < 2000; ++i) REQUIRE(caller.rerank(feed).answer() == host::Answer::Ok);
    is_calm = helped() == before;
  }
  CHECK(is_calm);
}

TEST_CASE("nodes that take their time are offered request after request") {
  TestBundle bundle;
  const char* with = "with: {patience_ms: 60000, stay_ms: 1}";
  bundle.write("policies/home.yaml",
               policy("", "limits: {deadline_ms: 60000}\n" + two_generators("meets", with)));
  bundle.add_plugin(kBinaryDir + "/tests/workers_plugins/meets.so", "meets");
  host::Options options = quiet_options(bundle.root());
  options.workers = 1;
  host::Engine engine(options);
  Caller caller(engine);
  const Feed feed(30);
  // The first one finds nothing known; the others are offered for what is.
  for (int asked = 1; asked <= 20; ++asked) {
    REQUIRE(caller.rerank(feed).answer() == host::Answer::Ok);
    REQUIRE(Json::parse(engine.status_json())["workers"]["nodes"] == asked);
  }
}

TEST_CASE("pages stay what they are while many ask, threads help and plugins are exchanged") {
  TestBundle bundle;
  const auto front = [&](int step) {
    bundle.add_plugin(kBinaryDir + "/tests/engine_plugins/front_0.so", "front",
                      "step " + std::to_string(step));
  };
  front(0);
  bundle.write(
      "policies/home.yaml",
      policy("  - {use: category_scatter, with: {by: category, window: 4, max: 2}, priority: 50}\n",
             "limits: {deadline_ms: 60000}\n"
             "graph:\n"
             "  - {id: one, generate: score_order}\n"
             "  - {id: two, generate: front}\n"
             "  - {id: three, generate: mmr, with: {categories: [{column: author}]}}\n"
             "  - {id: four, generate: sampled, with: {slates: 3}}\n"
             "  - {id: worth, evaluate: weighted_sum, from: [one, two, three, four]}\n"
             "  - {id: early, evaluate: discounted, from: [one, two, three, four], with: "
             "{values: [{column: score, objective: relevance}], top: 3}}\n"
             "  - {id: best, select: best, from: [worth, early]}\n"));
  host::Options options = quiet_options(bundle.root());
  options.workers = 2;
  options.sessions = 3;  // fewer than threads
  host::Engine engine(options);
  const Feed feed(60);
  Caller first(engine);
  first.prepare(feed).seed(7);
  const auto expected = slate_of(first.rerank());
  std::atomic<bool> is_over{false};
  std::atomic<int> different{0};
  std::atomic<int> asked{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      Caller caller(engine);
      while (!is_over) {
        caller.prepare(feed).seed(7);
        const host::Result result = caller.rerank();
        if (result.answer() != host::Answer::Ok || slate_of(result) != expected) ++different;
        ++asked;
      }
    });
  }
  for (int step = 1; step <= 10; ++step) {
    front(step);
    const int before = asked;
    engine.reload();
    while (asked < before + 8) std::this_thread::yield();
  }
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(different == 0);
}

TEST_CASE("an engine with threads that help is closed while they help") {
  for (int i = 0; i < 5; ++i) {
    TestBundle bundle;
    bundle.write("policies/home.yaml",
                 policy("",
                        "graph:\n  - {id: a, generate: score_order}\n"
                        "  - {id: b, generate: sampled, with: {slates: 4}}\n"));
    lineup_options options{};
    options.struct_size = sizeof options;
    options.bundle = abi::text(bundle.root());
    options.workers = 2;
    options.log = [](void*, std::int32_t, lineup_text) {};
    lineup_engine* engine = nullptr;
    REQUIRE(lineup_open(&options, nullptr, &engine) == LINEUP_OK);
    lineup_handle scene = 0;
    REQUIRE(lineup_bind_scene(engine, abi::text("home"), &scene) == LINEUP_OK);
    lineup_input input{};
    input.struct_size = sizeof input;
    input.scene = scene;
    input.now_ms = LINEUP_NO_TIME;
    // A held result keeps the engine from going until the thread below was told that it closes.
    const lineup_result* held = nullptr;
    REQUIRE(lineup_rerank(engine, &input, &held) == LINEUP_OK);
    std::atomic<lineup_status> last{LINEUP_OK};
    std::thread asking([&] {
      while (last == LINEUP_OK) {
        const lineup_result* result = nullptr;
        last = lineup_rerank(engine, &input, &result);
        if (last == LINEUP_OK) lineup_release(engine, result);
      }
      lineup_release(engine, held);
    });
    lineup_close(engine);
    asking.join();
    CHECK(last == LINEUP_E_CLOSED);
  }
}

}  // namespace lineup
