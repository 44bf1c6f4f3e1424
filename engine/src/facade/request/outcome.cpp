// SPDX-License-Identifier: Apache-2.0
#include "facade/request/outcome.hpp"

#include <cstring>

#include "facade/request/packed.hpp"

namespace lineup {

RequestOutcome outcome_of(const lineup_result& result, std::uint32_t row_count) noexcept {
  RequestOutcome out;
  out.is_error = result.answer == LINEUP_ANSWER_ERROR;
  out.is_fallback = result.answer == LINEUP_ANSWER_FALLBACK;
  out.is_empty = !out.is_error && result.slate_count == 0 && row_count > 0;
  out.is_late = result.search == LINEUP_SEARCH_DEADLINE;
  for (std::uint32_t i = 0; i < result.relaxed_count; ++i) {
    if (view(result.relaxed[i].reason) == "budget") out.is_breach = true;
  }
  out.elapsed_ns = result.elapsed_ns;
  return out;
}

std::uint32_t violations_of(const lineup_result& result) noexcept {
  std::uint32_t sum = 0;
  for (std::uint32_t i = 0; i < result.relaxed_count; ++i) {
    if (view(result.relaxed[i].reason) != "soft") sum += result.relaxed[i].violations;
  }
  return sum;
}

Compared answer_recorded(lineup_engine& engine, ServingSession& session, const Revision& revision,
                         std::span<const std::byte> request) {
  Compared out;
  std::vector<std::uint64_t> aligned((request.size() + 7) / 8);
  if (!request.empty()) std::memcpy(aligned.data(), request.data(), request.size());
  session.unpacked.reset();
  auto input = unpack_request({reinterpret_cast<const std::byte*>(aligned.data()), request.size()},
                              engine.symbols, session.unpacked);
  if (!input) {
    out.outcome.is_error = true;
    return out;
  }
  evaluate(engine, session, *input, revision);
  const lineup_result& result = session.box.result;
  out.outcome = outcome_of(result, input->candidates == nullptr ? 0 : input->candidates->row_count);
  out.violations = violations_of(result);
  out.slate.assign(result.slate, result.slate + result.slate_count);
  session.unpacked.reset();
  return out;
}

}  // namespace lineup
