// SPDX-License-Identifier: Apache-2.0
//
// Recursive descent with one token of look-ahead. The first error ends the parse: what follows a
// syntax error in one line would be noise.
#include "condition/parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

namespace lineup {

namespace {

// LIMIT: deeper than anyone writes, shallow enough for every stack.
constexpr int kDepthMax = 64;

constexpr std::array<std::pair<std::string_view, Comparison>, 7> kComparisons = {{
    {"==", Comparison::Equal},
    {"~=", Comparison::NotEqual},
    {"!=", Comparison::NotEqual},
    {"<", Comparison::Less},
    {"<=", Comparison::LessEqual},
    {">", Comparison::Greater},
    {">=", Comparison::GreaterEqual},
}};

std::optional<Comparison> comparison_of(const ConditionToken& token) {
  for (const auto& [symbol, comparison] : kComparisons) {
    if (token.is_symbol(symbol)) return comparison;
  }
  return std::nullopt;
}

class Parser {
 public:
  Parser(std::string_view text, std::vector<ConditionToken> tokens)
      : text_(text), tokens_(std::move(tokens)) {}

  tl::expected<ConditionExpression, ConditionError> run() {
    auto expression = parse_or(0);
    if (expression && token().kind != ConditionToken::Kind::End) {
      unexpected_after_operand();
      expression.reset();
    }
    if (!expression) return tl::unexpected<ConditionError>(std::move(error_));
    return std::move(*expression);
  }

 private:
  using Parsed = std::optional<ConditionExpression>;

  [[nodiscard]] const ConditionToken& token() const { return tokens_[at_]; }
  [[nodiscard]] const ConditionToken& following() const {
    return tokens_[std::min(at_ + 1, tokens_.size() - 1)];
  }
  const ConditionToken& take() {
    const ConditionToken& taken = tokens_[at_];
    if (taken.kind != ConditionToken::Kind::End) ++at_;
    return taken;
  }
  bool take_symbol(std::string_view symbol) {
    if (!token().is_symbol(symbol)) return false;
    take();
    return true;
  }

  std::nullopt_t fail(const ConditionToken& where, std::string message, std::string hint = {}) {
    error_ = {where.begin, where.end, std::move(message), std::move(hint)};
    return std::nullopt;
  }

  // The token as it was written, for messages.
  [[nodiscard]] std::string shown(const ConditionToken& token) const {
    if (token.kind == ConditionToken::Kind::End) return "the end";
    return fmt::format("`{}`", text_.substr(token.begin, token.end - token.begin));
  }
  [[nodiscard]] std::string previous() const {
    return at_ == 0 ? "at the beginning" : "after " + shown(tokens_[at_ - 1]);
  }

  static ConditionExpression leaf(ConditionExpression::Kind kind, const ConditionToken& first,
                                  const ConditionToken& last) {
    ConditionExpression expression;
    expression.kind = kind;
    expression.begin = first.begin;
    expression.end = last.end;
    return expression;
  }

  static ConditionExpression join(ConditionExpression::Kind kind,
                                  std::vector<ConditionExpression> children) {
    ConditionExpression expression;
    expression.kind = kind;
    expression.begin = children.front().begin;
    expression.end = children.back().end;
    expression.children = std::move(children);
    return expression;
  }

  Parsed parse_or(int depth) {
    return parse_chain(depth, "or", ConditionExpression::Kind::Or, &Parser::parse_and);
  }
  Parsed parse_and(int depth) {
    return parse_chain(depth, "and", ConditionExpression::Kind::And, &Parser::parse_term);
  }

  // One or more of `part`, joined by `word`.
  Parsed parse_chain(int depth, std::string_view word, ConditionExpression::Kind kind,
                     Parsed (Parser::*part)(int)) {
    std::vector<ConditionExpression> children;
    do {
      if (!children.empty()) take();
      Parsed child = (this->*part)(depth);
      if (!child) return std::nullopt;
      children.push_back(std::move(*child));
    } while (token().is_name(word));
    if (children.size() == 1) return std::move(children.front());
    return join(kind, std::move(children));
  }

  Parsed parse_term(int depth) {
    if (depth > kDepthMax) {
      return fail(token(), fmt::format("the condition is nested deeper than {}", kDepthMax));
    }
    if (!token().is_name("not")) return parse_comparison(depth);
    const std::uint32_t begin = take().begin;
    Parsed inner = parse_term(depth + 1);
    if (!inner) return std::nullopt;
    std::vector<ConditionExpression> children;
    children.push_back(std::move(*inner));
    ConditionExpression expression = join(ConditionExpression::Kind::Not, std::move(children));
    expression.begin = begin;
    return expression;
  }

