// SPDX-License-Identifier: Apache-2.0
//
// Why a page looks as it does, in the words of the request: ids and titles instead of rows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/engine_handle.hpp"
#include "cli/trace.hpp"

namespace lineup::cli {

// What would become of the page if the item stood at this slot.
struct ItemAtSlot {
  std::uint32_t slot = 0;
  std::vector<std::string> broken;  // rules that the changed page breaks and this one does not
};

// Why one item is where it is, or is not on the page.
struct ItemReason {
  std::uint32_t row = 0;
  std::uint32_t slot = 0;  // 0: not on the page
  std::uint32_t rank = 0;  // 0: not known
  std::string forbidden;   // why it may not be shown at all; empty: it may
  std::vector<ItemAtSlot> slots;
};

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
  std::optional<ItemReason> item;
};

// Ranks again with a trace and, for `item`, tries it at every slot. Errors: explain/no-item when
// the id is not among the candidates; what the engine refuses.
[[nodiscard]] Result<Explanation> explain(Asker& asker, RequestLine& request,
                                          const std::string& item);

// For people: lines of text, fitted to `width`.
[[nodiscard]] std::vector<std::string> explanation_lines(const RequestLine& request,
                                                         const Explanation& explanation,
                                                         std::size_t width, bool color);

}  // namespace lineup::cli
