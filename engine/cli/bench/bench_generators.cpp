// SPDX-License-Identifier: Apache-2.0
//
// Columns are those that generators read; nothing else is declared, so nothing else is read.
#include "cli/bench/bench_generators.hpp"

#include <fmt/format.h>

#include "cli/bench/bench_data.hpp"

namespace lineup::cli {

namespace {

constexpr std::string_view kPolicy = R"(lineup: 1
scene: bench
page: {}
columns:
  score:     {{type: float}}
  category:  {{type: category}}
  author:    {{type: category}}
  type:      {{type: category}}
  pctr:      {{type: float}}
  pnext:     {{type: float}}
  embedding: {{type: embedding, dimension: {}}}
{}graph:
  - {{id: page, {}}}
fallback: score_order
limits: {{deadline_ms: 1000}}
)";

}  // namespace

std::string bench_generator_policy(std::uint32_t page, std::string_view node,
                                   std::string_view uses) {
  return fmt::format(kPolicy, page, kBenchDimension,
                     uses.empty() ? std::string() : "rules:\n" + std::string(uses), node);
}

}  // namespace lineup::cli
