// SPDX-License-Identifier: Apache-2.0
//
// Tests @NAME@ in a fake host.
#include <cstdint>
#include <vector>

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
  using Violations = std::vector<std::uint32_t>;

  FakeRequest request(6, 6);
  request.candidates.codes("category", {"a", "a", "a", "b", "", ""});
  FakeNode node(plugin, "@NAME@", R"({"max": 2})");
  node.activate(request);
  check(node.judge(request, {0, 1, 2}).violations == Violations{0, 0, 1},
        "the third in a row is one too many");
  check(node.judge(request, {0, 1, 3, 2}).violations == Violations{0, 0, 0, 0},
        "another row between ends the run");
  check(node.judge(request, {4, 5}).violations == Violations{0, 0}, "missing values equal nothing");

  FakeNode strict(plugin, "@NAME@", R"({"max": 1})");
  strict.activate(request);
  check(strict.judge(request, {0, 1, 4, 5}).violations == Violations{0, 1, 0, 0}, "`max` is read");

  FakeNode other(plugin, "@NAME@", R"({"column": "absent"})");
  check(lineup::testing::refuses([&] { other.activate(request); }),
        "a column that is not declared is refused");
  return lineup::testing::failed_checks();
}
