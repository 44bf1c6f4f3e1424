// SPDX-License-Identifier: Apache-2.0
//
// The evaluator `freshness`: the discounted mean of how fresh the rows of a slate are. A row halves
// its freshness with every half-life of its age.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lineup/cpp/discount.hpp"
#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

class Freshness : public sdk::Evaluator {
 public:
  static constexpr const char* kName = "freshness";
  static constexpr const char* kId = "dev.lineup.freshness/1";

  explicit Freshness(const sdk::Config& config)
      : discount_(config, "log2"),
        time_name_(config.text("/time", "created_at")),
        half_life_ms_(config.number("/half_life_ms", 86'400'000.0)),
        objective_name_(config.text("/objective", "freshness")) {
    if (!(half_life_ms_ > 0.0)) throw sdk::Failure("`/half_life_ms` must be above 0");
  }

  void activate(const sdk::Binder& binder) {
    discount_.bind(binder);
    time_ = binder.required<sdk::Times>(time_name_);
    objective_ = sdk::required_objective(binder, objective_name_);
  }

  sdk::Status evaluate(const sdk::Call& call, const sdk::Slates& slates, std::span<double> values) {
    const sdk::Times time = call.rows(time_);
    const std::span<double> fresh = call.filled<double>(call.row_count(), 0.0);
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      if (!time.has(row)) continue;
      const double age = static_cast<double>(call.now_ms()) - static_cast<double>(time[row]);
      fresh[row] = std::exp2(-std::max(age, 0.0) / half_life_ms_);
    }
    const std::span<const double> slots = discount_.slots(call);
    for (std::uint32_t slate = 0; slate < slates.size(); ++slate) {
      const std::span<const sdk::Row> rows = slates[slate];
      double sum = 0.0, total = 0.0;
      for (std::size_t slot = 0; slot < rows.size(); ++slot) {
        sum += fresh[rows[slot]] * slots[slot];
        total += slots[slot];
      }
      if (total == 0.0) continue;
      values[std::size_t{slate} * call.objective_count() + objective_] += sum / total;
    }
    return LINEUP_OK;
  }

 private:
  sdk::Discount discount_;
  std::string time_name_;
  double half_life_ms_;
  std::string objective_name_;
  sdk::Bound<sdk::Times> time_;
  std::uint32_t objective_ = 0;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "freshness",
  "version": "1.0.0",
  "about": "Values slates by how fresh their rows are.",
  "types": [{
    "name": "freshness",
    "kind": "evaluator",
    "about": "The discounted mean over slots of 2 ^ -(age / half-life).",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["time"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "objective": {"type": "string", "minLength": 1, "default": "freshness",
          "description": "The objective that gets the mean, 0..1."},
        "time": {"type": "string", "minLength": 1, "default": "created_at",
          "description": "The time column; rows without a value are not fresh at all."},
        "half_life_ms": {"type": "number", "exclusiveMinimum": 0, "default": 86400000,
          "description": "The age, in milliseconds, at which a row is half as fresh."},
        "discount": {"type": "string", "enum": ["log2", "none", "reciprocal", "geometric"], "default": "log2",
          "description": "How much a slot counts: 1 / log2(slot + 1), 1, 1 / slot, or gamma ^ (slot - 1)."},
        "gamma": {"type": "number", "exclusiveMinimum": 0, "maximum": 1, "default": 0.85,
          "description": "With geometric: how likely a user who saw a slot looks at the next."}
      }
    }
  }]
})");

LINEUP_PLUGIN("1.0.0", Freshness)
