// SPDX-License-Identifier: Apache-2.0
//
// The trace says what held better rows back. For one item more is asked: it is put at every slot in
// turn and the changed page is audited, so the answer names the rules that would break, or says
// that none would and the page is worth more as it is.
#include "cli/explanation.hpp"

#include <algorithm>
#include <cmath>

#include "cli/response_json.hpp"
#include "cli/text_view.hpp"

namespace lineup::cli {

namespace {

std::optional<std::uint32_t> row_of(const OwnedIds& ids, const std::string& item) {
  for (std::uint32_t row = 0; row < ids.count(); ++row) {
    if (ids.text(row) == item) return row;
  }
  return std::nullopt;
}

std::uint32_t rank_of(const Trace& trace, std::uint32_t row) {
  for (const TracedSlot& slot : trace.slots) {
    if (slot.row == row) return slot.rank;
    for (const HeldBack& held : slot.held_back) {
      if (held.row == row) return held.rank;
    }
  }
  return 0;
}

std::uint32_t violations_of(const lineup_result& result, std::string_view rule) {
  for (std::uint32_t i = 0; i < result.relaxed_count; ++i) {
    if (view(result.relaxed[i].rule) == rule) return result.relaxed[i].violations;
  }
  return 0;
}

Result<ItemReason> explain_item(Asker& asker, RequestLine& request, const Trace& trace,
                                std::uint32_t row) {
  ItemReason item;
  item.row = row;
  item.rank = rank_of(trace, row);
  std::vector<std::uint32_t> page;
  for (const TracedSlot& slot : trace.slots) {
    page.push_back(slot.row);
    if (slot.row == row) item.slot = slot.slot;
  }
  if (item.slot > 0) return item;
  const auto base = asker.verify(request, page);
  if (!base) return tl::unexpected(base.error());
  for (std::size_t slot = 0; slot < page.size(); ++slot) {
    auto changed = page;
    changed[slot] = row;
    const auto audit = asker.verify(request, changed);
    if (!audit) return tl::unexpected(audit.error());
    if ((*audit)->answer == LINEUP_ANSWER_ERROR) {
      item.forbidden = view((*audit)->error);
      return item;
    }
    ItemAtSlot at{static_cast<std::uint32_t>(slot + 1), {}};
    for (std::uint32_t i = 0; i < (*audit)->relaxed_count; ++i) {
      const lineup_relaxed& rule = (*audit)->relaxed[i];
      if (rule.violations > violations_of(**base, view(rule.rule))) {
        at.broken.emplace_back(view(rule.rule));
      }
    }
    item.slots.push_back(std::move(at));
  }
  return item;
}

}  // namespace

Result<Explanation> explain(Asker& asker, RequestLine& request, const std::string& item) {
  std::optional<std::uint32_t> row;
  if (!item.empty()) {
    row = row_of(request.candidates.ids(), item);
    if (!row) return failure("explain/no-item", "`" + item + "` is not among the candidates");
  }
  Explanation out;
  {
    const auto answer = asker.rerank(request, LINEUP_EXPLAIN);
    if (!answer) return tl::unexpected(answer.error());
    const lineup_result& result = **answer;
    out.status = name_of_answer(result.answer);
    out.search = name_of_search(result.search);
    out.error = view(result.error);
    out.revision = view(result.revision);
    out.elapsed_us = std::round(static_cast<double>(result.elapsed_ns) / 100.0) / 10.0;
    out.warnings = request.warnings;
    for (std::uint32_t i = 0; i < result.warning_count; ++i) {
      out.warnings.emplace_back(view(result.warnings[i]));
    }
    for (std::uint32_t i = 0; i < result.relaxed_count; ++i) {
      const lineup_relaxed& rule = result.relaxed[i];
      out.given_up.push_back(
          {std::string(view(rule.rule)), std::string(view(rule.reason)), rule.violations});
    }
    if (result.answer == LINEUP_ANSWER_ERROR) return out;
    auto trace = read_trace(view(result.trace_json));
    if (!trace) return tl::unexpected(trace.error());
    out.trace = *std::move(trace);
  }
  if (!row) return out;
  auto reason = explain_item(asker, request, out.trace, *row);
  if (!reason) return tl::unexpected(reason.error());
  out.item = *std::move(reason);
  return out;
}

}  // namespace lineup::cli
