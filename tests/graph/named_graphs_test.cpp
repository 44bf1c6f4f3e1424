// SPDX-License-Identifier: Apache-2.0
//
// Named graphs through the whole engine: what they come to is the graph that would have been
// written by hand.
#include <catch2/catch.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "host.hpp"
#include "support/golden.hpp"
#include "support/paths.hpp"

namespace lineup {

namespace {

using Json = nlohmann::json;

struct Told {
  std::string page;
  std::vector<std::string> nodes;  // id and what became of it
  std::uint64_t work = 0;

  bool operator==(const Told& other) const = default;
};

Told ask(const std::string& rest, std::int64_t hour) {
  TestBundle bundle;
  bundle.write("policies/home.yaml", policy("", "limits: {deadline_ms: 60000}\n" + rest));
  host::Engine engine(quiet_options(bundle.root()));
  Caller caller(engine);
  const Feed feed(24);
  host::Request& request = caller.prepare(feed);
  request.context(engine.context("hour"), hour);
  request.explain();
  const host::Result result = caller.rerank();
  CHECK(result.answer() == host::Answer::Ok);
  Told out{shown(result, feed), {}, result.raw()->work};
  const Json trace = Json::parse(result.trace_json());
  for (const Json& node : trace["nodes"]) {
    out.nodes.push_back(node["id"].get<std::string>() + ": " + node["status"].get<std::string>());
  }
  return out;
}

// The first block of YAML behind a heading of policies/README.md.
std::string example(const std::string& heading) {
  const std::string text = read_text(kSourceDir + "/policies/README.md");
  const std::size_t at = text.find("\n" + heading + "\n");
  REQUIRE(at != std::string::npos);
  const std::size_t begin = text.find("```yaml\n", at) + 8;
  return text.substr(begin, text.find("```", begin) - begin);
}

const std::string kByHand = R"(graph:
  - {id: plain, generate: score_order}
  - {id: mild-spread,   generate: mmr, with: {theta: 0.7, categories: [{column: category}]}}
  - {id: mild-climb,    generate: local_search, from: mild-spread, with: {pages: 400}}
  - {id: strong-spread, generate: mmr, with: {theta: 0.3, categories: [{column: category}]}, when: 'context.hour >= 18'}
  - {id: strong-climb,  generate: local_search, from: strong-spread, with: {pages: 2000}, when: 'context.hour >= 18'}
  - {id: value, evaluate: discounted, from: [plain, mild-spread, mild-climb, strong-spread, strong-climb], with: {values: [{column: score, objective: relevance}]}}
  - {id: best,  select: best, from: value}
)";

}  // namespace

TEST_CASE("the example of the document is the graph that it says, written out") {
  for (const std::int64_t hour : {9, 20}) {
    CAPTURE(hour);
    const Told named = ask(example("### Named graphs"), hour);
    CHECK(named == ask(kByHand, hour));
    CHECK(named.nodes.size() == 7);
    CHECK(named.nodes[3] == (hour < 18 ? "strong-spread: another branch" : "strong-spread: ok"));
  }
}

TEST_CASE("a use stands in graphs of graphs, and reads what it is given") {
  const Told named = ask(R"(graphs:
  one:
    parameters: {theta: }
    nodes:
      - {id: spread, generate: mmr, with: {theta: $theta, categories: [{column: category}]}}
  two:
    parameters: {first: 0.2}
    nodes:
      - {id: a,    graph: one, with: {theta: $first}}
      - {id: b,    graph: one, with: {theta: 0.9}}
      - {id: join, generate: local_search, from: [a, b], with: {pages: 50}}
graph:
  - {id: pair,  graph: two}
  - {id: value, evaluate: discounted, from: pair, with: {values: [{column: score, objective: relevance}]}}
  - {id: best,  select: best, from: value}
)",
                         9);
  const Told by_hand = ask(R"(graph:
  - {id: pair-a-spread, generate: mmr, with: {theta: 0.2, categories: [{column: category}]}}
  - {id: pair-b-spread, generate: mmr, with: {theta: 0.9, categories: [{column: category}]}}
  - {id: pair-join, generate: local_search, from: [pair-a-spread, pair-b-spread], with: {pages: 50}}
  - {id: value, evaluate: discounted, from: [pair-a-spread, pair-b-spread, pair-join], with: {values: [{column: score, objective: relevance}]}}
  - {id: best,  select: best, from: value}
)",
                           9);
  CHECK(named == by_hand);
}

TEST_CASE("a fault in a named graph says where it stands and what used it") {
  TestBundle bundle;
  bundle.write("policies/home.yaml", policy("", R"(graphs:
  one:
    nodes:
      - {id: spread, generate: mmmr}
graph:
  - {id: left, graph: one}
)"));
  try {
    host::Engine engine(quiet_options(bundle.root()));
    FAIL("a plugin that there is not was taken");
  } catch (const host::Error& error) {
    CHECK_THAT(error.what(), Catch::Contains("mmmr"));
    CHECK_THAT(error.what(),
               Catch::Contains("it stands in graph `one`") && Catch::Contains("used as `left`"));
  }
}

}  // namespace lineup
