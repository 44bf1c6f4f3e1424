// SPDX-License-Identifier: Apache-2.0
//
// Whatever the bytes are, the parser answers: with a document or with a reason.
#include <catch2/catch.hpp>
#include <random>

#include "policy/document.hpp"
#include "support/golden.hpp"
#include "support/paths.hpp"

namespace lineup {

namespace {

std::string full_policy() { return read_text(kSourceDir + "/tests/policy/golden/full.yaml"); }

void check_answers(const std::string& text) {
  Diagnostics diagnostics;
  PolicyDocument policy;
  const bool good = parse_policy("p.yaml", text, policy, diagnostics);
  if (good == diagnostics.has_errors()) FAIL("a verdict without a reason:\n" << text);
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    if (diagnostic.message.empty() || diagnostic.code.empty()) FAIL("an empty finding:\n" << text);
    if (render(diagnostic, text).empty()) FAIL("not rendered:\n" << text);
  }
}

std::string code_of(const std::string& text) {
  Diagnostics diagnostics;
  PolicyDocument policy;
  (void)parse_policy("p.yaml", text, policy, diagnostics);
  return diagnostics.empty() ? "fine" : diagnostics.all()[0].code;
}

std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("a policy cut at any byte is answered", "[policy]") {
  const std::string text = full_policy();
  REQUIRE(text.size() > 1000);
  for (std::size_t size = 0; size < text.size(); size += 3) check_answers(text.substr(0, size));
}

TEST_CASE("a policy with random changes is answered", "[policy]") {
  const std::string text = full_policy();
  std::mt19937 random(7);
  const auto below = [&](std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
  };
  const std::string signs = "{}[]:,-#&*!|>'\"%@`?~ \n\t\\0aeé";
  for (int i = 0; i < 3000; ++i) {
    std::string changed = text;
    for (std::size_t edits = 1 + below(5); edits > 0; --edits) {
      const std::size_t at = below(changed.size());
      switch (below(4)) {
        case 0:
          changed[at] = signs[below(signs.size())];
          break;
        case 1:
          changed.erase(at, 1 + below(12));
          break;
        case 2:
          changed.insert(at, 1, signs[below(signs.size())]);
          break;
        default:
          changed.insert(at, changed.substr(below(changed.size()), below(30)));
          break;
      }
    }
    check_answers(changed);
  }
}

TEST_CASE("random bytes are answered", "[policy]") {
  std::mt19937 random(11);
  for (int i = 0; i < 3000; ++i) {
    std::string text(std::uniform_int_distribution<std::size_t>(0, 60)(random), ' ');
    for (char& c : text) c = static_cast<char>(std::uniform_int_distribution<int>(0, 255)(random));
    check_answers(text);
  }
}

TEST_CASE("what would cost too much is refused", "[policy]") {
  CHECK(code_of(repeated("# padding\n", 110000)) == "policy/too-large");
  CHECK(code_of("a: " + repeated("[", 5000)) == "policy/too-deep");
  CHECK(code_of("a: " + repeated("{a: ", 5000)) == "policy/too-deep");
  CHECK(code_of(repeated("- ", 5000)) == "policy/too-deep");
  // Each line stands for nine of the line before: a gigabyte in ten lines, were it read.
  CHECK(code_of("a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n") ==
        "policy/alias");
  CHECK(code_of("a: \"\xFF\xFE\"\n") == "policy/encoding");
  CHECK(code_of(std::string("a: 1\0\n", 6)) == "policy/encoding");
  const std::string head =
      "lineup: 1\nscene: s\npage: 3\ncolumns: {score: {type: float}}\nrules:\n";
  CHECK(code_of(head + repeated("  - {use: pin, priority: 1}\n", 1000)) == "fine");
  CHECK(code_of(head + repeated("  - {use: pin, priority: 1}\n", 1001)) == "policy/too-many");
}

}  // namespace lineup
