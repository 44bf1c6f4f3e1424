// SPDX-License-Identifier: Apache-2.0
//
// A disk that fails under what the engine writes beside serving: the audit log, the decision log,
// the metrics. Pages are answered all the while, the status names the fault, and once the disk is
// well everything is written again; of the audit nothing is lost.
#include <catch2/catch.hpp>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "engine/host.hpp"
#include "facade/trust_facade.hpp"
#include "inject/disk_faults.hpp"

namespace lineup {
namespace {

using Json = nlohmann::json;

struct Broken {
  const char* name;
  int error;
  DiskFault fault;
};

constexpr Broken kDisks[] = {{"no room", ENOSPC, DiskFault::Fails},
                             {"input error", EIO, DiskFault::Fails},
                             {"no room in the middle of a write", ENOSPC, DiskFault::Half}};

class World {
 public:
  World() {
    bundle.write("policies/home.yaml", policy(""));
    host::Options options = quiet_options(bundle.root());
    options.state_directory = state.root();
    options.decision_every = 1;
    options.metrics_ms = 20;
    engine = std::make_unique<host::Engine>(options);
    caller = std::make_unique<Caller>(*engine);
  }
  ~World() { disarm_disk(); }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  [[nodiscard]] Json logs() const { return Json::parse(engine->status_json()).at("logs"); }
  // Asks for pages until it is so.
  template <typename Claim>
  bool soon(Claim claim) {
    for (int i = 0; i < 2000; ++i) {
      CHECK(page() == 10);
      if (claim(logs())) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }
  std::size_t page() { return caller->rerank(feed).slate().size(); }
  void set_weight(double value) {
    engine->set_weight("home", "relevance", value, 0, "ann", std::to_string(value));
  }

  TestBundle bundle;
  TestBundle state;
  std::unique_ptr<host::Engine> engine;
  std::unique_ptr<Caller> caller;
  const Feed feed{30};
};

std::string fault_in(const Json& logs, const char* what) {
  return logs.at(what).at("fault").get<std::string>();
}

TEST_CASE("changes wait for a disk that fails, and are all in the audit log later", "[inject]") {
  for (const Broken& disk : kDisks) {
    for (const std::uint32_t nth : {1U, 2U, 3U, 4U, 5U}) {
      CAPTURE(disk.name, nth);
      World world;
      REQUIRE(world.soon([](const Json& logs) { return logs["audit"]["waiting"] == 0; }));
      arm_disk(world.state.path("audit.db"), nth, disk.error, disk.fault);
      for (int i = 1; i <= 4; ++i) world.set_weight(1.0 + i * 0.1);
      CHECK(world.soon([](const Json& logs) { return !fault_in(logs, "audit").empty(); }));
      CHECK(world.logs()["audit"]["waiting"] > 0);
      disarm_disk();
      CHECK(world.soon([](const Json& logs) { return logs["audit"]["waiting"] == 0; }));
      CHECK(fault_in(world.logs(), "audit").empty());
      CHECK(world.logs()["audit"]["lost"] == 0);
      const auto changes = read_changes(world.state.root(), 0, 1000);
      REQUIRE(changes);
      std::string whys;
      for (const ChangeMade& change : *changes) {
        if (change.what == "weight") whys += change.why.substr(0, 3) + " ";
      }
      CHECK(whys == "1.1 1.2 1.3 1.4 ");
    }
  }
}

TEST_CASE("decisions that a failing disk does not take are counted, the rest are whole lines",
          "[inject]") {
  for (const Broken& disk : kDisks) {
    CAPTURE(disk.name);
    World world;
    REQUIRE(world.soon([](const Json& logs) { return logs["decisions"]["written"] > 0; }));
    arm_disk(world.state.path("decisions"), 1, disk.error, disk.fault);
    CHECK(world.soon([](const Json& logs) { return !fault_in(logs, "decisions").empty(); }));
    const Json broken = world.logs()["decisions"];
    CHECK(broken["dropped"] > 0);
    disarm_disk();
    CHECK(world.soon([&](const Json& logs) {
      return fault_in(logs, "decisions").empty() &&
             logs["decisions"]["written"] > broken["written"];
    }));
    world.engine.reset();
    std::ifstream file(world.state.path("decisions.jsonl"));
    std::uint64_t lines = 0;
    for (std::string line; std::getline(file, line); ++lines) CHECK(Json::accept(line));
    CHECK(lines > broken["written"].get<std::uint64_t>());
  }
}

TEST_CASE("metrics stay whole on a failing disk, and the status says why they are old",
          "[inject]") {
  for (const Broken& disk : kDisks) {
    CAPTURE(disk.name);
    World world;
    const std::string path = world.state.path("metrics.prom");
    REQUIRE(world.soon([&](const Json&) { return std::filesystem::exists(path); }));
    arm_disk(path, 1, disk.error, disk.fault);
    CHECK(world.soon([](const Json& logs) { return !fault_in(logs, "metrics").empty(); }));
    std::ifstream file(path);
    const std::string text((std::istreambuf_iterator<char>(file)),
                           std::istreambuf_iterator<char>());
    CHECK_THAT(text, Catch::Contains("lineup_requests_total"));
    CHECK(text.back() == '\n');
    disarm_disk();
    CHECK(world.soon([](const Json& logs) { return fault_in(logs, "metrics").empty(); }));
  }
}

}  // namespace
}  // namespace lineup
