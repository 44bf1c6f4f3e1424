// SPDX-License-Identifier: Apache-2.0
//
// What a plugin learnt is carried over a reload: to its next version, at the node where it stands.
#include <catch2/catch.hpp>
#include <mutex>

#include "host.hpp"
#include "support/paths.hpp"

namespace lineup {
namespace {

constexpr const char* kCounts = "graph:\n  - {id: page, generate: counts}\n";

// A bundle with the generator `counts`, whose pages begin with the number of its calls so far.
struct Counting {
  Counting() {
    deploy(1, "");
    bundle.write("policies/home.yaml", policy("", kCounts));
  }
  void deploy(int format, const std::string& trailer) const {
    bundle.add_plugin(kBinaryDir + "/tests/engine_plugins/counts_" + std::to_string(format) + ".so",
                      "counts", trailer);
  }
  host::Options options() { return quiet_options(bundle.root()); }

  TestBundle bundle;
};

std::uint32_t first_row(Caller& caller) {
  const Feed feed(40);
  const host::Result result = caller.rerank(feed);
  REQUIRE(result.answer() == host::Answer::Ok);
  return result.slate()[0];
}

TEST_CASE("a new version of a plugin goes on with the state of the old one", "[carry]") {
  Counting counting;
  host::Engine engine(counting.options());
  Caller caller(engine);
  for (std::uint32_t i = 0; i < 5; ++i) CHECK(first_row(caller) == i);
  counting.deploy(1, "the next version");
  engine.reload();
  CHECK(first_row(caller) == 5);
  CHECK(first_row(caller) == 6);
  counting.deploy(1, "the one after it");
  engine.reload();
  CHECK(first_row(caller) == 7);
}

TEST_CASE("a version that refuses the state begins cold", "[carry]") {
  Counting counting;
  host::Options options = counting.options();
  std::mutex mutex;
  std::string log;
  options.log = [&](host::Level, std::string_view line) {
    const std::lock_guard lock(mutex);
    log += line;
  };
  host::Engine engine(options);
  Caller caller(engine);
  for (std::uint32_t i = 0; i < 3; ++i) CHECK(first_row(caller) == i);
  counting.deploy(2, "");
  engine.reload();
  CHECK(first_row(caller) == 0);
  CHECK(first_row(caller) == 1);
  const std::lock_guard lock(mutex);
  CHECK_THAT(log, Catch::Contains("plugin `") && Catch::Contains("it begins cold"));
}

TEST_CASE("a node is no heir of a node at another place", "[carry]") {
  Counting counting;
  host::Engine engine(counting.options());
  Caller caller(engine);
  for (std::uint32_t i = 0; i < 3; ++i) CHECK(first_row(caller) == i);
  counting.deploy(1, "the next version");
  counting.bundle.write("policies/home.yaml",
                        policy("", "graph:\n  - {id: other, generate: counts}\n"));
  engine.reload();
  CHECK(first_row(caller) == 0);
}

}  // namespace
}  // namespace lineup
