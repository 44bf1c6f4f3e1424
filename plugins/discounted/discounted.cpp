// SPDX-License-Identifier: Apache-2.0
//
// The evaluator `discounted`: discounted gain per objective, from columns that the node names. It
// differs from `weighted_sum` in that the columns need not be the objectives' own, gains may be
// exponential, and the end of the page can be left out.
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

class Discounted : public sdk::Evaluator {
 public:
  static constexpr const char* kName = "discounted";
  static constexpr const char* kId = "dev.lineup.discounted/1";

  explicit Discounted(const sdk::Config& config)
      : discount_(config, "log2"), top_(static_cast<std::uint32_t>(config.integer("/top", 0))) {
    for (std::uint64_t index = 0; index < config.count("/values"); ++index) {
      const std::string place = "/values/" + std::to_string(index);
      Value& value = values_.emplace_back();
      value.column_name = config.text(place + "/column", "");
      value.objective_name = config.text(place + "/objective", "");
      value.is_exponential = config.text(place + "/gain", "linear") == "exponential";
    }
    if (values_.empty()) throw sdk::Failure("`/values` must name at least one column");
  }

  void activate(const sdk::Binder& binder) {
    discount_.bind(binder);
    for (Value& value : values_) {
      value.column = binder.required<sdk::Floats>(value.column_name);
      value.objective = sdk::required_objective(binder, value.objective_name);
    }
  }

  sdk::Status evaluate(const sdk::Call& call, const sdk::Slates& slates, std::span<double> values) {
    const std::span<const double> slots = discount_.slots(call);
    const std::span<double> gain = call.allocate<double>(call.row_count());
    for (const Value& value : values_) {
      const sdk::Floats column = call.rows(value.column);
      for (sdk::Row row = 0; row < call.row_count(); ++row) {
        const double raw = column.value_or(row, 0.0);
        const double each = value.is_exponential ? std::exp2(raw) - 1.0 : raw;
        gain[row] = std::isfinite(each) ? each : 0.0;
      }
      for (std::uint32_t slate = 0; slate < slates.size(); ++slate) {
        const std::span<const sdk::Row> rows = slates[slate];
        const std::size_t end = top_ == 0 ? rows.size() : std::min<std::size_t>(top_, rows.size());
        double sum = 0.0;
        for (std::size_t slot = 0; slot < end; ++slot) sum += gain[rows[slot]] * slots[slot];
        values[std::size_t{slate} * call.objective_count() + value.objective] += sum;
      }
    }
    return LINEUP_OK;
  }

 private:
  struct Value {
    std::string column_name;
    std::string objective_name;
    bool is_exponential = false;
    sdk::Bound<sdk::Floats> column;
    std::uint32_t objective = 0;
  };

  sdk::Discount discount_;
  std::uint32_t top_;  // slots that count; 0: all
  std::vector<Value> values_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "discounted",
  "version": "1.0.0",
  "about": "Values slates by discounted gain.",
  "types": [{
    "name": "discounted",
    "kind": "evaluator",
    "about": "The sum over slots of a gain, discounted by position, per objective.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["values"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "required": ["values"],
      "properties": {
        "values": {"type": "array", "minItems": 1,
          "description": "Which column is gained under which objective.",
          "items": {"type": "object", "additionalProperties": false, "required": ["column", "objective"],
            "properties": {
              "column": {"type": "string", "minLength": 1},
              "objective": {"type": "string", "minLength": 1},
              "gain": {"type": "string", "enum": ["linear", "exponential"], "default": "linear",
                "description": "The value itself, or 2 ^ value - 1 for graded relevance."}}}},
        "top": {"type": "integer", "minimum": 0, "maximum": 10000, "default": 0,
          "description": "Only the first slots count; 0: all."},
        "discount": {"type": "string", "enum": ["log2", "none", "reciprocal", "geometric"], "default": "log2",
          "description": "How much a slot counts: 1 / log2(slot + 1), 1, 1 / slot, or gamma ^ (slot - 1)."},
        "gamma": {"type": "number", "exclusiveMinimum": 0, "maximum": 1, "default": 0.85,
          "description": "With geometric: how likely a user who saw a slot looks at the next."}
      }
    }
  }]
})");

LINEUP_PLUGIN("1.0.0", Discounted)