  Parsed parse_comparison(int depth) {
    Parsed left = parse_operand(depth);
    if (!left) return std::nullopt;
    if (const auto comparison = comparison_of(token())) {
      take();
      Parsed right = parse_operand(depth);
      if (!right) return std::nullopt;
      if (comparison_of(token())) {
        return fail(token(), "comparisons cannot be chained",
                    "join two of them with `and`, or write a range: `price in 10..20`");
      }
      std::vector<ConditionExpression> children;
      children.push_back(std::move(*left));
      children.push_back(std::move(*right));
      ConditionExpression expression =
          join(ConditionExpression::Kind::Compare, std::move(children));
      expression.comparison = *comparison;
      return expression;
    }
    if (token().is_name("is")) return parse_missing(std::move(*left));
    if ((token().is_name("starts") || token().is_name("ends")) && following().is_name("with")) {
      return parse_match(std::move(*left));
    }
    const bool negated = token().is_name("not") && following().is_name("in");
    if (negated) take();
    if (!token().is_name("in")) return left;
    take();
    return parse_in(std::move(*left), negated);
  }

  // `is missing`, `is not missing`: what `== nil` and `~= nil` say, in words.
  Parsed parse_missing(ConditionExpression left) {
    const ConditionToken& is = take();
    const bool negated = token().is_name("not");
    if (negated) take();
    if (!token().is_name("missing")) {
      return fail(is, "after `is` stands `missing` or `not missing`",
                  "write `==` to compare with a value");
    }
    std::vector<ConditionExpression> children;
    children.push_back(std::move(left));
    children.push_back(leaf(ConditionExpression::Kind::Nil, token(), token()));
    take();
    ConditionExpression expression = join(ConditionExpression::Kind::Compare, std::move(children));
    expression.comparison = negated ? Comparison::NotEqual : Comparison::Equal;
    return expression;
  }

  // `starts with "..."`, `ends with "..."`.
  Parsed parse_match(ConditionExpression left) {
    const TextEnd text_end = take().text == "ends" ? TextEnd::End : TextEnd::Start;
    take();  // with
    if (token().kind != ConditionToken::Kind::Text) {
      return fail(token(), fmt::format("expected a text in quotes {}, found {}", previous(),
                                       shown(token())));
    }
    std::vector<ConditionExpression> children;
    children.push_back(std::move(left));
    children.push_back(*parse_literal());
    ConditionExpression expression = join(ConditionExpression::Kind::Match, std::move(children));
    expression.text_end = text_end;
    return expression;
  }

  Parsed parse_in(ConditionExpression left, bool negated) {
    Parsed where;
    if (token().is_symbol("{")) {
      where = parse_set();
    } else if (token().is_name("list") && following().is_symbol(".")) {
      where = parse_path(ConditionExpression::Kind::List, false);
    } else if (is_literal(token()) || token().is_name("now")) {
      where = parse_range();
    } else {
      return fail(
          token(),
          fmt::format("expected a set, a range or a list after `in`, found {}", shown(token())),
          "write {\"a\", \"b\"}, 10..20 or list.NAME");
    }
    if (!where) return std::nullopt;
    std::vector<ConditionExpression> children;
    children.push_back(std::move(left));
    children.push_back(std::move(*where));
    ConditionExpression expression = join(ConditionExpression::Kind::In, std::move(children));
    expression.negated = negated;
    return expression;
  }

  Parsed parse_set() {
    const ConditionToken& open = take();
    ConditionExpression set = leaf(ConditionExpression::Kind::Set, open, open);
    while (!token().is_symbol("}")) {
      if (!set.children.empty() && !take_symbol(",")) {
        if (token().kind == ConditionToken::Kind::End) return fail(open, "`{` is not closed");
        return fail(token(),
                    fmt::format("expected `,` or `}}` {}, found {}", previous(), shown(token())));
      }
      if (token().is_symbol("}")) break;  // a comma before the brace is allowed, as in Lua
      if (token().kind == ConditionToken::Kind::End) return fail(open, "`{` is not closed");
      Parsed value = parse_literal();
      if (!value) return std::nullopt;
      set.children.push_back(std::move(*value));
    }
    set.end = take().end;
    return set;
  }

