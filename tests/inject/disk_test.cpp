// SPDX-License-Identifier: Apache-2.0
//
// A disk without room, one that gives input errors, files half written: at every single operation
// in turn. What serves goes on to serve, the fault is told, and once the disk is well again the
// same change goes live.
#include <catch2/catch.hpp>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "engine/host.hpp"
#include "inject/disk_faults.hpp"
#include "support/paths.hpp"

namespace lineup {
namespace {

struct Broken {
  const char* name;
  int error;
  DiskFault fault;
};

constexpr Broken kDisks[] = {{"no room", ENOSPC, DiskFault::Fails},
                             {"input error", EIO, DiskFault::Fails},
                             {"no room in the middle of a write", ENOSPC, DiskFault::Half}};

// LIMIT: operations of one change; more means that it retries without an end.
constexpr std::uint32_t kOperationsMax = 200;

class World {
 public:
  World() {
    std::filesystem::create_directories(bundle.path("state"));
    change(0);
    open();
  }
  void open() {
    engine.reset();
    host::Options options = quiet_options(bundle.root());
    options.staging_directory = staging();
    options.state_directory = bundle.path("state");
    engine = std::make_unique<host::Engine>(options);
    caller = std::make_unique<Caller>(*engine);
  }
  [[nodiscard]] std::string staging() const { return bundle.path("staging"); }

  // A policy of its own kind and a plugin of its own content; the page is `number` rows longer.
  void change(std::uint32_t number) {
    std::string text = policy("", "graph:\n  - {id: page, generate: score_order}\n");
    const std::string page = "page: 10";
    text.replace(text.find(page), page.size(), "page: " + std::to_string(10 + number % 20));
    bundle.add_plugin(kBinaryDir + "/plugins/score_order.so", "score_order",
                      std::to_string(number));
    bundle.write("policies/home.yaml", text);
  }
  std::size_t page() {
    const Feed feed(40);
    const host::Result result = caller->rerank(feed);
    return result.answer() == host::Answer::Error ? 0 : result.slate().size();
  }
  // Whether the change went live; the fault is told when it did not.
  bool reload() {
    try {
      engine->reload();
      return true;
    } catch (const std::exception& fault) {
      CHECK(std::string(fault.what()).size() > 10);
      return false;
    }
  }

  TestBundle bundle;
  std::unique_ptr<host::Engine> engine;
  std::unique_ptr<Caller> caller;
};

// Breaks operation 1, 2, 3, ... of reloads below `directory` until one reload needs no more of
// them.
void break_reloads(World& world, const std::string& directory, const Broken& disk, bool reads) {
  static std::uint32_t number = 100;  // contents that were staged once are not staged again
  std::uint32_t refused = 0;
  bool is_through = false;
  for (std::uint32_t nth = 1; nth < kOperationsMax && !is_through; ++nth) {
    CAPTURE(disk.name, directory, nth);
    const std::size_t before = world.page();
    world.change(++number);
    arm_disk(directory, nth, disk.error, disk.fault, reads);
    const bool is_live = world.reload();
    const std::size_t served = world.page();
    is_through = disarm_disk() < nth;
    refused += is_live ? 0 : 1;
    CHECK(served == (is_live ? 10 + number % 20 : before));
    REQUIRE(world.reload());
    CHECK(world.page() == 10 + number % 20);
  }
  CHECK(is_through);
  CHECK(refused > 0);
}

TEST_CASE("a disk that fails in staging keeps what serves, at every operation", "[inject]") {
  World world;
  REQUIRE(world.page() == 10);
  for (const Broken& disk : kDisks) break_reloads(world, world.staging(), disk, false);
}

TEST_CASE("a bundle that cannot be read keeps what serves, at every operation", "[inject]") {
  World world;
  break_reloads(world, world.bundle.path("plugins"), kDisks[1], true);
  break_reloads(world, world.bundle.path("policies"), kDisks[1], true);
}

TEST_CASE("a live value is kept whole or not at all, at every operation of the disk", "[inject]") {
  for (const Broken& disk : kDisks) {
    World world;
    world.bundle.write("policies/home.yaml", policy("", std::string(kGraph)));
    REQUIRE(world.reload());
    double kept = 1.0;
    bool is_through = false;
    for (std::uint32_t nth = 1; nth < 30 && !is_through; ++nth) {
      CAPTURE(disk.name, nth);
      const double wanted = kept == 1.0 ? 1.5 : 1.0;
      arm_disk(world.bundle.path("state"), nth, disk.error, disk.fault);
      bool is_set = true;
      try {
        world.engine->set_weight("home", "relevance", wanted, 0, "ann", "a test");
      } catch (const std::exception&) {
        is_set = false;
      }
      is_through = disarm_disk() < nth;
      world.open();
      const auto live = nlohmann::json::parse(world.engine->status_json())["live"];
      const double now = live.empty() ? 1.0 : live[0]["value"].get<double>();
      CHECK((now == wanted || now == kept));
      if (is_set && is_through) CHECK(now == wanted);
      kept = now;
      CHECK(world.page() == 10);
    }
    CHECK(is_through);
  }
}

TEST_CASE("requests are answered while the state's disk is broken", "[inject]") {
  World world;
  arm_disk(world.bundle.path("state"), 1, EIO, DiskFault::Fails, true);
  for (int i = 0; i < 200; ++i) CHECK(world.page() == 10);
  disarm_disk();
}

}  // namespace
}  // namespace lineup
