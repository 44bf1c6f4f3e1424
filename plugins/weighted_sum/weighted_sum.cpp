// SPDX-License-Identifier: Apache-2.0
//
// The evaluator `weighted_sum`: the value of a slate under an objective is the sum of the
// objective's column over the slots, each slot weighed by a discount. Objectives that have no
// column are left to other evaluators. The host weighs the objectives.
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

enum class Discount { Log2, None, Geometric };

Discount discount_named(std::string_view name) {
  if (name == "log2") return Discount::Log2;
  if (name == "none") return Discount::None;
  if (name == "geometric") return Discount::Geometric;
  throw sdk::Failure("`/discount` must be `log2`, `none` or `geometric`, got `" +
                     std::string(name) + "`");
}

class WeightedSum : public sdk::Evaluator {
 public:
  static constexpr const char* kName = "weighted_sum";
  static constexpr const char* kId = "dev.lineup.weighted_sum/1";

  explicit WeightedSum(const sdk::Config& config)
      : discount_(discount_named(config.text("/discount", "log2"))),
        gamma_(config.number("/gamma", 0.85)) {}

  void activate(const sdk::Binder& binder) {
    terms_.clear();
    for (std::uint32_t index = 0; index < binder.objective_count(); ++index) {
      const std::string_view column = binder.objective_at(index).column;
      if (!column.empty()) terms_.push_back({index, binder.required<sdk::Floats>(column)});
    }
    discounts_.resize(binder.slots_max());
    double discount = 1.0;
    for (double& slot : discounts_) {
      slot = discount;
      if (discount_ == Discount::Geometric) discount *= gamma_;
    }
  }

  sdk::Status evaluate(const sdk::Call& call, const sdk::Slates& slates, std::span<double> values) {
    const std::span<const double> discounts =
        discount_ == Discount::Log2 ? call.discounts() : std::span<const double>(discounts_);
    for (const Term& term : terms_) {
      const sdk::Floats column = call.rows(term.column);
      for (std::uint32_t slate = 0; slate < slates.size(); ++slate) {
        values[std::size_t{slate} * call.objective_count() + term.objective] +=
            sum(column, slates[slate], discounts);
      }
    }
    return LINEUP_OK;
  }

 private:
  struct Term {
    std::uint32_t objective;
    sdk::Bound<sdk::Floats> column;
  };

  // A row that has no value adds nothing.
  static double sum(const sdk::Floats& column, std::span<const sdk::Row> slate,
                    std::span<const double> discounts) {
    double sum = 0.0;
    for (std::size_t slot = 0; slot < slate.size(); ++slot) {
      const double value = column.value_or(slate[slot], 0.0);
      if (std::isfinite(value)) sum += value * discounts[slot];
    }
    return sum;
  }

  Discount discount_;
  double gamma_;
  std::vector<Term> terms_;
  std::vector<double> discounts_;  // [slots_max] unless the request's are used
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "weighted_sum",
  "version": "1.0.0",
  "about": "Values slates by the discounted sum of each objective's column.",
  "types": [{
    "name": "weighted_sum",
    "kind": "evaluator",
    "about": "The sum over slots of the objective's column, discounted by position.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": [],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "discount": {"type": "string", "enum": ["log2", "none", "geometric"], "default": "log2",
          "description": "How much a slot counts: 1 / log2(slot + 1), 1, or gamma ^ (slot - 1)."},
        "gamma": {"type": "number", "exclusiveMinimum": 0, "maximum": 1, "default": 0.85,
          "description": "With geometric: how likely a user who saw a slot looks at the next."}
      }
    }
  }]
})");

LINEUP_PLUGIN("1.0.0", WeightedSum)
