// SPDX-License-Identifier: Apache-2.0
//
// Plugins that end the process, or never come back, end only the helper.
#include <catch2/catch.hpp>

#include "base/clock.hpp"
#include "files.hpp"

namespace lineup {
namespace {

using testing::hostile;
using testing::Setting;

TEST_CASE("the helper tells types and whether a plugin unloads", "[probe]") {
  const Setting setting;
  const auto good = setting.staging.stage(setting.variant("well_behaved", "unseen")).value();
  const auto verdict = probe(good, setting.probing);
  REQUIRE(verdict);
  CHECK(verdict->unloads);
  CHECK(verdict->types == std::vector<std::string>{"well_behaved"});

  const auto pinned = setting.staging.stage(setting.variant("stays_loaded", "unseen")).value();
  const auto stays = probe(pinned, setting.probing);
  REQUIRE(stays);
  CHECK_FALSE(stays->unloads);
}

TEST_CASE("a plugin that ends its process is refused", "[probe]") {
  struct Case {
    const char* name;
    const char* message;
  };
  const auto c = GENERATE(values<Case>({
      {"aborts_in_init", "crashed with SIGABRT, at load and init"},
      {"exits_in_init", "ended the process that tried it, at load and init"},
      {"crashes_in_create", "at create `crashes_in_create`"},
  }));
  CAPTURE(c.name);
  const Setting setting;
  const auto library = setting.open(hostile(c.name));
  REQUIRE_FALSE(library);
  CHECK(library.error().code == "native/probe-crashed");
  CHECK_THAT(library.error().message, Catch::Contains(c.message));
}

TEST_CASE("a plugin that never comes back is ended at the time limit", "[probe]") {
  const Setting setting;
  const std::int64_t begin = monotonic_ns();
  const auto library =
      Library::open(hostile("sleeps_in_init"), setting.staging, {LINEUP_PROBE, 300});
  REQUIRE_FALSE(library);
  CHECK(library.error().code == "native/probe-timeout");
  CHECK_THAT(library.error().message, Catch::Contains("within 300 ms, at load and init"));
  CHECK(monotonic_ns() - begin < 5'000'000'000);
}

TEST_CASE("without the helper only what is known good passes", "[probe]") {
  const Setting setting;
  const auto path = setting.variant("well_behaved", "never probed");
  const auto refused = Library::open(path, setting.staging, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "native/no-probe");
  remember_good(setting.staging.stage(path).value().content_hash, {.unloads = true, .types = {}});
  CHECK(Library::open(path, setting.staging, {}));
}

TEST_CASE("a helper that is not there is an error of its own", "[probe]") {
  const Setting setting;
  const auto path = setting.variant("well_behaved", "no helper for this");
  const auto library = Library::open(path, setting.staging, {"/nowhere/lineup-probe", 1000});
  REQUIRE_FALSE(library);
  CHECK(library.error().code == "native/no-probe");
  CHECK_THAT(library.error().message, Catch::Contains("`/nowhere/lineup-probe`"));
}

TEST_CASE("a content is tried once", "[probe]") {
  const Setting setting;
  const auto path = setting.variant("well_behaved", "tried only once");
  REQUIRE(setting.open(path));
  // A helper that cannot be started shows that none is.
  CHECK(Library::open(path, setting.staging, {"/nowhere/lineup-probe", 1000}));
}

}  // namespace
}  // namespace lineup
