// SPDX-License-Identifier: Apache-2.0
//
// Every key of a policy file: its name, what it takes, its bounds and a sentence about it. The
// parser checks files with these tables and the JSON Schema is written from them, so the two cannot
// disagree.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace lineup {

struct PolicyKeyTable;

// What a key takes.
enum class KeyShape : std::uint8_t {
  Integer,
  Number,
  Steered,  // a number, or {value, live}
  Boolean,
  Text,             // not empty; a number is taken as it is written
  Name,             // letters, digits, `_`, `-`
  Condition,        // text in the language of conditions
  Date,             // ISO 8601
  Zone,             // "Europe/Berlin", "+08:00", "UTC"
  Choice,           // one of `choices`
  Scalar,           // a number, a text, true or false
  Names,            // a name or a list of names
  Arguments,        // a map that a rule or a plugin understands
  Page,             // a whole number, or the keys of `table`
  Table,            // the keys of `table`
  Tables,           // a list of maps with the keys of `table`
  NamedTables,      // a map from names to the keys of `table`
  NamedConditions,  // a map from names to conditions
};

struct PolicyKey {
  std::string_view name;
  KeyShape shape;
  std::string_view about;
  bool required = false;
  // Bounds of a number; the most entries of a list or map.
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  std::span<const std::string_view> choices = {};
  const PolicyKeyTable* table = nullptr;
};

struct PolicyKeyTable {
  std::string_view what;  // "a policy", "a rule": for messages
  std::span<const PolicyKey> keys;
  std::span<const std::string_view> exactly_one = {};  // of these keys must be there

  [[nodiscard]] const PolicyKey* find(std::string_view name) const;
};

[[nodiscard]] const PolicyKeyTable& policy_keys();
// Of `{value: 3, live: {...}}`, wherever a number may be steered.
[[nodiscard]] const PolicyKeyTable& steered_keys();

}  // namespace lineup
