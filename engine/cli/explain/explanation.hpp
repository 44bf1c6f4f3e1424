// SPDX-License-Identifier: Apache-2.0
//
// Why a page looks as it does, in the words of the request: ids and titles instead of rows.
#pragma once

#include <string>
#include <vector>

#include "cli/engine_handle.hpp"
#include "cli/explain/trace.hpp"

namespace lineup::cli {

struct GivenUpRule {
  std::string rule;
  std::string reason;
  std::uint32_t violations = 0;
};

struct Explanation {
  std::string status, search, error, revision;
  double elapsed_us = 0.0;
  std::vector<std::string> warnings;
  std::vector<GivenUpRule> given_up;
  Trace trace;
};

// Ranks again with a trace, which also answers for `item`, unless that is empty. Errors:
// explain/no-item when the id is not among the candidates; what the engine refuses.
[[nodiscard]] Result<Explanation> explain(Asker& asker, RequestLine& request,
                                          const std::string& item);

// For people: lines of text, fitted to `width`.
[[nodiscard]] std::vector<std::string> explanation_lines(const RequestLine& request,
                                                         const Explanation& explanation,
                                                         std::size_t width, bool color);

// explanation_item.cpp: the answer about one item, when there is one.
[[nodiscard]] std::vector<std::string> item_lines(const RequestLine& request,
                                                  const Explanation& explanation, std::size_t width,
                                                  bool color);
// The id of a row, with its title when it has one: "m12 (Metropolis)".
[[nodiscard]] std::string named_row(const RequestLine& request, std::uint32_t row);
// "`a`, `b`".
[[nodiscard]] std::string listed(const std::vector<std::string>& names);
// A predicted value, and its share of the page's: "0.0312 (0.5 %)".
[[nodiscard]] std::string cost_text(double cost, double of);

}  // namespace lineup::cli
