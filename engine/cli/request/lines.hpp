// SPDX-License-Identifier: Apache-2.0
//
// Lines in and lines out: files, or `-` for the standard streams.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace lineup::cli {

// LIMIT: bytes of one line. A request of ten thousand rows with embeddings has about 10 MB.
inline constexpr std::size_t kLineBytesMax = std::size_t{64} << 20;

// Reads lines until the file ends or the program is interrupted.
class LineReader {
 public:
  // Errors: io/open.
  [[nodiscard]] static Result<LineReader> open(const std::string& path);
  LineReader(LineReader&& other) noexcept;
  LineReader& operator=(LineReader&&) = delete;
  ~LineReader();

  enum class Next : std::uint8_t { Line, TooLong, End, Failed };
  // The next line without its end. TooLong: the line is passed over. Failed: fault() says why.
  [[nodiscard]] Next next(std::string& line);
  // Whether the next line is there already, so that next() does not wait.
  [[nodiscard]] bool is_ready() const;
  [[nodiscard]] const std::string& fault() const { return fault_; }

 private:
  LineReader(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}
  enum class Filled : std::uint8_t { More, End, Failed };
  Filled fill();

  int descriptor_;
  std::string name_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what is not yet handed out
  bool at_end_ = false;
  bool at_start_ = true;
  std::string fault_;
};

// Writes whole lines.
class LineWriter {
 public:
  // Makes or empties the file. Errors: io/open.
  [[nodiscard]] static Result<LineWriter> open(const std::string& path);
  LineWriter(LineWriter&& other) noexcept;
  LineWriter& operator=(LineWriter&&) = delete;
  // Flushes; what fails then is not reported. Call flush() before.
  ~LineWriter();

  // False once something could not be written; fault() says why.
  [[nodiscard]] bool write(std::string_view line);
  [[nodiscard]] bool flush();
  // Empty when the reader of a pipe has gone: nobody is left to be told.
  [[nodiscard]] const std::string& fault() const { return fault_; }

 private:
  LineWriter(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}

  int descriptor_;
  std::string name_;
  std::string buffer_;
  bool failed_ = false;
  std::string fault_;
};

// The whole file as text. Errors: io/read.
[[nodiscard]] Result<std::string> read_text_file(const std::string& path);

}  // namespace lineup::cli
