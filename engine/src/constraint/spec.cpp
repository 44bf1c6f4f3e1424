// SPDX-License-Identifier: Apache-2.0
//
// The words of specs: names of kinds and the notation of slots.
#include "constraint/spec.hpp"

#include <charconv>

namespace lineup {

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::Window:
      return "window";
    case Kind::Spacing:
      return "spacing";
    case Kind::Quota:
      return "quota";
    case Kind::Cap:
      return "cap";
    case Kind::Place:
      return "place";
    case Kind::Adjacent:
      return "adjacent";
    case Kind::Budget:
      return "budget";
    case Kind::Similar:
      return "similar";
    case Kind::Filter:
      return "filter";
    case Kind::Boost:
      return "boost";
    case Kind::Mix:
      return "mix";
    case Kind::Order:
      return "order";
    case Kind::Code:
      return "code";
  }
  return "";
}

namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::optional<std::uint32_t> parse_slot(std::string_view text) {
  text = trimmed(text);
  std::uint32_t slot = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), slot);
  if (error != std::errc{} || end != text.data() + text.size() || slot == 0) return std::nullopt;
  return slot;
}

std::optional<std::pair<std::uint32_t, std::uint32_t>> parse_range(std::string_view text) {
  const auto dots = text.find("..");
  const auto first = parse_slot(text.substr(0, dots));
  const auto last = dots == std::string_view::npos ? first : parse_slot(text.substr(dots + 2));
  if (!first || !last || *last < *first) return std::nullopt;
  return std::pair{*first, *last};
}

}  // namespace

std::optional<SlotSet> parse_slots(std::string_view text) {
  SlotSet slots;
  while (true) {
    const auto comma = text.find(',');
    const auto range = parse_range(text.substr(0, comma));
    if (!range) return std::nullopt;
    slots.ranges.push_back(*range);
    if (comma == std::string_view::npos) return slots;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace lineup
