// SPDX-License-Identifier: Apache-2.0
//
// A weekly window is turned into moments by the zone itself, for the days around now: days on which
// clocks change are 23 or 25 hours long, and no arithmetic here has to know.
#include "trust/freeze.hpp"

#include <array>

#include "base/clock.hpp"

namespace lineup {

namespace {

constexpr std::int64_t kDayMs = 86'400'000;

// 0: Sunday, as the day 1970-01-01 plus `day` is.
std::uint8_t weekday_of(std::int64_t day) {
  constexpr std::int64_t kThursday = 4;
  return static_cast<std::uint8_t>(((day + kThursday) % 7 + 7) % 7);
}

std::string date_of(std::int64_t day) { return format_time(day * kDayMs).substr(0, 10); }

}  // namespace

std::optional<std::uint8_t> day_bit(std::string_view name) {
  constexpr std::array<std::string_view, 7> kDays = {"sunday",   "monday", "tuesday", "wednesday",
                                                     "thursday", "friday", "saturday"};
  for (std::size_t day = 0; day < kDays.size(); ++day) {
    if (name == kDays[day] || name == kDays[day].substr(0, 3)) {
      return static_cast<std::uint8_t>(1U << day);
    }
  }
  return std::nullopt;
}

bool is_time_of_day(std::string_view text) {
  return text.size() == 5 && parse_time_ms("1970-01-01T" + std::string(text)).has_value();
}

std::optional<std::int64_t> FreezeWindow::holds_until(std::int64_t now_ms) const {
  if (days == 0) {
    if (now_ms >= from_ms && now_ms < until_ms) return until_ms;
    return std::nullopt;
  }
  const std::int64_t today = now_ms >= 0 ? now_ms / kDayMs : (now_ms - kDayMs + 1) / kDayMs;
  // Zones are at most 14 hours away, and a window may have begun on the day before.
  for (std::int64_t day = today - 2; day <= today + 1; ++day) {
    if ((days & (1U << weekday_of(day))) == 0) continue;
    const bool is_overnight = until_time <= from_time;
    const auto from = zone.parse(date_of(day) + "T" + from_time);
    const auto until = zone.parse(date_of(is_overnight ? day + 1 : day) + "T" + until_time);
    if (from && until && now_ms >= from->ms && now_ms < until->ms) return until->ms;
  }
  return std::nullopt;
}

}  // namespace lineup
