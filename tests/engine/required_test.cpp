// SPDX-License-Identifier: Apache-2.0
//
// What a `required` rule forbids is never shown, whatever breaks beside it. Each case breaks one
// thing; each page is looked at here, by the rules' words, not by the engine's verifier.
#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <set>

#include "host.hpp"
#include "support/paths.hpp"

namespace lineup {

namespace {

constexpr std::string_view kRequired =
    "  - {use: block,      with: {where: 'author == \"a1\"'}, required: true}\n"
    "  - {use: author_cap, as: one_each, with: {by: author, max: 1}, required: true}\n"
    "  - {use: pin,        as: no_ad_on_top, with: {where: 'type == \"ad\"', slots: '1..3', mode: "
    "never_in}, required: true}\n";

// What the page breaks of kRequired; empty: nothing.
std::string leak_of(const std::vector<std::uint32_t>& slate, const Feed& feed) {
  std::set<std::string> authors;
  for (std::size_t slot = 0; slot < slate.size(); ++slot) {
    const std::uint32_t row = slate[slot];
    const std::string at = "slot " + std::to_string(slot + 1) + ": ";
    if (row >= feed.scores.size()) return at + "no row of the batch";
    if (feed.author[row] == "a1") return at + "a blocked author";
    if (slot < 3 && feed.type[row] == "ad") return at + "an ad on top";
    if (!authors.emplace(feed.author[row]).second) return at + "an author for the second time";
  }
  return {};
}

// The same rows in another order of score, so that the leaking ones come first now and then.
Feed shuffled(std::uint32_t rows, std::uint32_t seed) {
  Feed feed(rows);
  std::uint32_t state = seed * 2654435761U + 1;
  for (double& score : feed.scores) {
    state = state * 1664525U + 1013904223U;
    score = static_cast<double>(state >> 8) / (1 << 24);
  }
  return feed;
}

struct Fault {
  std::string plugin = {};  // file to put into plugins/, empty: none
  std::string rules = {};   // after kRequired
  std::string rest = std::string(kGraph);
  std::string rule_file = {};  // contents of rules/broken.lua, empty: none
};

struct Seen {
  int pages = 0;
  int shown = 0;  // rows in all
  std::set<host::Answer> answers;
};

template <typename Change>
Seen serve_with(const Fault& fault, Change&& change) {
  TestBundle bundle;
  bundle.write("policies/home.yaml", policy(std::string(kRequired) + fault.rules, fault.rest));
  if (!fault.rule_file.empty()) bundle.write("rules/broken.lua", fault.rule_file);
  if (!fault.plugin.empty()) {
    bundle.add_plugin(fault.plugin, std::filesystem::path(fault.plugin).stem().string());
  }
  host::Engine engine(quiet_options(bundle.root()));
  Caller caller(engine);
  Seen seen;
  for (const std::uint32_t rows : {1U, 3U, 8U, 20U, 60U, 200U}) {
    for (std::uint32_t seed = 0; seed < 4; ++seed) {
      const Feed feed = shuffled(rows, seed);
      change(caller.prepare(feed));
      const host::Result result = caller.rerank();
      INFO(rows << " rows, seed " << seed << ": " << shown(result, feed) << " / "
                << result.error());
      CHECK(leak_of(slate_of(result), feed) == "");
      ++seen.pages;
      seen.shown += static_cast<int>(result.slate().size());
      seen.answers.insert(result.answer());
    }
  }
  return seen;
}

Seen serve_with(const Fault& fault) {
  return serve_with(fault, [](host::Request&) {});
}

std::string hostile(const std::string& name) {
  return kBinaryDir + "/tests/hostile/" + name + ".so";
}
std::string own(const std::string& name) {
  return kBinaryDir + "/tests/engine_plugins/" + name + ".so";
}
std::string graph_of(const std::string& generator) {
  return "graph:\n  - {id: page, generate: " + generator + "}\n";
}

constexpr std::string_view kEndless =
    "return rule {\n"
    "  name = \"broken\", about = \"Never answers.\",\n"
    "  allow = function(item, slate, context, p) while true do end end,\n"
    "}\n";

// Pages were made and every one of them showed something of what may be shown.
void check_served(const Seen& seen) {
  CHECK(seen.pages == 24);
  CHECK(seen.shown > 60);
}

}  // namespace

TEST_CASE("required rules hold when nothing is broken") {
  const Seen seen = serve_with({});
  check_served(seen);
  CHECK(seen.answers == std::set<host::Answer>{host::Answer::Ok});
}

TEST_CASE("required rules hold when a generator breaks") {
  SECTION("it throws after its first page") {
    check_served(serve_with({hostile("throws_in_generate"), "", graph_of("throws_in_generate")}));
  }
  SECTION("it keeps the builder of an earlier call") {
    check_served(serve_with({hostile("keeps_builder"), "", graph_of("keeps_builder")}));
  }
  SECTION("it emits nothing") {
    const Seen seen = serve_with({own("emits_nothing"), "", graph_of("emits_nothing")});
    check_served(seen);
    CHECK(seen.answers.count(host::Answer::Fallback) == 1);
  }
}

TEST_CASE("required rules hold when values are no numbers") {
  SECTION("an evaluator's") {
    const Seen seen = serve_with({own("nan_values"), "",
                                  "graph:\n  - {id: page, generate: score_order}\n"
                                  "  - {id: value, evaluate: nan_values, from: [page]}\n"
                                  "  - {id: best, select: best, from: [value]}\n"});
    check_served(seen);
    CHECK(seen.answers.count(host::Answer::Fallback) == 1);
  }
  SECTION("a scorer's") {
    check_served(serve_with({hostile("nan_scores"), "",
                             "graph:\n  - {id: estimate, score: nan_scores}\n"
                             "  - {id: page, generate: score_order, from: [estimate]}\n"}));
  }
}

TEST_CASE("required rules hold when there is no time and no work left") {
  SECTION("the deadline was over before the request came") {
    check_served(serve_with({}, [](host::Request& request) { request.deadline_ns(1); }));
  }
  SECTION("the policy gives a tenth of a millisecond") {
    check_served(serve_with({"", "", std::string(kGraph) + "limits: {deadline_ms: 0.1}\n"}));
  }
  SECTION("the policy gives one step of search") {
    check_served(serve_with({"", "", std::string(kGraph) + "limits: {work: 1}\n"}));
  }
}

TEST_CASE("required rules hold beside a rule that never answers") {
  SECTION("one that may be given up is reported as given up") {
    const Seen seen = serve_with(
        {"", "  - {use: broken, priority: 50}\n", std::string(kGraph), std::string(kEndless)});
    check_served(seen);
    CHECK(seen.answers.count(host::Answer::Ok) == 0);
  }
  SECTION("one that is required itself lets nothing pass") {
    const Seen seen = serve_with(
        {"", "  - {use: broken, required: true}\n", std::string(kGraph), std::string(kEndless)});
    CHECK(seen.shown == 0);
    CHECK(seen.answers == std::set<host::Answer>{host::Answer::Fallback});
  }
  SECTION("one that raises an error") {
    const Seen seen = serve_with({"", "  - {use: broken, priority: 50}\n", std::string(kGraph),
                                  "return rule {\n  name = \"broken\", about = \"Fails.\",\n"
                                  "  allow = function(item) return item.author .. nil end,\n}\n"});
    check_served(seen);
    CHECK(seen.answers.count(host::Answer::Ok) == 0);
  }
}

TEST_CASE("required rules written as code hold as well") {
  const Fault fault{"", "  - {use: broken, required: true}\n", std::string(kGraph),
                    "return rule {\n  name = \"broken\", about = \"No a2.\",\n"
                    "  allow = function(item) return item.author ~= \"a2\" end,\n}\n"};
  TestBundle bundle;
  bundle.write("policies/home.yaml", policy(std::string(kRequired) + fault.rules, fault.rest));
  bundle.write("rules/broken.lua", fault.rule_file);
  host::Engine engine(quiet_options(bundle.root()));
  Caller caller(engine);
  for (const std::int64_t deadline_ns : {std::int64_t{0}, std::int64_t{1}}) {
    const Feed feed = shuffled(60, 3);
    caller.prepare(feed).deadline_ns(deadline_ns);
    const host::Result result = caller.rerank();
    CHECK(leak_of(slate_of(result), feed) == "");
    for (const std::uint32_t row : result.slate()) CHECK(feed.author[row] != "a2");
  }
}

TEST_CASE("required rules hold against rules that contradict them and each other") {
  const std::string against =
      "  - {use: pin, as: first,  with: {where: 'author == \"a1\"', slot: 1}, priority: 200}\n"
      "  - {use: pin, as: second, with: {where: 'type == \"ad\"', slot: 1}, priority: 190}\n"
      "  - {use: pin, as: third,  with: {id: v0, slot: 1}, priority: 180}\n"
      "  - {use: pin, as: fourth, with: {id: v2, slot: 1}, priority: 180}\n"
      "  - {use: cold_start_quota, with: {where: 'author == \"a3\"', min: 4}, priority: 150}\n";
  SECTION("the page gets as long as they allow") { check_served(serve_with({"", against})); }
  SECTION("a page shown only when it is clean") {
    serve_with({"", against, std::string(kGraph) + "on_violation: discard\n"});
  }
  SECTION("a page that may be short") {
    serve_with({"", against, std::string(kGraph) + "fill: short\n"});
  }
}

TEST_CASE("required rules hold on pages of any length") {
  SECTION("longer than the batch") {
    check_served(serve_with({}, [](host::Request& request) { request.page(150); }));
  }
  SECTION("one slot") {
    CHECK(serve_with({}, [](host::Request& request) { request.page(1); }).shown >= 16);
  }
}

TEST_CASE("required rules hold without a graph") { check_served(serve_with({"", "", ""})); }

TEST_CASE("a revision that is not there shows nothing") {
  const Seen seen = serve_with({}, [](host::Request& request) { request.revision("no such"); });
  CHECK(seen.shown == 0);
  CHECK(seen.answers == std::set<host::Answer>{host::Answer::Error});
}

}  // namespace lineup
