// SPDX-License-Identifier: Apache-2.0
//
// A scanner that never fails: what it does not understand becomes one-byte symbols, since it also
// reads files that Lua refused.
#include "script/source.hpp"

#include <cctype>

namespace lineup {

namespace {

bool is_name_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_name_part(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::vector<Token> run() {
    std::vector<Token> tokens;
    if (text_.substr(0, 1) == "#") skip_line();
    while (true) {
      skip_space_and_comments();
      if (at_ >= text_.size()) return tokens;
      Token token;
      token.line = line_;
      token.column = column();
      const std::size_t begin = at_;
      token.kind = scan();
      token.text = text_.substr(begin, at_ - begin);
      token.end_line = line_;
      token.end_column = column();
      tokens.push_back(token);
    }
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  std::uint32_t column() const { return static_cast<std::uint32_t>(at_ - line_begin_) + 1; }
  void advance(std::size_t bytes = 1) {
    for (; bytes > 0 && at_ < text_.size(); --bytes) {
      if (text_[at_++] == '\n') {
        ++line_;
        line_begin_ = at_;
      }
    }
  }
  void skip_line() {
    while (at_ < text_.size() && peek() != '\n') advance();
  }

  // The level of a long bracket `[==[` here, or nothing.
  std::optional<std::size_t> long_bracket(std::size_t ahead) const {
    if (peek(ahead) != '[') return std::nullopt;
    std::size_t level = 0;
    while (peek(ahead + 1 + level) == '=') ++level;
    if (peek(ahead + 1 + level) != '[') return std::nullopt;
    return level;
  }
  void skip_long(std::size_t level) {
    const std::string close = "]" + std::string(level, '=') + "]";
    const std::size_t end = text_.find(close, at_);
    advance(end == std::string_view::npos ? text_.size() - at_ : end + close.size() - at_);
  }
  void skip_space_and_comments() {
    while (at_ < text_.size()) {
      if (std::isspace(static_cast<unsigned char>(peek())) != 0) {
        advance();
      } else if (peek() == '-' && peek(1) == '-') {
        if (const auto level = long_bracket(2)) {
          skip_long(*level);
        } else {
          skip_line();
        }
      } else {
        return;
      }
    }
  }

  Token::Kind scan() {
    const char first = peek();
    if (is_name_start(first)) {
      while (is_name_part(peek())) advance();
      return Token::Kind::Name;
    }
    if (is_digit(first) || (first == '.' && is_digit(peek(1)))) {
      // `1..2` cannot stand in Lua, so dots are digits here; exponents may carry a sign.
      while (is_name_part(peek()) || peek() == '.' ||
             ((peek() == '+' || peek() == '-') && (text_[at_ - 1] | 0x20) == 'e')) {
        advance();
      }
      return Token::Kind::Number;
    }
    if (first == '"' || first == '\'') {
      advance();
      while (at_ < text_.size() && peek() != first && peek() != '\n') {
        advance(peek() == '\\' ? 2 : 1);
      }
      if (peek() == first) advance();
      return Token::Kind::Text;
    }
    if (const auto level = long_bracket(0)) {
      skip_long(*level);
      return Token::Kind::Text;
    }
    for (const std::string_view symbol :
         {"...", "..", "==", "~=", "<=", ">=", "//", "::", "<<", ">>"}) {
      if (text_.substr(at_, symbol.size()) == symbol) {
        advance(symbol.size());
        return Token::Kind::Symbol;
      }
    }
    advance();
    return Token::Kind::Symbol;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  std::size_t line_begin_ = 0;
};

bool opens(const Token& token) {
  return token.text == "{" || token.text == "(" || token.text == "[" || token.text == "function" ||
         token.text == "do" || token.text == "then" || token.text == "repeat";
}

// `then` of an `elseif` opens nothing new; `else` and `elseif` stay inside their block.
bool closes(const Token& token) {
  return token.text == "}" || token.text == ")" || token.text == "]" || token.text == "end" ||
         token.text == "until" || token.text == "elseif";
}

}  // namespace

Source::Source(std::string_view path, std::string_view text)
    : path_(path), text_(text), tokens_(Scanner(text).run()) {}

Span Source::span(std::size_t first, std::size_t last) const {
  const Token& begin = tokens_[first];
  const Token& end = tokens_[last];
  return {path_, begin.line, begin.column, end.end_line, end.end_column};
}

Span Source::line_span(std::uint32_t line) const {
  if (line == 0) return {path_, 0, 0, 0, 0};
  Span span{path_, line, 1, line, 1};
  bool found = false;
  for (const Token& token : tokens_) {
    if (token.line != line) continue;
    if (!found) span.column = token.column;
    found = true;
    span.end_line = token.end_line;
    span.end_column = token.end_column;
  }
  if (span.end_line != line) span.end_line = line, span.end_column = span.column + 1;
  return span;
}

Span Source::name_span(std::uint32_t line, std::string_view name) const {
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    if (tokens_[i].line == line && tokens_[i].text == name) return span(i, i);
  }
  return line_span(line);
}

Span Source::span_of_sentence(std::uint32_t line, std::string_view sentence) const {
  for (std::size_t open = sentence.find('`'); open != std::string_view::npos;) {
    const std::size_t close = sentence.find('`', open + 1);
    if (close == std::string_view::npos) break;
    const std::string_view name = sentence.substr(open + 1, close - open - 1);
    const Span found = name_span(line, name);
    if (found.end_column - found.column == name.size()) return found;
    open = sentence.find('`', close + 1);
  }
  return line_span(line);
}

std::optional<std::size_t> Source::find_call(std::uint32_t line, std::string_view name) const {
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    if (tokens_[i].line == line && tokens_[i].text == name && find_table(i)) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> Source::find_table(std::size_t token) const {
  std::size_t at = token + 1;
  if (is(at, "=")) ++at;
  if (is_name(at)) ++at;
  if (is(at, "(")) ++at;
  if (is(at, "{")) return at;
  return std::nullopt;
}

std::optional<Source::Field> Source::find_field(std::size_t brace, std::string_view key) const {
  int depth = 0;
  std::optional<Field> field;
  for (std::size_t i = brace + 1; i < tokens_.size(); ++i) {
    const Token& token = tokens_[i];
    const bool ends = depth == 0 && (token.text == "}" || token.text == "," || token.text == ";");
    if (ends && field) {
      field->last = i - 1;
      return field;
    }
    if (depth == 0 && token.text == "}") return std::nullopt;
    if (depth == 0 && !field && token.kind == Token::Kind::Name && token.text == key &&
        is(i + 1, "=") && i + 2 < tokens_.size()) {
      field = Field{i, i + 2, i + 2};
      ++i;
      continue;
    }
    if (token.kind == Token::Kind::Text) continue;
    if (closes(token)) --depth;
    if (opens(token)) ++depth;
  }
  return field;
}

TableText::TableText(const Source& source, std::uint32_t line, std::string_view word)
    : source_(&source), word_(source.line_span(line)) {
  if (const auto call = source.find_call(line, word)) {
    brace_ = source.find_table(*call);
    word_ = source.span(*call, *call);
  }
}

TableText TableText::inner(std::string_view key) const {
  TableText out = *this;
  const auto field = brace_ ? source_->find_field(*brace_, key) : std::nullopt;
  out.brace_ = field ? source_->find_table(field->key) : std::nullopt;
  if (field) out.word_ = source_->span(field->key, field->key);
  return out;
}

Span TableText::key(std::string_view name) const {
  const auto field = brace_ ? source_->find_field(*brace_, name) : std::nullopt;
  return field ? source_->span(field->key, field->key) : word_;
}

Span TableText::value(std::string_view name) const {
  const auto field = brace_ ? source_->find_field(*brace_, name) : std::nullopt;
  return field ? source_->span(field->first, field->last) : word_;
}

std::optional<std::string> text_value(const Token& token) {
  std::string_view text = token.text;
  if (token.kind != Token::Kind::Text || text.size() < 2) return std::nullopt;
  if (text[0] == '[') {
    if (text.substr(0, 2) != "[[" || text.size() < 4) return std::nullopt;
    text = text.substr(2, text.size() - 4);
    if (!text.empty() && text[0] == '\n') text.remove_prefix(1);
    return std::string(text);
  }
  std::string value;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] != '\\') {
      value += text[i];
      continue;
    }
    switch (text[++i]) {
      case '"':
        value += '"';
        break;
      case '\'':
        value += '\'';
        break;
      case '\\':
        value += '\\';
        break;
      case 'n':
        value += '\n';
        break;
      case 't':
        value += '\t';
        break;
      default:
        return std::nullopt;
    }
  }
  return value;
}

}  // namespace lineup
