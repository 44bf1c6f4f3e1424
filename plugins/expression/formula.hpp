// SPDX-License-Identifier: Apache-2.0
//
// Formulas over columns: parsed once into a program for a stack machine, run row by row. Written
// here because no library offers what rows need: a missing value (NaN) stays missing through
// arithmetic, comparisons with it are false, nothing is kept between calls, nothing is allocated.
#ifndef LINEUP_EXPRESSION_FORMULA_HPP
#define LINEUP_EXPRESSION_FORMULA_HPP

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lineup/cpp/status.hpp"

namespace expression {

// LIMIT: values that are open at once, and how deep brackets nest.
inline constexpr std::size_t kStackMax = 64;

enum class Op : std::uint8_t {
  Number,
  Column,
  Add,
  Subtract,
  Multiply,
  Divide,
  Power,
  Negate,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  Equal,
  NotEqual,
  Minimum,
  Maximum,
  Absolute,
  Logarithm,
  Exponential,
  Root,
  Sigmoid,
  Clamp,
  If,
  Default
};

struct Function {
  std::string_view name;
  Op op;
  std::size_t arguments;
};
inline constexpr Function kFunctions[] = {
    {"min", Op::Minimum, 2},     {"max", Op::Maximum, 2},     {"abs", Op::Absolute, 1},
    {"log", Op::Logarithm, 1},   {"exp", Op::Exponential, 1}, {"sqrt", Op::Root, 1},
    {"sigmoid", Op::Sigmoid, 1}, {"clamp", Op::Clamp, 3},     {"if", Op::If, 3},
    {"default", Op::Default, 2},
};

// A parsed formula.
class Formula {
 public:
  // Throws Failure with the place of what is wrong.
  explicit Formula(std::string_view text) : text_(text) {
    parse_comparison();
    skip_blanks();
    if (at_ != text_.size()) fail("expected an operator or the end");
    if (most_ > kStackMax) fail("the formula keeps too many values open");
  }

  // The columns it reads, in the order of their first mention.
  [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }

  // The value for one row; `column(i)` is that of columns()[i], NaN when missing.
  template <typename Read>
  [[nodiscard]] double value(Read&& column) const {
    std::array<double, kStackMax> stack;
    std::size_t size = 0;
    for (const Step& step : steps_) {
      if (step.op == Op::Number) {
        stack[size++] = step.number;
      } else if (step.op == Op::Column) {
        stack[size++] = column(step.column);
      } else {
        size -= step.takes;
        stack[size] = apply(step.op, stack.data() + size);
        ++size;
      }
    }
    return stack[0];
  }

 private:
  struct Step {
    Op op = Op::Number;
    std::uint8_t takes = 0;
    std::uint32_t column = 0;
    double number = 0.0;
  };

  static double apply(Op op, const double* v) {
    switch (op) {
      case Op::Add:
        return v[0] + v[1];
      case Op::Subtract:
        return v[0] - v[1];
      case Op::Multiply:
        return v[0] * v[1];
      case Op::Divide:
        return v[0] / v[1];
      case Op::Power:
        return std::pow(v[0], v[1]);
      case Op::Negate:
        return -v[0];
      case Op::Less:
        return v[0] < v[1] ? 1.0 : 0.0;
      case Op::LessEqual:
        return v[0] <= v[1] ? 1.0 : 0.0;
      case Op::Greater:
        return v[0] > v[1] ? 1.0 : 0.0;
      case Op::GreaterEqual:
        return v[0] >= v[1] ? 1.0 : 0.0;
      case Op::Equal:
        return v[0] == v[1] ? 1.0 : 0.0;
      case Op::NotEqual:
        return v[0] != v[1] ? 1.0 : 0.0;
      case Op::Minimum:
        return either_missing(v) ? std::nan("") : std::min(v[0], v[1]);
      case Op::Maximum:
        return either_missing(v) ? std::nan("") : std::max(v[0], v[1]);
      case Op::Absolute:
        return std::abs(v[0]);
      case Op::Logarithm:
        return std::log(v[0]);
      case Op::Exponential:
        return std::exp(v[0]);
      case Op::Root:
        return std::sqrt(v[0]);
      case Op::Sigmoid:
        return 1.0 / (1.0 + std::exp(-v[0]));
      case Op::Clamp:
        return v[0] < v[1] ? v[1] : v[0] > v[2] ? v[2] : v[0];
      case Op::If:
        return std::isnan(v[0]) || v[0] == 0.0 ? v[2] : v[1];
      case Op::Default:
        return std::isnan(v[0]) ? v[1] : v[0];
      default:
        return 0.0;
    }
  }
  static bool either_missing(const double* v) { return std::isnan(v[0]) || std::isnan(v[1]); }

