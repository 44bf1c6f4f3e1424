// SPDX-License-Identifier: Apache-2.0
//
// One call of a plugin's node, made without the nets that the engine has under it: what the plugin
// threw, wrote and allocated is kept to be judged.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "conformance/feed.hpp"

namespace lineup {

struct CallAnswer {
  lineup_status status = LINEUP_OK;
  std::string message;              // of the plugin
  std::string bytes;                // everything it answered; equal answers, equal bytes
  std::vector<std::string> faults;  // what the contract forbids
  std::vector<std::string> doubts;  // what is allowed and yet seldom meant
  std::int64_t elapsed_ns = 0;
  std::uint64_t allocations = 0;  // heap allocations of this thread inside the plugin

  [[nodiscard]] bool is_clean() const { return faults.empty(); }
};

// How many heap allocations the calling thread made so far; null where nobody counts.
using AllocationCount = std::uint64_t (*)();
void count_allocations_with(AllocationCount count);
[[nodiscard]] bool counts_allocations();

// Calls the node once: a scorer, a generator, an evaluator over five slates, or a constraint along
// three pages. `arena` is reset. [any thread]
[[nodiscard]] CallAnswer call_once(NodeInstance& instance, const MadeRequest& feed, Arena& arena);

}  // namespace lineup
