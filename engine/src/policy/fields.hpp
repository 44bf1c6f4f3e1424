// SPDX-License-Identifier: Apache-2.0
//
// One map of a policy file, checked against its table of keys: unknown keys, missing ones, types,
// bounds and choices. What is wrong is reported once, here; whoever reads a field afterwards gets
// either a value of the declared shape or nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "policy/keys.hpp"
#include "policy/yaml.hpp"

namespace lineup {

// "did you mean `x`?", or the names there are when they are few.
[[nodiscard]] std::string key_hint(std::string_view text, const std::vector<std::string>& names);

class PolicyFields {
 public:
  // Checks `node` and reports. Everything is borrowed.
  PolicyFields(const YamlNode& node, const PolicyKeyTable& table, Diagnostics& diagnostics);

  // The value of a key of the table; null when it is not there or was refused.
  [[nodiscard]] const YamlNode* find(std::string_view key) const;
  [[nodiscard]] std::string text(std::string_view key, std::string otherwise = {}) const;
  [[nodiscard]] double number(std::string_view key, double otherwise) const;
  [[nodiscard]] bool boolean(std::string_view key, bool otherwise) const;
  // Where a key is written; where the map is when the key is not there.
  [[nodiscard]] Span span(std::string_view key) const;
  // Where the key itself is written.
  [[nodiscard]] Span key_span(std::string_view key) const;

 private:
  const YamlNode& node_;
  const PolicyKeyTable& table_;
  std::vector<std::string_view> refused_;
};

}  // namespace lineup
