// SPDX-License-Identifier: Apache-2.0
//
// What a version learnt that was taken back reaches neither the version that serves again nor the
// one that is deployed next. The plugin's pages begin with the number of its calls so far.
#include <catch2/catch.hpp>

#include "rollout_host.hpp"
#include "support/paths.hpp"

namespace lineup {
namespace {

struct Counting : Kept {
  Counting() {
    deploy("first");
    bundle.write("policies/home.yaml", policy("", "graph:\n  - {id: page, generate: counts}\n"));
    open();
  }
  void deploy(const std::string& trailer) const {
    bundle.add_plugin(kBinaryDir + "/tests/engine_plugins/counts_1.so", "counts", trailer);
  }
  bool active_is_kept() {
    return soon([this] {
      const Json now = rollout_status();
      return !now["good"].empty() && now["good"][0]["hash"] == now["active"]["hash"];
    });
  }
};

TEST_CASE("what is read from the store again is no heir of what is taken back") {
  Counting counting;
  for (int i = 0; i < 3; ++i) CHECK(counting.first() == i);
  REQUIRE(counting.active_is_kept());
  counting.deploy("second");
  REQUIRE(counting.reload());
  CHECK(counting.first() == 3);
  REQUIRE(counting.active_is_kept());
  counting.open();
  for (int i = 0; i < 4; ++i) CHECK(counting.first() == i);
  const DeskAnswer answer = counting.tell("rollback");
  INFO(answer.message);
  REQUIRE(answer.is_done);
  CHECK(counting.first() == 0);
}

TEST_CASE("the version after a rollback goes on where the one that served went on") {
  Counting counting;
  for (int i = 0; i < 3; ++i) CHECK(counting.first() == i);
  REQUIRE(counting.active_is_kept());
  counting.deploy("second");
  REQUIRE(counting.reload());
  for (int i = 3; i < 8; ++i) CHECK(counting.first() == i);
  REQUIRE(counting.active_is_kept());
  REQUIRE(counting.tell("rollback").is_done);
  CHECK(counting.first() == 3);
  counting.deploy("third");
  REQUIRE(counting.reload());
  CHECK(counting.first() == 4);
}

TEST_CASE("a version that was refused leaves its state to nobody") {
  Counting counting;
  for (int i = 0; i < 3; ++i) CHECK(counting.first() == i);
  counting.deploy("second");
  counting.bundle.write("rules/broken.lua", "return nothing {}");
  REQUIRE_FALSE(counting.reload());
  for (int i = 3; i < 6; ++i) CHECK(counting.first() == i);
  counting.deploy("third");
  counting.bundle.write("rules/broken.lua", opener(1));
  counting.bundle.remove("rules/broken.lua");
  REQUIRE(counting.reload());
  CHECK(counting.first() == 6);
}

}  // namespace
}  // namespace lineup