  Parsed parse_range() {
    Parsed low = parse_bound();
    if (!low) return std::nullopt;
    if (!take_symbol("..")) {
      return fail(token(), fmt::format("expected `..` {}, found {}", previous(), shown(token())),
                  "a range is written 10..20, a set {10, 20}");
    }
    Parsed high = parse_bound();
    if (!high) return std::nullopt;
    std::vector<ConditionExpression> children;
    children.push_back(std::move(*low));
    children.push_back(std::move(*high));
    return join(ConditionExpression::Kind::Range, std::move(children));
  }

  Parsed parse_bound() {
    return with_durations(token().is_name("now") ? parse_now() : parse_literal());
  }

  Parsed parse_operand(int depth) { return with_durations(parse_value(depth)); }

  Parsed parse_now() {
    const ConditionToken& now = take();
    return leaf(ConditionExpression::Kind::Now, now, now);
  }

  // Adds the durations that follow: `now - 7d`; `-7d` may be one token.
  Parsed with_durations(Parsed operand) {
    while (operand) {
      const bool is_sign = token().is_symbol("+") || token().is_symbol("-");
      const bool is_one = token().kind == ConditionToken::Kind::Duration && token().integer < 0;
      if (!is_sign && !is_one) return operand;
      const bool is_minus = token().is_symbol("-");
      if (is_sign) {
        if (following().kind != ConditionToken::Kind::Duration) {
          return fail(token(), fmt::format("unexpected {}", shown(token())),
                      std::string(kConditionsCompute));
        }
        take();
      }
      operand->offset_ms += is_minus ? -token().integer : token().integer;
      operand->end = take().end;
    }
    return operand;
  }

  Parsed parse_value(int depth) {
    if (token().is_symbol("(")) return parse_parentheses(depth);
    if (is_literal(token())) return parse_literal();
    if (token().is_name("now") && !following().is_symbol(".")) return parse_now();
    if (token().kind == ConditionToken::Kind::Duration) {
      return fail(token(), fmt::format("{} is a duration", shown(token())),
                  "write a date beside it: `now - 7d`, for example");
    }
    if (token().kind == ConditionToken::Kind::Name && following().is_symbol(".")) {
      if (token().text == "context") return parse_path(ConditionExpression::Kind::Context, true);
      if (token().text == "segment") return parse_path(ConditionExpression::Kind::Segment, false);
      if (token().text == "experiment") {
        return parse_path(ConditionExpression::Kind::Experiment, false);
      }
      if (token().text == "list") {
        return fail(token(), "a list stands only after `in`",
                    "write `author in list.NAME`, for example");
      }
      return fail(following(), fmt::format("`{}` has no parts", token().text),
                  "only `context.`, `segment.`, `experiment.` and `list.` are followed by a name");
    }
    if (token().kind == ConditionToken::Kind::Name && following().is_symbol("(")) {
      return fail(token(), fmt::format("unknown function `{}`", token().text),
                  "conditions know only time(\"2026-01-31\")");
    }
    if (token().kind == ConditionToken::Kind::Name && !is_word(token().text)) {
      const ConditionToken& name = take();
      ConditionExpression expression = leaf(ConditionExpression::Kind::Column, name, name);
      expression.text = name.text;
      return expression;
    }
    return fail(token(), fmt::format("expected a column or a value {}, found {}", previous(),
                                     shown(token())));
  }

  Parsed parse_parentheses(int depth) {
    const ConditionToken& open = take();
    if (depth >= kDepthMax) {
      return fail(open, fmt::format("the condition is nested deeper than {}", kDepthMax));
    }
    Parsed inner = parse_or(depth + 1);
    if (!inner) return std::nullopt;
    if (!token().is_symbol(")")) {
      if (token().kind == ConditionToken::Kind::End) return fail(open, "`(` is not closed");
      return unexpected_after_operand();
    }
    inner->begin = open.begin;
    inner->end = take().end;
    return inner;
  }

  // `context.a.b`, `segment.a`, `list.a`: the current token is the first name.
  Parsed parse_path(ConditionExpression::Kind kind, bool is_deep) {
    const ConditionToken& first = take();
    ConditionExpression expression = leaf(kind, first, first);
    do {
      take();  // the dot
      if (token().kind != ConditionToken::Kind::Name) {
        return fail(token(),
                    fmt::format("expected a name {}, found {}", previous(), shown(token())));
      }
      if (!expression.text.empty()) expression.text += '.';
      expression.text += token().text;
      expression.end = take().end;
    } while (is_deep && token().is_symbol("."));
    return expression;
  }

