// SPDX-License-Identifier: Apache-2.0
//
// Comma-separated values as RFC 4180 has them, row by row, from plain or gzipped files.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace lineup::cli {

class CsvReader {
 public:
  // Opens `path`, or `path`.gz when there is no `path`, and reads the heading. Errors: io/open,
  // csv/heading.
  [[nodiscard]] static Result<CsvReader> open(const std::string& path);
  CsvReader(CsvReader&&) noexcept;
  ~CsvReader();

  // The index of a column. Errors: csv/column, with the columns that there are.
  [[nodiscard]] Result<std::size_t> column(std::string_view name) const;
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
  // The next row; false at the end or when fault() says why.
  [[nodiscard]] bool next();
  [[nodiscard]] const std::string& fault() const { return fault_; }
  // REQUIRES: next() was true; `column` is below the number of columns.
  [[nodiscard]] const std::string& operator[](std::size_t column) const { return cells_[column]; }
  // A number in the cell; nothing when it is empty or something else.
  [[nodiscard]] std::optional<double> number(std::size_t column) const;
  [[nodiscard]] std::uint64_t line() const { return line_; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  CsvReader();
  int get();
  bool read_row(std::vector<std::string>& cells);

  struct File;
  std::unique_ptr<File> file_;
  std::string path_;
  std::vector<std::string> heading_;
  std::vector<std::string> cells_;
  std::uint64_t line_ = 0;
  std::string fault_;
};

// Whether `path` or `path`.gz can be read.
[[nodiscard]] bool has_csv(const std::string& path);

}  // namespace lineup::cli
