// SPDX-License-Identifier: Apache-2.0
//
// Lists of ids and the layout of context values: what conditions read besides columns.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/hash.hpp"
#include "condition/condition.hpp"
#include "condition/program.hpp"

namespace lineup {

namespace {

constexpr std::string_view kSpaces = " \t\r\v\f";

// The value on one line: without its comment and the spaces around it. A `#` inside a value is part
// of it: a comment begins the line or follows a space.
std::string_view value_of(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '#' && (i == 0 || kSpaces.find(line[i - 1]) != std::string_view::npos)) {
      line = line.substr(0, i);
    }
  }
  const std::size_t begin = line.find_first_not_of(kSpaces);
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(kSpaces) - begin + 1);
}

}  // namespace

bool decimal_of(std::string_view text, std::int64_t& number) {
  const std::string_view digits = text.substr(text.empty() || text[0] != '-' ? 0 : 1);
  if (digits.empty() || (digits[0] == '0' && text.size() > 1)) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

IdList::IdList(std::string_view file_text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (file_text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    file_text.remove_prefix(kByteOrderMark.size());
  }
  while (!file_text.empty()) {
    const std::size_t end = std::min(file_text.find('\n'), file_text.size());
    const std::string_view value = value_of(file_text.substr(0, end));
    file_text.remove_prefix(std::min(end + 1, file_text.size()));
    if (value.empty()) continue;
    texts_.emplace(value);
    std::int64_t number = 0;
    if (decimal_of(value, number)) {
      numbers_.insert(number);
      continue;
    }
    double fraction = 0.0;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), fraction);
    const bool is_number = read.ec == std::errc() && read.ptr == value.data() + value.size();
    if (is_number && std::isfinite(fraction)) fractions_.push_back(fraction);
  }
  std::sort(fractions_.begin(), fractions_.end());
}

bool IdList::contains(std::string_view text) const { return texts_.find(text) != texts_.end(); }
bool IdList::contains(std::int64_t number) const { return numbers_.find(number) != numbers_.end(); }
bool IdList::contains(double number) const {
  constexpr double kWholeMax = 9007199254740992.0;  // beyond, not every whole number is a double
  if (std::isnan(number)) return false;
  const bool is_whole = std::trunc(number) == number && std::fabs(number) <= kWholeMax;
  return (is_whole && contains(static_cast<std::int64_t>(number))) ||
         std::binary_search(fractions_.begin(), fractions_.end(), number);
}

std::size_t IdList::TextHash::operator()(std::string_view text) const { return hash64(text); }

std::uint32_t ContextLayout::slot(std::string_view path) {
  const auto found = std::find(paths_.begin(), paths_.end(), path);
  if (found != paths_.end()) return static_cast<std::uint32_t>(found - paths_.begin());
  paths_.emplace_back(path);
  return static_cast<std::uint32_t>(paths_.size() - 1);
}

}  // namespace lineup
