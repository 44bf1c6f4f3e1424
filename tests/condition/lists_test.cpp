// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <limits>

#include "condition/condition.hpp"

namespace lineup {

TEST_CASE("a list takes one value a line and leaves comments and spaces out", "[condition]") {
  const IdList list("\xEF\xBB\xBF# blocked\r\nanna\r\n  bob  # spam\n\n c#sharp \n#\nzoë x\n42");
  CHECK(list.size() == 5);
  for (const char* value : {"anna", "bob", "c#sharp", "zoë x", "42"}) {
    CAPTURE(value);
    CHECK(list.contains(std::string_view(value)));
  }
  CHECK_FALSE(list.contains(std::string_view("# blocked")));
  CHECK_FALSE(list.contains(std::string_view("")));
}

TEST_CASE("a list finds numbers by their decimal text only", "[condition]") {
  const IdList list("42\n007\n-5\n+6\n4.0\n9223372036854775807\n9223372036854775808\n-0\n0");
  CHECK(list.contains(std::int64_t{42}));
  CHECK(list.contains(std::int64_t{-5}));
  CHECK(list.contains(std::int64_t{0}));
  CHECK(list.contains(std::int64_t{9223372036854775807}));
  CHECK_FALSE(list.contains(std::int64_t{7}));
  CHECK_FALSE(list.contains(std::int64_t{6}));
  CHECK_FALSE(list.contains(std::int64_t{4}));
  CHECK(list.contains(std::string_view("007")));
}

TEST_CASE("a list of numbers holds their values, however they are written", "[condition]") {
  const IdList prices("1\n9.50\n5e2\nfree\nnan\n# 3\n");
  CHECK(prices.contains(1.0));
  CHECK(prices.contains(9.5));
  CHECK(prices.contains(500.0));
  CHECK_FALSE(prices.contains(3.0));
  CHECK_FALSE(prices.contains(std::numeric_limits<double>::quiet_NaN()));
  CHECK_FALSE(prices.contains(1e300));
}

TEST_CASE("an empty list holds nothing", "[condition]") {
  CHECK(IdList("").size() == 0);
  CHECK(IdList("\n# nobody\n").size() == 0);
}

TEST_CASE("a context path keeps its slot", "[condition]") {
  ContextLayout layout;
  CHECK(layout.slot("hour") == 0);
  CHECK(layout.slot("trigger.category") == 1);
  CHECK(layout.slot("hour") == 0);
  CHECK(layout.paths() == std::vector<std::string>{"hour", "trigger.category"});
}

}  // namespace lineup
