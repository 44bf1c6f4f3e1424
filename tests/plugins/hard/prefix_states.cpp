// SPDX-License-Identifier: Apache-2.0
//
// A hard plugin: an evaluator that shares computation over common prefixes. A list is read from the
// top by a recurrent cell, so two slates that begin alike have the same states there. Slates are
// looked at in the order of their rows; each goes on from the states that it shares with the one
// before. The objective `steps` counts cells that were run, minus one per cell, so that a test
// sees the sharing.
#include "prefix_states.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>

#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

class PrefixStates : public sdk::Evaluator {
 public:
  static constexpr const char* kName = "prefix_states";
  static constexpr const char* kId = "dev.lineup.test.prefix_states/1";

  explicit PrefixStates(const sdk::Config&) {}

  void activate(const sdk::Binder& binder) {
    score_ = binder.required<sdk::Floats>("score");
    revenue_ = binder.required<sdk::Floats>("revenue");
    value_ = binder.objective("clicks");
    steps_ = binder.objective("steps");
    if (!value_) throw sdk::Failure("the policy has no objective `clicks`");
  }

  sdk::Status evaluate(const sdk::Call& call, const sdk::Slates& slates, std::span<double> values) {
    const std::span<std::uint32_t> order = call.allocate<std::uint32_t>(slates.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [&](std::uint32_t left, std::uint32_t right) {
      const auto a = slates[left], b = slates[right];
      return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
    });
    const std::span<hard::State> states = call.allocate<hard::State>(call.slot_count() + 1);
    const std::span<double> sums = call.allocate<double>(call.slot_count() + 1);
    states[0] = {};
    sums[0] = 0.0;
    std::span<const sdk::Row> last;
    for (const std::uint32_t slate : order) {
      const std::span<const sdk::Row> page = slates[slate];
      const auto shared = static_cast<std::size_t>(
          std::mismatch(page.begin(), page.end(), last.begin(), last.end()).first - page.begin());
      for (std::size_t slot = shared; slot < page.size(); ++slot) {
        states[slot + 1] = hard::after(states[slot], call.rows(score_).value_or(page[slot], 0.0),
                                       call.rows(revenue_).value_or(page[slot], 0.0));
        sums[slot + 1] = sums[slot] + hard::gain(states[slot + 1]);
      }
      const std::size_t begin = std::size_t{slate} * call.objective_count();
      values[begin + *value_] += sums[page.size()];
      if (steps_) values[begin + *steps_] -= static_cast<double>(page.size() - shared);
      last = page;
      if (!call.spend(page.size() - shared + 1)) return LINEUP_E_BUDGET;
    }
    return LINEUP_OK;
  }

 private:
  sdk::Bound<sdk::Floats> score_;
  sdk::Bound<sdk::Floats> revenue_;
  std::optional<std::uint32_t> value_;
  std::optional<std::uint32_t> steps_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "prefix_states",
  "version": "1.0.0",
  "about": "Reads slates from the top and shares what they begin with.",
  "types": [{
    "name": "prefix_states", "kind": "evaluator", "about": "Reads slates from the top and shares what they begin with.",
    "threads": "reentrant", "deterministic": true, "columns": ["score", "revenue"],
    "configuration": {"type": "object", "additionalProperties": false, "properties": {}}
  }]
})");

LINEUP_PLUGIN("1.0.0", PrefixStates)
