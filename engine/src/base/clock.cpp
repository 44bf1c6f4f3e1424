// SPDX-License-Identifier: Apache-2.0
//
// Dates are computed with the proleptic Gregorian calendar from <chrono>; no locale, no time zone
// database and no global state is read.
#include "base/clock.hpp"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <charconv>
#include <chrono>

namespace lineup {

namespace {

std::int64_t read_clock(clockid_t id, std::int64_t per_second) {
  timespec now{};
  clock_gettime(id, &now);
  return now.tv_sec * per_second + now.tv_nsec / (1'000'000'000 / per_second);
}

class SystemClock final : public Clock {
 public:
  std::int64_t monotonic_ns() const override { return lineup::monotonic_ns(); }
  std::int64_t wall_ms() const override { return lineup::wall_ms(); }
};

// Takes exactly `digits` digits off the front of `text`.
bool take_number(std::string_view& text, std::size_t digits, int& out) {
  if (text.size() < digits) return false;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
  }
  std::from_chars(text.data(), text.data() + digits, out);
  text.remove_prefix(digits);
  return true;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

bool take_fraction_ms(std::string_view& text, int& ms) {
  int digits = 0;
  ms = 0;
  for (int scale = 100; !text.empty() && text.front() >= '0' && text.front() <= '9'; scale /= 10) {
    ms += (text.front() - '0') * scale;
    text.remove_prefix(1);
    ++digits;
  }
  return digits > 0;
}

bool take_zone(std::string_view& text, int& minutes) {
  if (take(text, 'Z') || take(text, 'z')) {
    minutes = 0;
    return true;
  }
  const bool west = !text.empty() && text.front() == '-';
  if (!take(text, '+') && !take(text, '-')) return text.empty();
  int hours = 0;
  int rest = 0;
  if (!take_number(text, 2, hours)) return false;
  take(text, ':');
  if (!text.empty() && !take_number(text, 2, rest)) return false;
  if (hours > 14 || rest > 59) return false;
  minutes = (west ? -1 : 1) * (hours * 60 + rest);
  return true;
}

struct TimeOfDay {
  int hour = 0;
  int minute = 0;
  int second = 0;
  int ms = 0;
};

bool take_time_of_day(std::string_view& text, TimeOfDay& out) {
  if (!take_number(text, 2, out.hour) || !take(text, ':') || !take_number(text, 2, out.minute)) {
    return false;
  }
  if (take(text, ':')) {
    if (!take_number(text, 2, out.second)) return false;
    if (take(text, '.') && !take_fraction_ms(text, out.ms)) return false;
  }
  return out.hour <= 23 && out.minute <= 59 && out.second <= 59;
}

}  // namespace

std::int64_t monotonic_ns() { return read_clock(CLOCK_MONOTONIC, 1'000'000'000); }
std::int64_t wall_ms() { return read_clock(CLOCK_REALTIME, 1'000); }

std::optional<std::int64_t> parse_time_ms(std::string_view text, int zone_minutes) {
  int year = 0;
  int month = 0;
  int day = 0;
  TimeOfDay time;
  if (!take_number(text, 4, year) || !take(text, '-') || !take_number(text, 2, month) ||
      !take(text, '-') || !take_number(text, 2, day)) {
    return std::nullopt;
  }
  if (take(text, 'T') || take(text, ' ')) {
    if (!take_time_of_day(text, time)) return std::nullopt;
  }
  if (!take_zone(text, zone_minutes) || !text.empty()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t minutes = days * 1440 + time.hour * 60 + time.minute - zone_minutes;
  return (minutes * 60 + time.second) * 1000 + time.ms;
}

bool says_zone(std::string_view text) {
  constexpr std::size_t kDateSize = 10;  // what follows a date has no dash but that of an offset
  return text.size() > kDateSize && text.find_first_of("Zz+-", kDateSize) != std::string_view::npos;
}

std::string format_time(std::int64_t epoch_ms) {
  // Numbers that are no times of this calendar are told as its ends: journals may hold anything.
  constexpr std::int64_t kYear0 = -62'167'219'200'000;
  constexpr std::int64_t kYear9999 = 253'402'300'799'999;
  epoch_ms = std::clamp(epoch_ms, kYear0, kYear9999);
  const std::int64_t day_ms = 86'400'000;
  const std::int64_t days = epoch_ms / day_ms - (epoch_ms % day_ms < 0 ? 1 : 0);
  const std::int64_t rest = epoch_ms - days * day_ms;
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  std::string out =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", int(date.year()), unsigned(date.month()),
                  unsigned(date.day()), rest / 3'600'000, rest / 60'000 % 60, rest / 1000 % 60);
  if (rest % 1000 != 0) out += fmt::format(".{:03}", rest % 1000);
  return out + "Z";
}

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

}  // namespace lineup
