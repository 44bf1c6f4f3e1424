// SPDX-License-Identifier: Apache-2.0
//
// The worth of pages by the evaluators of a graph, for generators that ask while they build.
#pragma once

#include "plan/node_call.hpp"
#include "plan/run.hpp"

namespace lineup {

// One graph on one request. Borrows the run.
class PageWorth : public PageValuer {
 public:
  PageWorth(Run& run, const NodeMemory& memory, std::uint32_t slots)
      : run_(run), memory_(memory), slots_(slots) {}
  // Whether the graph has an evaluator that is not switched off or held back.
  [[nodiscard]] bool can_value() const;
  lineup_status value(const lineup_slates& pages, std::span<double> worth,
                      std::uint64_t& work) override;

 private:
  [[nodiscard]] bool runs(std::size_t node) const;

  Run& run_;
  const NodeMemory memory_;
  std::uint32_t slots_;
  bool has_made_views_ = false;  // of the columns that the evaluators read
};

}  // namespace lineup
