// SPDX-License-Identifier: Apache-2.0
//
// What the program is talking to: a person at a terminal, or a file or pipe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lineup::cli {

[[nodiscard]] bool is_terminal(int descriptor);

// On a terminal, unless NO_COLOR is set or TERM is `dumb`.
[[nodiscard]] bool wants_color(int descriptor);

// Columns to fit text into: of the terminal, or 100 where there is none.
[[nodiscard]] std::size_t terminal_width(int descriptor);

// Colours, or none.
class Paint {
 public:
  explicit Paint(bool color) : color_(color) {}
  [[nodiscard]] std::string bold(std::string_view text) const { return wrap("1", text); }
  [[nodiscard]] std::string faint(std::string_view text) const { return wrap("2", text); }
  [[nodiscard]] std::string red(std::string_view text) const { return wrap("31", text); }
  [[nodiscard]] std::string green(std::string_view text) const { return wrap("32", text); }
  [[nodiscard]] std::string yellow(std::string_view text) const { return wrap("33", text); }

 private:
  [[nodiscard]] std::string wrap(std::string_view code, std::string_view text) const;
  bool color_;
};

// A line on standard error that replaces itself while long work goes on; nothing when standard
// error is no terminal. Gone when it is destroyed.
class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Cheap to call often: draws a few times a second. Not thread safe.
  void show(std::string_view text);
  [[nodiscard]] bool is_on() const { return is_on_; }

 private:
  bool is_on_;
  bool is_drawn_ = false;
  long long next_ns_ = 0;
};

}  // namespace lineup::cli
