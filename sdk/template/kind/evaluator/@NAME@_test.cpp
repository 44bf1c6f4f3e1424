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

int main() {
  const FakeHost host;
  const FakePlugin plugin(PLUGIN, host);

  FakeRequest request(4, 4);
  request.candidates.codes("category", {"drama", "comedy", "drama", ""});
  request.objectives = {{"relevance", "", 1.0}, {"variety", "", 1.0}};
  FakeNode node(plugin, "@NAME@");
  node.activate(request);
  const auto values = node.evaluate(request, {{0, 1}, {0, 2}, {0, 1, 2, 3}, {}});
  check(values[0][1] == 1.0, "all categories differ: 1");
  check(values[1][1] == 0.5, "one category of two rows: 1/2");
  check(values[2][1] == 0.5, "a missing value is no category");
  check(values[3][1] == 0.0, "an empty page is worth nothing");
  check(values[0][0] == 0.0, "the other objectives are left alone");

  FakeNode other(plugin, "@NAME@", R"({"objective": "absent"})");
  check(lineup::testing::refuses([&] { other.activate(request); }),
        "an objective that the policy does not have is refused");
  return lineup::testing::failed_checks();
}
