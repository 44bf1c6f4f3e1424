// SPDX-License-Identifier: Apache-2.0
#include "rollout/ledger.hpp"

#include <catch2/catch.hpp>

#include "world.hpp"

namespace lineup {

namespace {

using enum Stage;

RolloutFault fault(Stage stage, const std::string& message) {
  RolloutFault out;
  out.stage = stage;
  out.code = "test/fault";
  out.message = message;
  return out;
}

void walk(Ledger& ledger, const std::string& hash, Stage last) {
  REQUIRE(ledger.see(hash, hash));
  for (const Stage stage : {Staged, Verified, Compiled, Tested, Shadow, Active}) {
    if (stage == Shadow && last == Active) continue;
    if (stage > last) return;
    REQUIRE(ledger.reach(hash, stage));
  }
}

void serve(Ledger& ledger, const std::string& hash) {
  walk(ledger, hash, Active);
  ledger.mark_good();
}

}  // namespace

TEST_CASE("a revision goes its way one step at a time, and no step is left out") {
  FakeClock clock;
  Ledger ledger(clock);
  CHECK(ledger.reach("a", Staged).error().code == "rollout/step");
  REQUIRE(ledger.see("a", "a"));
  CHECK(ledger.reach("a", Verified).error().message ==
        "revision `a` is seen: it cannot become verified");
  for (const Stage stage : {Staged, Verified, Compiled, Tested, Shadow}) {
    clock.now_ms += 10;
    REQUIRE(ledger.reach("a", stage));
    REQUIRE(ledger.on_its_way() != nullptr);
    CHECK(ledger.on_its_way()->stage == stage);
    CHECK(ledger.on_its_way()->since_ms == clock.now_ms);
    CHECK(ledger.active() == nullptr);
  }
  REQUIRE(ledger.reach("a", Active));
  CHECK(ledger.on_its_way() == nullptr);
  REQUIRE(ledger.active() != nullptr);
  CHECK(ledger.active()->hash == "a");
  CHECK_FALSE(ledger.reach("a", Tested));
  CHECK_FALSE(ledger.reach("a", Superseded));
}

TEST_CASE("newer contents supersede those on their way, whatever serves stays") {
  FakeClock clock;
  Ledger ledger(clock);
  serve(ledger, "a");
  walk(ledger, "b", Shadow);
  REQUIRE(ledger.see("c", "c"));
  CHECK(ledger.on_its_way()->hash == "c");
  CHECK(ledger.active()->hash == "a");
  CHECK_FALSE(ledger.reach("b", Active));
  ledger.turn_down("c");
  CHECK(ledger.on_its_way() == nullptr);
  CHECK(ledger.see("c", "c"));
}

TEST_CASE("quarantined at any stage, contents are refused until they are others") {
  for (const Stage last : {Seen, Staged, Verified, Compiled, Tested, Shadow}) {
    INFO(name_of(last));
    FakeClock clock;
    Ledger ledger(clock);
    serve(ledger, "a");
    walk(ledger, "b", last);
    REQUIRE(ledger.quarantine("b", fault(last, "it crashed")));
    CHECK(ledger.on_its_way() == nullptr);
    CHECK(ledger.active()->hash == "a");
    const auto again = ledger.see("b", "b");
    REQUIRE_FALSE(again);
    CHECK(again.error().code == "rollout/quarantined");
    CHECK(again.error().message.find("it crashed") != std::string::npos);
    CHECK(ledger.see("b2", "b2"));
    // The journal remembers it.
    Ledger later(clock);
    REQUIRE(later.read(ledger.write()));
    CHECK_FALSE(later.see("b", "b"));
    CHECK(later.quarantined("b")->fault.stage == last);
  }
}

TEST_CASE("what serves is rolled back, not quarantined, and only onto something good") {
  FakeClock clock;
  Ledger ledger(clock);
  CHECK(ledger.roll_back(fault(Active, "x")).error().code == "rollout/no-previous");
  serve(ledger, "a");
  CHECK_FALSE(ledger.quarantine("a", fault(Active, "x")));
  CHECK(ledger.roll_back(fault(Active, "x")).error().code == "rollout/no-previous");
  walk(ledger, "b", Active);  // never marked good
  walk(ledger, "c", Active);
  const auto back = ledger.roll_back(fault(Active, "errors in 10% of 200 requests"));
  REQUIRE(back);
  CHECK(back->hash == "a");
  CHECK(ledger.active()->hash == "a");
  CHECK(ledger.quarantined("c")->stage == RolledBack);
  CHECK_FALSE(ledger.see("c", "c"));
  CHECK_FALSE(ledger.roll_back(fault(Active, "x")));
}

TEST_CASE("rolling back twice goes two good revisions back") {
  FakeClock clock;
  Ledger ledger(clock);
  for (const char* hash : {"a", "b", "c"}) serve(ledger, hash);
  CHECK(ledger.roll_back(fault(Active, "x"))->hash == "b");
  CHECK(ledger.roll_back(fault(Active, "x"))->hash == "a");
  CHECK(ledger.quarantine().size() == 2);
  CHECK(ledger.good().size() == 1);
}

TEST_CASE("at least five good revisions are remembered, the newest first, across a start") {
  FakeClock clock;
  Ledger ledger(clock);
  for (int i = 0; i < 20; ++i) serve(ledger, std::to_string(i));
  CHECK(ledger.good().size() >= 5);
  Provenance from;
  from.author = "ada";
  walk(ledger, "z", Tested);
  ledger.set_provenance("z", from);
  REQUIRE(ledger.reach("z", Active));
  ledger.mark_good();
  Ledger later(clock);
  REQUIRE(later.read(ledger.write()));
  CHECK(later.active() == nullptr);
  REQUIRE(later.good().size() == Ledger::kGoodMax);
  CHECK(later.good()[0].hash == "z");
  CHECK(later.good()[0].provenance.author == "ada");
  CHECK(later.good()[1].hash == "19");
}

TEST_CASE("a journal of any bytes is read or refused, never half") {
  FakeClock clock;
  Ledger ledger(clock);
  serve(ledger, "a");
  walk(ledger, "b", Compiled);
  REQUIRE(ledger.quarantine("b", fault(Compiled, "x")));
  const std::string text = ledger.write();
  for (std::size_t size = 0; size + 2 < text.size(); ++size) {
    Ledger cut(clock);
    CHECK_FALSE(cut.read(text.substr(0, size)));
    CHECK(cut.good().empty());
    CHECK(cut.quarantine().empty());
  }
  CHECK_FALSE(Ledger(clock).read(R"({"lineup_rollout":1,"good":[{"hash":7}],"quarantine":[]})"));
  CHECK_FALSE(Ledger(clock).read(R"({"lineup_rollout":9})"));
}

TEST_CASE("a journal that names more than is kept is read within the limits") {
  FakeClock clock;
  std::string good;
  std::string bad;
  for (int i = 0; i < 1000; ++i) {
    const std::string entry = "{\"hash\":\"h" + std::to_string(i) + "\",\"id\":\"i\"}";
    good += (i == 0 ? "" : ",") + entry;
    bad += (i == 0 ? "" : ",") + entry;
  }
  Ledger ledger(clock);
  REQUIRE(
      ledger.read("{\"lineup_rollout\":1,\"good\":[" + good + "],\"quarantine\":[" + bad + "]}"));
  REQUIRE(ledger.good().size() == Ledger::kGoodMax);
  CHECK(ledger.good()[0].hash == "h0");
  CHECK(ledger.quarantine().size() == Ledger::kQuarantineMax);
}

}  // namespace lineup
