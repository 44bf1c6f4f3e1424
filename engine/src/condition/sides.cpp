// SPDX-License-Identifier: Apache-2.0
//
// Names are looked up in the scope of the condition; types decide what may be compared with what.
// Context values have no declared type: they compare with everything here and are looked at when a
// request comes.
#include "condition/sides.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.hpp"

namespace lineup {

namespace {

using Kind = ConditionExpression::Kind;

ValueSort sort_of(ColumnType type) {
  switch (type) {
    case ColumnType::Float:
    case ColumnType::Integer:
      return ValueSort::Number;
    case ColumnType::Category:
    case ColumnType::Categories:
      return ValueSort::Text;
    case ColumnType::Bool:
      return ValueSort::Truth;
    case ColumnType::Time:
      return ValueSort::Time;
    case ColumnType::Embedding:
      return ValueSort::Vector;
  }
  return ValueSort::Vector;
}

// Missing values go by other names elsewhere.
bool is_null(const ConditionExpression& expression) {
  return expression.text == "null" || expression.text == "None" || expression.text == "NULL";
}

// What to write beside a side of `sort` instead of `literal`.
std::string mismatch_hint(ValueSort sort, const ConditionExpression& literal,
                          std::string_view literal_shown) {
  if (!is_value(literal.kind)) return {};
  std::int64_t number = 0;
  switch (sort) {
    case ValueSort::Number:
      if (literal.kind == Kind::Text && decimal_of(literal.text, number)) {
        return fmt::format("write {} without quotes", literal.text);
      }
      return "write a number";
    case ValueSort::Text:
      if (literal.kind == Kind::Integer || literal.kind == Kind::Float) {
        return fmt::format("write \"{}\" in quotes", literal_shown);
      }
      return "write a text in quotes";
    case ValueSort::Truth:
      return "write `true` or `false`";
    case ValueSort::Time:
      return "write a date: time(\"2026-01-31\")";
    case ValueSort::Id:
      return "write a whole number or a text";
    case ValueSort::Context:
    case ValueSort::Vector:
      break;
  }
  return {};
}

}  // namespace

std::string_view describe(ValueSort sort) {
  switch (sort) {
    case ValueSort::Number:
      return "a number";
    case ValueSort::Text:
      return "text";
    case ValueSort::Truth:
      return "true or false";
    case ValueSort::Time:
      return "a time";
    case ValueSort::Id:
      return "an id";
    case ValueSort::Context:
      return "a context value";
    case ValueSort::Vector:
      return "an embedding";
  }
  return "a value";
}

bool is_value(ConditionExpression::Kind kind) {
  return kind == Kind::Bool || kind == Kind::Integer || kind == Kind::Float || kind == Kind::Text ||
         kind == Kind::Time;
}

std::string SideReader::hint(std::string_view text, const std::vector<std::string>& names) {
  const std::string near = nearest(text, names);
  if (!near.empty()) return fmt::format("did you mean `{}`?", near);
  constexpr std::size_t kFew = 12;
  if (names.empty() || names.size() > kFew) return {};
  return fmt::format("there are: {}", fmt::join(names, ", "));
}

bool SideReader::read(const ConditionExpression& expression, ConditionSide& out) {
  if (!read_one(expression, out)) return false;
  if (expression.offset_ms == 0 || expression.kind == Kind::Time) return true;
  if (out.sort != ValueSort::Time && out.sort != ValueSort::Context) {
    type_error(expression,
               fmt::format("`{}` adds a duration to {}", shown(expression), describe(out.sort)),
               expression.kind == Kind::Text ? "write a date: time(\"2026-01-31\") + 7d"
                                             : "durations are added to dates only: `now - 7d`");
    return false;
  }
  out.sort = ValueSort::Time;
  out.operand.offset_ms = expression.offset_ms;
  return true;
}

bool SideReader::read_one(const ConditionExpression& expression, ConditionSide& out) {
  switch (expression.kind) {
    case Kind::Column:
      return read_column(expression, out);
    case Kind::Context:
      return read_context(expression, out);
    case Kind::Experiment:
      return read_experiment(expression, out);
    case Kind::Now:
      out.sort = ValueSort::Time;
      out.operand.source = ConditionOperand::Source::Now;
      return true;
    case Kind::Bool:
      out.sort = ValueSort::Truth;
      out.operand.literal = Scalar::of(expression.boolean);
      return true;
    case Kind::Integer:
      out.sort = ValueSort::Number;
      out.operand.literal = Scalar::of(expression.integer);
      return true;
    case Kind::Float:
      out.sort = ValueSort::Number;
      out.operand.literal = Scalar::of(expression.number);
      return true;
    case Kind::Text:
      out.sort = ValueSort::Text;
      out.operand.text = expression.text;
      out.operand.literal.kind = Scalar::Kind::Text;
      return true;
    case Kind::Time:
      return read_time(expression, out);
    case Kind::Segment:
      type_error(expression, fmt::format("`{}` is a condition, not a value", shown(expression)),
                 fmt::format("write `{0}` or `not {0}`", shown(expression)));
      return false;
    case Kind::And:
    case Kind::Or:
    case Kind::Not:
    case Kind::Compare:
    case Kind::In:
    case Kind::Match:
    case Kind::List:
    case Kind::Set:
    case Kind::Range:
    case Kind::Nil:
      break;
  }
  type_error(expression, fmt::format("`{}` is not a value to compare", shown(expression)),
             "conditions are joined with `and`, `or` and `not`");
  return false;
}

bool SideReader::read_column(const ConditionExpression& expression, ConditionSide& out) {
  if (scope_.schema == nullptr) {
    unknown(expression, "column", "only `context.NAME` and `segment.NAME` can be read here");
    return false;
  }
  if (expression.text == kIdName) {
    out.sort = ValueSort::Id;
    out.operand.source = ConditionOperand::Source::Id;
    program_.reads_ids = true;
    return true;
  }
  const auto index = scope_.schema->find(expression.text);
  if (!index) {
    unknown_column(expression);
    return false;
  }
  out.operand.source = ConditionOperand::Source::Column;
  out.operand.index = *index;
  out.operand.type = (*scope_.schema)[*index].type;
  out.sort = sort_of(out.operand.type);
  program_.columns.push_back(*index);
  return true;
}

void SideReader::unknown_column(const ConditionExpression& expression) {
  const auto is_segment = [&](const std::string& name) { return name == expression.text; };
  const bool named_like_segment =
      scope_.segments != nullptr &&
      std::any_of(scope_.segments->begin(), scope_.segments->end(), is_segment);
  unknown(expression, "column",
          named_like_segment    ? fmt::format("write `segment.{}`", expression.text)
          : is_null(expression) ? "write `nil`"
                                : hint(expression.text, scope_.schema->names()));
}

bool SideReader::read_context(const ConditionExpression& expression, ConditionSide& out) {
  if (scope_.context == nullptr) {
    unknown(expression, "context", "no context can be read here");
    return false;
  }
  out.sort = ValueSort::Context;
  out.operand.source = ConditionOperand::Source::Context;
  out.operand.index = scope_.context->slot(expression.text);
  return true;
}

bool SideReader::read_experiment(const ConditionExpression& expression, ConditionSide& out) {
  if (scope_.context == nullptr) {
    unknown(expression, "context", "no experiment can be read here");
    return false;
  }
  out.sort = ValueSort::Text;  // variants are texts
  out.operand.source = ConditionOperand::Source::Context;
  out.operand.index = scope_.context->slot(std::string(kExperimentPrefix) + expression.text);
  return true;
}

bool SideReader::read_time(const ConditionExpression& expression, ConditionSide& out) {
  TimeZone zone = scope_.zone != nullptr ? *scope_.zone : TimeZone();
  if (!expression.zone.empty()) {
    const auto own = TimeZone::find(expression.zone);
    if (!own) {
      type_error(expression, fmt::format("`{}` is no time zone", expression.zone),
                 "write a place such as Europe/Berlin, an offset such as +08:00, or UTC");
      return false;
    }
    zone = *own;
  }
  const auto moment = zone.parse(expression.text);
  if (!moment) {
    type_error(expression, fmt::format("`{}` is no date", expression.text),
               "dates are written 2026-01-31 or 2026-01-31T09:00:00Z");
    return false;
  }
  out.sort = ValueSort::Time;
  out.operand.literal = Scalar::of(moment->ms + expression.offset_ms);
  out.operand.text.clear();
  return true;
}

bool SideReader::may_compare(const ConditionExpression& whole, const ConditionTerm& left,
                             const ConditionTerm& right, Comparison comparison) {
  const ValueSort a = left.side.sort;
  const ValueSort b = right.side.sort;
  for (const ConditionTerm* term : {&left, &right}) {
    if (term->side.sort == ValueSort::Vector) {
      type_error(
          *term->expression,
          fmt::format("`{}` is an embedding and compares with nothing", shown(*term->expression)),
          "only `== nil` and `~= nil` can be asked of it");
      return false;
    }
  }
  const bool id_pair = a == ValueSort::Id &&
                       (b == ValueSort::Context || b == ValueSort::Text ||
                        right.expression->kind == Kind::Integer) &&
                       right.side.operand.source != ConditionOperand::Source::Column;
  const bool fits = id_pair || (a != ValueSort::Id && b != ValueSort::Id &&
                                (a == b || a == ValueSort::Context || b == ValueSort::Context));
  if (!fits) {
    type_error(whole,
               fmt::format("`{}` is {} and does not compare with {}", shown(*left.expression),
                           describe(a), describe(b)),
               mismatch_hint(a, *right.expression, shown(*right.expression)));
    return false;
  }
  return is_equality(comparison) || (may_order(left) && may_order(right));
}

bool SideReader::may_order(const ConditionTerm& term) {
  const bool is_many = term.side.operand.source == ConditionOperand::Source::Column &&
                       term.side.operand.type == ColumnType::Categories;
  if (term.side.sort != ValueSort::Truth && term.side.sort != ValueSort::Id && !is_many)
    return true;
  const std::string_view what = is_many                           ? "has several values"
                                : term.side.sort == ValueSort::Id ? "is an id"
                                                                  : "is true or false";
  type_error(
      *term.expression, fmt::format("`{}` {} and has no order", shown(*term.expression), what),
      term.side.sort == ValueSort::Truth ? "only `==` and `~=` can be asked of it"
                                         : "only `==`, `~=`, `in` and `not in` can be asked of it");
  return false;
}

std::string SideReader::shown(const ConditionExpression& expression) const {
  constexpr std::size_t kShownMax = 60;
  const std::string_view all = text_.substr(expression.begin, expression.end - expression.begin);
  return all.size() <= kShownMax ? std::string(all) : std::string(all.substr(0, kShownMax)) + "...";
}

void SideReader::type_error(const ConditionExpression& at, std::string message, std::string hint) {
  reporter_.report(at.begin, at.end, "condition/type", std::move(message), std::move(hint),
                   {{"expression", shown(at)}});
}

void SideReader::unknown(const ConditionExpression& at, std::string_view what, std::string hint) {
  reporter_.report(at.begin, at.end, fmt::format("condition/unknown-{}", what),
                   fmt::format("unknown {} `{}`", what, at.text), std::move(hint),
                   {{"name", at.text}});
}

}  // namespace lineup
