// SPDX-License-Identifier: Apache-2.0
//
// The evaluator `expected_value`: what a user who reads downwards is expected to do with a slate.
// The probability of being seen is carried along: each row is seen with the product of the
// probabilities that the user went on after the rows above it.
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

class ExpectedValue : public sdk::Evaluator {
 public:
  static constexpr const char* kName = "expected_value";
  static constexpr const char* kId = "dev.lineup.expected_value/1";

  explicit ExpectedValue(const sdk::Config& config)
      : continue_name_(config.text("/continue", "pnext")),
        default_continue_(config.number("/continue_default", 1.0)),
        views_name_(config.text("/views", "")) {
    for (std::uint64_t index = 0; index < config.count("/values"); ++index) {
      const std::string place = "/values/" + std::to_string(index);
      Value& value = values_.emplace_back();
      value.column_name = config.text(place + "/column", "");
      value.objective_name = config.text(place + "/objective", "");
      value.after_name = config.text(place + "/after", "");
    }
    if (values_.empty() && views_name_.empty()) {
      throw sdk::Failure("`/values` or `/views` must name what is expected");
    }
  }

  void activate(const sdk::Binder& binder) {
    if (!continue_name_.empty()) continue_ = binder.required<sdk::Floats>(continue_name_);
    if (!views_name_.empty()) views_ = sdk::required_objective(binder, views_name_);
    for (Value& value : values_) {
      value.column = binder.required<sdk::Floats>(value.column_name);
      if (!value.after_name.empty()) value.after = binder.required<sdk::Floats>(value.after_name);
      value.objective = sdk::required_objective(binder, value.objective_name);
    }
  }

  sdk::Status evaluate(const sdk::Call& call, const sdk::Slates& slates, std::span<double> values) {
    // What each row adds per objective while it is seen, taken once for all slates.
    const std::size_t rows = call.row_count();
    const std::span<double> goes_on = call.allocate<double>(rows);
    const std::span<double> worth = call.allocate<double>(rows * values_.size());
    read(call, goes_on, worth);
    for (std::uint32_t slate = 0; slate < slates.size(); ++slate) {
      const std::span<double> sums =
          values.subspan(std::size_t{slate} * call.objective_count(), call.objective_count());
      double exposure = 1.0;
      for (const sdk::Row row : slates[slate]) {
        if (views_) sums[*views_] += exposure;
        for (std::size_t index = 0; index < values_.size(); ++index) {
          sums[values_[index].objective] += exposure * worth[index * rows + row];
        }
        exposure *= goes_on[row];
      }
    }
    return LINEUP_OK;
  }

 private:
  struct Value {
    std::string column_name;
    std::string after_name;  // empty: none
    std::string objective_name;
    sdk::Bound<sdk::Floats> column;
    sdk::Bound<sdk::Floats> after;
    std::uint32_t objective = 0;
  };

  void read(const sdk::Call& call, std::span<double> goes_on, std::span<double> worth) const {
    const sdk::Floats continues = continue_name_.empty() ? sdk::Floats() : call.rows(continue_);
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      goes_on[row] = std::clamp(continues.value_or(row, default_continue_), 0.0, 1.0);
    }
    for (std::size_t index = 0; index < values_.size(); ++index) {
      const Value& value = values_[index];
      const sdk::Floats column = call.rows(value.column);
      const sdk::Floats after = value.after_name.empty() ? sdk::Floats() : call.rows(value.after);
      for (sdk::Row row = 0; row < call.row_count(); ++row) {
        double each = column.value_or(row, 0.0);
        if (!value.after_name.empty()) each *= after.value_or(row, 0.0);
        worth[index * call.row_count() + row] = std::isfinite(each) ? each : 0.0;
      }
    }
  }

  std::string continue_name_;
  double default_continue_;
  std::string views_name_;  // empty: views are not counted
  std::vector<Value> values_;
  sdk::Bound<sdk::Floats> continue_;
  std::optional<std::uint32_t> views_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "expected_value",
  "version": "1.0.0",
  "about": "Values slates by what a user who reads downwards and may leave is expected to do.",
  "types": [{
    "name": "expected_value",
    "kind": "evaluator",
    "about": "Expected views, clicks, conversions: each row counts with the probability of being seen.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["continue", "values"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "continue": {"type": "string", "default": "pnext",
          "description": "The float column of the probability, 0..1, that the user goes on after the row; empty: `continue_default` for all."},
        "continue_default": {"type": "number", "minimum": 0, "maximum": 1, "default": 1,
          "description": "For rows that have none."},
        "views": {"type": "string", "default": "",
          "description": "The objective that gets the expected number of rows seen; empty: none."},
        "values": {"type": "array", "default": [],
          "description": "What happens at a row that is seen, per objective.",
          "items": {"type": "object", "additionalProperties": false, "required": ["column", "objective"],
            "properties": {
              "column": {"type": "string", "minLength": 1},
              "after": {"type": "string", "default": "",
                "description": "A second float column that is multiplied in: a conversion follows a click."},
              "objective": {"type": "string", "minLength": 1}}}}
      }
    }
  }]
})");

LINEUP_PLUGIN("1.0.0", ExpectedValue)
