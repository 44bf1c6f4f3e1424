// SPDX-License-Identifier: Apache-2.0
//
// Tests @NAME@ in a fake host.
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

  FakeRequest request(3, 3);
  request.candidates.floats("score", {1.0, 2.0, 3.0}).floats("bonus", {0.5, kMissing, 1.0});
  {
    FakeNode node(plugin, "@NAME@", R"({"weight": 2})");
    node.activate(request);
    const auto score = node.score(request).at("score");
    check(score[0] == 2.0 && score[2] == 5.0, "the weighted bonus is added");
    check(score[1] == 2.0, "a row without a bonus keeps its score");
  }
  {
    FakeNode node(plugin, "@NAME@", R"({"bonus": "absent"})");
    check(lineup::testing::refuses([&] { node.activate(request); }),
          "a column that is not declared is refused");
  }
  return lineup::testing::failed_checks();
}
