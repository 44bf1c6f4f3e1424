// SPDX-License-Identifier: Apache-2.0
//
// Nodes that act on some requests only, and what stands when the time is over before all nodes are
// done.
#include <catch2/catch.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "host.hpp"

namespace lineup {

namespace {

const std::string kBranches =
    "segments: {newcomers: 'context.days < 7'}\n"
    "graph:\n"
    "  - {id: calm,  generate: mmr, when: 'segment.newcomers', with: {theta: 0.05, categories: "
    "[{column: category}]}}\n"
    "  - {id: plain, generate: score_order, when: 'not segment.newcomers'}\n"
    "  - {id: best,  select: best, from: [calm, plain]}\n";

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
  host::Result ask(std::int64_t days) {
    host::Request& request = caller.prepare(feed);
    request.context(engine->context("days"), days);
    request.explain();
    return caller.rerank();
  }
};

}  // namespace

TEST_CASE("a request takes the branch whose condition holds, and the other is not called") {
  Served served(kBranches);
  const host::Result young = served.ask(3);
  CHECK(shown(young, served.feed).substr(0, 12) == "v0 v2 v4 v6 ");
  const host::Result old = served.ask(300);
  CHECK(shown(old, served.feed) == "v0 v1 v2 v3 v4 v5 v6 v7 v8 v9");
  CHECK(old.answer() == host::Answer::Ok);
  CHECK(old.warnings().empty());
  const auto trace = nlohmann::json::parse(old.trace_json());
  CHECK(trace["nodes"][0]["id"] == "calm");
  CHECK(trace["nodes"][0]["status"] == "another branch");
  CHECK(trace["nodes"][0]["slates"] == 0);
  CHECK(trace["nodes"][1]["slates"] == 1);
  CHECK(trace["nodes"][1]["slates_in"] == 0);
  CHECK(trace["nodes"][1].contains("best"));
}

TEST_CASE("a request that no branch takes is answered by the fallback, which says so") {
  Served served(
      "segments: {newcomers: 'context.days < 7'}\n"
      "graph:\n  - {id: page, generate: score_order, when: 'segment.newcomers'}\n");
  CHECK(served.ask(3).answer() == host::Answer::Ok);
  const host::Result other = served.ask(300);
  CHECK(other.answer() == host::Answer::Fallback);
  CHECK(other.slate().size() == 10);
}

std::string said(const std::string& rest) {
  const TestBundle bundle;
  bundle.write("policies/home.yaml", policy("", rest));
  try {
    const host::Engine engine(quiet_options(bundle.root()));
  } catch (const host::Error& error) {
    return error.what();
  }
  return "(it was accepted)";
}

TEST_CASE("a selector that would pick what it does not name is refused") {
  const std::string two =
      "graph:\n  - {id: plain, generate: score_order}\n  - {id: varied, generate: sampled}\n";
  CHECK_THAT(said(two + "  - {id: best, select: best, from: [plain]}\n"),
             Catch::Contains("selector `best` does not read generator `varied`"));
  CHECK(said(two + "  - {id: best, select: best, from: [plain, varied]}\n") == "(it was accepted)");
  // What a generator improves is read through it.
  CHECK(said("graph:\n  - {id: plain, generate: score_order}\n"
             "  - {id: climb, generate: local_search, from: [plain]}\n"
             "  - {id: best, select: best, from: [climb]}\n") == "(it was accepted)");
}

TEST_CASE("a condition that cannot be read, or stands on the selector, is refused") {
  CHECK_THAT(said("graph:\n  - {id: page, generate: score_order, when: 'segment.nobody'}\n"),
             Catch::Contains("nobody"));
  CHECK_THAT(said("graph:\n  - {id: page, generate: score_order}\n"
                  "  - {id: best, select: best, from: [page], when: 'context.days < 7'}\n"),
             Catch::Contains("node `best` is the selector: it picks every page"));
}

TEST_CASE("when the time is over the best page so far stands, and the response says so") {
  // The first generator answers; the deadline has passed before the others could begin.
  Served served(
      "graph:\n"
      "  - {id: first, generate: score_order}\n"
      "  - {id: rest,  generate: sampled, with: {slates: 200}}\n"
      "  - {id: value, evaluate: weighted_sum, from: [first, rest]}\n"
      "  - {id: best,  select: best, from: [value]}\n");
  host::Request& request = served.caller.prepare(served.feed);
  request.deadline_ns(1);  // long ago
  const host::Result result = served.caller.rerank();
  CHECK(result.answer() == host::Answer::Ok);
  CHECK(result.raw()->search == LINEUP_SEARCH_DEADLINE);
  CHECK(shown(result, served.feed) == "v0 v1 v2 v3 v4 v5 v6 v7 v8 v9");
  REQUIRE(result.warnings().size() == 1);
  CHECK_THAT(std::string(abi::view(result.warnings()[0])),
             Catch::StartsWith("the time was over before all nodes were done"));
}

}  // namespace lineup
