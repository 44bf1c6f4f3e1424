// SPDX-License-Identifier: Apache-2.0
//
// Looks up names and checks types. Unlike the parser it goes on after an error, so that a condition
// with three unknown columns reports three. An expression that could not be compiled becomes a
// constant, which nobody evaluates: the condition as a whole is refused.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "condition/compiler.hpp"
#include "condition/sides.hpp"

namespace lineup {

namespace {

using Kind = ConditionExpression::Kind;

Comparison mirrored(Comparison comparison) {
  switch (comparison) {
    case Comparison::Less:
      return Comparison::Greater;
    case Comparison::LessEqual:
      return Comparison::GreaterEqual;
    case Comparison::Greater:
      return Comparison::Less;
    case Comparison::GreaterEqual:
      return Comparison::LessEqual;
    case Comparison::Equal:
    case Comparison::NotEqual:
      return comparison;
  }
  return comparison;
}

// The side of higher rank stands left.
int rank(const ConditionOperand& operand) {
  return operand.reads_rows() ? 2 : operand.source == ConditionOperand::Source::Literal ? 0 : 1;
}

// What is added on the left is taken away on the right, and what is added to a literal is in it.
void move_durations(ConditionNode& node) {
  node.right.offset_ms -= node.left.offset_ms;
  node.left.offset_ms = 0;
  if (node.right.source != ConditionOperand::Source::Literal || node.right.offset_ms == 0) return;
  node.right.literal = Scalar::of(node.right.literal.integer + node.right.offset_ms);
  node.right.offset_ms = 0;
}

class Compiler {
 public:
  Compiler(std::string_view text, const ConditionScope& scope, ConditionProgram& program,
           const ConditionReporter& reporter)
      : scope_(scope), sides_(text, scope, program, reporter) {}

  ConditionNode compile(const ConditionExpression& expression) {
    switch (expression.kind) {
      case Kind::And:
        return compile_all(expression, ConditionNode::Kind::And);
      case Kind::Or:
        return compile_all(expression, ConditionNode::Kind::Or);
      case Kind::Not:
        return negate(compile(expression.children[0]));
      case Kind::Compare:
        return compile_comparison(expression);
      case Kind::In:
        return compile_in(expression);
      case Kind::Segment:
        return compile_segment(expression);
      case Kind::Bool:
        return constant(expression.boolean);
      case Kind::Match:
        return compile_match(expression);
      case Kind::Column:
      case Kind::Context:
      case Kind::Experiment:
      case Kind::Now:
        return compile_truth(expression);
      case Kind::List:
      case Kind::Set:
      case Kind::Range:
      case Kind::Nil:
      case Kind::Integer:
      case Kind::Float:
      case Kind::Text:
      case Kind::Time:
        break;
    }
    sides_.type_error(expression,
                      fmt::format("`{}` is a value, not a condition", sides_.shown(expression)),
                      "compare it with a column: `category == \"Drama\"`, for example");
    return constant(false);
  }

 private:
  static ConditionNode constant(bool value) {
    ConditionNode node;
    node.constant = value;
    return node;
  }

  static ConditionNode negate(ConditionNode inner) {
    ConditionNode node;
    node.kind = ConditionNode::Kind::Not;
    node.reads_rows = inner.reads_rows;
    node.children.push_back(std::move(inner));
    return node;
  }

  static ConditionNode negate_if(bool negated, ConditionNode inner) {
    return negated ? negate(std::move(inner)) : inner;
  }

  ConditionNode compile_all(const ConditionExpression& expression, ConditionNode::Kind kind) {
    ConditionNode node;
    node.kind = kind;
    for (const ConditionExpression& child : expression.children) {
      node.children.push_back(compile(child));
      node.reads_rows = node.reads_rows || node.children.back().reads_rows;
    }
    return node;
  }

