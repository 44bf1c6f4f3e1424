// SPDX-License-Identifier: Apache-2.0
//
// Plugins that ask much of the interface, inside the engine, each against what it is defined to do.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "graph_scene.hpp"
#include "hard/prefix_states.hpp"
#include "hard/weight_layers.hpp"

using namespace lineup::testing;
using lineup::host::Answer;

namespace {

// A scene with plugins of these tests in its bundle.
std::unique_ptr<GraphScene> scene_of(const std::vector<std::string>& plugins,
                                     const std::string& graph, std::uint32_t page,
                                     const std::string& more = "") {
  auto scene = std::make_unique<GraphScene>("  - {id: page, generate: score_order}\n", page);
  const std::string policy = scene->bundle.path("policies/home.yaml");
  std::ifstream file(policy);
  std::stringstream text;
  text << file.rdbuf();
  const std::string before = text.str();
  const std::string head = before.substr(0, before.find("graph:\n"));
  for (const std::string& plugin : plugins) {
    scene->bundle.add_plugin(lineup::kBinaryDir + "/tests/hard_plugins/" + plugin + ".so", plugin);
  }
  scene->bundle.write("policies/home.yaml", head + more + "graph:\n" + graph);
  scene->engine->reload();
  return scene;
}

}  // namespace

TEST_CASE("a layer made of the weights is that of the request's weights", "[hard]") {
  const auto scene = scene_of({"weight_layers"}, "  - {id: page, generate: weight_layers}\n", 12);
  const MixedRows rows(12, 4);
  std::vector<std::vector<std::uint32_t>> seen;
  // More vectors than the plugin keeps, each met again after the others.
  for (int round = 0; round < 3; ++round) {
    for (int step = 0; step < 7; ++step) {
      const double money = 0.4 * step;
      const GraphAnswer answer = scene->ask(rows, 1, money);
      const hard::Layer layer = hard::make_layer({1.0, money});
      const auto worth = [&](std::uint32_t row) {
        return hard::score_of(layer, {rows.score[row], rows.revenue[row], 1.0});
      };
      REQUIRE(answer.slate.size() == 12);
      for (std::size_t slot = 1; slot < 12; ++slot) {
        CHECK(worth(answer.slate[slot - 1]) >= worth(answer.slate[slot]) - 1e-12);
      }
      seen.push_back(answer.slate);
    }
  }
  CHECK(seen[0] == seen[7]);
  CHECK(seen[0] != seen[6]);
}

TEST_CASE("an evaluator that shares prefixes says what it says of each slate alone", "[hard]") {
  const auto scene =
      scene_of({"prefix_states"},
               "  - {id: drawn, generate: sampled, with: {slates: 100, temperature: 0.05}}\n"
               "  - {id: value, evaluate: prefix_states, from: [drawn]}\n"
               "  - {id: best, select: best, from: [value]}\n",
               6);
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const MixedRows rows(15, seed);
    const GraphAnswer answer = scene->ask(rows, seed);
    hard::State state{};
    double sum = 0.0;
    for (const std::uint32_t row : answer.slate) {
      state = hard::after(state, rows.score[row], rows.revenue[row]);
      sum += hard::gain(state);
    }
    CHECK(answer.value == Approx(sum));
    CHECK(answer.slate.size() == 6);
  }
}

TEST_CASE("prefixes are computed once", "[hard]") {
  FakeHost host;
  const FakePlugin plugin(lineup::kBinaryDir + "/tests/hard_plugins/prefix_states.so", host);
  FakeRequest request(4, 3);
  request.candidates.floats("score", {0.1, 0.2, 0.3, 0.4}).floats("revenue", {0, 0, 0, 0});
  request.objectives = {{"clicks", "", 1.0}, {"steps", "", 1.0}};
  FakeNode node(plugin, "prefix_states");
  node.activate(request);
  // 0 1 2, 0 1 3, 0 2 1 and 1 0 2: three cells, one, two and three.
  const auto values = node.evaluate(request, {{1, 0, 2}, {0, 1, 3}, {0, 1, 2}, {0, 2, 1}});
  double steps = 0.0;
  for (const auto& each : values) steps -= each[1];
  CHECK(steps == 9.0);
}

TEST_CASE("a mixer's replay log has what was decided, with its propensity", "[hard]") {
  const MixedRows rows(20, 6);
  lineup::TestBundle logs;
  const std::string log = logs.path("replay.log");
  std::vector<double> told;
  std::vector<int> mine;
  {
    const auto scene =
        scene_of({"action_mixer"},
                 "  - {id: page, generate: score_order}\n"
                 "  - {id: mixer, generate: action_mixer, from: [], with: {log: '" +
                     log +
                     "'}}\n"
                     "  - {id: value, evaluate: weighted_sum, from: [page, mixer]}\n"
                     "  - {id: best, select: best, from: [value], with: {epsilon: 0.5}}\n",
                 5);
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      scene->request_id = "r" + std::to_string(seed);
      const GraphAnswer answer = scene->ask(rows, seed, 1.0);
      told.push_back(answer.propensity);
      mine.push_back(answer.trace["selected_by"] == "mixer" ? 1 : 0);
    }
  }
  std::ifstream file(log);
  std::string id;
  int action = 0, count = 0, proposals = 0;
  double propensity = 0.0, value = 0.0;
  while (file >> id >> action >> propensity >> value) {
    // Proving the plugins may ask too; requests of this test have their ids.
    if (id.empty() || id[0] != 'r') continue;
    const auto index = static_cast<std::size_t>(std::stoi(id.substr(1)) - 1);
    REQUIRE(index < told.size());
    CHECK(propensity == Approx(told[index]));
    CHECK((action >= 0) == (mine[index] == 1));
    proposals += action >= 0 ? 1 : 0;
    ++count;
  }
  CHECK(count == 40);
  CHECK(proposals > 0);
  CHECK(*std::min_element(told.begin(), told.end()) < 0.5);
}

TEST_CASE("search copies the state of a constraint right: exact finds the best calm page",
          "[hard]") {
  const auto scene =
      scene_of({"calm"}, "  - {id: page, generate: exact, with: {column: revenue}}\n", 4,
               "rules:\n  - {constrain: calm, with: {most: 0.9}, priority: 10}\n"
               "limits: {work: 5000000, deadline_ms: 60000}\n");
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const MixedRows rows(8, seed);
    const auto is_calm = [&](const std::vector<std::uint32_t>& page) {
      double state = 0.0;
      for (const std::uint32_t row : page) {
        state = 0.5 * state + rows.revenue[row];
        if (state > 0.9) return false;
      }
      return true;
    };
    double best = -1.0;
    for_every_page(8, 4, [&](const std::vector<std::uint32_t>& page) {
      if (is_calm(page)) best = std::max(best, discounted(rows.revenue, page));
    });
    const GraphAnswer answer = scene->ask(rows);
    INFO("seed " << seed << " " << answer.error);
    if (best < 0.0) continue;
    CHECK(answer.answer == Answer::Ok);
    CHECK(is_calm(answer.slate));
    CHECK(discounted(rows.revenue, answer.slate) == Approx(best));
  }
}
