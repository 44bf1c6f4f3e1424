// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with a file that a person wrote, where, and what would be right. All findings of
// a file are collected and shown at once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lineup {

// A place in a text file. Lines and columns are 1-based; columns count bytes. Line 0: the file as
// a whole. The end is exclusive: one past the last byte of the value.
struct Span {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t end_line = 0;
  std::uint32_t end_column = 0;
};

enum class Severity : std::uint8_t { Error, Warning };

// One finding. `code` is stable ("policy/unknown-rule"); `arguments` hold what the sentence names,
// so that the sentence can be said in another language; `hint` says what would be right.
struct Diagnostic {
  Severity severity = Severity::Error;
  std::string code;
  std::vector<std::pair<std::string, std::string>> arguments;
  std::string message;
  std::string hint;
  Span span;
};

// Collects findings. Not thread safe.
class Diagnostics {
 public:
  Diagnostic& error(Span span, std::string code, std::string message, std::string hint = {});
  Diagnostic& warning(Span span, std::string code, std::string message, std::string hint = {});
  void append(const Diagnostics& other);

  [[nodiscard]] bool has_errors() const;
  [[nodiscard]] const std::vector<Diagnostic>& all() const { return all_; }
  [[nodiscard]] bool empty() const { return all_.empty(); }
  // Orders the findings by file, line and column; equal places keep the order they were found in.
  void sort();

 private:
  std::vector<Diagnostic> all_;
};

struct RenderOptions {
  bool color = false;
};

// `file:line:col: error[code]: message; hint`, then the line of `source` and a caret under the
// value. Without the line when `source` does not reach that far.
[[nodiscard]] std::string render(const Diagnostic& diagnostic, std::string_view source,
                                 RenderOptions options = {});

// The entry of `names` that `text` was probably meant to be, or empty when none is near.
[[nodiscard]] std::string nearest(std::string_view text, const std::vector<std::string>& names);

}  // namespace lineup
