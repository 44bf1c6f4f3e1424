// SPDX-License-Identifier: Apache-2.0
//
// Cuts a condition into tokens. Most of the file is about being helpful: the signs that other
// languages use for the same thing are recognised and answered with the right one.
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>

#include "condition/parser.hpp"

namespace lineup {

namespace {

// LIMIT: a condition that a person reads is a line or two; generated sets may be long, but ids that
// come by the thousand belong into a list.
constexpr std::size_t kTextBytesMax = 64 * 1024;

struct Mistake {
  std::string_view sign;
  std::string_view hint;
};

constexpr std::string_view kCompute = kConditionsCompute;

// Longer signs stand before their beginnings.
constexpr std::array kMistakes = {
    Mistake{"&&", "write `and`"},
    Mistake{"||", "write `or`"},
    Mistake{"<>", "write `~=`"},
    Mistake{"!", "write `not`"},
    Mistake{"&", "write `and`"},
    Mistake{"|", "write `or`"},
    Mistake{"=", "write `==` to compare"},
    Mistake{"[", "sets are written in braces: {\"a\", \"b\"}"},
    Mistake{"]", "sets are written in braces: {\"a\", \"b\"}"},
    Mistake{"\xE2\x80\x9C", "write straight quotes: \""},
    Mistake{"\xE2\x80\x9D", "write straight quotes: \""},
    Mistake{"\xE2\x80\x98", "write straight quotes: '"},
    Mistake{"\xE2\x80\x99", "write straight quotes: '"},
    Mistake{"*", kCompute},
    Mistake{"/", kCompute},
    Mistake{"%", kCompute},
};

// Longer symbols stand before their beginnings.
constexpr std::array<std::string_view, 15> kSymbols = {"==", "~=", "!=", "<=", ">=", "..", "<", ">",
                                                       "(",  ")",  "{",  "}",  ",",  "+",  "-"};

struct Unit {
  std::string_view name;
  std::int64_t ms;
};
constexpr std::array kUnits = {Unit{"s", 1000}, Unit{"m", 60'000}, Unit{"h", 3'600'000},
                               Unit{"d", 86'400'000}, Unit{"w", 604'800'000}};
// LIMIT: a century; no date of a product lies further from another.
constexpr std::int64_t kDurationMsMax = 36'525LL * 86'400'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool continues_name(char c) { return begins_name(c) || is_digit(c); }

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  tl::expected<std::vector<ConditionToken>, ConditionError> run() {
    if (text_.size() > kTextBytesMax) {
      error_ =
          ConditionError{0, 0, fmt::format("the condition is longer than {} bytes", kTextBytesMax),
                         "put many values into a list: lists/NAME.txt"};
    }
    while (!error_) {
      while (at_ < text_.size() && is_space(text_[at_])) ++at_;
      if (at_ == text_.size()) break;
      next();
    }
    if (error_) return tl::unexpected<ConditionError>(*error_);
    const auto end = static_cast<std::uint32_t>(text_.size());
    tokens_.push_back({ConditionToken::Kind::End, end, end, {}, 0, 0.0});
    return std::move(tokens_);
  }

 private:
  [[nodiscard]] bool starts_with(std::string_view what) const {
    return text_.substr(at_, what.size()) == what;
  }
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  ConditionToken& add(ConditionToken::Kind kind, std::size_t begin) {
    ConditionToken& token = tokens_.emplace_back();
    token.kind = kind;
    token.begin = static_cast<std::uint32_t>(begin);
    token.end = static_cast<std::uint32_t>(at_);
    token.text = std::string(text_.substr(begin, at_ - begin));
    return token;
  }

  void fail(std::size_t begin, std::size_t end, std::string message, std::string_view hint) {
    error_ = ConditionError{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end),
                            std::move(message), std::string(hint)};
  }

