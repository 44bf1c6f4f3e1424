// SPDX-License-Identifier: Apache-2.0
//
// Deliberately less than YAML offers: octal and sexagesimal numbers, `yes` and `no` have surprised
// more people than they have served. `007` stays text, because it is more likely an id than seven.
#include "policy/scalars.hpp"

#include <charconv>
#include <cmath>
#include <cstddef>

namespace lineup {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t count_digits(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  return count;
}

enum class Number { None, Integer, Float };

// Which number `text` writes, without a sign.
Number number_form(std::string_view text) {
  const std::size_t whole = count_digits(text);
  if (whole > 1 && text[0] == '0') return Number::None;
  text.remove_prefix(whole);
  if (text.empty()) return whole > 0 ? Number::Integer : Number::None;
  std::size_t fraction = 0;
  if (text[0] == '.') {
    text.remove_prefix(1);
    fraction = count_digits(text);
    text.remove_prefix(fraction);
  }
  if (whole + fraction == 0) return Number::None;
  if (!text.empty() && (text[0] == 'e' || text[0] == 'E')) {
    text.remove_prefix(1);
    if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
    const std::size_t exponent = count_digits(text);
    if (exponent == 0) return Number::None;
    text.remove_prefix(exponent);
  }
  return text.empty() ? Number::Float : Number::None;
}

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// LIMIT: names stand in every message, trace and metric.
constexpr std::size_t kNameBytesMax = 128;

bool is_made_of_names(std::string_view text, bool with_dashes) {
  if (text.empty() || text.size() > kNameBytesMax || !begins_name(text[0])) return false;
  for (const char c : text) {
    if (!begins_name(c) && !is_digit(c) && !(with_dashes && c == '-')) return false;
  }
  return true;
}

}  // namespace

void resolve_plain(YamlNode& node) {
  std::string_view text = node.text;
  node.kind = Value::Kind::Text;
  if (text == "true" || text == "True" || text == "TRUE" || text == "false" || text == "False" ||
      text == "FALSE") {
    node.kind = Value::Kind::Bool;
    node.boolean = text[0] == 't' || text[0] == 'T';
    return;
  }
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);  // from_chars reads no plus
  const bool is_negative = text.size() == node.text.size() && !text.empty() && text[0] == '-';
  const Number form = number_form(text.substr(is_negative ? 1 : 0));
  if (form == Number::None) return;
  const char* end = text.data() + text.size();
  if (std::from_chars(text.data(), end, node.number).ec != std::errc()) return;
  if (form == Number::Float) {
    node.kind = Value::Kind::Float;
  } else if (std::from_chars(text.data(), end, node.integer).ec == std::errc()) {
    node.kind = Value::Kind::Integer;
  }
}

bool is_identifier(std::string_view text) { return is_made_of_names(text, false); }
bool is_name(std::string_view text) { return is_made_of_names(text, true); }

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t length = first == 0      ? 0
                               : first < 0x80  ? 1
                               : first < 0xC2  ? 0
                               : first < 0xE0  ? 2
                               : first < 0xF0  ? 3
                               : first <= 0xF4 ? 4
                                               : 0;
    if (length == 0 || i + length > text.size()) return false;
    std::uint32_t point = length == 1 ? first : first & (0x7FU >> length);
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xC0U) != 0x80U) return false;
      point = (point << 6U) | (next & 0x3FU);
    }
    const bool is_overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    const bool is_surrogate = point >= 0xD800 && point <= 0xDFFF;
    if (is_overlong || is_surrogate || point > 0x10FFFF) return false;
    i += length;
  }
  return true;
}

}  // namespace lineup
