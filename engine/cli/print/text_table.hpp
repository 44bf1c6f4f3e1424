// SPDX-License-Identifier: Apache-2.0
//
// Plain tables for terminals.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lineup::cli {

// How many columns of a terminal `text` takes, roughly: one per character, two for the wide ones of
// East Asian scripts.
[[nodiscard]] std::size_t display_width(std::string_view text);

// `text` cut to `width` columns; a cut text ends with `~`.
[[nodiscard]] std::string fit(std::string_view text, std::size_t width);

// `text` in lines of at most `width` columns, broken at blanks; a word that is longer is cut.
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, std::size_t width);

// Rows of cells under a heading, separated by two spaces. What does not fit the width is taken from
// the columns that may shrink, the widest first: their cells are cut, or go on in the next line.
class TextTable {
 public:
  enum class Align { Left, Right };
  enum class Shrink { Never, Cut, Wrap };
  void add_column(std::string heading, Align align = Align::Left, Shrink shrink = Shrink::Never);
  // REQUIRES: one cell per column.
  void add_row(std::vector<std::string> cells);
  // Whether no row has anything in the column.
  [[nodiscard]] bool is_blank(std::size_t column) const;

  // Lines without ends; the first is the heading. Columns that are blank are left out.
  [[nodiscard]] std::vector<std::string> lines(std::size_t width) const;

 private:
  struct Column {
    std::string heading;
    Align align;
    Shrink shrink;
  };
  [[nodiscard]] std::vector<std::size_t> widths(std::size_t width) const;
  [[nodiscard]] std::string line(const std::vector<std::string>& cells,
                                 const std::vector<std::size_t>& widths) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace lineup::cli