  [[nodiscard]] bool is_literal(const ConditionToken& token) const {
    switch (token.kind) {
      case ConditionToken::Kind::Integer:
      case ConditionToken::Kind::Float:
      case ConditionToken::Kind::Text:
        return true;
      case ConditionToken::Kind::Name:
        return token.text == "true" || token.text == "false" || token.text == "nil" ||
               (token.text == "time" && following().is_symbol("("));
      case ConditionToken::Kind::Duration:
      case ConditionToken::Kind::Symbol:
      case ConditionToken::Kind::End:
        return false;
    }
    return false;
  }

  Parsed parse_literal() {
    if (!is_literal(token())) {
      return fail(token(), fmt::format("expected a value {}, found {}", previous(), shown(token())),
                  token().kind == ConditionToken::Kind::Name ? "put quotes around a text" : "");
    }
    if (token().is_name("time")) return parse_time();
    const ConditionToken& value = take();
    ConditionExpression expression = leaf(ConditionExpression::Kind::Nil, value, value);
    expression.integer = value.integer;
    expression.number = value.number;
    if (value.kind == ConditionToken::Kind::Integer) {
      expression.kind = ConditionExpression::Kind::Integer;
    } else if (value.kind == ConditionToken::Kind::Float) {
      expression.kind = ConditionExpression::Kind::Float;
    } else if (value.kind == ConditionToken::Kind::Text) {
      expression.kind = ConditionExpression::Kind::Text;
      expression.text = value.text;
    } else if (value.text != "nil") {
      expression.kind = ConditionExpression::Kind::Bool;
      expression.boolean = value.text == "true";
    }
    return expression;
  }

  Parsed parse_time() {
    const ConditionToken& name = take();
    take();  // the parenthesis: is_literal() has seen it
    if (token().kind != ConditionToken::Kind::Text) {
      return fail(token(),
                  fmt::format("expected a date in quotes {}, found {}", previous(), shown(token())),
                  "write time(\"2026-01-31\")");
    }
    ConditionExpression expression = leaf(ConditionExpression::Kind::Time, name, token());
    expression.text = take().text;
    if (take_symbol(",")) {
      if (token().kind != ConditionToken::Kind::Text) {
        return fail(
            token(),
            fmt::format("expected a time zone in quotes {}, found {}", previous(), shown(token())),
            "write time(\"2026-01-31\", \"Europe/Berlin\")");
      }
      expression.zone = take().text;
    }
    if (!token().is_symbol(")")) {
      return fail(token(), fmt::format("expected `)` {}, found {}", previous(), shown(token())));
    }
    expression.end = take().end;
    return expression;
  }

  static bool is_word(std::string_view name) {
    return name == "and" || name == "or" || name == "not" || name == "in";
  }

  // Something stands where only `and`, `or`, a comparison or the end may.
  std::nullopt_t unexpected_after_operand() {
    const ConditionToken& found = token();
    if (found.is_symbol(")")) return fail(found, "`)` closes nothing");
    std::string word = found.kind == ConditionToken::Kind::Name ? found.text : "";
    std::transform(word.begin(), word.end(), word.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::string hint;
    if (is_word(word) && word != found.text) {
      hint = fmt::format("write `{}`", word);
    } else if (word == "eq" || word == "equals" || word == "is") {
      hint = "write `==`";
    } else if (word == "contains" || word == "has") {
      hint = "a column of several values is compared with `==`: one of them is equal";
    } else if (word == "like" || word == "startswith" || word == "starts_with") {
      hint = "write `starts with \"...\"` or `ends with \"...\"`";
    }
    return fail(
        found,
        fmt::format("expected `and`, `or` or a comparison {}, found {}", previous(), shown(found)),
        std::move(hint));
  }

  std::string_view text_;
  std::vector<ConditionToken> tokens_;
  std::size_t at_ = 0;
  ConditionError error_;
};

}  // namespace

tl::expected<ConditionExpression, ConditionError> parse_condition(std::string_view text) {
  auto tokens = scan_condition(text);
  if (!tokens) return tl::unexpected<ConditionError>(std::move(tokens.error()));
  return Parser(text, std::move(*tokens)).run();
}

}  // namespace lineup
