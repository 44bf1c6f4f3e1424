// SPDX-License-Identifier: Apache-2.0
//
// When nothing may change: windows with two dates, or windows of every week, in a time zone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/zone.hpp"

namespace lineup {

struct FreezeWindow {
  std::string name;
  std::vector<std::string> scenes;  // empty: all
  std::vector<std::string> except;  // names of keys whose signature opens it
  TimeZone zone;
  // Either from one moment until another, the second exclusive,
  std::int64_t from_ms = 0;
  std::int64_t until_ms = 0;
  // or on days of the week (bit 0: Sunday) from one time until another; one that is not later than
  // the first is of the next day.
  std::uint8_t days = 0;
  std::string from_time;  // "18:00"
  std::string until_time;

  // When the window ends in which `now_ms` lies; nothing: it lies in none. [any]
  [[nodiscard]] std::optional<std::int64_t> holds_until(std::int64_t now_ms) const;
};

// Bit of "mon", "monday", ...; nothing when it is no day. [any]
[[nodiscard]] std::optional<std::uint8_t> day_bit(std::string_view name);

// Whether it is a time of a day as "18:00". [any]
[[nodiscard]] bool is_time_of_day(std::string_view text);

}  // namespace lineup