  ConditionNode compile_segment(const ConditionExpression& expression) {
    static const std::vector<std::string> kNone;
    const auto& names = scope_.segments != nullptr ? *scope_.segments : kNone;
    const auto found = std::find(names.begin(), names.end(), expression.text);
    if (found == names.end()) {
      sides_.unknown(
          expression, "segment",
          names.empty() ? "no segment can be named here" : sides_.hint(expression.text, names));
      return constant(false);
    }
    ConditionNode node;
    node.kind = ConditionNode::Kind::Segment;
    node.index = static_cast<std::uint32_t>(found - names.begin());
    return node;
  }

  // A column or context value that stands for itself.
  ConditionNode compile_truth(const ConditionExpression& expression) {
    ConditionSide side;
    if (!sides_.read(expression, side)) return constant(false);
    if (side.sort != ValueSort::Truth && side.sort != ValueSort::Context) {
      const std::string_view example = side.sort == ValueSort::Number   ? " > 0"
                                       : side.sort == ValueSort::Time   ? " >= time(\"2026-01-31\")"
                                       : side.sort == ValueSort::Vector ? " ~= nil"
                                                                        : " == \"...\"";
      sides_.type_error(
          expression,
          fmt::format("`{}` is {}, not a condition", sides_.shown(expression), describe(side.sort)),
          fmt::format("compare it: `{}{}`", sides_.shown(expression), example));
      return constant(false);
    }
    return leaf(ConditionNode::Kind::Truth, std::move(side.operand));
  }

  static ConditionNode leaf(ConditionNode::Kind kind, ConditionOperand left) {
    ConditionNode node;
    node.kind = kind;
    node.left = std::move(left);
    node.reads_rows = node.left.reads_rows();
    return node;
  }

  ConditionNode compile_comparison(const ConditionExpression& expression) {
    const ConditionExpression* left = &expression.children[0];
    const ConditionExpression* right = &expression.children[1];
    if (left->kind == Kind::Nil) std::swap(left, right);
    if (right->kind == Kind::Nil) return compile_nil_test(expression, *left);
    Comparison comparison = expression.comparison;
    ConditionSide left_side;
    ConditionSide right_side;
    const bool has_left = sides_.read(*left, left_side);
    if (!sides_.read(*right, right_side) || !has_left) return constant(false);
    if (rank(right_side.operand) > rank(left_side.operand)) {
      std::swap(left, right);
      std::swap(left_side, right_side);
      comparison = mirrored(comparison);
    }
    return compare(expression, {left, std::move(left_side)}, {right, std::move(right_side)},
                   comparison);
  }

  ConditionNode compile_nil_test(const ConditionExpression& expression,
                                 const ConditionExpression& tested) {
    if (!is_equality(expression.comparison)) {
      sides_.type_error(expression, "`nil` has no order",
                        "test for a value with `== nil` or `~= nil`");
      return constant(false);
    }
    if (tested.kind == Kind::Nil || is_value(tested.kind)) {
      sides_.type_error(expression,
                        fmt::format("`{}` says the same of every row", sides_.shown(expression)),
                        "test a column or a context value");
      return constant(false);
    }
    ConditionSide side;
    if (!sides_.read(tested, side)) return constant(false);
    side.operand.offset_ms = 0;  // a moment that is there is there some days later
    return negate_if(expression.comparison == Comparison::NotEqual,
                     leaf(ConditionNode::Kind::Missing, std::move(side.operand)));
  }

  // The node for two sides that were read, of which the left reads rows if any does.
  ConditionNode compare(const ConditionExpression& whole, ConditionTerm left, ConditionTerm right,
                        Comparison comparison) {
    if (is_value(left.expression->kind) && is_value(right.expression->kind)) {
      sides_.type_error(whole, fmt::format("`{}` says the same of every row", sides_.shown(whole)),
                        "compare a column or a context value");
      return constant(false);
    }
    // A text beside a time is a date.
    if (left.side.sort == ValueSort::Time && right.expression->kind == Kind::Text) {
      if (!sides_.read_time(*right.expression, right.side)) return constant(false);
    }
    if (!sides_.may_compare(whole, left, right, comparison)) return constant(false);
    ConditionNode node = leaf(ConditionNode::Kind::Compare, std::move(left.side.operand));
    node.right = std::move(right.side.operand);
    node.reads_rows = node.reads_rows || node.right.reads_rows();
    node.as_time = left.side.sort == ValueSort::Time || right.side.sort == ValueSort::Time;
    move_durations(node);
    const bool negated = comparison == Comparison::NotEqual;
    node.comparison = negated ? Comparison::Equal : comparison;
    return negate_if(negated, std::move(node));
  }

