// SPDX-License-Identifier: Apache-2.0
//
// The engine explains; here ids become rows on the way in, and its answer is read back.
#include "cli/explain/explanation.hpp"

#include <cmath>
#include <optional>

#include "cli/print/response_json.hpp"
#include "cli/print/text_view.hpp"

namespace lineup::cli {

namespace {

// The row of a candidate or of a pool.
std::optional<std::uint32_t> row_of(Asker& asker, RequestLine& request, const std::string& item) {
  const auto rows = asker.find_rows(request, {item});
  if (!rows) return std::nullopt;
  return rows->front();
}

std::string unknown_item(const OwnedIds& ids, const std::string& item) {
  std::vector<std::string> names;
  for (std::uint32_t row = 0; row < ids.count(); ++row) names.push_back(ids.text(row));
  const std::string near = nearest(item, names);
  return "`" + item + "` is not among the candidates of this request" +
         (near.empty() ? "" : "; did you mean `" + near + "`?");
}

}  // namespace

Result<Explanation> explain(Asker& asker, RequestLine& request, const std::string& item) {
  std::int32_t row = -1;
  if (!item.empty()) {
    const auto found = row_of(asker, request, item);
    if (!found) return failure("explain/no-item", unknown_item(request.candidates.ids(), item));
    row = static_cast<std::int32_t>(*found);
  }
  const auto answer = asker.explain(request, row);
  if (!answer) return tl::unexpected(answer.error());
  const lineup_result& result = **answer;
  Explanation out;
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
  return out;
}

}  // namespace lineup::cli
