// SPDX-License-Identifier: Apache-2.0
//
// `isolation: process` and two versions of one plugin, as an operator writes them.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <thread>

#include "../engine/host.hpp"
#include "support/paths.hpp"

namespace lineup {
namespace {

std::string hostile(const std::string& name) {
  return kBinaryDir + "/tests/hostile/" + name + ".so";
}

constexpr const char* kRules =
    "  - {use: category_scatter, with: {window: 4, max: 1}, priority: 5}\n";

std::string graph(const std::string& generator, bool apart) {
  const std::string isolation = apart ? ", isolation: process" : "";
  return "limits: {deadline_ms: 10000}\n"
         "graph:\n"
         "  - {id: fair, score: calibrate, with: {curves: [{inputs: [0, 1], outputs: [0.1, "
         "0.8]}]}" +
         isolation + "}\n  - {id: page, generate: " + generator + ", from: [fair]" + isolation +
         "}\n  - {id: value, evaluate: weighted_sum, from: [page]" + isolation +
         "}\n  - {id: best, select: best, from: [value]}\n";
}

std::string page_of(const std::string& generator, bool apart, host::Answer& answer) {
  const TestBundle bundle;
  bundle.write("policies/home.yaml", policy(kRules, graph(generator, apart)));
  host::Engine engine(quiet_options(bundle.root()));
  Caller caller(engine);
  const Feed feed(120);
  const host::Result result = caller.rerank(feed);
  answer = result.answer();
  return shown(result, feed);
}

TEST_CASE("a graph whose plugins have processes of their own shows the same page", "[isolate]") {
  const std::string generator =
      GENERATE("score_order", "mmr, with: {categories: [{column: author}], theta: 0.5}");
  host::Answer here = host::Answer::Error;
  host::Answer there = host::Answer::Error;
  const std::string expected = page_of(generator, false, here);
  CHECK(page_of(generator, true, there) == expected);
  CHECK(here == host::Answer::Ok);
  CHECK(there == host::Answer::Ok);
}

TEST_CASE("a plugin that crashes or loops in its own process leaves the service a page",
          "[isolate]") {
  const std::string name = GENERATE("aborts_in_call", "segfaults_in_call", "loops");
  CAPTURE(name);
  const TestBundle bundle;
  bundle.add_plugin(hostile(name), name);
  bundle.write("policies/home.yaml",
               policy("", "limits: {deadline_ms: 100}\ngraph:\n  - {id: page, generate: " + name +
                              ", isolation: process}\n"));
  host::Engine engine(quiet_options(bundle.root()));
  Caller caller(engine);
  const Feed feed(40);
  for (int i = 0; i < 5; ++i) {
    const host::Result result = caller.rerank(feed);
    CHECK(result.answer() == host::Answer::Fallback);
    CHECK(result.slate().size() == 10);
  }
}

TEST_CASE("a worker that keeps dying opens the breaker of its node, and no worker is asked then",
          "[isolate]") {
  const TestBundle bundle;
  bundle.add_plugin(hostile("aborts_in_call"), "aborts_in_call");
  bundle.write("policies/home.yaml",
               policy("",
                      "limits: {deadline_ms: 10000}\ngraph:\n"
                      "  - {id: page, generate: aborts_in_call, isolation: process, "
                      "breaker: {failures: 3, window_ms: 600000, cooldown_ms: 600000}}\n"));
  host::Engine engine(quiet_options(bundle.root()));
  Caller caller(engine);
  const Feed feed(40);
  for (int i = 0; i < 6; ++i) CHECK(caller.rerank(feed).slate().size() == 10);
  const auto status = nlohmann::json::parse(engine.status_json());
  const std::string text = status.dump();
  CAPTURE(text);
  CHECK(text.find("\"open\"") != std::string::npos);
}

std::string refusal(const std::string& rules, const std::string& rest) {
  const TestBundle bundle;
  bundle.write("policies/home.yaml", policy(rules, rest));
  std::string log;
  try {
    host::Engine engine(quiet_options(bundle.root(), &log));
  } catch (const std::exception& error) {
    return log + error.what();
  }
  return "accepted";
}

TEST_CASE("a generator apart beside a rule that only the service can ask is refused", "[isolate]") {
  const std::string text =
      refusal("  - {use: frequency_cap, priority: 3}\n",
              "graph:\n  - {id: page, generate: score_order, isolation: process}\n");
  CHECK_THAT(text, Catch::Contains("cannot have a process of its own beside rule `frequency_cap`"));
  CHECK_THAT(refusal("", "graph:\n  - {id: page, generate: score_order, isolation: jail}\n"),
             Catch::Contains("jail"));
}

TEST_CASE("two versions of one plugin serve side by side", "[versions]") {
  const TestBundle bundle;
  bundle.add_plugin(kBinaryDir + "/tests/engine_plugins/front_0.so", "front_old");
  bundle.add_plugin(kBinaryDir + "/tests/engine_plugins/front_3.so", "front_new");
  const auto first_of = [&](const std::string& plugin) {
    bundle.write("policies/home.yaml",
                 policy("", "graph:\n  - {id: page, generate: " + plugin + "}\n"));
    host::Engine engine(quiet_options(bundle.root()));
    Caller caller(engine);
    const Feed feed(20);
    const host::Result result = caller.rerank(feed);
    CHECK(result.answer() == host::Answer::Ok);
    return result.slate()[0];
  };
  CHECK(first_of("front@front_old") == 0);
  CHECK(first_of("front@front_new") == 3);
  CHECK(first_of("front@front_new, isolation: process") == 3);

  // Both in one policy: treatment and control are two nodes.
  bundle.write("policies/home.yaml", policy("",
                                            "graph:\n  - {id: control, generate: front@front_old}\n"
                                            "  - {id: treatment, generate: front@front_new}\n"));
  host::Engine engine(quiet_options(bundle.root()));
  Caller caller(engine);
  const Feed feed(20);
  const host::Result result = caller.rerank(feed);
  CHECK(result.answer() == host::Answer::Ok);
  const std::uint32_t first = result.slate()[0];
  CHECK((first == 0 || first == 3));

  bundle.write("policies/home.yaml",
               policy("", "graph:\n  - {id: page, generate: front@front_ancient}\n"));
  std::string log;
  CHECK_THROWS(host::Engine(quiet_options(bundle.root(), &log)));
}

TEST_CASE("one version of a plugin apart and another one here serve in one policy",
          "[versions][isolate]") {
  const TestBundle bundle;
  bundle.add_plugin(kBinaryDir + "/tests/engine_plugins/front_0.so", "front_old");
  bundle.add_plugin(kBinaryDir + "/tests/engine_plugins/front_3.so", "front_new");
  const bool is_control_apart = GENERATE(true, false);
  const std::string apart = ", isolation: process";
  const std::string both =
      "limits: {deadline_ms: 10000}\ngraph:\n"
      "  - {id: control, generate: front@front_old" +
      (is_control_apart ? apart : "") +
      "}\n"
      "  - {id: treatment, generate: front@front_new" +
      (is_control_apart ? "" : apart) + "}\n";
  const auto first_without = [&](const std::string& off) {
    bundle.write("policies/home.yaml",
                 policy("", both + (off.empty() ? "" : "switches: {nodes: " + off + "}\n")));
    host::Engine engine(quiet_options(bundle.root()));
    Caller caller(engine);
    const Feed feed(20);
    const host::Result result = caller.rerank(feed);
    CHECK(result.answer() == host::Answer::Ok);
    return result.slate()[0];
  };
  CHECK(first_without("treatment") == 0);
  CHECK(first_without("control") == 3);
  const std::uint32_t first = first_without("");
  CHECK((first == 0 || first == 3));
}

TEST_CASE("a live number of a plugin in a process of its own steers its next page", "[isolate]") {
  const TestBundle bundle;
  bundle.write(
      "policies/home.yaml",
      policy("",
             "limits: {deadline_ms: 10000}\ngraph:\n"
             "  - {id: page, generate: mmr, isolation: process, with: {theta: {value: 1, live: "
             "{min: 0.05, max: 1, max_step: 0.95}}, categories: [{column: category}]}}\n"));
  host::Engine engine(quiet_options(bundle.root()));
  Caller caller(engine);
  const Feed feed(24);
  const auto page = [&] { return shown(caller.rerank(feed), feed).substr(0, 12); };
  CHECK(page() == "v0 v1 v2 v3 ");
  engine.set_weight("home", "page.theta", 0.05, 0, "ann", "more of everything");
  // Categories come in pairs: with diversity first, no two neighbours share one.
  CHECK(page() == "v0 v2 v4 v6 ");
  engine.clear_weight("home", "page.theta", "ann", "enough");
  CHECK(page() == "v0 v1 v2 v3 ");
}

TEST_CASE("a number that the plugin reads once is not taken live, apart or not", "[isolate]") {
  const std::string apart = GENERATE("", ", isolation: process");
  const std::string text =
      refusal("", "graph:\n  - {id: page, generate: mmr" + apart +
                      ", with: {theta: 1, categories: [{column: category, weight: {value: 2, live: "
                      "{min: 1, max: 3}}}]}}\n");
  CHECK_THAT(text, Catch::Contains("cannot be live: it is read once"));
}

}  // namespace
}  // namespace lineup