  ConditionNode compile_in(const ConditionExpression& expression) {
    const ConditionExpression& what = expression.children[0];
    const ConditionExpression& where = expression.children[1];
    ConditionSide side;
    if (!sides_.read(what, side)) return constant(false);
    if (is_value(what.kind)) {
      sides_.type_error(
          what, fmt::format("`{}` is a fixed value", sides_.shown(what)),
          "`in` asks of a column or a context value; for a column of several values write "
          "`tags == \"x\"`");
      return constant(false);
    }
    if (side.operand.offset_ms != 0 && where.kind != Kind::Range) {
      sides_.type_error(what, fmt::format("`{}` is a moment to compare", sides_.shown(what)),
                        "add the duration to the dates it is compared with");
      return constant(false);
    }
    const ConditionTerm term{&what, std::move(side)};
    ConditionNode node = where.kind == Kind::Range ? compile_range(expression, term, where)
                         : where.kind == Kind::Set ? compile_set(term, where)
                                                   : compile_list(term, where);
    return negate_if(expression.negated, std::move(node));
  }

  ConditionNode compile_range(const ConditionExpression& whole, const ConditionTerm& term,
                              const ConditionExpression& range) {
    ConditionSide low;
    ConditionSide high;
    const bool has_low = sides_.read(range.children[0], low);
    if (!sides_.read(range.children[1], high) || !has_low) return constant(false);
    ConditionNode node;
    node.kind = ConditionNode::Kind::And;
    node.children.push_back(
        compare(whole, term, {&range.children[0], std::move(low)}, Comparison::GreaterEqual));
    // What is wrong with the first bound is most often wrong with the second: said once.
    if (node.children[0].kind != ConditionNode::Kind::Compare) return constant(false);
    node.children.push_back(
        compare(whole, term, {&range.children[1], std::move(high)}, Comparison::LessEqual));
    if (node.children[1].kind != ConditionNode::Kind::Compare) return constant(false);
    const ConditionOperand& from = node.children[0].right;
    const ConditionOperand& to = node.children[1].right;
    const bool are_known = from.source == ConditionOperand::Source::Literal &&
                           to.source == ConditionOperand::Source::Literal;
    const bool backwards = from.literal.kind == Scalar::Kind::Text
                               ? from.text > to.text
                               : from.literal.number > to.literal.number;
    node.reads_rows = node.children[0].reads_rows;
    if (!are_known) {
      // Whether `now` comes before a date is known when a request does: then no row matches.
    } else if (from.literal.kind != to.literal.kind &&
               !(from.literal.is_number() && to.literal.is_number())) {
      sides_.type_error(
          range, fmt::format("the ends of `{}` are of different kinds", sides_.shown(range)));
    } else if (backwards) {
      sides_.type_error(range, fmt::format("the range `{}` runs backwards", sides_.shown(range)),
                        "write the lower end first");
    }
    return node;
  }

  ConditionNode compile_list(const ConditionTerm& term, const ConditionExpression& where) {
    const ConditionOperand& operand = term.side.operand;
    const bool fits =
        term.side.sort == ValueSort::Text || term.side.sort == ValueSort::Id ||
        term.side.sort == ValueSort::Context ||
        (operand.source == ConditionOperand::Source::Column && term.side.sort == ValueSort::Number);
    if (!fits) {
      sides_.type_error(*term.expression,
                        fmt::format("`{}` is {} and cannot be looked up in a list",
                                    sides_.shown(*term.expression), describe(term.side.sort)),
                        "lists hold ids, texts and numbers");
    }
    ConditionNode node = leaf(ConditionNode::Kind::InList, operand);
    if (scope_.lists != nullptr) {
      const auto found = scope_.lists->find(where.text);
      if (found != scope_.lists->end()) {
        node.list = found->second;
        return node;
      }
    }
    std::vector<std::string> names;
    if (scope_.lists != nullptr) {
      for (const auto& entry : *scope_.lists) names.push_back(entry.first);
    }
    std::string hint = sides_.hint(where.text, names);
    if (hint.empty()) hint = fmt::format("a list is a file: lists/{}.txt", where.text);
    sides_.unknown(where, "list", std::move(hint));
    return constant(false);
  }

