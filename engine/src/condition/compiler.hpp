// SPDX-License-Identifier: Apache-2.0
//
// From an expression tree to a compiled condition, with findings at places in the file that the
// text came from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "condition/ast.hpp"
#include "condition/condition.hpp"
#include "condition/program.hpp"

namespace lineup {

// Turns bytes of a condition's text into places in its file.
class ConditionReporter {
 public:
  // All are borrowed. `origin` and `text_offset` as in Condition::compile().
  ConditionReporter(std::string_view text, const Span& origin, std::uint32_t text_offset,
                    Diagnostics& diagnostics);

  void report(std::uint32_t begin, std::uint32_t end, std::string code, std::string message,
              std::string hint, std::vector<std::pair<std::string, std::string>> arguments) const;
  [[nodiscard]] std::size_t count() const { return diagnostics_.all().size(); }

 private:
  [[nodiscard]] Span place(std::uint32_t begin, std::uint32_t end) const;

  std::string_view text_;
  const Span& origin_;
  std::uint32_t text_offset_;
  bool is_mapped_;  // bytes of the text are bytes of the line
  Diagnostics& diagnostics_;
};

// Compiles `expression`, the parse of `text`. False when something was reported; `out` is then of
// no use.
[[nodiscard]] bool compile_expression(const ConditionExpression& expression, std::string_view text,
                                      const ConditionScope& scope,
                                      const ConditionReporter& reporter, ConditionProgram& out);

}  // namespace lineup
