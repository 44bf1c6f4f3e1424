// SPDX-License-Identifier: Apache-2.0
//
// Tests @NAME@ in a fake host.
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

  FakeRequest request(4, 3);
  request.candidates.floats("score", {0.1, 0.9, 0.5, 0.7});
  FakeNode node(plugin, "@NAME@");
  node.activate(request);
  check(node.generate(request) == Slates{{1, 3, 2}}, "the best rows come first");

  request.permits = [](const std::vector<Row>& placed, Row row) {
    return !placed.empty() || row != 1;
  };
  check(node.generate(request) == Slates{{3, 1, 2}}, "a row that may not stand waits");

  request.permits = [](const std::vector<Row>& placed, Row) { return placed.empty(); };
  check(node.generate(request) == Slates{{1, 3, 2}}, "the engine completes the page");

  FakeRequest empty(0, 3);
  empty.candidates.floats("score", {});
  check(node.generate(empty) == Slates{{}}, "an empty batch gives an empty page");

  FakeNode other(plugin, "@NAME@", R"({"column": "absent"})");
  check(lineup::testing::refuses([&] { other.activate(request); }),
        "a column that is not declared is refused");
  return lineup::testing::failed_checks();
}