  ConditionNode compile_match(const ConditionExpression& expression) {
    const ConditionExpression& what = expression.children[0];
    ConditionSide side;
    if (!sides_.read(what, side)) return constant(false);
    const bool is_text = side.sort == ValueSort::Text || side.sort == ValueSort::Id ||
                         side.sort == ValueSort::Context;
    if (is_value(what.kind) || !is_text) {
      sides_.type_error(what,
                        fmt::format("`{}` is {} and has no beginning or end", sides_.shown(what),
                                    is_value(what.kind) ? "a fixed value" : describe(side.sort)),
                        "only texts, ids and context values have");
      return constant(false);
    }
    ConditionNode node = leaf(ConditionNode::Kind::Match, std::move(side.operand));
    node.right.text = expression.children[1].text;
    node.right.literal.kind = Scalar::Kind::Text;
    node.text_end = expression.text_end;
    return node;
  }

  ConditionNode compile_set(const ConditionTerm& term, const ConditionExpression& where) {
    ConditionNode node = leaf(ConditionNode::Kind::InSet, term.side.operand);
    for (const ConditionExpression& value : where.children) add_to_set(term, value, node.set);
    std::sort(node.set.integers.begin(), node.set.integers.end());
    std::sort(node.set.floats.begin(), node.set.floats.end());
    std::sort(node.set.numbers.begin(), node.set.numbers.end());
    std::sort(node.set.texts.begin(), node.set.texts.end());
    return node;
  }

  void add_to_set(const ConditionTerm& term, const ConditionExpression& value, ConditionSet& set) {
    ConditionSide side;
    if (value.kind == Kind::Nil) {
      sides_.type_error(value, "`nil` stands in no set",
                        fmt::format("write `{} == nil`", sides_.shown(*term.expression)));
      return;
    }
    if (!sides_.read(value, side)) return;
    if (term.side.sort == ValueSort::Time && value.kind == Kind::Text &&
        !sides_.read_time(value, side))
      return;
    if (term.side.sort == ValueSort::Truth || side.sort == ValueSort::Truth ||
        (term.side.sort == ValueSort::Context && side.sort == ValueSort::Time)) {
      sides_.type_error(value, fmt::format("`{}` cannot stand in this set", sides_.shown(value)),
                        fmt::format("compare it: `{} == {}`", sides_.shown(*term.expression),
                                    sides_.shown(value)));
      return;
    }
    if (!sides_.may_compare(value, term, {&value, side}, Comparison::Equal)) return;
    const Scalar& literal = side.operand.literal;
    if (literal.kind == Scalar::Kind::Text) {
      set.texts.push_back(side.operand.text);
      std::int64_t number = 0;
      if (term.side.sort == ValueSort::Id && decimal_of(side.operand.text, number)) {
        set.integers.push_back(number);
      }
      return;
    }
    set.numbers.push_back(literal.number);
    if (literal.kind == Scalar::Kind::Float) {
      set.floats.push_back(literal.number);
      return;
    }
    set.integers.push_back(literal.integer);
    if (term.side.sort == ValueSort::Id) set.texts.push_back(std::to_string(literal.integer));
  }

  const ConditionScope& scope_;
  SideReader sides_;
};

}  // namespace

bool compile_expression(const ConditionExpression& expression, std::string_view text,
                        const ConditionScope& scope, const ConditionReporter& reporter,
                        ConditionProgram& out) {
  const std::size_t before = reporter.count();
  out.root = Compiler(text, scope, out, reporter).compile(expression);
  std::sort(out.columns.begin(), out.columns.end());
  out.columns.erase(std::unique(out.columns.begin(), out.columns.end()), out.columns.end());
  return reporter.count() == before;
}

}  // namespace lineup