  [[noreturn]] void fail(const std::string& message) const {
    throw lineup::plugin::Failure("`/formula`, at character " + std::to_string(at_ + 1) + ": " +
                                  message);
  }
  void skip_blanks() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }
  bool take(std::string_view token) {
    skip_blanks();
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }
  void push(Step step) {
    open_ = open_ - step.takes + 1;
    most_ = std::max(most_, open_);
    steps_.push_back(step);
  }
  void push(Op op, std::size_t takes) { push({op, static_cast<std::uint8_t>(takes), 0, 0.0}); }

  void parse_comparison() {
    // Brackets and powers nest through this function.
    if (++depth_ > kStackMax) fail("the formula nests too deep");
    parse_sum();
    struct Comparison {
      std::string_view token;
      Op op;
    };
    static constexpr Comparison kComparisons[] = {{"<=", Op::LessEqual}, {">=", Op::GreaterEqual},
                                                  {"==", Op::Equal},     {"!=", Op::NotEqual},
                                                  {"<", Op::Less},       {">", Op::Greater}};
    for (const Comparison& each : kComparisons) {
      if (!take(each.token)) continue;
      parse_sum();
      push(each.op, 2);
      break;
    }
    --depth_;
  }
  void parse_sum() {
    parse_product();
    for (;;) {
      if (take("+")) {
        parse_product();
        push(Op::Add, 2);
      } else if (take("-")) {
        parse_product();
        push(Op::Subtract, 2);
      } else {
        return;
      }
    }
  }
  void parse_product() {
    parse_power();
    for (;;) {
      if (take("*")) {
        parse_power();
        push(Op::Multiply, 2);
      } else if (take("/")) {
        parse_power();
        push(Op::Divide, 2);
      } else {
        return;
      }
    }
  }
  // -a ^ b is -(a ^ b), and a ^ b ^ c is a ^ (b ^ c), as on paper.
  void parse_power() {
    if (++depth_ > kStackMax) fail("the formula nests too deep");
    if (take("-")) {
      parse_power();
      push(Op::Negate, 1);
    } else {
      parse_atom();
      if (take("^")) {
        parse_power();
        push(Op::Power, 2);
      }
    }
    --depth_;
  }
  void parse_atom() {
    if (take("(")) {
      parse_comparison();
      if (!take(")")) fail("expected `)`");
      return;
    }
    skip_blanks();
    const char first = at_ < text_.size() ? text_[at_] : '\0';
    if (std::isdigit(static_cast<unsigned char>(first)) != 0 || first == '.') return parse_number();
    if (std::isalpha(static_cast<unsigned char>(first)) != 0 || first == '_') return parse_name();
    fail("expected a number, a column, a function or `(`");
  }
  void parse_number() {
    double number = 0.0;
    const auto read = std::from_chars(text_.data() + at_, text_.data() + text_.size(), number);
    if (read.ec != std::errc()) fail("this is no number");
    at_ = static_cast<std::size_t>(read.ptr - text_.data());
    push({Op::Number, 0, 0, number});
  }
  void parse_name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_')) {
      ++at_;
    }
    const std::string_view name = text_.substr(begin, at_ - begin);
    if (take("(")) return parse_call(name, begin);
    const auto found = std::find(columns_.begin(), columns_.end(), name);
    if (found == columns_.end()) columns_.emplace_back(name);
    const auto index = static_cast<std::uint32_t>(
        std::find(columns_.begin(), columns_.end(), name) - columns_.begin());
    push({Op::Column, 0, index, 0.0});
  }
  void parse_call(std::string_view name, std::size_t begin) {
    const Function* function =
        std::find_if(std::begin(kFunctions), std::end(kFunctions),
                     [&](const Function& each) { return each.name == name; });
    if (function == std::end(kFunctions)) {
      at_ = begin;
      fail("unknown function `" + std::string(name) + "`");
    }
    for (std::size_t argument = 0; argument < function->arguments; ++argument) {
      if (argument > 0 && !take(",")) {
        fail("`" + std::string(name) + "` takes " + std::to_string(function->arguments) +
             " values: expected `,`");
      }
      parse_comparison();
    }
    if (!take(")")) fail("expected `)`");
    push(function->op, function->arguments);
  }

  std::string_view text_;  // only while it is parsed
  std::size_t at_ = 0;
  std::size_t open_ = 0;  // values on the stack after the steps so far
  std::size_t most_ = 0;
  std::size_t depth_ = 0;
  std::vector<std::string> columns_;
  std::vector<Step> steps_;
};

}  // namespace expression

#endif
