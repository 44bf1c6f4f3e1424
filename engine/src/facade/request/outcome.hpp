// SPDX-License-Identifier: Apache-2.0
//
// How a request ended, in the terms that revisions are judged by; and recorded requests, answered
// by a revision that does not serve them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "facade/engine_state.hpp"
#include "rollout/traffic.hpp"

namespace lineup {

// [request]
[[nodiscard]] RequestOutcome outcome_of(const lineup_result& result,
                                        std::uint32_t row_count) noexcept;
// Of hard rules, in units. [request]
[[nodiscard]] std::uint32_t violations_of(const lineup_result& result) noexcept;

struct Compared {
  RequestOutcome outcome;
  std::uint64_t violations = 0;
  std::vector<std::uint32_t> slate;
};

// Answers a packed request on a session that the caller holds. Nothing is counted or recorded. A
// request that cannot be read is an error of the answer. [control]
[[nodiscard]] Compared answer_recorded(lineup_engine& engine, ServingSession& session,
                                       const Revision& revision,
                                       std::span<const std::byte> request);

}  // namespace lineup
