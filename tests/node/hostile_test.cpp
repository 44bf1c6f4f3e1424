// SPDX-License-Identifier: Apache-2.0
//
// Plugins that pass the probe and misbehave when they serve.
#include <catch2/catch.hpp>
#include <cmath>

#include "../native/files.hpp"
#include "scene.hpp"

namespace lineup {
namespace {

using testing::Scene;
using testing::Setting;

struct Hostile {
  explicit Hostile(const char* name) {
    const auto library = setting.open(testing::hostile(name)).value();
    node = NodeInstance::create(library->types()[0], "{}", scene.layout).value();
  }
  RunReport generate(SlateSet& set) {
    return run_generator(*node, scene.request(), scene.problem(), set);
  }
  Setting setting;
  Scene scene;
  std::shared_ptr<NodeInstance> node;
};

TEST_CASE("scores that are not finite become missing", "[hostile]") {
  Hostile hostile("nan_scores");
  std::vector<double> estimate(Scene::kRows);
  const std::span<double> outputs[] = {estimate};
  REQUIRE(run_scorer(*hostile.node, hostile.scene.request(), outputs).status == LINEUP_OK);
  CHECK(std::isnan(estimate[0]));
  CHECK(std::isnan(estimate[1]));
  CHECK(estimate[2] == 2.0);
}

TEST_CASE("a slate emitted four times is one slate", "[hostile]") {
  Hostile hostile("duplicate_slates");
  SlateSet set = hostile.scene.slates();
  CHECK(hostile.generate(set).status == LINEUP_OK);
  CHECK(set.count == 1);
}

TEST_CASE("a builder kept by a plugin gives an error in the next call", "[hostile]") {
  Hostile hostile("keeps_builder");
  SlateSet set = hostile.scene.slates();
  CHECK(hostile.generate(set).status == LINEUP_OK);
  const RunReport report = hostile.generate(set);
  CHECK(report.status == LINEUP_E_STALE_HANDLE);
  CHECK(report.message == "placed with a kept builder");
  CHECK(set.count == 1);
}

TEST_CASE("an exception out of a plugin ends in the report", "[hostile]") {
  Hostile hostile("throws_in_generate");
  SlateSet set = hostile.scene.slates();
  const RunReport report = hostile.generate(set);
  CHECK(report.status == LINEUP_E_INTERNAL);
  CHECK(report.message == "out of ideas");
  CHECK(set.count == 1);
}

}  // namespace
}  // namespace lineup
