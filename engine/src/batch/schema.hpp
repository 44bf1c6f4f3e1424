// SPDX-License-Identifier: Apache-2.0
//
// Which columns the candidates of a scene have, and of what type. Made once per policy; requests
// address columns by index.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"

namespace lineup {

enum class ColumnType : std::uint8_t {
  Float,       // double
  Integer,     // int64
  Category,    // text, coded per request
  Categories,  // several texts per row, coded per request
  Bool,
  Time,       // milliseconds since the Unix epoch, UTC
  Embedding,  // floats, the same number in every row
};

// "float", "integer", "category", "categories", "bool", "time", "embedding": the words of YAML.
[[nodiscard]] std::string_view name_of(ColumnType type);
[[nodiscard]] std::optional<ColumnType> column_type(std::string_view name);

// One scalar: a literal, a default, a value of the context. Text is borrowed.
struct Scalar {
  enum class Kind : std::uint8_t { Missing, Bool, Integer, Float, Text };
  Kind kind = Kind::Missing;
  bool boolean = false;
  std::int64_t integer = 0;
  double number = 0.0;  // set for Integer too, so that comparisons need one field
  std::string_view text;

  [[nodiscard]] bool is_missing() const { return kind == Kind::Missing; }
  [[nodiscard]] bool is_number() const { return kind == Kind::Integer || kind == Kind::Float; }
  static Scalar of(bool value) { return {Kind::Bool, value, 0, 0.0, {}}; }
  static Scalar of(std::int64_t value) {
    return {Kind::Integer, false, value, static_cast<double>(value), {}};
  }
  static Scalar of(double value) { return {Kind::Float, false, 0, value, {}}; }
  static Scalar of(std::string_view value) { return {Kind::Text, false, 0, 0.0, value}; }
};

struct ColumnSpec {
  std::string name;
  ColumnType type = ColumnType::Float;
  // What a missing value reads as; Missing: it stays missing. `default_text` owns a text default.
  Scalar default_value;
  std::string default_text;
  char split = 0;               // Categories: one text is cut at this byte; 0: values come apart
  std::uint32_t dimension = 0;  // Embedding: floats per row
  Span span;                    // where the policy declares it
};

// Calls take(part) for the values that one text of a Categories column writes: its parts between
// `split`, without the spaces around them; a part of nothing is no value. 0: the text is the value.
template <typename Take>
void for_each_part(std::string_view text, char split, Take&& take) {
  if (split == 0) {
    if (!text.empty()) take(text);
    return;
  }
  while (!text.empty()) {
    const std::size_t cut = std::min(text.find(split), text.size());
    std::string_view part = text.substr(0, cut);
    text.remove_prefix(std::min(cut + 1, text.size()));
    while (part.starts_with(' ') && split != ' ') part.remove_prefix(1);
    while (part.ends_with(' ') && split != ' ') part.remove_suffix(1);
    if (!part.empty()) take(part);
  }
}

// The name that stands for a row's id in conditions. It is no column: ids are always there.
inline constexpr std::string_view kIdName = "id";

class Schema {
 public:
  Schema() = default;
  ~Schema() = default;
  // Defaults that are text point into their column: a copy's point into the copy.
  Schema(const Schema& other);
  Schema& operator=(const Schema& other);
  Schema(Schema&&) = default;
  Schema& operator=(Schema&&) = default;

  // REQUIRES: no column of that name yet.
  std::uint32_t add(ColumnSpec column);
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view name) const;
  [[nodiscard]] const ColumnSpec& operator[](std::uint32_t index) const { return columns_[index]; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(columns_.size()); }
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  // A deque: columns keep their place, since a text default points into its own column.
  std::deque<ColumnSpec> columns_;
};

}  // namespace lineup
