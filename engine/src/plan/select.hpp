// SPDX-License-Identifier: Apache-2.0
//
// Which of the proposed slates is the page: the selector `best` and what a policy may ask of it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/diagnostic.hpp"
#include "node/slate_set.hpp"
#include "policy/document.hpp"

namespace lineup {

struct Plan;
struct Run;
struct Picked;

// What a selector does among the slates that are longest and break least. Indexes are the plan's.
struct SelectorSpec {
  std::int32_t maximize = -1;   // an objective; -1: the weighted sum of all
  std::int32_t floor_of = -1;   // an objective that must reach `at_least`; -1: none
  double at_least = 0.0;        // in the objective's unit, or
  bool is_share = false;        // of the most that any slate reaches
  double hysteresis = 0.0;      // share by which another slate must beat the incumbent
  std::int32_t incumbent = -1;  // the generator whose first slate that is; -1: the first one
  double epsilon = 0.0;         // probability of a slate drawn evenly
  std::uint64_t seed = 0;
};

// Reads `with` of a selector. What is wrong is reported, and nothing comes back.
[[nodiscard]] std::optional<SelectorSpec> compile_selector(const PolicyNode& node,
                                                           const std::vector<PolicyNode>& graph,
                                                           std::span<const std::int32_t> place,
                                                           const Plan& plan,
                                                           Diagnostics& diagnostics);

// The page. Longest, then least violations, then as `spec` says; ties go to the slate that came
// first. `values`: [slates * objectives], meaningful when `is_evaluated`; else slates are worth
// what they were built for. `propensity` of what comes back is the probability it had. [request]
[[nodiscard]] Picked select_page(Run& run, const SelectorSpec& spec, const SlateSet& slates,
                                 std::span<const double> values, bool is_evaluated);

}  // namespace lineup
