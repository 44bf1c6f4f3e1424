// SPDX-License-Identifier: Apache-2.0
#include "policy/zone.hpp"

#include <cstdint>
#include <string>

#include "base/clock.hpp"

namespace lineup {

std::optional<int> parse_zone(std::string_view text) {
  if (text == "UTC" || text == "utc") return 0;
  if (text.empty() || (text[0] != '+' && text[0] != '-' && text[0] != 'Z')) return std::nullopt;
  // Midnight in the zone, as the reader of dates understands it, is that far from midnight UTC.
  const auto midnight = parse_time_ms("1970-01-01T00:00" + std::string(text));
  constexpr std::int64_t kMinuteMs = 60'000;
  if (!midnight) return std::nullopt;
  return static_cast<int>(-*midnight / kMinuteMs);
}

}  // namespace lineup
