// SPDX-License-Identifier: Apache-2.0
//
// Shadow, canary, watch, rollback, and the commands, on a whole engine.
#include <catch2/catch.hpp>
#include <set>

#include "facade/trust_facade.hpp"
#include "rollout_host.hpp"

namespace lineup {

namespace {

constexpr const char* kShadow =
    "  proof: false\n  cases: false\n"
    "  shadow: {percent: 100, time_ms: 300, cpu_percent: 100, requests_min: 20, p99_ratio: 1000,\n"
    "           late_percent: 100}\n";
constexpr const char* kCanary =
    "  proof: false\n  cases: false\n"
    "  canary: {percent: 50, time_ms: 600000, requests_min: 20, p99_ratio: 1000,\n"
    "           late_percent: 100}\n";
constexpr const char* kWatch =
    "  proof: false\n  cases: false\n"
    "  watch: {time_ms: 600000, requests_min: 20, p99_ratio: 1000, late_percent: 100}\n";

// Every page of this policy is empty: a required rule forbids all rows.
void forbid_all(const Kept& kept) {
  kept.bundle.write("rules/nothing.lua",
                    "return rule { name = \"nothing\", about = \"Shows nothing.\",\n"
                    "  constraints = function(p) return filter { where = 'score < 100' } end }\n");
  kept.bundle.write(
      "policies/home.yaml",
      policy("  - {use: nothing}\n", std::string(kGraph) + "limits: {deadline_ms: 60000}\n"));
}

}  // namespace

TEST_CASE("a revision in shadow is evaluated and not shown, then serves") {
  Kept kept;
  kept.rollout(kShadow);
  kept.open();
  REQUIRE(kept.is_kept());
  kept.open_with(9);
  REQUIRE(kept.reload());
  CHECK(kept.first() == 1);
  CHECK(kept.status()["last_attempt"]["state"] == "shadow");
  CHECK(kept.rollout_status()["trial"]["phase"] == "shadow");
  CHECK(kept.soon([&] {
    kept.ask(5);
    return kept.first() == 9;
  }));
  CHECK(kept.rollout_status()["trial"].is_null());
  CHECK(kept.rollout_status()["active"]["stage"] == "active");
}

TEST_CASE("a shadow that is worse is quarantined with the figures, and what served keeps serving") {
  Kept kept;
  kept.rollout(kShadow);
  kept.open();
  REQUIRE(kept.is_kept());
  forbid_all(kept);
  REQUIRE(kept.reload());
  CHECK(kept.soon([&] {
    kept.ask(5);
    return kept.rollout_status()["quarantine"].size() == 1;
  }));
  CHECK(kept.first() == 1);
  const Json report = kept.rollout_status()["quarantine"][0]["report"];
  CHECK(report["stage"] == "shadow");
  CHECK(report["code"] == "rollout/trial-failed");
  CHECK(report["message"].get<std::string>().find("empty slates in 100.00%") != std::string::npos);
  CHECK_FALSE(kept.reload());
  CHECK(kept.refusal.find("quarantined") != std::string::npos);
  CHECK(kept.status()["requests"]["fallbacks"] == 0);
}

TEST_CASE("a shadow that saw too little waits for a person") {
  Kept kept;
  kept.rollout(kShadow);
  kept.open();
  REQUIRE(kept.is_kept());
  kept.open_with(9);
  REQUIRE(kept.reload());
  CHECK(kept.soon([&] { return kept.rollout_status()["trial"]["phase"] == "paused"; }));
  CHECK(kept.rollout_status()["trial"]["verdict"] == "inconclusive");
  CHECK(kept.first() == 1);
  const DeskAnswer answer = kept.tell("promote");
  CHECK(answer.is_done);
  CHECK(kept.first() == 9);
  CHECK_FALSE(kept.tell("promote").is_done);
}

TEST_CASE("a canary serves the same share of users all the while, and can be aborted") {
  Kept kept;
  kept.rollout(kCanary);
  kept.open();
  REQUIRE(kept.is_kept());
  kept.open_with(9);
  REQUIRE(kept.reload());
  REQUIRE(kept.soon([&] {
    kept.ask(40);
    return kept.rollout_status()["trial"]["candidate"]["requests"] > 0;
  }));
  std::set<std::string> chosen;
  for (int i = 0; i < 400; ++i) {
    const std::string user = "user" + std::to_string(i);
    const int first = kept.first(user);
    CHECK((first == 1 || first == 9));
    if (first == 9) chosen.insert(user);
  }
  CHECK(chosen.size() > 120);
  CHECK(chosen.size() < 280);
  for (const std::string& user : chosen) CHECK(kept.first(user) == 9);
  CHECK(kept.first() == 1);  // nobody in particular: never
  CHECK(kept.tell("abort").is_done);
  for (const std::string& user : chosen) CHECK(kept.first(user) == 1);
  CHECK(kept.rollout_status()["quarantine"][0]["report"]["message"] == "aborted by ann: a test");
  CHECK_FALSE(kept.reload());
}

TEST_CASE("a canary that hurts its users is taken away") {
  Kept kept;
  kept.rollout(kCanary);
  kept.open();
  REQUIRE(kept.is_kept());
  forbid_all(kept);
  REQUIRE(kept.reload());
  CHECK(kept.soon([&] {
    kept.ask(40);
    return kept.rollout_status()["quarantine"].size() == 1;
  }));
  for (int i = 0; i < 40; ++i) CHECK(kept.first("u" + std::to_string(i)) == 1);
}

TEST_CASE("other contents end a trial; the files as they were end it too") {
  Kept kept;
  kept.rollout(kCanary);
  kept.open();
  REQUIRE(kept.is_kept());
  kept.open_with(9);
  REQUIRE(kept.reload());
  const std::string first = kept.rollout_status()["trial"]["revision"];
  kept.open_with(10);
  REQUIRE(kept.reload());
  CHECK(kept.rollout_status()["trial"]["revision"] != first);
  kept.open_with(1);
  REQUIRE(kept.reload());
  CHECK(kept.rollout_status()["trial"].is_null());
  for (int i = 0; i < 40; ++i) CHECK(kept.first("u" + std::to_string(i)) == 1);
}

TEST_CASE("a revision that is worse once it serves is rolled back by itself") {
  Kept kept;
  kept.rollout(kWatch);
  kept.open();
  REQUIRE(kept.is_kept());
  kept.ask(30);
  forbid_all(kept);
  REQUIRE(kept.reload());
  CHECK(kept.first() == -1);
  CHECK(kept.soon([&] {
    kept.ask(5);
    return kept.first() == 1;
  }));
  const Json status = kept.rollout_status();
  REQUIRE(status["quarantine"].size() == 1);
  CHECK(status["quarantine"][0]["stage"] == "rolled back");
  CHECK(status["quarantine"][0]["report"]["code"] == "rollout/watch-failed");
  CHECK(kept.status()["stale_ms"] > 0);
  // A restart does not bring it back.
  kept.open();
  CHECK(kept.first() == 1);
  CHECK(kept.rollout_status()["quarantine"].size() == 1);
}

TEST_CASE("rollback goes to the good revision before, again and again, until there is none") {
  Kept kept;
  kept.open();
  for (const int item : {2, 3, 4}) {
    REQUIRE(kept.soon([&] {
      return kept.rollout_status()["good"][0]["hash"] == kept.rollout_status()["active"]["hash"];
    }));
    kept.open_with(item);
    REQUIRE(kept.reload());
  }
  REQUIRE(kept.is_kept(4));
  for (const int item : {3, 2, 1}) {
    const DeskAnswer answer = kept.tell("rollback");
    INFO(answer.message);
    CHECK(answer.is_done);
    CHECK(kept.first() == item);
  }
  const DeskAnswer none = kept.tell("rollback");
  CHECK_FALSE(none.is_done);
  CHECK(none.message == "there is no good revision before the one that serves");
  CHECK(kept.first() == 1);
  CHECK(Json::parse(none.body)["quarantine"].size() == 3);
  // The audit has every order, also the one that could not be carried out.
  std::string orders;
  CHECK(kept.soon([&] {
    orders.clear();
    const auto changes = read_changes(kept.state.root(), 0, 1000);
    if (!changes) return false;
    for (const ChangeMade& change : *changes) {
      if (change.what == "rollout") {
        orders += change.who + " " + change.why + " " + change.result + ";";
      }
    }
    return orders ==
           "ann a test rollback;ann a test rollback;ann a test rollback;ann a test refused;";
  }));
}

TEST_CASE("a command that cannot be read is answered, and junk in the directory harms nothing") {
  Kept kept;
  kept.open();
  kept.state.write("rollout/commands/bad.json", "{");
  kept.state.write("rollout/commands/.json", "{}");
  kept.state.write("rollout/commands/notes.txt", "hello");
  const DeskAnswer status = kept.tell("status");
  CHECK(status.is_done);
  // One after the other, in no order that is promised.
  CHECK(kept.soon(
      [&] { return std::filesystem::exists(kept.state.path("rollout/answers/bad.json")); }));
  CHECK(kept.first() == 1);
}

}  // namespace lineup
