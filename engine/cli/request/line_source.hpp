// SPDX-License-Identifier: Apache-2.0
//
// Lines of one file for several threads, each line to one of them.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "cli/print/terminal.hpp"
#include "cli/request/lines.hpp"

namespace lineup::cli {

struct NumberedLine {
  std::string text;
  std::uint64_t number = 0;   // in the file, 1-based
  std::uint64_t ordinal = 0;  // the same without blank lines
  bool is_too_long = false;   // then there is no text
};

// Hands out lines and draws a bar on standard error, when that is a terminal, of how much of the
// file was taken. Blank lines are passed over. [any]
class LineSource {
 public:
  // Errors: io/open.
  [[nodiscard]] static Result<LineSource> open(const std::string& path);
  LineSource(LineSource&& other) noexcept : reader_(std::move(other.reader_)), size_(other.size_) {}
  LineSource& operator=(LineSource&&) = delete;
  ~LineSource() = default;

  // False at the end of the file, when it cannot be read, and once the program is interrupted.
  [[nodiscard]] bool take(NumberedLine& line);
  // Why the file could not be read to its end; empty: it could. REQUIRES: no thread takes any more.
  [[nodiscard]] const std::string& fault() const { return reader_.fault(); }

 private:
  LineSource(LineReader&& reader, std::uint64_t size) : reader_(std::move(reader)), size_(size) {}
  void draw();

  std::mutex mutex_;
  LineReader reader_;
  std::uint64_t size_;  // 0: not known
  std::uint64_t taken_ = 0;
  std::uint64_t number_ = 0;
  std::uint64_t ordinal_ = 0;
  bool at_end_ = false;
  Progress progress_;
};

}  // namespace lineup::cli
