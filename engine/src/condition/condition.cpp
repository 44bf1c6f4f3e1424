// SPDX-License-Identifier: Apache-2.0
//
// A text becomes a condition in two steps, parser.cpp and compile.cpp; select.cpp and holds.cpp
// evaluate it.
//
// Places: byte b of the text is byte `text_offset + b` of the origin, as long as the origin is one
// line that holds the text as it is, between nothing or two signs of `text_offset` bytes (quotes).
// Where it is not (escapes, folded lines, a text that was put together), findings point at the
// whole origin instead of at a place that would be wrong.
#include "condition/condition.hpp"

#include <algorithm>
#include <cassert>

#include "condition/compiler.hpp"
#include "condition/parser.hpp"
#include "condition/program.hpp"

namespace lineup {

namespace {

bool holds_text_as_it_is(const Span& origin, std::size_t text_bytes, std::uint32_t text_offset) {
  if (origin.line == 0) return false;
  if (origin.end_line == 0) return true;  // an origin without an end: taken on trust
  if (origin.end_line != origin.line || origin.end_column < origin.column) return false;
  const std::size_t width = origin.end_column - origin.column;
  return width == text_offset + text_bytes || width == 2 * text_offset + text_bytes;
}

}  // namespace

ConditionReporter::ConditionReporter(std::string_view text, const Span& origin,
                                     std::uint32_t text_offset, Diagnostics& diagnostics)
    : text_(text),
      origin_(origin),
      text_offset_(text_offset),
      is_mapped_(holds_text_as_it_is(origin, text.size(), text_offset) &&
                 text.find('\n') == std::string_view::npos),
      diagnostics_(diagnostics) {}

Span ConditionReporter::place(std::uint32_t begin, std::uint32_t end) const {
  Span span = origin_;
  if (!is_mapped_) return span;
  const auto size = static_cast<std::uint32_t>(text_.size());
  span.column = origin_.column + text_offset_ + std::min(begin, size);
  span.end_line = origin_.line;
  span.end_column = origin_.column + text_offset_ + std::min(std::max(begin, end), size);
  return span;
}

void ConditionReporter::report(std::uint32_t begin, std::uint32_t end, std::string code,
                               std::string message, std::string hint,
                               std::vector<std::pair<std::string, std::string>> arguments) const {
  diagnostics_.error(place(begin, end), std::move(code), std::move(message), std::move(hint))
      .arguments = std::move(arguments);
}

bool Condition::compile(std::string_view text, const ConditionScope& scope, const Span& origin,
                        std::uint32_t text_offset, Diagnostics& diagnostics) {
  if (text.empty()) {
    *this = Condition();
    return true;
  }
  const ConditionReporter reporter(text, origin, text_offset, diagnostics);
  const auto expression = parse_condition(text);
  if (!expression) {
    const ConditionError& error = expression.error();
    reporter.report(error.begin, error.end, "condition/syntax", error.message, error.hint, {});
    return false;
  }
  auto program = std::make_shared<ConditionProgram>();
  if (!compile_expression(*expression, text, scope, reporter, *program)) return false;
  text_ = std::string(text);
  program_ = std::move(program);
  return true;
}

const std::vector<std::uint32_t>& Condition::columns() const {
  static const std::vector<std::uint32_t> kNone;
  return program_ != nullptr ? program_->columns : kNone;
}

bool Condition::reads_ids() const { return program_ != nullptr && program_->reads_ids; }
bool Condition::reads_rows() const { return program_ != nullptr && program_->root.reads_rows; }

}  // namespace lineup
