// SPDX-License-Identifier: Apache-2.0
//
// Dates as people write them.
#include "base/clock.hpp"

#include <catch2/catch.hpp>
#include <limits>

namespace lineup {

TEST_CASE("dates are read with and without a time, a zone, a fraction", "[clock]") {
  struct Case {
    const char* text;
    std::int64_t ms;
  };
  const auto c = GENERATE(values<Case>({{"1970-01-01", 0},
                                        {"1970-01-01T00:00:01Z", 1000},
                                        {"1970-01-01T00:00:00.25Z", 250},
                                        {"1970-01-01T08:00+08:00", 0},
                                        {"1969-12-31T19:00:00-0500", 0},
                                        {"2024-02-29", 1709164800000}}));
  CAPTURE(c.text);
  CHECK(parse_time_ms(c.text) == c.ms);
}

TEST_CASE("dates that do not exist are refused", "[clock]") {
  const char* text = GENERATE("2023-02-29", "2024-13-01", "2024-1-1", "yesterday", "",
                              "2024-01-01T25:00", "2024-01-01T10:00+99:00", "2024-01-01x");
  CAPTURE(text);
  CHECK_FALSE(parse_time_ms(text));
}

TEST_CASE("a time is written as it is read", "[clock]") {
  const std::int64_t ms = GENERATE(0LL, 1709164800250LL, -1LL, -86400000LL, 4102444800000LL);
  CHECK(parse_time_ms(format_time(ms)) == ms);
}

TEST_CASE("numbers that are no times of the calendar are told as its ends") {
  CHECK(format_time(std::numeric_limits<std::int64_t>::min()) == "0000-01-01T00:00:00Z");
  CHECK(format_time(std::numeric_limits<std::int64_t>::max()) == "9999-12-31T23:59:59.999Z");
}

}  // namespace lineup
