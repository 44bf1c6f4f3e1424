// SPDX-License-Identifier: Apache-2.0
#include "trust/freeze.hpp"

#include <catch2/catch.hpp>

#include "base/clock.hpp"

using namespace lineup;

namespace {

std::int64_t at(std::string_view text) { return *parse_time_ms(text); }

bool holds(const FreezeWindow& window, std::string_view text) {
  return window.holds_until(at(text)).has_value();
}

FreezeWindow weekly(std::initializer_list<const char*> days, const char* from, const char* until,
                    const char* zone) {
  FreezeWindow window;
  for (const char* day : days) window.days |= *day_bit(day);
  window.from_time = from;
  window.until_time = until;
  window.zone = *TimeZone::find(zone);
  return window;
}

}  // namespace

TEST_CASE("a window holds from its first millisecond until before its last", "[trust]") {
  FreezeWindow window;
  window.from_ms = at("2026-12-24T00:00:00Z");
  window.until_ms = at("2026-12-27T00:00:00Z");
  CHECK_FALSE(holds(window, "2026-12-23T23:59:59.999Z"));
  CHECK(holds(window, "2026-12-24T00:00:00Z"));
  CHECK(holds(window, "2026-12-26T23:59:59.999Z"));
  CHECK_FALSE(holds(window, "2026-12-27T00:00:00Z"));
  CHECK(window.holds_until(at("2026-12-25T00:00:00Z")) == at("2026-12-27T00:00:00Z"));
}

TEST_CASE("a weekly window is of its own zone's day and clock", "[trust]") {
  const FreezeWindow window = weekly({"fri"}, "16:00", "24:00", "Asia/Shanghai");
  // 24:00 is no time of a clock; the reader of trust files refuses it.
  CHECK_FALSE(is_time_of_day("24:00"));
  const FreezeWindow evening = weekly({"fri"}, "16:00", "23:00", "Asia/Shanghai");
  CHECK(holds(evening, "2026-11-27T08:00:00Z"));  // Friday 16:00 there
  CHECK_FALSE(holds(evening, "2026-11-27T07:59:59.999Z"));
  CHECK_FALSE(holds(evening, "2026-11-27T15:00:00Z"));
  CHECK_FALSE(holds(evening, "2026-11-26T10:00:00Z"));
  CHECK(window.days == evening.days);
}

TEST_CASE("a window that ends before it begins goes over midnight", "[trust]") {
  const FreezeWindow window = weekly({"friday", "sat"}, "18:00", "06:00", "UTC");
  CHECK_FALSE(holds(window, "2026-11-27T17:59:00Z"));
  CHECK(holds(window, "2026-11-27T18:00:00Z"));
  CHECK(holds(window, "2026-11-28T05:59:59.999Z"));  // still Friday's
  CHECK_FALSE(holds(window, "2026-11-28T06:00:00Z"));
  CHECK(holds(window, "2026-11-28T18:00:00Z"));
  CHECK(holds(window, "2026-11-29T00:00:00Z"));
  CHECK_FALSE(holds(window, "2026-11-29T06:00:00Z"));
  CHECK_FALSE(holds(window, "2026-11-29T18:00:00Z"));
}

TEST_CASE("a window from a time to the same time is a whole day", "[trust]") {
  const FreezeWindow window = weekly({"sun"}, "00:00", "00:00", "Pacific/Kiritimati");  // +14:00
  CHECK(holds(window, "2026-11-28T10:00:00Z"));
  CHECK(holds(window, "2026-11-29T09:59:59.999Z"));
  CHECK_FALSE(holds(window, "2026-11-29T10:00:00Z"));
}

TEST_CASE("a weekly window keeps to the wall clock when clocks change", "[trust]") {
  // Berlin: 2026-03-29 has 23 hours, 2026-10-25 has 25. Both are Sundays.
  const FreezeWindow window = weekly({"sun"}, "01:00", "04:00", "Europe/Berlin");
  CHECK(holds(window, "2026-03-29T00:00:00Z"));  // 01:00
  CHECK(holds(window, "2026-03-29T01:59:59Z"));  // 03:59:59, one hour was skipped
  CHECK_FALSE(holds(window, "2026-03-29T02:00:00Z"));
  CHECK(holds(window, "2026-10-24T23:00:00Z"));  // 01:00
  CHECK(holds(window, "2026-10-25T02:59:59Z"));  // 03:59:59, one hour came twice
  CHECK_FALSE(holds(window, "2026-10-25T03:00:00Z"));
}

TEST_CASE("windows hold at times before the epoch too, should a clock say such", "[trust]") {
  const FreezeWindow window = weekly({"wed"}, "00:00", "00:00", "UTC");
  CHECK(holds(window, "1969-12-31T23:59:59Z"));  // a Wednesday
  CHECK_FALSE(holds(window, "1970-01-01T00:00:00Z"));
}
