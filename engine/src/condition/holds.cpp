// SPDX-License-Identifier: Apache-2.0
//
// Evaluates a condition for one row, value by value: what the verifier asks. It walks the tree as
// the text reads and shares no evaluation code with select.cpp, so that a fault in one shows
// against the other. Clear rather than fast.
#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "base/clock.hpp"
#include "condition/condition.hpp"
#include "condition/program.hpp"

namespace lineup {

namespace {

// What one row and its request offer to a condition.
struct Reader {
  const Table& table;
  std::span<const Vocabulary> vocabularies;
  const RequestContext& request;
  std::uint32_t row;

  // How many values `operand` has here: none when it is missing, several only for Categories.
  [[nodiscard]] std::uint32_t value_count(const ConditionOperand& operand) const {
    switch (operand.source) {
      case ConditionOperand::Source::Literal:
      case ConditionOperand::Source::Now:
      case ConditionOperand::Source::Id:
        return 1;
      case ConditionOperand::Source::Context: {
        if (operand.index >= request.context.size()) return 0;
        const Scalar& value = request.context[operand.index];
        const bool is_nan = value.kind == Scalar::Kind::Float && std::isnan(value.number);
        return value.is_missing() || is_nan ? 0 : 1;
      }
      case ConditionOperand::Source::Column: {
        const Column& column = table.columns[operand.index];
        if (column.is_missing(row)) return 0;
        return column.type == ColumnType::Categories ? column.offsets[row + 1] - column.offsets[row]
                                                     : 1;
      }
    }
    return 0;
  }

  // REQUIRES: which < value_count(operand)
  [[nodiscard]] Scalar value(const ConditionOperand& operand, std::uint32_t which) const {
    switch (operand.source) {
      case ConditionOperand::Source::Literal:
        return operand.literal_value();
      case ConditionOperand::Source::Context:
        return request.context[operand.index];
      case ConditionOperand::Source::Now:
        return Scalar::of(request.now_ms);
      case ConditionOperand::Source::Id:
        return table.ids.is_numeric() ? Scalar::of(table.ids.numbers[row])
                                      : Scalar::of(table.ids.text(row));
      case ConditionOperand::Source::Column:
        return column_value(operand, which);
    }
    return {};
  }

