// SPDX-License-Identifier: Apache-2.0
//
// The scorer `expression`: a column computed from others by a formula that stands in the policy.
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "formula.hpp"
#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

class Expression : public sdk::Scorer {
 public:
  static constexpr const char* kName = "expression";
  static constexpr const char* kId = "dev.lineup.expression/1";

  explicit Expression(const sdk::Config& config)
      : formula_(config.text("/formula", "")), output_name_(config.text("/output", "score")) {}

  void activate(const sdk::Binder& binder) {
    columns_.clear();
    for (const std::string& name : formula_.columns()) {
      columns_.push_back(binder.required<sdk::Floats>(name));
    }
    output_ = binder.output(output_name_);
  }

  sdk::Status score(const sdk::Call& call, const sdk::Outputs& outputs) {
    const std::span<sdk::Floats> columns = call.allocate<sdk::Floats>(columns_.size());
    for (std::size_t index = 0; index < columns.size(); ++index) {
      columns[index] = call.rows(columns_[index]);
    }
    const std::span<double> output = outputs[output_];
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      output[row] = formula_.value(
          [&](std::uint32_t column) { return columns[column].value_or(row, kMissing); });
    }
    return LINEUP_OK;
  }

 private:
  expression::Formula formula_;
  std::string output_name_;
  std::vector<sdk::Bound<sdk::Floats>> columns_;
  sdk::BoundOutput output_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "expression",
  "version": "1.0.0",
  "about": "A column computed from others by a formula.",
  "types": [{
    "name": "expression",
    "kind": "scorer",
    "about": "Writes what a formula over float columns comes to, row by row.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["formula", "output"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "required": ["formula"],
      "properties": {
        "formula": {"type": "string", "minLength": 1, "maxLength": 4096,
          "description": "Numbers, float columns, + - * / ^, comparisons (1 or 0), min, max, abs, log, exp, sqrt, sigmoid, clamp, if, default."},
        "output": {"type": "string", "minLength": 1, "default": "score",
          "description": "The float column to write."}
      }
    }
  }]
})");

LINEUP_PLUGIN("1.0.0", Expression)
