// SPDX-License-Identifier: Apache-2.0
//
// Every *.yaml in golden/ has a *.txt that says what is made of it: the document, or what is wrong.
// To add a case, add a file and run with LINEUP_UPDATE_GOLDEN=1.
#include "support/golden.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "policy/document.hpp"
#include "policy/dump.hpp"
#include "support/paths.hpp"

namespace lineup {

TEST_CASE("policies are read, or answered with place, reason and what would be right", "[policy]") {
  const std::filesystem::path folder = kSourceDir + "/tests/policy/golden";
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  REQUIRE(files.size() > 10);
  for (const auto& file : files) {
    const std::string text = read_text(file.string());
    Diagnostics diagnostics;
    PolicyDocument policy;
    const bool good = parse_policy(file.filename().string(), text, policy, diagnostics);
    CHECK(good == !diagnostics.has_errors());
    std::string actual;
    for (const Diagnostic& diagnostic : diagnostics.all()) actual += render(diagnostic, text);
    if (good) actual += dump(policy);
    check_golden(std::filesystem::path(file).replace_extension(".txt").string(), actual);
  }
}

TEST_CASE("the policies that are shipped are read without a finding", "[policy]") {
  for (const char* file : {"home_feed.yaml", "movies.yaml"}) {
    CAPTURE(file);
    Diagnostics diagnostics;
    PolicyDocument policy;
    const std::string text = read_text(kSourceDir + "/policies/" + file);
    REQUIRE_FALSE(text.empty());
    CHECK(parse_policy(file, text, policy, diagnostics));
    CHECK(diagnostics.empty());
  }
}

TEST_CASE("findings keep what they name apart from the sentence", "[policy]") {
  Diagnostics diagnostics;
  PolicyDocument policy;
  const std::string text =
      "lineup: 1\nscene: s\npage: 0\ncolumns: {score: {type: float}}\nrulez: []\n";
  CHECK_FALSE(parse_policy("p.yaml", text, policy, diagnostics));
  REQUIRE(diagnostics.all().size() == 2);
  const Diagnostic& range = diagnostics.all()[0];
  CHECK(range.code == "policy/range");
  using Arguments = std::vector<std::pair<std::string, std::string>>;
  CHECK(range.arguments == Arguments{{"key", "page"}, {"min", "1"}, {"value", "0"}});
  const Diagnostic& unknown = diagnostics.all()[1];
  CHECK(unknown.code == "policy/unknown-key");
  CHECK(unknown.arguments == Arguments{{"key", "rulez"}});
  CHECK(unknown.hint == "did you mean `rules`?");
}

}  // namespace lineup
