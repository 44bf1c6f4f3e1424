// SPDX-License-Identifier: Apache-2.0
//
// The text of a rule file, cut into tokens: Lua knows the line of a fault, this finds the column.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"

namespace lineup {

struct Token {
  enum class Kind : std::uint8_t { Name, Text, Number, Symbol };
  Kind kind = Kind::Symbol;
  std::string_view text;  // as written, quotes included
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::uint32_t end_line = 1;
  std::uint32_t end_column = 1;
};

// Borrows the path and the text.
class Source {
 public:
  Source(std::string_view path, std::string_view text);

  [[nodiscard]] const std::vector<Token>& tokens() const { return tokens_; }
  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] const std::string& path() const { return path_; }

  // The span of tokens first .. last.
  [[nodiscard]] Span span(std::size_t first, std::size_t last) const;
  // A line from its first to its last token; line 0: the file as a whole.
  [[nodiscard]] Span line_span(std::uint32_t line) const;
  // The name `name` on `line`, else the line.
  [[nodiscard]] Span name_span(std::uint32_t line, std::string_view name) const;
  // What a sentence of Lua's about `line` names in backticks, else the line.
  [[nodiscard]] Span span_of_sentence(std::uint32_t line, std::string_view sentence) const;

  // The token where `name` opens a call or a table at `line`: `window {`, `window({`.
  [[nodiscard]] std::optional<std::size_t> find_call(std::uint32_t line,
                                                     std::string_view name) const;
  // The brace of the table that belongs to the name at `token`: `name {`, `name({`, `name = {`,
  // `name = call {`.
  [[nodiscard]] std::optional<std::size_t> find_table(std::size_t token) const;

  // One `key = value` of a table: its tokens.
  struct Field {
    std::size_t key = 0;
    std::size_t first = 0;  // of the value
    std::size_t last = 0;
  };
  // The field `key` of the table whose brace is at `brace`.
  [[nodiscard]] std::optional<Field> find_field(std::size_t brace, std::string_view key) const;

  [[nodiscard]] bool is(std::size_t token, std::string_view text) const {
    return token < tokens_.size() && tokens_[token].text == text;
  }
  [[nodiscard]] bool is_name(std::size_t token) const {
    return token < tokens_.size() && tokens_[token].kind == Token::Kind::Name;
  }

 private:
  std::string path_;
  std::string_view text_;
  std::vector<Token> tokens_;
};

// One table as it is written, if it was found: where its fields stand.
class TableText {
 public:
  // The table that the call `word { ... }` at `line` takes.
  TableText(const Source& source, std::uint32_t line, std::string_view word);
  // The table that is the value of `key` here.
  [[nodiscard]] TableText inner(std::string_view key) const;

  // The call's word, or the line.
  [[nodiscard]] Span word() const { return word_; }
  [[nodiscard]] Span key(std::string_view name) const;
  [[nodiscard]] Span value(std::string_view name) const;

 private:
  const Source* source_;
  std::optional<std::size_t> brace_;
  Span word_;
};

// What a quoted text token says; nothing for long brackets with levels or escapes beyond the plain
// ones (\" \' \\ \n \t).
[[nodiscard]] std::optional<std::string> text_value(const Token& token);

}  // namespace lineup