  [[nodiscard]] Scalar column_value(const ConditionOperand& operand, std::uint32_t which) const {
    const Column& column = table.columns[operand.index];
    const auto text = [&](std::uint32_t code) {
      return Scalar::of(vocabularies[operand.index].texts[code]);
    };
    switch (column.type) {
      case ColumnType::Float:
        return Scalar::of(column.floats[row]);
      case ColumnType::Integer:
      case ColumnType::Time:
        return Scalar::of(column.integers[row]);
      case ColumnType::Category:
        return text(column.codes[row]);
      case ColumnType::Categories:
        return text(column.codes[column.offsets[row] + which]);
      case ColumnType::Bool:
        return Scalar::of(column.bools[row] != 0);
      case ColumnType::Embedding:
        return {};
    }
    return {};
  }
};

std::optional<std::int64_t> as_moment(const Scalar& value) {
  if (value.kind == Scalar::Kind::Integer) return value.integer;
  if (value.kind == Scalar::Kind::Text) return parse_time_ms(value.text);
  const bool fits = value.kind == Scalar::Kind::Float && std::fabs(value.number) <= 9.0e15;
  if (fits) return static_cast<std::int64_t>(std::trunc(value.number));
  return std::nullopt;
}

// `moment` so much later, or the last moment there is.
std::int64_t later(std::int64_t moment, std::int64_t by_ms) {
  if (by_ms > 0 && moment > INT64_MAX - by_ms) return INT64_MAX;
  if (by_ms < 0 && moment < INT64_MIN - by_ms) return INT64_MIN;
  return moment + by_ms;
}

// Ids are looked at as they are written.
bool matches(const ConditionNode& node, const Scalar& value) {
  const bool is_id = node.left.source == ConditionOperand::Source::Id;
  if (value.kind != Scalar::Kind::Text && !(is_id && value.kind == Scalar::Kind::Integer)) {
    return false;
  }
  char digits[24];
  std::string_view text = value.text;
  if (value.kind == Scalar::Kind::Integer) {
    const auto end = std::to_chars(digits, digits + sizeof(digits), value.integer).ptr;
    text = {digits, static_cast<std::size_t>(end - digits)};
  }
  const std::string_view part = node.right.text;
  if (part.size() > text.size()) return false;
  const std::size_t from = node.text_end == TextEnd::Start ? 0 : text.size() - part.size();
  return text.compare(from, part.size(), part) == 0;
}

// The whole number that an id or what it is compared with stands for.
std::optional<std::int64_t> as_id_number(const Scalar& value) {
  std::int64_t number = 0;
  if (value.kind == Scalar::Kind::Integer) return value.integer;
  if (value.kind == Scalar::Kind::Text && decimal_of(value.text, number)) return number;
  if (value.kind == Scalar::Kind::Float && std::trunc(value.number) == value.number) {
    return as_moment(value);
  }
  return std::nullopt;
}

bool same_id(const Scalar& a, const Scalar& b) {
  if (a.kind == Scalar::Kind::Text && b.kind == Scalar::Kind::Text) return a.text == b.text;
  const auto x = as_id_number(a);
  const auto y = as_id_number(b);
  return x && y && *x == *y;
}

template <typename T>
bool stands(const T& a, Comparison comparison, const T& b) {
  switch (comparison) {
    case Comparison::Equal:
      return a == b;
    case Comparison::NotEqual:
      return a != b;
    case Comparison::Less:
      return a < b;
    case Comparison::LessEqual:
      return a < b || a == b;
    case Comparison::Greater:
      return b < a;
    case Comparison::GreaterEqual:
      return b < a || a == b;
  }
  return false;
}

// REQUIRES: neither value is missing or NaN.
bool compares(const ConditionNode& node, const Scalar& a, const Scalar& b) {
  using Kind = Scalar::Kind;
  if (node.left.source == ConditionOperand::Source::Id) return same_id(a, b);
  if (node.as_time) {
    const auto x = as_moment(a);
    const auto y = as_moment(b);
    return x && y && stands(*x, node.comparison, later(*y, node.right.offset_ms));
  }
  if (a.kind == Kind::Text && b.kind == Kind::Text) return stands(a.text, node.comparison, b.text);
  if (a.kind == Kind::Integer && b.kind == Kind::Integer) {
    return stands(a.integer, node.comparison, b.integer);
  }
  if (a.is_number() && b.is_number()) return stands(a.number, node.comparison, b.number);
  // Truth has no order.
  return a.kind == Kind::Bool && b.kind == Kind::Bool && node.comparison == Comparison::Equal &&
         a.boolean == b.boolean;
}

template <typename T>
bool has(const std::vector<T>& values, const T& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

bool contains(const ConditionNode& node, const Scalar& value) {
  const bool is_list = node.kind == ConditionNode::Kind::InList;
  const ConditionSet& set = node.set;
  switch (value.kind) {
    case Scalar::Kind::Text: {
      const auto is_it = [&](const std::string& text) { return text == value.text; };
      return is_list ? node.list->contains(value.text)
                     : std::any_of(set.texts.begin(), set.texts.end(), is_it);
    }
    case Scalar::Kind::Integer:
      return is_list ? node.list->contains(value.integer)
                     : has(set.integers, value.integer) ||
                           has(set.floats, static_cast<double>(value.integer));
    case Scalar::Kind::Float:
      return is_list ? node.list->contains(value.number) : has(set.numbers, value.number);
    case Scalar::Kind::Bool:
    case Scalar::Kind::Missing:
      return false;
  }
  return false;
}

bool node_holds(const ConditionNode& node, const Reader& reader) {
  const auto child_holds = [&](const ConditionNode& child) { return node_holds(child, reader); };
  const auto begin = node.children.begin();
  const auto end = node.children.end();
  switch (node.kind) {
    case ConditionNode::Kind::Constant:
      return node.constant;
    case ConditionNode::Kind::And:
      return std::all_of(begin, end, child_holds);
    case ConditionNode::Kind::Or:
      return std::any_of(begin, end, child_holds);
    case ConditionNode::Kind::Not:
      return !child_holds(node.children[0]);
    case ConditionNode::Kind::Segment:
      return reader.request.segments != nullptr && test_bit(reader.request.segments, node.index);
    case ConditionNode::Kind::Missing:
      return reader.value_count(node.left) == 0;
    case ConditionNode::Kind::Truth:
    case ConditionNode::Kind::Compare:
    case ConditionNode::Kind::InSet:
    case ConditionNode::Kind::InList:
    case ConditionNode::Kind::Match:
      break;
  }
  // Any value of the left side will do; a missing one has none.
  const std::uint32_t left_count = reader.value_count(node.left);
  for (std::uint32_t i = 0; i < left_count; ++i) {
    const Scalar left = reader.value(node.left, i);
    if (node.kind == ConditionNode::Kind::Truth) {
      if (left.kind == Scalar::Kind::Bool && left.boolean) return true;
    } else if (node.kind == ConditionNode::Kind::Match) {
      if (matches(node, left)) return true;
    } else if (node.kind != ConditionNode::Kind::Compare) {
      if (contains(node, left)) return true;
    } else {
      const std::uint32_t right_count = reader.value_count(node.right);
      for (std::uint32_t j = 0; j < right_count; ++j) {
        if (compares(node, left, reader.value(node.right, j))) return true;
      }
    }
  }
  return false;
}

}  // namespace

bool Condition::holds(const Table& table, std::span<const Vocabulary> vocabularies,
                      const RequestContext& request, std::uint32_t row) const {
  return program_ == nullptr || node_holds(program_->root, {table, vocabularies, request, row});
}

bool Condition::holds(const RequestContext& request) const {
  assert(!reads_rows());
  const Table no_rows;
  return program_ == nullptr || node_holds(program_->root, {no_rows, {}, request, 0});
}

}  // namespace lineup
