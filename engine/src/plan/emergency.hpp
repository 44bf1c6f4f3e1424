// SPDX-License-Identifier: Apache-2.0
//
// An emergency overlay bound to one plan: rows that are taken out of the candidates, uses that do
// not act. It can do nothing else, so nothing can come onto a page through it that the plan alone
// would not show.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/diagnostic.hpp"
#include "plan/plan.hpp"
#include "policy/emergency.hpp"

namespace lineup {

// What it did, over all plans that it was bound to.
struct EmergencyCounts {
  std::atomic<std::uint64_t> requests{0};  // it acted on
  std::atomic<std::uint64_t> rows{0};      // it took away
  std::atomic<std::uint64_t> left_out{0};  // requests from which it would have taken too much
};

// Immutable but for its counts. Shared by all threads.
struct Emergency {
  const Plan* plan = nullptr;
  std::int64_t until_ms = 0;
  double most = 0.0;
  Condition blocked;                 // empty: no row
  std::vector<std::uint8_t> wanted;  // [schema size] columns that the plan or `blocked` reads
  std::vector<std::uint32_t> off;    // uses that do not act
  std::shared_ptr<EmergencyCounts> counts;
};

// Binds an overlay to a plan of a scene that it speaks for. What the plan does not have (a column,
// a list, a rule) is reported as a warning, and what must not be switched off as an error: a
// required rule, a filter, a boost that keeps rows down. What remains is bound. Codes emergency/...
// [control]
[[nodiscard]] std::unique_ptr<Emergency> bind_emergency(const EmergencyDocument& document,
                                                        const Plan& plan,
                                                        std::shared_ptr<EmergencyCounts> counts,
                                                        Diagnostics& diagnostics);

}  // namespace lineup
