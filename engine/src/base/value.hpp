// SPDX-License-Identifier: Apache-2.0
//
// A value that a person wrote (in YAML, or as a default in Lua), with the place it was written at.
// What policies hand to rules and nodes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.hpp"

namespace lineup {

struct ValueEntry;

struct Value {
  enum class Kind : std::uint8_t { Null, Bool, Integer, Float, Text, List, Map };
  Kind kind = Kind::Null;
  bool boolean = false;
  std::int64_t integer = 0;
  double number = 0.0;  // set for Integer too
  std::string text;
  std::vector<Value> items;         // List
  std::vector<ValueEntry> entries;  // Map, in written order
  std::int32_t live = -1;         // index of the live parameter that steers this number; -1: fixed
  std::uint32_t text_offset = 0;  // bytes from span's begin to the first byte of `text` (a quote)
  Span span;

  [[nodiscard]] bool is_number() const { return kind == Kind::Integer || kind == Kind::Float; }
  [[nodiscard]] const Value* find(std::string_view key) const;
};

// One entry of a map. (A std::pair would do, were it not for clang 14, which asks whether a pair of
// a Value is complete before Value is.)
struct ValueEntry {
  std::string key;
  Value value;
  ValueEntry(std::string entry_key, Value entry_value)
      : key(std::move(entry_key)), value(std::move(entry_value)) {}
};

inline const Value* Value::find(std::string_view key) const {
  for (const ValueEntry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

// "a number", "text", "a list", ...: for messages.
[[nodiscard]] inline std::string_view describe(Value::Kind kind) {
  switch (kind) {
    case Value::Kind::Null:
      return "nothing";
    case Value::Kind::Bool:
      return "true or false";
    case Value::Kind::Integer:
      return "a whole number";
    case Value::Kind::Float:
      return "a number";
    case Value::Kind::Text:
      return "text";
    case Value::Kind::List:
      return "a list";
    case Value::Kind::Map:
      return "a map";
  }
  return "nothing";
}

}  // namespace lineup
