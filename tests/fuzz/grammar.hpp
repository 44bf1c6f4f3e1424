// SPDX-License-Identifier: Apache-2.0
//
// Rule files by a grammar: bytes decide, one after another, so that a mutation of the bytes is a
// mutation of the program, and the same bytes are the same program.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lineup::fuzz {

// Writes the file of a rule `r` with `allow`, which answers `true` at once for every item but `m0`.
// What it then does may be anything: endless, enormous, wrong, or refused when it is loaded.
class Grammar {
 public:
  explicit Grammar(std::string_view choices) : choices_(choices) {}

  [[nodiscard]] std::string rule();

 private:
  std::string block(int depth);
  std::string statement(int depth);
  std::string expression(int depth);
  std::string call(int depth);
  std::string name();
  std::string text();
  std::string number();
  std::uint8_t byte();
  template <std::size_t N>
  std::string one_of(const char* const (&words)[N]) {
    return words[byte() % N];
  }

  std::string_view choices_;
  std::size_t next_ = 0;
};

}  // namespace lineup::fuzz
