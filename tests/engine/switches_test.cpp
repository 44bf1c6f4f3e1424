// SPDX-License-Identifier: Apache-2.0
//
// Kill switches, for every kind of node and rule: thrown and taken back by a reload, as everything
// is, while the rest of the page stays as it was.
#include <catch2/catch.hpp>

#include "flaky.hpp"

namespace lineup {
namespace {

struct Switched {
  const char* what;      // for messages
  std::string rules;     // of the policy
  std::string rest;      // graph
  const char* switches;  // thrown
  int top;               // first slot while it acts; 0 while it does not
};

const char* const kOwnRule =
    "return rule {\n  name = \"own_code\", about = \"Not the first row.\",\n"
    "  allow = function(item, slate, context, p) return item.score < 1.0 end,\n}\n";

std::vector<Switched> cases() {
  const std::string graph(kGraph);
  const int last = static_cast<int>(kFine) - 1;
  return {
      {"a scorer", "", flaky_graph("scorer", ""), "nodes: flaky", last},
      {"a scorer's plugin", "", flaky_graph("scorer", ""), "plugins: flaky_scorer", last},
      {"a plugin of which a file is named", "",
       "graph:\n  - {id: flaky, score: flaky_scorer@flaky_scorer}\n"
       "  - {id: page, generate: score_order, from: [flaky]}\n",
       "plugins: flaky_scorer", last},
      {"a generator", "", flaky_graph("generator", ""), "nodes: [flaky]", last},
      {"a generator's plugin", "", flaky_graph("generator", ""), "plugins: flaky_generator", last},
      {"an evaluator", "", flaky_graph("evaluator", ""), "nodes: flaky", last},
      {"an evaluator's plugin", "", flaky_graph("evaluator", ""), "plugins: flaky_evaluator", last},
      {"a constraint", "  - {constrain: flaky_constraint, as: c, priority: 10}\n", graph,
       "rules: c", 1},
      {"a constraint's plugin", "  - {constrain: flaky_constraint, as: c, priority: 10}\n", graph,
       "plugins: flaky_constraint", 1},
      {"a rule", "  - {use: pin, with: {id: v5, slot: 1}, priority: 10}\n", graph, "rules: pin", 5},
      {"a use of a rule", "  - {use: pin, as: top, with: {id: v5, slot: 1}, priority: 10}\n", graph,
       "rules: top", 5},
      {"a required rule",
       "  - {use: pin, with: {id: v0, slots: '1..12', mode: never_in}, required: true}\n", graph,
       "rules: pin", 1},
      {"a code rule", "  - {use: own_code, priority: 10}\n", graph, "rules: own_code", 1},
      {"a filter", "  - {use: block, with: {where: 'score > 0.995'}}\n", graph, "rules: block", 1},
      {"a boost", "  - {use: boost, with: {where: 'is_new', add: 1.0}}\n", graph, "rules: boost",
       5},
  };
}

std::string text_of(const Switched& one, bool is_thrown) {
  return policy(one.rules, one.rest) + std::string(kPatient) +
         (is_thrown ? "switches: {" + std::string(one.switches) + "}\n" : "");
}

TEST_CASE("what is switched off does not act, is named, and comes back", "[switches]") {
  for (const Switched& one : cases()) {
    INFO(one.what);
    FlakyHost host("", std::string(kGraph));
    host.bundle.write("rules/own_code.lua", kOwnRule);
    host.bundle.write("policies/home.yaml", text_of(one, false));
    host.engine->reload();
    CHECK(FlakyHost::top(host.ask(kFine)) == one.top);
    CHECK(host.status()["switched_off"].empty());

    host.bundle.write("policies/home.yaml", text_of(one, true));
    host.engine->reload();
    const host::Result result = host.ask(kFine);
    CHECK(FlakyHost::top(result) == 0);
    CHECK(result.slate().size() == 10);
    CHECK(result.answer() == host::Answer::Ok);
    CHECK(is_said(result, "is switched off"));
    CHECK(host.status()["switched_off"].size() == 1);

    host.bundle.write("policies/home.yaml", text_of(one, false));
    host.engine->reload();
    CHECK(FlakyHost::top(host.ask(kFine)) == one.top);
  }
}

TEST_CASE("where no generator is left the fallback answers", "[switches]") {
  FlakyHost host("",
                 "graph:\n  - {id: page, generate: flaky_generator}\nswitches: {nodes: page}\n");
  const host::Result result = host.ask(kFine);
  CHECK(result.answer() == host::Answer::Fallback);
  CHECK(result.slate().size() == 10);
  CHECK(FlakyHost::top(result) == 0);
}

TEST_CASE("a switch that fits nothing changes nothing that serves", "[switches]") {
  FlakyHost host("  - {constrain: flaky_constraint, as: c, required: true}\n", std::string(kGraph));
  const std::string before = host.status()["revision"];
  const auto refused = [&](const std::string& switches) {
    host.bundle.write("policies/home.yaml",
                      policy("  - {constrain: flaky_constraint, as: c, required: true}\n",
                             std::string(kGraph) + "switches: {" + switches + "}\n"));
    CHECK_THROWS(host.engine->reload());
    CHECK(host.status()["revision"] == before);
    CHECK(FlakyHost::top(host.ask(kFine)) == 1);
    const nlohmann::json findings = host.status()["last_attempt"]["diagnostics"];
    REQUIRE(findings.size() >= 1);
    CHECK(findings[0]["code"] == "policy/switch");
    CHECK(findings[0]["line"] == 18);
    return findings[0]["hint"].get<std::string>();
  };
  CHECK(refused("nodes: pages") == "did you mean `page`?");
  CHECK(refused("rules: d") == "did you mean `c`?");
  CHECK(refused("plugins: score_orders") == "did you mean `score_order`?");
  CHECK(refused("nodes: best") == "switch off the nodes it reads from");
  // A plugin may carry what must never be shown: the rule has to be named as well.
  CHECK(refused("plugins: flaky_constraint") ==
        "to show what the rule forbids, name it too: `rules: [c]`");
}

}  // namespace
}  // namespace lineup
