// SPDX-License-Identifier: Apache-2.0
//
// Several versions of one plugin in one bundle: `name@FILE` and `name@VERSION` say which is meant.
#include <catch2/catch.hpp>

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

}  // namespace
}  // namespace lineup
