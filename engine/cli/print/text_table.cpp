// SPDX-License-Identifier: Apache-2.0
//
// Widths are counted in characters, not bytes: titles come in all languages.
#include "cli/print/text_table.hpp"

#include <algorithm>
#include <cstdint>

namespace lineup::cli {

namespace {

constexpr std::size_t kShrunkMin = 8;  // below that a cell says nothing
constexpr std::size_t kGap = 2;

// The character at `at`, which moves past it. Bytes that are no UTF-8 count as one each.
std::uint32_t next_character(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(at++);
  const std::size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
  if (more == 0 || at + more > text.size()) return lead;
  std::uint32_t character = lead & (0x3FU >> more);
  for (std::size_t i = 0; i < more; ++i) character = (character << 6) | (byte(at + i) & 0x3FU);
  at += more;
  return character;
}

std::size_t width_of(std::uint32_t c) {
  if (c < 0x20 || (c >= 0x300 && c <= 0x36F)) return 0;  // controls, combining marks
  const bool is_wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
                       (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
                       (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
                       (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
  return is_wide ? 2 : 1;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) width += width_of(next_character(text, at));
  return width;
}

std::string fit(std::string_view text, std::size_t width) {
  std::string out;
  std::size_t used = 0;
  // Ends and tabs would break the table; other controls might speak to the terminal.
  const bool is_whole = display_width(text) <= width;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const std::uint32_t character = next_character(text, at);
    if (character < 0x20 || character == 0x7F) continue;
    used += width_of(character);
    if (!is_whole && used + 1 > width) break;
    out.append(text, begin, at - begin);
  }
  if (!is_whole && width > 0) out.push_back('~');
  return out;
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> out(1);
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = fit(text.substr(begin, end - begin), width);
    const std::size_t used = display_width(out.back());
    if (used == 0) {
      out.back() = word;
    } else if (used + 1 + display_width(word) <= width) {
      out.back() += ' ' + word;
    } else {
      out.push_back(word);
    }
    begin = end + 1;
  }
  return out;
}

void TextTable::add_column(std::string heading, Align align, Shrink shrink) {
  columns_.push_back({std::move(heading), align, shrink});
}

void TextTable::add_row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

bool TextTable::is_blank(std::size_t column) const {
  return std::all_of(rows_.begin(), rows_.end(),
                     [column](const auto& row) { return row[column].empty(); });
}

// A width of 0 leaves the column out.
std::vector<std::size_t> TextTable::widths(std::size_t width) const {
  std::vector<std::size_t> out(columns_.size(), 0);
  std::size_t total = 0;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (is_blank(c)) continue;
    out[c] = display_width(columns_[c].heading);
    for (const auto& row : rows_) out[c] = std::max(out[c], display_width(row[c]));
    total += out[c] + kGap;
  }
  while (total > width + kGap) {
    std::size_t widest = columns_.size();
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (columns_[c].shrink == Shrink::Never || out[c] <= kShrunkMin) continue;
      if (widest == columns_.size() || out[c] > out[widest]) widest = c;
    }
    if (widest == columns_.size()) break;
    --out[widest];
    --total;
  }
  return out;
}

std::string TextTable::line(const std::vector<std::string>& cells,
                            const std::vector<std::size_t>& widths) const {
  std::string out;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (widths[c] == 0) continue;
    const std::string cell = fit(cells[c], widths[c]);
    const std::string blanks(widths[c] - std::min(widths[c], display_width(cell)), ' ');
    out += columns_[c].align == Align::Right ? blanks + cell : cell + blanks;
    out.append(kGap, ' ');
  }
  out.erase(out.find_last_not_of(' ') + 1);
  return out;
}

std::vector<std::string> TextTable::lines(std::size_t width) const {
  const auto wide = widths(width);
  std::vector<std::string> cells;
  for (const Column& column : columns_) cells.push_back(column.heading);
  std::vector<std::string> out = {line(cells, wide)};
  for (const auto& row : rows_) {
    std::vector<std::vector<std::string>> parts;  // of each cell, line by line
    std::size_t height = 1;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const bool wraps = columns_[c].shrink == Shrink::Wrap && wide[c] > 0;
      parts.push_back(wraps ? wrap(row[c], wide[c]) : std::vector<std::string>{row[c]});
      height = std::max(height, parts.back().size());
    }
    for (std::size_t h = 0; h < height; ++h) {
      for (std::size_t c = 0; c < columns_.size(); ++c) {
        cells[c] = h < parts[c].size() ? parts[c][h] : std::string();
      }
      out.push_back(line(cells, wide));
    }
  }
  return out;
}

}  // namespace lineup::cli
