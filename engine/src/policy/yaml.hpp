// SPDX-License-Identifier: Apache-2.0
//
// YAML text as a tree in which every value and every key knows its place. The only door to
// yaml-cpp.
//
// The dialect is the part of YAML that people can predict: one document, no anchors, aliases or
// tags, keys once. Only `true` and `false` are booleans (`no`, `on` and `yes` are texts), numbers
// are decimal without leading zeros, everything else is text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/value.hpp"

namespace lineup {

struct YamlEntry;

struct YamlNode {
  Value::Kind kind = Value::Kind::Null;
  bool boolean = false;
  std::int64_t integer = 0;
  double number = 0.0;            // set for Integer too
  std::string text;               // of every scalar: as written, quotes and escapes resolved
  std::uint32_t text_offset = 0;  // bytes from the span's begin to the text: 1 for a quote
  std::vector<YamlNode> items;
  std::vector<YamlEntry> entries;
  Span span;

  [[nodiscard]] const YamlEntry* entry(std::string_view key) const;
  [[nodiscard]] bool is_number() const {
    return kind == Value::Kind::Integer || kind == Value::Kind::Float;
  }
};

struct YamlEntry {
  std::string key;
  Span key_span;
  YamlNode value;
};

// Whether `*name` stands for what was written at `&name`. Policies say everything where it counts;
// files of test cases may share rows.
enum class YamlAliases : std::uint8_t { Refused, Followed };

// False when the text could not be read to its end; `out` is then of no use. Duplicate keys are
// reported and left out, which is an error but no reason to stop.
// Codes: policy/too-large, policy/encoding, policy/syntax, policy/too-deep, policy/alias,
// policy/tag, policy/duplicate-key.
[[nodiscard]] bool read_yaml(const std::string& path, std::string_view text, YamlNode& out,
                             Diagnostics& diagnostics, YamlAliases aliases = YamlAliases::Refused);

}  // namespace lineup
