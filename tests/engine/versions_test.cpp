// SPDX-License-Identifier: Apache-2.0
//
// Several versions of one plugin in one bundle: `name@FILE` and `name@VERSION` say which is meant.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "host.hpp"
#include "support/paths.hpp"

namespace lineup {
namespace {

// Two builds of the generator `front`: one puts row 0 first, the other row 3.
struct Versions {
  Versions() {
    bundle.add_plugin(kBinaryDir + "/tests/engine_plugins/front_0.so", "front_old");
    bundle.add_plugin(kBinaryDir + "/tests/engine_plugins/front_3.so", "front_new");
  }
  std::unique_ptr<host::Engine> open(const std::string& graph, std::string* log = nullptr) {
    bundle.write("policies/home.yaml", policy("", "graph:\n" + graph));
    return std::make_unique<host::Engine>(quiet_options(bundle.root(), log));
  }
  std::uint32_t first_row(const std::string& graph) {
    const auto engine = open(graph);
    Caller caller(*engine);
    const Feed feed(20);
    const host::Result result = caller.rerank(feed);
    CHECK(result.answer() == host::Answer::Ok);
    return result.slate()[0];
  }
  TestBundle bundle;
};

TEST_CASE("a node names the file of the version that it means", "[versions]") {
  Versions versions;
  CHECK(versions.first_row("  - {id: page, generate: front@front_old}\n") == 0);
  CHECK(versions.first_row("  - {id: page, generate: front@front_new}\n") == 3);
}

TEST_CASE("a version may be named by its number", "[versions]") {
  Versions versions;
  versions.bundle.remove("plugins/front_old.so");
  CHECK(versions.first_row("  - {id: page, generate: front@1.0.0}\n") == 3);
}

TEST_CASE("two versions of one plugin are two nodes of one policy", "[versions]") {
  Versions versions;
  const std::string both =
      "  - {id: control, generate: front@front_old}\n"
      "  - {id: treatment, generate: front@front_new}\n";
  const std::uint32_t first = versions.first_row(both);
  CHECK((first == 0 || first == 3));
  // Each can be taken out by its own name: what is left answers.
  CHECK(versions.first_row(both + "switches: {nodes: treatment}\n") == 0);
  CHECK(versions.first_row(both + "switches: {nodes: control}\n") == 3);
}

TEST_CASE("a version that there is not is refused, and those that there are said", "[versions]") {
  Versions versions;
  std::string log;
  std::string said;
  try {
    versions.open("  - {id: page, generate: front@front_ancient}\n", &log);
  } catch (const std::exception& error) {
    said = error.what();
  }
  CHECK_THAT(log + said, Catch::Contains("`front@front_ancient`"));
  CHECK_THAT(log + said, Catch::Contains("`front@front_new` (version 1.0.0)"));
}

TEST_CASE("what stays in memory of versions that are gone is told one by one", "[versions]") {
  TestBundle bundle;
  const auto write = [&](int step) {
    bundle.add_plugin(kBinaryDir + "/tests/hostile/stays_loaded.so", "stays_loaded",
                      std::to_string(step));
  };
  write(0);
  bundle.write("policies/home.yaml",
               policy("", "graph:\n  - {id: page, generate: stays_loaded}\n"));
  host::Engine engine(quiet_options(bundle.root()));
  constexpr int kReloads = 8;
  for (int step = 1; step <= kReloads; ++step) {
    write(step);
    engine.reload();
  }
  const auto libraries = nlohmann::json::parse(engine.status_json())["libraries"];
  INFO(libraries.dump(1));
  std::uint64_t retired = 0;
  std::uint64_t retired_kib = 0;
  for (const auto& each : libraries["versions"]) {
    CHECK(each["plugin"] == "stays_loaded");
    CHECK(each["mapped_kib"] > 0);
    if (each["state"] != "retired") continue;
    ++retired;
    retired_kib += each["mapped_kib"].get<std::uint64_t>();
  }
  // The one that serves and those that a page 2 may ask for are in use.
  CHECK(retired >= kReloads - 5);
  CHECK(libraries["versions"].size() == kReloads + 1);
  CHECK(libraries["retired"] == retired);
  CHECK(libraries["retired_kib"] == retired_kib);
  CHECK(retired <= libraries["retired_most"]);
}

}  // namespace
}  // namespace lineup
