// SPDX-License-Identifier: Apache-2.0
//
// Budgets and breakers as a host sees them: what keeps failing is left out in the way the policy
// says, the response and the status tell of it, and a required rule is never what is left out.
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "flaky.hpp"

namespace lineup {
namespace {

constexpr const char* kLong = "breaker: {failures: 3, cooldown_ms: 600000}";
constexpr const char* kShort = "breaker: {failures: 3, cooldown_ms: 20}";

std::string keys(const char* breaker, const char* more = "") { return std::string(breaker) + more; }

// A constraint stands under the rules, everything else in the graph.
FlakyHost host_of(const std::string& kind, const std::string& node_keys,
                  const std::string& strength = "priority: 10") {
  if (kind != "constraint") return FlakyHost("", flaky_graph(kind, node_keys));
  return FlakyHost(
      "  - {constrain: flaky_constraint, as: flaky, " + strength + ", " + node_keys + "}\n",
      std::string(kGraph));
}

const char* word_of(const std::string& kind) { return kind == "constraint" ? "rule" : "node"; }

TEST_CASE("a node that fails so often is asked no more, whatever its kind", "[breaker]") {
  for (const std::string_view name : kFlakyKinds) {
    const std::string kind(name);
    INFO(kind);
    FlakyHost host = host_of(kind, kLong);
    const int fine_top = FlakyHost::top(host.ask(kFine));
    CHECK(fine_top == (kind == "constraint" ? 1 : static_cast<int>(kFine) - 1));
    for (int i = 0; i < 3; ++i) {
      CHECK(host.breaker(word_of(kind), "flaky")["state"] == "closed");
      CHECK(host.ask(kFails).slate().size() == 10);
    }
    const auto open = host.breaker(word_of(kind), "flaky");
    CHECK(open["state"] == "open");
    CHECK(open["failures"] == 3);
    CHECK(open["opened"] == 1);
    // What would be answered is not asked either; the page is whole and the response says so.
    const host::Result without = host.ask(kFine);
    CHECK(without.slate().size() == 10);
    CHECK(FlakyHost::top(without) == 0);
    CHECK(is_said(without, "`flaky` keeps failing and is held back by its breaker"));
    CHECK(host.breaker(word_of(kind), "flaky")["held_back"] == 1);
  }
}

TEST_CASE("skip goes on without the node, fallback lets the fallback answer", "[breaker]") {
  for (const std::string_view name : {"scorer", "generator", "evaluator"}) {
    const std::string kind(name);
    for (const bool skips : {true, false}) {
      INFO(kind << (skips ? " skip" : " fallback"));
      FlakyHost host =
          host_of(kind, keys(kLong, skips ? ", on_failure: skip" : ", on_failure: fallback"));
      const host::Answer answer = skips ? host::Answer::Ok : host::Answer::Fallback;
      CHECK(host.ask(kFine).answer() == host::Answer::Ok);
      for (int i = 0; i < 3; ++i) CHECK(host.ask(kFails).answer() == answer);
      for (int i = 0; i < 3; ++i) {
        const host::Result result = host.ask(kFine);
        CHECK(result.answer() == answer);
        CHECK(result.slate().size() == 10);
      }
    }
  }
}

TEST_CASE("a generator that fails first does not take the pages of the others away", "[breaker]") {
  FlakyHost host("",
                 "graph:\n  - {id: back, generate: flaky_generator}\n"
                 "  - {id: page, generate: score_order}\n");
  const host::Result result = host.ask(kFails);
  CHECK(result.answer() == host::Answer::Ok);
  CHECK(is_said(result, "thirteen rows are too many"));
  CHECK(FlakyHost::top(result) == 0);
}

TEST_CASE("a probe after the cool-down brings the node back, or does not", "[breaker]") {
  for (const std::string_view name : kFlakyKinds) {
    const std::string kind(name);
    INFO(kind);
    FlakyHost host = host_of(kind, kShort);
    const int fine_top = FlakyHost::top(host.ask(kFine));
    for (int i = 0; i < 3; ++i) host.ask(kFails);
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    CHECK(host.breaker(word_of(kind), "flaky")["state"] == "half_open");
    host.ask(kFails);
    CHECK(host.breaker(word_of(kind), "flaky")["state"] != "closed");
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    CHECK(FlakyHost::top(host.ask(kFine)) == fine_top);
    CHECK(host.breaker(word_of(kind), "flaky")["state"] == "closed");
    CHECK(FlakyHost::top(host.ask(kFine)) == fine_top);
  }
}

TEST_CASE("a call over its budget counts as a failure, and its answer is used", "[breaker]") {
  for (const std::string_view name : {"scorer", "generator", "evaluator"}) {
    const std::string kind(name);
    INFO(kind);
    FlakyHost host = host_of(kind, keys(kLong, ", budget_ms: 20"));
    for (int i = 0; i < 3; ++i) {
      const host::Result late = host.ask(kDawdles);
      CHECK(FlakyHost::top(late) == static_cast<int>(kDawdles) - 1);
      CHECK(is_said(late, "node `flaky` took longer than its budget"));
    }
    CHECK(host.breaker("node", "flaky")["state"] == "open");
    CHECK(FlakyHost::top(host.ask(kFine)) == 0);
  }
}

TEST_CASE("without a budget a call may take what a busy machine makes of it", "[breaker]") {
  FlakyHost host("", flaky_graph("scorer", "breaker: {failures: 1, cooldown_ms: 600000}") +
                         "limits: {deadline_ms: 1000}\n");
  host.ask(kDawdles);
  CHECK(host.breaker("node", "flaky")["state"] == "closed");
}

TEST_CASE("a required rule whose breaker is open allows nothing", "[breaker]") {
  FlakyHost host = host_of("constraint", kLong, "required: true");
  CHECK(host.ask(kFine).slate().size() == 10);
  for (int i = 0; i < 3; ++i) host.ask(kFails);
  CHECK(host.breaker("rule", "flaky")["state"] == "open");
  const host::Result result = host.ask(kFine);
  CHECK(result.slate().empty());
  CHECK(result.answer() == host::Answer::Fallback);
  CHECK(std::string(result.error()).find("required") != std::string::npos);
}

TEST_CASE("a rule held back is reported as given up for its budget", "[breaker]") {
  FlakyHost host = host_of("constraint", kLong);
  for (int i = 0; i < 3; ++i) host.ask(kFails);
  const host::Result result = host.ask(kFine);
  CHECK(result.answer() == host::Answer::Relaxed);
  REQUIRE(result.relaxed().size() == 1);
  CHECK(std::string_view(result.relaxed()[0].reason.data, result.relaxed()[0].reason.size) ==
        "budget");
}

TEST_CASE("a code rule that never ends costs its limit a few times, then nothing", "[breaker]") {
  TestBundle bundle;
  bundle.write("rules/endless.lua",
               "return rule {\n  name = \"endless\", about = \"Never answers.\",\n"
               "  allow = function(item, slate, context, p) while true do end end,\n}\n");
  bundle.write("policies/home.yaml",
               policy("  - {use: endless, priority: 10, " + std::string(kLong) + "}\n"));
  host::Engine engine(quiet_options(bundle.root()));
  Caller caller(engine);
  const Feed feed(20);
  for (int i = 0; i < 8; ++i) {
    const host::Result result = caller.rerank(feed);
    CHECK(result.slate().size() == 10);
    CHECK(result.answer() == host::Answer::Relaxed);
    CHECK(is_said(result, "rule `endless` keeps failing") == (i >= 3));
  }
}

TEST_CASE("a new revision begins with closed breakers", "[breaker]") {
  FlakyHost host = host_of("scorer", kLong);
  for (int i = 0; i < 3; ++i) host.ask(kFails);
  CHECK(host.breaker("node", "flaky")["state"] == "open");
  host.bundle.write("policies/home.yaml", policy("", flaky_graph("scorer", kLong) + "# mended\n"));
  host.engine->reload();
  CHECK(host.breaker("node", "flaky")["state"] == "closed");
}

TEST_CASE("revisions that are asked side by side have breakers of their own", "[breaker]") {
  FlakyHost host = host_of("scorer", kLong);
  const std::string old(host.ask(kFine).revision());
  for (int i = 0; i < 3; ++i) host.ask(kFails);
  host.bundle.write("policies/home.yaml", policy("", flaky_graph("scorer", kLong) + "# again\n"));
  host.engine->reload();
  const auto ask_old = [&](std::uint32_t rows) {
    host.feed = Feed(rows);
    host.caller->prepare(host.feed).revision(old);
    return host.caller->rerank();
  };
  // The old one still knows what it learned, the new one learned nothing from it.
  CHECK(is_said(ask_old(kFine), "`flaky` keeps failing and is held back by its breaker"));
  CHECK(FlakyHost::top(host.ask(kFine)) == static_cast<int>(kFine) - 1);
  for (int i = 0; i < 10; ++i) (void)ask_old(kFails);
  CHECK(host.breaker("node", "flaky")["state"] == "closed");
  CHECK(host.breaker("node", "flaky")["failures"] == 0);
  // And what the new one learns does not reach the old one's count.
  for (int i = 0; i < 3; ++i) host.ask(kFails);
  CHECK(host.breaker("node", "flaky")["opened"] == 1);
}

}  // namespace
}  // namespace lineup
