// SPDX-License-Identifier: Apache-2.0
#include "policy/yaml_source.hpp"

#include <algorithm>
#include <utility>

namespace lineup {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

YamlSource::YamlSource(std::string path, std::string_view text)
    : path_(std::move(path)), text_(text), lines_{0} {
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') lines_.push_back(i + 1);
  }
}

std::size_t YamlSource::offset(int line, int column) const {
  if (line < 0 || column < 0 || static_cast<std::size_t>(line) >= lines_.size()) {
    return text_.size();
  }
  return std::min(lines_[static_cast<std::size_t>(line)] + static_cast<std::size_t>(column),
                  text_.size());
}

Span YamlSource::span(std::size_t begin, std::size_t end) const {
  const auto place = [this](std::size_t offset) {
    const auto next = std::upper_bound(lines_.begin(), lines_.end(), offset);
    const auto line = static_cast<std::size_t>(next - lines_.begin());
    return std::pair{static_cast<std::uint32_t>(line),
                     static_cast<std::uint32_t>(offset - lines_[line - 1] + 1)};
  };
  const auto from = place(std::min(begin, text_.size()));
  const auto to = place(std::min(std::max(begin, end), text_.size()));
  return {path_, from.first, from.second, to.first, to.second};
}

std::optional<std::size_t> YamlSource::scalar_end(std::size_t begin, std::string_view value) const {
  const char first = at(begin);
  if (first == '"' || first == '\'') return quoted_end(begin);
  if (first == '|' || first == '>') return block_end(begin);
  return plain_end(begin, value);
}

std::optional<std::size_t> YamlSource::quoted_end(std::size_t begin) const {
  const char quote = at(begin);
  for (std::size_t i = begin + 1; i < text_.size(); ++i) {
    if (quote == '"' && text_[i] == '\\') {
      ++i;
    } else if (text_[i] == quote) {
      if (quote == '"' || at(i + 1) != quote) return i + 1;
      ++i;  // two single quotes stand for one
    }
  }
  return std::nullopt;
}

// A block scalar holds the lines after its header that are indented like the first of them.
std::size_t YamlSource::block_end(std::size_t begin) const {
  std::size_t indent = 0;
  std::size_t end = begin + 1;
  for (std::size_t line = text_.find('\n', begin); line != std::string_view::npos;
       line = text_.find('\n', line + 1)) {
    const std::size_t first = text_.find_first_not_of(' ', line + 1);
    if (first == std::string_view::npos) break;
    if (text_[first] == '\n' || text_[first] == '\r') continue;
    const std::size_t depth = first - line - 1;
    if (indent == 0) indent = std::max<std::size_t>(depth, 1);
    if (depth < indent) break;
    end = std::min(text_.find_first_of("\r\n", first), text_.size());
  }
  return end;
}

// A plain scalar may be folded: its words stand in the source with other white space between.
std::size_t YamlSource::plain_end(std::size_t begin, std::string_view value) const {
  std::size_t at_source = begin;
  for (const char c : value) {
    if (is_blank(c)) continue;
    while (at_source < text_.size() && is_blank(text_[at_source])) ++at_source;
    if (at(at_source) != c) break;
    ++at_source;
  }
  return at_source;
}

std::size_t YamlSource::flow_end(std::size_t from) const {
  for (std::size_t i = from; i < text_.size(); ++i) {
    if (text_[i] == '}' || text_[i] == ']') return i + 1;
    if (text_[i] == '#') {
      i = std::min(text_.find('\n', i), text_.size());
    } else if (text_[i] != ',' && text_[i] != ':' && !is_blank(text_[i])) {
      break;
    }
  }
  return from;
}

std::optional<std::size_t> YamlSource::indenting_tab(std::size_t offset) const {
  const auto next = std::upper_bound(lines_.begin(), lines_.end(), std::min(offset, text_.size()));
  for (std::size_t i = *(next - 1); at(i) == ' ' || at(i) == '\t'; ++i) {
    if (at(i) == '\t') return i;
  }
  return std::nullopt;
}

}  // namespace lineup
