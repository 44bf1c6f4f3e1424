// SPDX-License-Identifier: Apache-2.0
//
// Cold starts: what serves when the bundle's directory can, cannot, or kills the engine.
#include <catch2/catch.hpp>

#include "rollout_host.hpp"

namespace lineup {

namespace {

// As a process leaves it that was killed while it began to serve: the marker stands.
void die_while_starting(const Kept& kept, const std::string& hash, int times) {
  kept.state.write("revisions/starts/" + hash, std::to_string(times));
}

void break_files(const Kept& kept) { kept.bundle.write("rules/opener.lua", "return rule {"); }

}  // namespace

TEST_CASE("a bundle that cannot be served at a start is answered by the last good revision") {
  Kept kept;
  kept.open_with(7);
  kept.open();
  REQUIRE(kept.is_kept());
  break_files(kept);
  kept.open();
  CHECK(kept.first() == 7);
  const Json status = kept.status();
  CHECK(status["last_attempt"]["state"] == "rejected");
  CHECK(status["last_attempt"]["report"]["file"] == "rules/opener.lua");
  CHECK(status["last_attempt"]["report"]["line"] == 1);
  CHECK(status["stale_ms"] > 0);
  CHECK_FALSE(status["rollout"]["pass_through"]);
  // Repaired, the directory serves again.
  kept.open_with(8);
  CHECK(kept.reload());
  CHECK(kept.first() == 8);
}

TEST_CASE("the directory is gone at a start: the last good revision serves") {
  Kept kept;
  kept.open_with(5);
  kept.open();
  REQUIRE(kept.is_kept());
  kept.engine.reset();
  kept.bundle.remove("policies");
  kept.bundle.remove("rules");
  kept.open();
  CHECK(kept.first() == 5);
}

TEST_CASE("with no good revision the pass-through answers for every scene and says so") {
  Kept kept;
  break_files(kept);
  kept.open();
  const Json status = kept.status();
  CHECK(status["revision"] == "pass-through");
  CHECK(status["rollout"]["pass_through"] == true);
  CHECK(kept.first() == 0);  // the best score
  CHECK(kept.log.find("pass-through") != std::string::npos);
  Caller other(*kept.engine, "detail");
  const Feed feed(60);
  const host::Result page = other.rerank(feed);
  CHECK(page.answer() == host::Answer::Fallback);  // as nobody's policy would answer
  REQUIRE(page.slate().size() == 20);
  for (std::uint32_t slot = 0; slot < 20; ++slot) CHECK(page.slate()[slot] == slot);
  kept.open_with(3);
  CHECK(kept.reload());
  CHECK(kept.first() == 3);
  CHECK_FALSE(kept.rollout_status()["pass_through"]);
}

TEST_CASE("without a state directory a bad bundle does not open, as ever") {
  Kept kept;
  break_files(kept);
  CHECK_THROWS_AS(host::Engine(quiet_options(kept.bundle.root())), host::Error);
}

TEST_CASE("contents that killed the engine twice are passed over, older good ones serve") {
  Kept kept;
  for (const int item : {2, 3}) {
    kept.open_with(item);
    kept.open();
    REQUIRE(kept.soon([&] {
      return kept.rollout_status()["good"][0]["hash"] == kept.rollout_status()["active"]["hash"];
    }));
  }
  const std::string newest = kept.rollout_status()["active"]["hash"];
  kept.engine.reset();
  die_while_starting(kept, newest, 1);
  kept.open();
  CHECK(kept.first() == 3);  // once may have been anything
  kept.engine.reset();
  die_while_starting(kept, newest, 2);
  kept.open();
  CHECK(kept.first() == 2);
  const Json quarantine = kept.rollout_status()["quarantine"];
  REQUIRE(quarantine.size() == 1);
  CHECK(quarantine[0]["hash"] == newest);
  CHECK(quarantine[0]["report"]["code"] == "rollout/crashed");
  CHECK_FALSE(kept.reload());
  kept.open_with(4);
  CHECK(kept.reload());
  CHECK(kept.first() == 4);
}

TEST_CASE("an engine that is closed in order leaves no mark against its revision") {
  Kept kept;
  for (int i = 0; i < 5; ++i) {
    kept.open();
    CHECK(kept.first() == 1);
  }
  kept.engine.reset();
  CHECK(std::filesystem::is_empty(kept.state.path("revisions/starts")));
}

TEST_CASE("a kept revision that was damaged on disk is passed over") {
  Kept kept;
  for (const int item : {2, 3}) {
    kept.open_with(item);
    kept.open();
    REQUIRE(kept.soon([&] {
      return kept.rollout_status()["good"][0]["hash"] == kept.rollout_status()["active"]["hash"];
    }));
  }
  const std::string newest = kept.rollout_status()["active"]["hash"];
  kept.engine.reset();
  const std::string file = kept.state.path("revisions/kept/" + newest + "/bundle/rules/opener.lua");
  std::ofstream(file, std::ios::trunc) << opener(9);
  break_files(kept);
  kept.open();
  CHECK(kept.first() == 2);
}

TEST_CASE("at least five good revisions stay on disk") {
  Kept kept;
  kept.open();
  for (int item = 2; item < 12; ++item) {
    kept.open_with(item);
    REQUIRE(kept.reload());
    REQUIRE(kept.soon([&] {
      return kept.rollout_status()["good"][0]["hash"] == kept.rollout_status()["active"]["hash"];
    }));
  }
  CHECK(kept.rollout_status()["good"].size() >= 5);
  std::size_t kept_count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kept.state.path("revisions/kept"))) {
    CHECK(entry.path().filename().string().find(".new") == std::string::npos);
    ++kept_count;
  }
  CHECK(kept_count >= 5);
  CHECK(kept_count <= 8);
}

TEST_CASE("a second engine leaves the state directory of the first alone") {
  Kept kept;
  kept.open();
  REQUIRE(kept.is_kept());
  host::Options options = quiet_options(kept.bundle.root(), &kept.log);
  options.state_directory = kept.state.root();
  host::Engine second(options);
  CHECK(Json::parse(second.status_json())["rollout"].is_null());
  CHECK(kept.log.find("held by another engine") != std::string::npos);
  CHECK(kept.first() == 1);
}

}  // namespace lineup
