// SPDX-License-Identifier: Apache-2.0
//
// The compiled form of a condition: a tree whose names are indexes and whose comparisons have been
// checked. Two evaluators read it, select.cpp and holds.cpp, which share nothing else.
//
// Compiling leaves few shapes: `~=` and `not in` are a Not above an Equal or In, so that they are
// true wherever their opposite is false, missing values included; a range is two comparisons under
// an And; of two operands the one that reads rows stands left.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "batch/batch.hpp"
#include "condition/ast.hpp"
#include "condition/condition.hpp"

namespace lineup {

// Where one side of a comparison comes from.
struct ConditionOperand {
  enum class Source : std::uint8_t { Literal, Context, Now, Column, Id };
  Source source = Source::Literal;
  std::uint32_t index = 0;              // Context: slot; Column: index in the schema
  ColumnType type = ColumnType::Float;  // Column
  // Literal: its value, a time as its milliseconds. The text of a text literal is in `text`: nodes
  // move, so nothing may borrow from them before the program is finished.
  Scalar literal;
  std::string text;
  // Added to the moment that it is. Compiling moves it to the right side, and into literals.
  std::int64_t offset_ms = 0;

  [[nodiscard]] Scalar literal_value() const {
    return literal.kind == Scalar::Kind::Text ? Scalar::of(std::string_view(text)) : literal;
  }

  [[nodiscard]] bool reads_rows() const { return source == Source::Column || source == Source::Id; }
};

// The values of a set; which are filled follows from what is looked up.
struct ConditionSet {
  std::vector<std::int64_t> integers;  // sorted
  std::vector<double> floats;          // sorted; those written with a fraction or exponent
  std::vector<double> numbers;         // sorted; integers and floats
  std::vector<std::string> texts;      // sorted
};

struct ConditionNode {
  enum class Kind : std::uint8_t {
    Constant,  // `constant`
    And,       // children
    Or,        // children
    Not,       // one child
    Segment,   // bit `index`
    Truth,     // `left` is a boolean that is there and true
    Missing,   // `left` has no value
    Compare,   // `left` comparison `right`; never NotEqual
    InSet,     // `left` is in `set`
    InList,    // `left` is in `list`
    Match,     // `left` is a text that begins or ends with that of `right`
  };
  Kind kind = Kind::Constant;
  bool constant = false;
  Comparison comparison = Comparison::Equal;
  TextEnd text_end = TextEnd::Start;  // Match
  bool as_time = false;  // Compare: both sides are moments; context values are read as such
  std::uint32_t index = 0;
  ConditionOperand left;
  ConditionOperand right;
  ConditionSet set;
  std::shared_ptr<const IdList> list;
  std::vector<ConditionNode> children;
  bool reads_rows = false;  // in this node or below
};

class ConditionProgram {
 public:
  ConditionNode root;
  std::vector<std::uint32_t> columns;  // sorted, each once
  bool reads_ids = false;
};

// The number that `text` is the decimal form of ("42", "-7"; not "042", "+1", "4.0"). Ids are
// compared across their two forms by it.
[[nodiscard]] bool decimal_of(std::string_view text, std::int64_t& number);

}  // namespace lineup
