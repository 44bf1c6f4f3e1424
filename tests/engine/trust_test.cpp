// SPDX-License-Identifier: Apache-2.0
//
// An engine that takes signed bundles only, as a host meets it. Manifests and signatures are made
// with the parts of the engine that the program uses.
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "facade/facade.hpp"
#include "facade/trust_facade.hpp"
#include "host.hpp"

using namespace lineup;
using host::Engine;
using host::Level;
using host::Options;
using Json = nlohmann::json;

namespace {

struct SignedBundle : TestBundle {
  SignedBundle() {
    write("policies/home.yaml", policy(""));
    const auto eve = make_key_file(keys.path("eve.key"), "eve", true, {});
    const auto ann = make_key_file(keys.path("ann.key"), "ann", false, {"home"});
    keys.write("trust.json",
               R"({"lineup_trust": 1, "keys": [)" + eve->entry + "," + ann->entry + "]}");
  }
  void create(const std::string& reason = "a test") const {
    ManifestOrder order;
    order.bundle = root();
    order.author = "ann";
    order.reason = reason;
    REQUIRE(create_manifest(order));
  }
  void sign(const std::string& name) const {
    Diagnostics diagnostics;
    REQUIRE(sign_path(root(), keys.path(name + ".key"), diagnostics));
  }
  [[nodiscard]] Options options() const {
    Options options;
    options.bundle = root();
    options.trust_file = keys.path("trust.json");
    options.state_directory = state.root();
    options.log = [](Level, std::string_view) {};
    return options;
  }
  [[nodiscard]] std::string trusted() const {
    std::ifstream in(keys.path("trust.json"));
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  [[nodiscard]] DeskAnswer tell(const std::string& verb) const {
    DeskCommand command;
    command.verb = verb;
    command.who = "bob";
    const auto reply = tell_rollout(state.root(), command, 60'000);
    REQUIRE(reply);
    INFO(reply->answer.message);
    return reply->answer;
  }
  // Whether what serves came to be a revision that can be gone back to.
  [[nodiscard]] static bool is_kept(Engine& engine) {
    for (int i = 0; i < 2000; ++i) {
      const Json rollout = Json::parse(engine.status_json()).at("rollout");
      if (!rollout.at("good").empty() &&
          rollout.at("good").at(0).at("hash") == rollout.at("active").at("hash")) {
        return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }
  // The last entry of the audit log about a revision that went live; entries come late, so it is
  // waited for.
  [[nodiscard]] ChangeMade last_change(const std::string& why) const {
    ChangeMade last;
    for (int i = 0; i < 2000 && last.why != why; ++i) {
      const auto changes = read_changes(state.root(), 0, 1000);
      REQUIRE(changes);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      // The order itself is noted after what it did.
      if (changes->empty() || changes->back().what != "rollout") continue;
      for (const ChangeMade& change : *changes) {
        if (change.what == "revision" && change.result == "active") last = change;
      }
    }
    return last;
  }
  TestBundle keys;
  TestBundle state;
};

// What a call throws; empty: nothing.
template <typename Call>
std::string fault_of(Call&& call) {
  try {
    call();
  } catch (const host::Error& error) {
    return error.what();
  }
  return {};
}

// What an engine that finds nothing good to serve says of the bundle that it refused.
std::string refusal_of(const Options& options) {
  Engine engine(options);
  const Json status = Json::parse(engine.status_json());
  CHECK(status.at("rollout").at("pass_through") == true);
  return status.dump();
}

Json bundle_of(Engine& engine) { return Json::parse(engine.status_json()).at("bundle"); }

}  // namespace

TEST_CASE("a plain directory is development mode, and status and log say so") {
  TestBundle bundle;
  bundle.write("policies/home.yaml", policy(""));
  std::string log;
  Options options;
  options.bundle = bundle.root();
  options.log = [&log](Level, std::string_view line) { log += std::string(line) + '\n'; };
  Engine engine(options);
  CHECK(bundle_of(engine).at("mode") == "development");
  CHECK_THAT(log, Catch::Contains("has no manifest: development mode"));
}

TEST_CASE("an engine with a trust file serves signed bundles only and says who signed") {
  SignedBundle bundle;
  CHECK_THAT(refusal_of(bundle.options()), Catch::Contains("trust/unsigned"));
  bundle.create();
  CHECK_THAT(refusal_of(bundle.options()), Catch::Contains("trust/unsigned"));
  bundle.sign("ann");
  Engine engine(bundle.options());
  const Json status = bundle_of(engine);
  CHECK(status.at("mode") == "signed");
  CHECK(status.at("signed_by") == Json::array({"ann"}));
  CHECK(status.at("author") == "ann");
  CHECK(status.at("reason") == "a test");
}

TEST_CASE("what is not signed is refused while what was signed keeps serving") {
  SignedBundle bundle;
  bundle.create();
  bundle.sign("eve");
  Engine engine(bundle.options());
  const Json before = bundle_of(engine);
  bundle.write("policies/home.yaml", policy("") + "# edited\n");
  CHECK_THAT(fault_of([&] { engine.reload(); }), Catch::Contains("trust/size"));
  bundle.create();
  CHECK_THAT(fault_of([&] { engine.reload(); }), Catch::Contains("trust/unsigned"));
  CHECK(bundle_of(engine) == before);
  bundle.sign("ann");
  CHECK(fault_of([&] { engine.reload(); }).empty());
  CHECK(bundle_of(engine).at("parent") == before.at("revision"));
  CHECK(bundle_of(engine).at("signed_by") == Json::array({"ann"}));
}

TEST_CASE("a draft over a signed bundle is refused, over an unsigned one it is tried") {
  SignedBundle bundle;
  bundle.create();
  bundle.sign("eve");
  const std::vector<host::OverlayFile> draft = {{"policies/home.yaml", policy("") + "# draft\n"}};
  Engine strict(bundle.options());
  CHECK_THAT(fault_of([&] { strict.reload(draft); }), Catch::Contains("trust/size"));
  Options open = bundle.options();
  open.trust_file.clear();
  Engine engine(open);
  CHECK(bundle_of(engine).at("mode") == "unsigned");
  CHECK(fault_of([&] { engine.reload(draft); }).empty());
  CHECK(bundle_of(engine).at("mode") == "development");
}

TEST_CASE("a key that is taken out of the trust file counts no more from the next change on") {
  SignedBundle bundle;
  bundle.create();
  bundle.sign("ann");
  Engine engine(bundle.options());
  bundle.keys.write("trust.json", R"({"lineup_trust": 1, "keys": []})");
  bundle.write("policies/home.yaml", policy("") + "# edited\n");
  bundle.create();
  bundle.sign("ann");
  CHECK_THAT(fault_of([&] { engine.reload(); }), Catch::Contains("trust/unknown-key"));
  bundle.keys.write("trust.json", "{");
  CHECK_THAT(fault_of([&] { engine.reload(); }), Catch::Contains("trust/file"));
}

TEST_CASE("an operator who changed nothing else may change again after a restart") {
  SignedBundle bundle;
  bundle.write("models/m.bin", "weights");
  bundle.create();
  bundle.sign("eve");
  { Engine engine(bundle.options()); }
  bundle.write("policies/home.yaml", policy("") + "# edited\n");
  bundle.create();
  bundle.sign("ann");
  { Engine engine(bundle.options()); }
  // Where nothing was accepted yet nobody vouches for the model.
  const TestBundle empty;
  Options options = bundle.options();
  options.state_directory = empty.root();
  CHECK_THAT(refusal_of(options), Catch::Contains("trust/permission"));
}

TEST_CASE("whoever's bundle serves is told, also after a rollback that read no file") {
  SignedBundle bundle;
  bundle.create("the first");
  bundle.sign("ann");
  Engine engine(bundle.options());
  REQUIRE(bundle.is_kept(engine));
  bundle.write("policies/home.yaml", policy("") + "# second\n");
  bundle.create("the second");
  bundle.sign("eve");
  engine.reload();
  REQUIRE(bundle_of(engine).at("reason") == "the second");
  REQUIRE(bundle.is_kept(engine));
  REQUIRE(bundle.tell("rollback").is_done);
  CHECK(bundle_of(engine).at("reason") == "the first");
  CHECK(bundle_of(engine).at("signed_by") == Json::array({"ann"}));
  // Nobody looked at anything but what serves: the audit's entry is about that.
  const ChangeMade last = bundle.last_change("the first");
  CHECK(last.why == "the first");
  CHECK(last.who == "ann");
}

TEST_CASE("a bundle that is looked at during a trial does not stand in for the one on trial") {
  SignedBundle bundle;
  bundle.write("bundle.yaml",
               "rollout:\n  proof: false\n  canary: {percent: 1, time_ms: 3600000, requests_min: "
               "1000000}\n");
  // Two good revisions, of which the older is only on disk.
  bundle.create("the first");
  bundle.sign("eve");
  {
    Engine engine(bundle.options());
    REQUIRE(bundle.is_kept(engine));
    bundle.write("policies/home.yaml", policy("") + "# second\n");
    bundle.create("the second");
    bundle.sign("ann");
    engine.reload();
    REQUIRE(bundle.tell("promote").is_done);
    REQUIRE(bundle.is_kept(engine));
  }
  Engine engine(bundle.options());
  REQUIRE(bundle_of(engine).at("reason") == "the second");
  bundle.write("policies/home.yaml", policy("") + "# third\n");
  bundle.create("the third");
  bundle.sign("ann");
  engine.reload();
  // The first one is read from the store, and refused: nobody trusts its signer any more.
  const std::string trusted = bundle.trusted();
  bundle.keys.write("trust.json", R"({"lineup_trust": 1, "keys": []})");
  CHECK_FALSE(bundle.tell("rollback").is_done);
  bundle.keys.write("trust.json", trusted);
  CHECK(bundle_of(engine).at("reason") == "the second");
  REQUIRE(bundle.tell("promote").is_done);
  CHECK(bundle_of(engine).at("reason") == "the third");
  CHECK(bundle_of(engine).at("signed_by") == Json::array({"ann"}));
  CHECK(bundle.last_change("the third").why == "the third");
}

TEST_CASE("metrics are text that Prometheus reads, and count what happened") {
  SignedBundle bundle;
  bundle.create();
  bundle.sign("eve");
  Engine engine(bundle.options());
  bundle.write("policies/home.yaml", "scene: [");
  (void)fault_of([&] { engine.reload(); });
  const std::string text = engine.metrics_text();
  for (const char* line :
       {"# TYPE lineup_requests_total counter", "lineup_reloads_total{result=\"active\"} 1",
        "lineup_reloads_total{result=\"rejected\"} 1", "mode=\"signed\"",
        "# TYPE lineup_request_duration_seconds histogram",
        "lineup_request_duration_seconds_bucket{le=\"+Inf\"} 0",
        "lineup_request_duration_seconds_count 0", "lineup_deadline_misses_total 0"}) {
    CAPTURE(line);
    CHECK_THAT(text, Catch::Contains(line));
  }
}
