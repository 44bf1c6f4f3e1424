// SPDX-License-Identifier: Apache-2.0
//
// How findings are shown.
#include "base/diagnostic.hpp"

#include <catch2/catch.hpp>

namespace lineup {

TEST_CASE("a finding shows place, code, remedy, the line and a caret under the value",
          "[diagnostic]") {
  Diagnostics found;
  found.error({"p.yaml", 2, 8, 2, 12}, "policy/unknown-rule", "unknown rule `capp`",
              "did you mean `cap`?");
  CHECK(render(found.all()[0], "rules:\n\t- use: capp\n") ==
        "p.yaml:2:8: error[policy/unknown-rule]: unknown rule `capp`; did you mean `cap`?\n"
        "  | \t- use: capp\n"
        "  | \t      ^~~~\n");
}

TEST_CASE("a finding about a whole file shows no line", "[diagnostic]") {
  Diagnostics found;
  found.warning({"p.yaml", 0, 0, 0, 0}, "bundle/empty", "nothing here");
  CHECK(render(found.all()[0], "") == "p.yaml: warning[bundle/empty]: nothing here\n");
  CHECK_FALSE(found.has_errors());
}

TEST_CASE("the nearest name is one that was probably meant", "[diagnostic]") {
  const std::vector<std::string> names = {"author_cap", "category_scatter", "pin"};
  CHECK(nearest("author_capp", names) == "author_cap");
  CHECK(nearest("category_scater", names) == "category_scatter");
  CHECK(nearest("exposure", names).empty());
}

TEST_CASE("two letters that were swapped are one mistake", "[diagnostic]") {
  const std::vector<std::string> names = {"pin", "gap", "first_slot"};
  CHECK(nearest("pni", names) == "pin");
  CHECK(nearest("agp", names) == "gap");
  CHECK(nearest("frist_slto", names) == "first_slot");
  CHECK(nearest("nip", names).empty());
}

}  // namespace lineup
