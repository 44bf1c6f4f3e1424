// SPDX-License-Identifier: Apache-2.0
//
// A graph of many nodes, one of which is slow or hangs: the page is made of what the others say.
// How long that takes is measured by tests/bench/graph_bench.cpp.
#include <catch2/catch.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "five_and_three.hpp"

namespace lineup {

namespace {

struct Served {
  TestBundle bundle;
  std::unique_ptr<host::Engine> engine;
  Feed feed{200};
  Caller caller;

  explicit Served(const std::string& five) : caller(open(five)) {}
  host::Engine& open(const std::string& five) {
    write_five_and_three(bundle, five, "{deadline_ms: 2000}");
    engine = std::make_unique<host::Engine>(quiet_options(bundle.root()));
    return *engine;
  }
  host::Result ask() {
    caller.prepare(feed);
    caller.request.explain();
    return caller.rerank();
  }
};

// Which nodes brought slates, and what is said of `five`.
struct Seen {
  std::set<std::string> makers;
  std::string five;
  explicit Seen(const host::Result& result) {
    const auto trace = nlohmann::json::parse(result.trace_json());
    for (const auto& node : trace["nodes"]) {
      if (node["slates"] > 0) makers.insert(node["id"]);
      if (node["id"] == "five") five = node["status"];
    }
  }
};

// At most two of a category in four slots: the rule of the policy.
bool keeps_rule(const host::Result& result, const Feed& feed) {
  const auto slate = result.slate();
  for (std::size_t first = 0; first + 4 <= slate.size(); ++first) {
    std::multiset<std::string_view> kinds;
    for (std::size_t i = first; i < first + 4; ++i) kinds.insert(feed.category[slate[i]]);
    for (const std::string_view kind : kinds) {
      if (kinds.count(kind) > 2) return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("five generators and three evaluators make one page, and all are heard") {
  Served served(kFairGenerator);
  const host::Result result = served.ask();
  const Seen seen(result);
  CHECK(result.answer() == host::Answer::Ok);
  CHECK(seen.makers.count("five") == 1);
  CHECK(seen.makers.count("one") == 1);
  CHECK(seen.makers.count("four") == 1);
  CHECK(keeps_rule(result, served.feed));
}

TEST_CASE("a generator that takes all the time it is given takes no more, and the others decide") {
  Served served(kSlowGenerator);
  for (int i = 0; i < 8; ++i) {
    const host::Result result = served.ask();
    const Seen seen(result);
    CHECK(result.answer() == host::Answer::Ok);
    CHECK(result.slate().size() == 10);
    CHECK(seen.makers.count("four") == 1);
    CHECK(keeps_rule(result, served.feed));
  }
}

TEST_CASE("a generator that hangs in a process of its own costs its budget and is then left out") {
  Served served(kHangingGenerator);
  std::string said;
  for (int i = 0; i < 8; ++i) {
    const host::Result result = served.ask();
    const Seen seen(result);
    CHECK(result.answer() == host::Answer::Ok);
    CHECK(result.slate().size() == 10);
    CHECK(seen.makers.count("four") == 1);
    CHECK(seen.makers.count("five") == 0);
    CHECK(seen.five != "ok");
    CHECK(keeps_rule(result, served.feed));
    said = seen.five;
  }
  // Five failures open its breaker: nobody asks it any more.
  CHECK_THAT(said, Catch::Contains("breaker"));
}

TEST_CASE("a generator that hangs in a process of its own has failed, at once and by name") {
  Served served(
      "{id: five, generate: loops, isolation: process, budget_ms: 50, breaker: {failures: 1, "
      "cooldown_ms: 600000}}");
  const host::Result first = served.ask();
  CHECK(first.answer() == host::Answer::Ok);
  CHECK(first.raw()->search != LINEUP_SEARCH_DEADLINE);  // the request has time left
  REQUIRE_FALSE(first.warnings().empty());
  CHECK_THAT(Seen(first).five, Catch::Contains("did not come back"));
  CHECK_THAT(Seen(served.ask()).five, Catch::Contains("breaker"));
}

}  // namespace lineup
