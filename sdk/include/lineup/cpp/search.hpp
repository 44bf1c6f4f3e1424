// SPDX-License-Identifier: Apache-2.0
//
// Services for generators beside the slate builder: the engine's search within limits of one's own,
// the slates so far and the graph's evaluators. Made in the constructor of a generator from
// config.host(); a host may lack them, which is asked before they are used.
#ifndef LINEUP_CPP_SEARCH_HPP
#define LINEUP_CPP_SEARCH_HPP

#include <cstdint>
#include <span>

#include "lineup/cpp/call.hpp"
#include "lineup/ext/search.h"
#include "lineup/ext/slates.h"

namespace lineup::plugin {

struct SearchLimits {
  std::uint64_t work = 0;  // units; 0: all that the call has
  std::uint64_t improve = UINT64_MAX;
  double gap = 0.0;
};

class Search {
 public:
  explicit Search(Host host) noexcept
      : table_(host.extension<lineup_host_search>(LINEUP_HOST_SEARCH)) {}
  [[nodiscard]] bool is_offered() const noexcept { return table_ != nullptr; }
  // REQUIRES (both): is_offered(); utility [row_count] finite, or empty for the score column.
  Status solve(const Builder& builder, std::span<const double> utility, const SearchLimits& limits,
               lineup_search_report& report) const noexcept {
    const lineup_search_limits raw{sizeof(lineup_search_limits), 0, limits.work, limits.improve,
                                   limits.gap};
    return table_->solve(builder.raw(), utility.data(), &raw, &report);
  }
  Status certify(const Builder& builder, std::span<const double> utility,
                 lineup_search_report& report) const noexcept {
    return table_->certify(builder.raw(), utility.data(), &report);
  }

 private:
  const lineup_host_search* table_;
};

class SlatesSoFar {
 public:
  explicit SlatesSoFar(Host host) noexcept
      : table_(host.extension<lineup_host_slates>(LINEUP_HOST_SLATES)) {}
  [[nodiscard]] bool is_offered() const noexcept { return table_ != nullptr; }
  // What was emitted before; no slates when the host does not offer them.
  [[nodiscard]] lineup_slates get(const Builder& builder) const noexcept {
    lineup_slates out{};
    if (table_ == nullptr || table_->so_far(builder.raw(), &out) != LINEUP_OK) return {};
    return out;
  }
  // What the graph's evaluators give each page. UNSUPPORTED: there are none.
  Status value(const Builder& builder, const lineup_slates& pages,
               std::span<double> worth) const noexcept {
    if (table_ == nullptr) return LINEUP_E_UNSUPPORTED;
    return table_->value(builder.raw(), &pages, worth.data());
  }

 private:
  const lineup_host_slates* table_;
};

}  // namespace lineup::plugin

#endif
