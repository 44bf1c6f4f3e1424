// SPDX-License-Identifier: Apache-2.0
//
// Time: monotonic nanoseconds for budgets, milliseconds since the Unix epoch (UTC) for dates.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lineup {

// CLOCK_MONOTONIC, nanoseconds. [any]
[[nodiscard]] std::int64_t monotonic_ns();

// The wall clock, milliseconds since the Unix epoch. [any]
[[nodiscard]] std::int64_t wall_ms();

// Reads ISO 8601: "2026-11-21", "2026-11-21T09:00", "2026-11-21T09:00:00.250Z", with `Z` or an
// offset such as "+08:00"; without either the text is in `zone_minutes` east of UTC. Nothing when
// the text is no such date or the date does not exist.
[[nodiscard]] std::optional<std::int64_t> parse_time_ms(std::string_view text,
                                                        int zone_minutes = 0);

// Whether a text that parse_time_ms() reads says its own zone: `Z` or an offset.
[[nodiscard]] bool says_zone(std::string_view text);

// "2026-11-21T09:00:00.250Z"; milliseconds are left out when they are zero.
[[nodiscard]] std::string format_time(std::int64_t epoch_ms);

// What the folders that wait use instead of the system's clock, so that tests need not wait.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual std::int64_t monotonic_ns() const = 0;
  [[nodiscard]] virtual std::int64_t wall_ms() const = 0;
};

// The system's clocks. Lives as long as the process.
[[nodiscard]] const Clock& system_clock();

}  // namespace lineup
