// SPDX-License-Identifier: Apache-2.0
#include "policy/bundle_file.hpp"

#include <catch2/catch.hpp>

namespace lineup {

namespace {

RolloutPlan read(const std::string& text) {
  RolloutPlan plan;
  Diagnostics found;
  const bool is_right = parse_bundle_file("bundle.yaml", text, plan, found);
  for (const Diagnostic& each : found.all()) UNSCOPED_INFO(render(each, text));
  CHECK(is_right);
  return plan;
}

Diagnostic fault_of(const std::string& text) {
  RolloutPlan plan;
  Diagnostics found;
  CHECK_FALSE(parse_bundle_file("bundle.yaml", text, plan, found));
  REQUIRE_FALSE(found.empty());
  return found.all().front();
}

}  // namespace

TEST_CASE("without a rollout nothing is asked for; with an empty one, proof and cases are") {
  for (const char* text : {"", "# nothing yet\n{}\n", "  \n"}) {
    const RolloutPlan plan = read(text);
    CHECK_FALSE(plan.proof);
    CHECK_FALSE(plan.cases);
    CHECK_FALSE(plan.has_trial());
    CHECK_FALSE(plan.watch);
  }
  const RolloutPlan plan = read("rollout: {}\n");
  CHECK(plan.proof);
  CHECK(plan.cases);
  CHECK_FALSE(plan.replay);
  CHECK_FALSE(plan.has_trial());
  CHECK_FALSE(read("rollout: {proof: false}\n").cases);
}

TEST_CASE("every block of a rollout is read, and has defaults for what it leaves out") {
  const RolloutPlan plan = read(
      "rollout:\n"
      "  proof_time_ms: 9000\n"
      "  replay: {requests: 50, errors: 1, late: 2, violations: 3, changed_percent: 20}\n"
      "  shadow: {percent: 25, time_ms: 1000, cpu_percent: 5, changed_percent: 30, p99_ratio: "
      "1.5}\n"
      "  canary: {percent: 2.5, requests_min: 10, errors_percent: 0.1}\n"
      "  watch: {time_ms: 7000, fallbacks_percent: 2, empty_percent: 3, late_percent: 4,\n"
      "          breaches_percent: 5}\n");
  CHECK(plan.proof_time_ms == 9000);
  REQUIRE(plan.replay);
  CHECK(plan.replay->requests == 50);
  CHECK(plan.replay->errors == 1);
  CHECK(plan.replay->late == 2);
  CHECK(plan.replay->violations == 3);
  CHECK(plan.replay->changed_percent == 20);
  REQUIRE(plan.shadow);
  CHECK(plan.shadow->percent == 25);
  CHECK(plan.shadow->time_ms == 1000);
  CHECK(plan.shadow->cpu_percent == 5);
  CHECK(plan.shadow->limits.changed_percent == 30);
  CHECK(plan.shadow->limits.p99_ratio == 1.5);
  REQUIRE(plan.canary);
  CHECK(plan.canary->percent == 2.5);
  CHECK(plan.canary->time_ms == 60'000);
  CHECK(plan.canary->limits.requests_min == 10);
  CHECK(plan.canary->limits.errors_percent == 0.1);
  REQUIRE(plan.watch);
  CHECK(plan.watch->time_ms == 7000);
  CHECK(plan.watch->limits.fallbacks_percent == 2);
  CHECK(plan.watch->limits.empty_percent == 3);
  CHECK(plan.watch->limits.late_percent == 4);
  CHECK(plan.watch->limits.breaches_percent == 5);
}

TEST_CASE("what is wrong in bundle.yaml is said with its place and what would be right") {
  const Diagnostic unknown = fault_of("rollout:\n  shadwo: {}\n");
  CHECK(unknown.span.line == 2);
  CHECK(unknown.hint.find("shadow") != std::string::npos);
  CHECK(fault_of("rollout: {canary: {percent: 101}}\n").span.line == 1);
  CHECK(fault_of("rollout: {watch: {time_ms: 0}}\n").span.column > 1);
  CHECK(fault_of("rollout: [1]\n").message.find("rollout") != std::string::npos);
  CHECK(fault_of("- 1\n").span.file == "bundle.yaml");
  const Diagnostic off = fault_of("rollout: {proof: false, replay: {}}\n");
  CHECK(off.code == "bundle/needs-proof");
  CHECK(off.message == "`replay` runs in the process of the proof, which is off");
  CHECK(fault_of("rollout: {proof: false, cases: true}\n").code == "bundle/needs-proof");
}

}  // namespace lineup