  void next() {
    const char c = text_[at_];
    if (c == '"' || c == '\'') return scan_text(c);
    if (is_digit(c) || (c == '-' && is_digit(peek(1)))) return scan_number();
    for (const std::string_view symbol : kSymbols) {
      if (!starts_with(symbol)) continue;
      if (symbol == "<" && peek(1) == '>') break;
      const std::size_t begin = at_;
      at_ += symbol.size();
      add(ConditionToken::Kind::Symbol, begin);
      return;
    }
    for (const Mistake& mistake : kMistakes) {
      if (!starts_with(mistake.sign)) continue;
      return fail(at_, at_ + mistake.sign.size(), fmt::format("unexpected `{}`", mistake.sign),
                  mistake.hint);
    }
    const std::size_t begin = at_;
    if (begins_name(c)) {
      while (at_ < text_.size() && continues_name(text_[at_])) ++at_;
      add(ConditionToken::Kind::Name, begin);
    } else if (c == '.') {
      ++at_;
      add(ConditionToken::Kind::Symbol, begin);
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      fail(at_, at_ + 1, "a control character stands in the condition", {});
    } else {
      fail(at_, at_ + 1, fmt::format("unexpected `{}`", c), {});
    }
  }

  void scan_text(char quote) {
    const std::size_t begin = at_++;
    std::string text;
    for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (text_[at_] != '\\') {
        text += text_[at_];
        continue;
      }
      const char escaped = peek(1);
      if (escaped != '\\' && escaped != '"' && escaped != '\'' && escaped != 'n' &&
          escaped != 't') {
        return fail(at_, std::min(at_ + 2, text_.size()), "unknown escape in a text",
                    "write `\\\\` for a backslash; `\\\"`, `\\'`, `\\n` and `\\t` are known too");
      }
      text += escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped;
      ++at_;
    }
    if (at_ >= text_.size()) {
      return fail(begin, text_.size(), "the text is not closed",
                  fmt::format("end it with `{}`", quote));
    }
    ++at_;
    add(ConditionToken::Kind::Text, begin).text = std::move(text);
  }

  void skip_digits() {
    while (is_digit(peek())) ++at_;
  }

  // The unit behind the digits from `begin` on. False when there is none.
  bool scan_unit(std::size_t begin) {
    std::size_t end = at_;
    while (end < text_.size() && continues_name(text_[end])) ++end;
    const std::string_view name = text_.substr(at_, end - at_);
    for (const Unit& unit : kUnits) {
      if (unit.name != name) continue;
      std::int64_t count = 0;
      const auto read = std::from_chars(text_.data() + begin, text_.data() + at_, count);
      at_ = end;
      if (read.ec != std::errc() || count > kDurationMsMax / unit.ms ||
          count < -kDurationMsMax / unit.ms) {
        fail(begin, end, fmt::format("`{}` is too large", text_.substr(begin, end - begin)),
             "a duration is a century at most");
        return true;
      }
      add(ConditionToken::Kind::Duration, begin).integer = count * unit.ms;
      return true;
    }
    return false;
  }

  void scan_number() {
    const std::size_t begin = at_;
    bool is_integer = true;
    if (peek() == '-') ++at_;
    skip_digits();
    // `1..5` is a range of two whole numbers.
    if (peek() == '.' && is_digit(peek(1))) {
      is_integer = false;
      ++at_;
      skip_digits();
    }
    const bool has_sign = peek(1) == '+' || peek(1) == '-';
    if ((peek() == 'e' || peek() == 'E') && is_digit(peek(has_sign ? 2 : 1))) {
      is_integer = false;
      at_ += has_sign ? 2 : 1;
      skip_digits();
    }
    if (is_integer && scan_unit(begin)) return;
    if (begins_name(peek()) || peek() == '%') {
      std::size_t end = at_ + 1;
      while (end < text_.size() && continues_name(text_[end])) ++end;
      return fail(begin, end, fmt::format("`{}` is no number", text_.substr(begin, end - begin)),
                  "write a number without a unit, or put quotes around a text; durations are "
                  "whole: 90s, 15m, 6h, 7d, 2w");
    }
    ConditionToken& token =
        add(is_integer ? ConditionToken::Kind::Integer : ConditionToken::Kind::Float, begin);
    const char* first = text_.data() + begin;
    const char* last = text_.data() + at_;
    if (std::from_chars(first, last, token.number).ec != std::errc()) {
      return fail(begin, at_, fmt::format("`{}` is too large", token.text), {});
    }
    // A whole number beyond 64 bits is the float next to it.
    if (is_integer && std::from_chars(first, last, token.integer).ec != std::errc()) {
      token.kind = ConditionToken::Kind::Float;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<ConditionToken> tokens_;
  std::optional<ConditionError> error_;
};

}  // namespace

tl::expected<std::vector<ConditionToken>, ConditionError> scan_condition(std::string_view text) {
  return Scanner(text).run();
}

}  // namespace lineup
