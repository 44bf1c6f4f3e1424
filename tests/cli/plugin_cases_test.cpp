// SPDX-License-Identifier: Apache-2.0
//
// Cases beside plugins, as `lineup test` runs them.
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "program.hpp"
#include "support/paths.hpp"

using namespace lineup::testing;

namespace {

constexpr const char* kRows =
    "  rows: [{id: a, score: 0.1}, {id: b, score: 0.9}]\n  expect: {slate: ";

// A folder of plugins with one plugin and one case of it.
struct Plugins {
  explicit Plugins(const std::string& expected) {
    std::filesystem::copy_file(LINEUP_SCORE_ORDER, folder.path() + "/score_order.so");
    folder.write("score_order.cases.yaml",
                 std::string("- name: best first\n") + kRows + expected + "}\n");
  }
  Folder folder;
};

}  // namespace

TEST_CASE("a plugin's cases are run with the plugin beside them", "[test]") {
  const Plugins plugins("[b, a]");
  const Output output = run_program({"test", "--plugins", plugins.folder.path()});
  INFO(output.err);
  CHECK(output.exit_code == 0);
  CHECK_THAT(output.out, Catch::Contains("score_order: best first"));
  CHECK_THAT(output.out, Catch::Contains("1 passed, 0 failed"));
}

TEST_CASE("a plugin's case that fails says what came, and where it stands", "[test]") {
  const Plugins plugins("[a, b]");
  const Output output = run_program(
      {"test", "--plugins", plugins.folder.path(), "--plugin", "score_order", "--json"});
  CHECK(output.exit_code == 1);
  const auto line = nlohmann::json::parse(output.out);
  CHECK(line["plugin"] == "score_order");
  CHECK(line["passed"] == false);
  CHECK(line["message"] == "expected slate [a, b], came [b, a]");
  CHECK(line["line"] == 1);
}

TEST_CASE("only the cases of the plugin that is named are run", "[test]") {
  const Plugins plugins("[b, a]");
  const Output output =
      run_program({"test", "--plugins", plugins.folder.path(), "--plugin", "other"});
  CHECK(output.exit_code == 2);
  CHECK_THAT(output.err, Catch::Contains("no cases found for plugin `other`"));
}
