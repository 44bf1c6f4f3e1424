// SPDX-License-Identifier: Apache-2.0
//
// A condition as it was written, before its names are looked up: what the parser makes of a text,
// and what any other notation would be turned into. Knows neither columns nor types.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lineup {

enum class Comparison : std::uint8_t { Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual };
enum class TextEnd : std::uint8_t { Start, End };  // where a text is looked for

struct ConditionExpression {
  enum class Kind : std::uint8_t {
    And,         // children: two or more
    Or,          // children: two or more
    Not,         // children: one
    Compare,     // children: left, right
    In,          // children: what is looked for, and a Set, Range or List
    Match,       // children: what is looked at, and a Text; `text_end`
    Column,      // text: the name; `id` too
    Context,     // text: the path after `context.`
    Segment,     // text: the name after `segment.`
    Experiment,  // text: the name after `experiment.`
    Now,         // the request's clock
    List,        // text: the name after `list.`
    Set,         // children: literals
    Range,       // children: lowest, highest
    Nil,
    Bool,
    Integer,
    Float,
    Text,
    Time,  // text: the date inside time("..."); zone: what stands beside it
  };
  Kind kind = Kind::Nil;
  Comparison comparison = Comparison::Equal;  // Compare
  TextEnd text_end = TextEnd::Start;          // Match
  bool negated = false;                       // In: `not in`
  bool boolean = false;
  std::int64_t integer = 0;
  double number = 0.0;  // set for Integer too
  std::string text;
  std::string zone;
  std::int64_t offset_ms = 0;  // durations that are added to a moment
  std::vector<ConditionExpression> children;
  std::uint32_t begin = 0;  // bytes of the condition's text; end is exclusive
  std::uint32_t end = 0;
};

}  // namespace lineup
