// SPDX-License-Identifier: Apache-2.0
//
// cctz keeps every zone that was loaded for the life of the process, so that looking one up again
// is cheap and no zone has to be held. What it would take for a file name is checked before.
#include "base/zone.hpp"

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>
#include <stdlib.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <filesystem>

#include "base/clock.hpp"

namespace lineup {

namespace {

namespace fs = std::filesystem;

// A name such as `America/Argentina/Buenos_Aires`, and nothing that leads out of the database.
bool is_place_name(std::string_view name) {
  constexpr std::size_t kNameBytesMax = 64;
  if (name.empty() || name.size() > kNameBytesMax || name[0] < 'A' || name[0] > 'Z') return false;
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '+' || c == '/';
  };
  return std::all_of(name.begin(), name.end(), fits);
}

bool load(std::string_view name, cctz::time_zone& zone) {
  return is_place_name(name) && cctz::load_time_zone(std::string(name), &zone);
}

// Minutes east of UTC that `+08:00` says.
std::optional<int> offset_of(std::string_view text) {
  if (text.empty() || (text[0] != '+' && text[0] != '-' && text[0] != 'Z')) return std::nullopt;
  // Midnight in the zone, as the reader of dates understands it, is that far from midnight UTC.
  const auto midnight = parse_time_ms("1970-01-01T00:00" + std::string(text));
  constexpr std::int64_t kMinuteMs = 60'000;
  if (!midnight) return std::nullopt;
  return static_cast<int>(-*midnight / kMinuteMs);
}

}  // namespace

std::optional<TimeZone> TimeZone::find(std::string_view name) {
  TimeZone zone;
  if (name == "UTC" || name == "utc") return zone;
  zone.name_ = name;
  if (const auto minutes = offset_of(name)) {
    zone.minutes_ = *minutes;
    return zone;
  }
  cctz::time_zone place;
  if (!load(name, place)) return std::nullopt;
  zone.is_place_ = true;
  return zone;
}

std::optional<ZonedTime> TimeZone::parse(std::string_view text) const {
  if (!is_place_ || says_zone(text)) {
    const auto ms = parse_time_ms(text, minutes_);
    if (!ms) return std::nullopt;
    return ZonedTime{*ms, ClockTime::Once};
  }
  const auto local_ms = parse_time_ms(text);
  cctz::time_zone zone;
  if (!local_ms || !load(name_, zone)) return std::nullopt;
  const auto whole = std::chrono::floor<std::chrono::seconds>(std::chrono::milliseconds(*local_ms));
  const std::int64_t fraction_ms = *local_ms - whole.count() * 1000;
  const auto found = zone.lookup(cctz::civil_second(1970, 1, 1) + whole.count());
  switch (found.kind) {
    case cctz::time_zone::civil_lookup::SKIPPED:
      return ZonedTime{found.trans.time_since_epoch().count() * 1000, ClockTime::Skipped};
    case cctz::time_zone::civil_lookup::REPEATED:
      return ZonedTime{found.pre.time_since_epoch().count() * 1000 + fraction_ms,
                       ClockTime::Repeated};
    case cctz::time_zone::civil_lookup::UNIQUE:
      break;
  }
  return ZonedTime{found.pre.time_since_epoch().count() * 1000 + fraction_ms, ClockTime::Once};
}

std::vector<std::string> zone_names() {
  const char* directory = ::getenv("TZDIR");
  const fs::path root = directory != nullptr ? directory : "/usr/share/zoneinfo";
  std::vector<std::string> names;
  std::error_code error;
  for (fs::recursive_directory_iterator at(root, error), end; !error && at != end;
       at.increment(error)) {
    const std::string first = at->path().filename().string();
    // `posix/` and `right/` hold all places once more.
    if (at.depth() == 0 && (first == "posix" || first == "right")) at.disable_recursion_pending();
    if (!at->is_regular_file(error)) continue;
    std::string name = at->path().lexically_relative(root).generic_string();
    if (is_place_name(name)) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace lineup
