// SPDX-License-Identifier: Apache-2.0
//
// Time zones, as people name them: `UTC`, an offset such as `+08:00`, or a place of the IANA
// database such as `Europe/Berlin`. The database is the system's (tzdata), read through cctz when a
// policy is read; no zone is ever looked at while a request is served.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lineup {

// How often the clocks of a zone show a time of a day.
enum class ClockTime : std::uint8_t {
  Once,
  Skipped,   // the clocks go forward over it
  Repeated,  // the clocks go back, and show it twice
};

// A date that was read in a zone.
struct ZonedTime {
  std::int64_t ms = 0;  // since the Unix epoch, UTC
  ClockTime clock = ClockTime::Once;
};

class TimeZone {
 public:
  TimeZone() = default;  // UTC
  // Nothing when there is no such zone. [control]
  [[nodiscard]] static std::optional<TimeZone> find(std::string_view name);

  // Reads ISO 8601 as parse_time_ms() does; a text without `Z` and offset is in this zone. A time
  // that the clocks skip is the moment at which they go forward; one that they show twice is the
  // first of the two. [control]
  [[nodiscard]] std::optional<ZonedTime> parse(std::string_view text) const;

  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_ = "UTC";
  bool is_place_ = false;
  int minutes_ = 0;  // east of UTC, where it is no place
};

// The names of the places that the system knows, for hints; empty when they cannot be listed.
// [control]
[[nodiscard]] std::vector<std::string> zone_names();

}  // namespace lineup
