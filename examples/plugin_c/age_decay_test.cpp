// SPDX-License-Identifier: Apache-2.0
//
// Tests age_decay in a fake host.
#include <cmath>

#include "check.hpp"
#include "fake_host.hpp"

using lineup::testing::check;
using lineup::testing::FakeHost;
using lineup::testing::FakeNode;
using lineup::testing::FakePlugin;
using lineup::testing::FakeRequest;
using lineup::testing::kMissing;

int main() {
  const FakeHost host;
  const FakePlugin plugin(PLUGIN, host);

  FakeRequest request(6, 6);
  const std::int64_t now = request.now_ms;
  request.candidates.floats("score", {8, 8, 8, 8, 8, kMissing})
      .integers("published", {now, now - 1000, now - 9000, now + 5000, std::nullopt, now},
                LINEUP_TYPE_TIME_MS);
  FakeNode node(plugin, "age_decay", R"({"half_life_ms": 1000, "floor": 0.25})");
  node.activate(request);
  const auto score = node.score(request).at("score");
  check(score[0] == 8.0, "a new item keeps its score");
  check(score[1] == 4.0, "after one half-life half of it is left");
  check(score[2] == 2.0, "the factor does not fall below the floor");
  check(score[3] == 8.0, "an item that is not yet published is fresh");
  check(score[4] == 8.0, "without a date the score stays");
  check(std::isnan(score[5]), "a missing score stays missing");

  check(lineup::testing::refuses([&] { FakeNode(plugin, "age_decay", R"({"half_life_ms": 0})"); }),
        "a half-life of zero is refused");
  return lineup::testing::failed_checks();
}
