// SPDX-License-Identifier: Apache-2.0
//
// What stands on either side of a comparison: looking up its name, and whether two sides compare.
// Says what is wrong where they do not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "condition/ast.hpp"
#include "condition/compiler.hpp"
#include "condition/condition.hpp"
#include "condition/program.hpp"

namespace lineup {

// What a value is, as far as comparing goes. Context: known only when a request comes.
enum class ValueSort : std::uint8_t { Number, Text, Truth, Time, Id, Context, Vector };

// "a number", "text", ...: for messages.
[[nodiscard]] std::string_view describe(ValueSort sort);

// Whether an expression of this kind is written out: a number, a text, a date, true or false.
[[nodiscard]] bool is_value(ConditionExpression::Kind kind);

[[nodiscard]] inline bool is_equality(Comparison comparison) {
  return comparison == Comparison::Equal || comparison == Comparison::NotEqual;
}

// One side that was looked up.
struct ConditionSide {
  ConditionOperand operand;
  ValueSort sort = ValueSort::Number;
};

// A side and where it was written.
struct ConditionTerm {
  const ConditionExpression* expression;
  ConditionSide side;
};

class SideReader {
 public:
  // Everything is borrowed. Notes in `program` which columns and ids are read.
  SideReader(std::string_view text, const ConditionScope& scope, ConditionProgram& program,
             const ConditionReporter& reporter)
      : text_(text), scope_(scope), program_(program), reporter_(reporter) {}

  // What `expression` reads. False after reporting that it is nothing to compare.
  bool read(const ConditionExpression& expression, ConditionSide& out);
  // The date that a Text or Time expression writes. False after reporting that it is none.
  bool read_time(const ConditionExpression& expression, ConditionSide& out);
  // Whether the two sides of `whole` compare in this way. False after reporting why not.
  bool may_compare(const ConditionExpression& whole, const ConditionTerm& left,
                   const ConditionTerm& right, Comparison comparison);

  // "did you mean `x`?", or the names there are when they are few, or nothing.
  [[nodiscard]] static std::string hint(std::string_view text,
                                        const std::vector<std::string>& names);
  // An expression as it was written, cut when it is long.
  [[nodiscard]] std::string shown(const ConditionExpression& expression) const;
  void type_error(const ConditionExpression& at, std::string message, std::string hint = {});
  // condition/unknown-WHAT
  void unknown(const ConditionExpression& at, std::string_view what, std::string hint);

 private:
  bool read_column(const ConditionExpression& expression, ConditionSide& out);
  bool read_context(const ConditionExpression& expression, ConditionSide& out);
  bool read_experiment(const ConditionExpression& expression, ConditionSide& out);
  bool read_one(const ConditionExpression& expression, ConditionSide& out);
  void unknown_column(const ConditionExpression& expression);
  bool may_order(const ConditionTerm& term);

  std::string_view text_;
  const ConditionScope& scope_;
  ConditionProgram& program_;
  const ConditionReporter& reporter_;
};

}  // namespace lineup
