// SPDX-License-Identifier: Apache-2.0
//
// Tests take_turns in a fake host.
#include <vector>

#include "check.hpp"
#include "fake_host.hpp"

using lineup::testing::check;
using lineup::testing::FakeHost;
using lineup::testing::FakeNode;
using lineup::testing::FakePlugin;
using lineup::testing::FakeRequest;
using lineup::testing::Row;

int main() {
  const FakeHost host;
  const FakePlugin plugin(PLUGIN, host);
  using Slates = std::vector<std::vector<Row>>;

  FakeRequest request(7, 6);
  request.candidates.floats("score", {0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 1.0})
      .codes("category", {"a", "a", "a", "b", "b", "c", ""});
  FakeNode node(plugin, "take_turns");
  node.activate(request);
  check(node.generate(request) == Slates{{0, 3, 5, 1, 4, 2}, {3, 5, 0, 4, 1, 2}},
        "categories take turns, best rows first; the second page begins with the second category");

  request.permits = [](const std::vector<Row>& placed, Row row) {
    return placed.size() != 1 || row == 6;
  };
  check(node.generate(request).front() == std::vector<Row>{0, 6, 3, 5, 1, 4},
        "rules come before turns");

  FakeRequest empty(0, 3);
  empty.candidates.floats("score", {}).codes("category", {});
  check(node.generate(empty) == Slates{{}}, "an empty batch gives one empty page");
  return lineup::testing::failed_checks();
}
