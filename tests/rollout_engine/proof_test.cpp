// SPDX-License-Identifier: Apache-2.0
//
// Proof before activation: what crashes, hangs, fails its cases or changes too much does so
// elsewhere, and what serves keeps serving.
#include <catch2/catch.hpp>

#include "rollout_host.hpp"
#include "support/paths.hpp"

namespace lineup {

namespace {

Json last_report(const Kept& kept) { return kept.status()["last_attempt"]["report"]; }

}  // namespace

TEST_CASE("a bundle that is right passes its proof") {
  Kept kept;
  kept.rollout("  proof: true\n");
  kept.open();
  CHECK(kept.first() == 1);
  kept.open_with(6);
  REQUIRE(kept.reload());
  CHECK(kept.first() == 6);
}

TEST_CASE("faults found by the proof are those of the files, with their places") {
  Kept kept;
  kept.rollout("  proof: true\n");
  kept.open();
  kept.bundle.write("rules/opener.lua", "return rule {\n  name = 7,\n}\n");
  CHECK_FALSE(kept.reload());
  const Json report = last_report(kept);
  CHECK(report["stage"] == "compiled");
  CHECK(report["file"] == "rules/opener.lua");
  CHECK(report["line"] > 0);
  CHECK(kept.first() == 1);
  CHECK(kept.rollout_status()["quarantine"].empty());  // a mistake, not a danger
  kept.open_with(2);
  CHECK(kept.reload());
}

TEST_CASE("a rule whose cases fail does not serve") {
  Kept kept;
  kept.rollout("  cases: true\n");
  kept.open();
  kept.bundle.write("rules/opener.cases.yaml",
                    "- case: opens with b\n  with: {item: b}\n  page: 2\n"
                    "  rows:\n    - {id: a, score: 2}\n    - {id: b, score: 1}\n"
                    "  expect: {slate: [a, b]}\n");
  CHECK_FALSE(kept.reload());
  const Json report = last_report(kept);
  INFO(report.dump(1));
  CHECK(report["stage"] == "tested");
  CHECK(report["file"] == "rules/opener.cases.yaml");
  CHECK(kept.first() == 1);
}

TEST_CASE("recorded pages that change more than allowed refuse a revision") {
  Kept kept;
  kept.rollout("  replay: {requests: 50, changed_percent: 20, late: 50}\n");
  kept.open();
  kept.ask(60);
  kept.open_with(2);
  CHECK_FALSE(kept.reload());
  const Json report = last_report(kept);
  INFO(report.dump(1));
  CHECK(report["stage"] == "tested");
  CHECK(report["code"] == "rollout/replay");
  CHECK(report["message"] == "100.0% of 50 recorded pages change, 20.0% may");
  CHECK(kept.first() == 1);
  kept.rollout("  replay: {requests: 50, changed_percent: 100, late: 50}\n");
  CHECK(kept.reload());
  CHECK(kept.first() == 2);
}

TEST_CASE("a bundle that does not come back in time is quarantined until it changes") {
  Kept kept;
  kept.open();
  kept.rollout("  proof_time_ms: 1500\n");
  kept.bundle.write("policies/home.yaml",
                    policy("", "graph:\n  - {id: page, generate: sleeps_in_init}\n"));
  kept.bundle.add_plugin(kBinaryDir + "/tests/hostile/sleeps_in_init.so", "sleeps_in_init");
  CHECK_FALSE(kept.reload());
  Json report = last_report(kept);
  INFO(report.dump(1));
  CHECK(report["code"] == "rollout/proof-crashed");
  CHECK(kept.rollout_status()["quarantine"].size() == 1);
  CHECK_FALSE(kept.reload());
  CHECK(last_report(kept)["code"] == "rollout/quarantined");
  CHECK(kept.first() == 1);
  kept.bundle.remove("plugins");
  kept.bundle.write("policies/home.yaml", policy("  - {use: opener, priority: 100}\n"));
  CHECK(kept.reload());
}

TEST_CASE("a plugin that dies on a recorded request dies in the proof, not in the service") {
  Kept kept;
  kept.open();
  kept.ask(20);
  kept.rollout("  replay: {requests: 10}\n");
  kept.bundle.write("policies/home.yaml",
                    policy("", "graph:\n  - {id: page, generate: dies_in_generate}\n"));
  kept.bundle.add_plugin(kBinaryDir + "/tests/rollout_plugins/dies_in_generate.so",
                         "dies_in_generate");
  CHECK_FALSE(kept.reload());
  const Json report = last_report(kept);
  INFO(report.dump(1));
  CHECK(report["stage"] == "tested");
  CHECK(report["message"].get<std::string>().find("crashed with SIGABRT, at replay") !=
        std::string::npos);
  CHECK(kept.rollout_status()["quarantine"].size() == 1);
  CHECK(kept.first() == 1);
}

}  // namespace lineup
