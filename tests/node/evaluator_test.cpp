// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>

#include "scene.hpp"

namespace lineup {
namespace {

using testing::Scene;
using testing::Script;

// Two slates of different lengths, as a generator would have left them.
SlateSet two_slates(Scene& scene) {
  SlateSet set = scene.slates();
  std::vector<std::uint32_t> violations = {0};
  for (std::vector<std::uint32_t> rows : {std::vector<std::uint32_t>{0, 1, 2}, {5, 4}}) {
    Solution solution;
    solution.rows = rows;
    solution.violations = violations;
    solution.soft_violations = violations;
    set.add(solution, 0);
  }
  return set;
}

TEST_CASE("an evaluator sees every slate and its answers are added", "[evaluator]") {
  Scene scene;
  Script script;
  script.evaluate = [](const lineup_call* call, const lineup_slates* slates, double* values) {
    CHECK(slates->slate_count == 2);
    CHECK(slates->lengths[1] == 2);
    for (std::uint32_t s = 0; s < slates->slate_count; ++s) {
      for (std::uint32_t i = 0; i < slates->lengths[s]; ++i) {
        values[s * call->objective_count] += slates->rows[s * slates->slot_count + i];
      }
      values[s * call->objective_count + 1] += s;
    }
    return LINEUP_OK;
  };
  const auto node = scene.node(script, LINEUP_KIND_EVALUATOR);
  const SlateSet slates = two_slates(scene);
  std::vector<double> values = {10, 20, 30, 40};
  REQUIRE(run_evaluator(*node, scene.request(), slates, values).status == LINEUP_OK);
  CHECK(values == std::vector<double>{13, 20, 39, 41});
}

TEST_CASE("an evaluator that fails or is not finite adds nothing", "[evaluator]") {
  const int fault = GENERATE(0, 1, 2);
  Scene scene;
  Script script;
  script.evaluate = [fault](const lineup_call*, const lineup_slates*, double* values) {
    values[0] = 1;
    if (fault == 0) values[3] = std::nan("");
    if (fault == 1) values[2] = -std::numeric_limits<double>::infinity();
    return fault == 2 ? LINEUP_E_DEADLINE : LINEUP_OK;
  };
  const auto node = scene.node(script, LINEUP_KIND_EVALUATOR);
  const SlateSet slates = two_slates(scene);
  std::vector<double> values = {10, 20, 30, 40};
  const RunReport report = run_evaluator(*node, scene.request(), slates, values);
  CHECK(report.status == (fault == 2 ? LINEUP_E_DEADLINE : LINEUP_E_INTERNAL));
  if (fault < 2) CHECK(report.message == "gave a value that is not finite");
  CHECK(values == std::vector<double>{10, 20, 30, 40});
}

TEST_CASE("no slates, no call", "[evaluator]") {
  Scene scene;
  Script script;
  const auto node = scene.node(script, LINEUP_KIND_EVALUATOR);
  CHECK(run_evaluator(*node, scene.request(), scene.slates(), {}).status == LINEUP_OK);
}

}  // namespace
}  // namespace lineup
