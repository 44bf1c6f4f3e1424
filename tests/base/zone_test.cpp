// SPDX-License-Identifier: Apache-2.0
//
// Dates in named zones, above all on the two nights of the year on which clocks are put.
#include "base/zone.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "base/clock.hpp"

namespace lineup {

namespace {

struct Case {
  const char* zone;
  const char* text;
  const char* utc;
  ClockTime clock;
};

}  // namespace

TEST_CASE("a date without an offset is read in its zone", "[zone]") {
  const auto c = GENERATE(values<Case>({
      {"UTC", "2026-01-31", "2026-01-31T00:00:00Z", ClockTime::Once},
      {"+08:00", "2026-01-31T09:00", "2026-01-31T01:00:00Z", ClockTime::Once},
      {"-0330", "2026-01-31", "2026-01-31T03:30:00Z", ClockTime::Once},
      {"Z", "2026-01-31", "2026-01-31T00:00:00Z", ClockTime::Once},
      {"-05:30", "2026-01-31", "2026-01-31T05:30:00Z", ClockTime::Once},
      {"Europe/Berlin", "2026-01-31", "2026-01-30T23:00:00Z", ClockTime::Once},
      {"Europe/Berlin", "2026-07-31", "2026-07-30T22:00:00Z", ClockTime::Once},
      {"Asia/Shanghai", "2026-07-31", "2026-07-30T16:00:00Z", ClockTime::Once},
      {"Asia/Kolkata", "2026-07-31T00:00:00.250", "2026-07-30T18:30:00.250Z", ClockTime::Once},
      {"America/New_York", "2026-11-21T09:00", "2026-11-21T14:00:00Z", ClockTime::Once},
      // Beyond the last year that is written out in the database, its rule goes on.
      {"Europe/Berlin", "2099-07-01", "2099-06-30T22:00:00Z", ClockTime::Once},
      {"Europe/Berlin", "1969-12-31T23:59:59.5", "1969-12-31T22:59:59.500Z", ClockTime::Once},
      // What says its own zone stays what it says.
      {"Europe/Berlin", "2026-07-31T00:00Z", "2026-07-31T00:00:00Z", ClockTime::Once},
      {"Europe/Berlin", "2026-07-31T00:00-02:00", "2026-07-31T02:00:00Z", ClockTime::Once},
  }));
  CAPTURE(c.zone, c.text);
  const auto zone = TimeZone::find(c.zone);
  REQUIRE(zone);
  const auto time = zone->parse(c.text);
  REQUIRE(time);
  CHECK(format_time(time->ms) == c.utc);
  CHECK(time->clock == c.clock);
}

TEST_CASE("a time that the clocks skip is the moment at which they go forward", "[zone]") {
  const auto c = GENERATE(values<Case>({
      {"Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00:00Z", ClockTime::Skipped},
      {"Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00:00Z", ClockTime::Skipped},
      {"Europe/Berlin", "2026-03-29T01:59:59", "2026-03-29T00:59:59Z", ClockTime::Once},
      {"Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00:00Z", ClockTime::Once},
      // A midnight that does not exist: the day begins at one o'clock.
      {"America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z", ClockTime::Skipped},
  }));
  CAPTURE(c.zone, c.text);
  const auto time = TimeZone::find(c.zone)->parse(c.text);
  REQUIRE(time);
  CHECK(format_time(time->ms) == c.utc);
  CHECK(time->clock == c.clock);
}

TEST_CASE("of two times that the clocks show alike the first is taken", "[zone]") {
  const auto c = GENERATE(values<Case>({
      {"Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00Z", ClockTime::Repeated},
      {"Europe/Berlin", "2026-10-25T02:30:00.750", "2026-10-25T00:30:00.750Z", ClockTime::Repeated},
      {"Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00:00Z", ClockTime::Once},
      {"America/New_York", "2026-11-01T01:00", "2026-11-01T05:00:00Z", ClockTime::Repeated},
  }));
  CAPTURE(c.zone, c.text);
  const auto time = TimeZone::find(c.zone)->parse(c.text);
  REQUIRE(time);
  CHECK(format_time(time->ms) == c.utc);
  CHECK(time->clock == c.clock);
}

TEST_CASE("what is no zone is not found, and nothing outside of the database is opened", "[zone]") {
  const char* name =
      GENERATE("", "Europe", "Europe/Nowhere", "europe/berlin", "../../etc/passwd", "/etc/passwd",
               "Europe/../Europe/Berlin", "localtime", "libc:localtime", "+25:00", "8", "Z0",
               "08:00", "+08:00 ", "Zulu0", "Etc", "zone.tab", "tzdata.zi");
  CAPTURE(name);
  CHECK_FALSE(TimeZone::find(name));
}

TEST_CASE("the places that the system knows can be listed", "[zone]") {
  const auto names = zone_names();
  CHECK(std::count(names.begin(), names.end(), "Europe/Berlin") == 1);
  CHECK(std::count(names.begin(), names.end(), "posix/Europe/Berlin") == 0);
}

TEST_CASE("no text makes a date of nothing", "[zone]") {
  const auto zone = TimeZone::find("Europe/Berlin");
  const char* text = GENERATE("", "2026-02-30", "soon", "2026-01-01T25:00", "2026-01-01x");
  CAPTURE(text);
  CHECK_FALSE(zone->parse(text));
}

}  // namespace lineup
