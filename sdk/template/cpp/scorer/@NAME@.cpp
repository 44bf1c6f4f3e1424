// SPDX-License-Identifier: Apache-2.0
//
// The scorer `@NAME@`: score + weight * bonus.
#include <string>

#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

class @CLASS@ : public sdk::Scorer {
 public:
  static constexpr const char* kName = "@NAME@";
  static constexpr const char* kId = "com.example.@NAME@/1";

  explicit @CLASS@(const sdk::Config& config)
      : score_name_(config.text("/score", "score")),
        bonus_name_(config.text("/bonus", "bonus")),
        weight_(config.number("/weight", 1.0)) {}

  void activate(const sdk::Binder& binder) {
    bonus_ = binder.required<sdk::Floats>(bonus_name_);
    output_ = binder.output(score_name_);
  }

  sdk::Status score(const sdk::Call& call, const sdk::Outputs& outputs) {
    const sdk::Floats bonus = call.rows(bonus_);
    const std::span<double> score = outputs[output_];  // begins as a copy of the column
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      score[row] += weight_ * bonus.value_or(row, 0.0);
    }
    return LINEUP_OK;
  }

 private:
  std::string score_name_;
  std::string bonus_name_;
  double weight_;
  sdk::Bound<sdk::Floats> bonus_;
  sdk::BoundOutput output_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "@NAME@",
  "version": "0.1.0",
  "about": "Adds a weighted bonus column to a score.",
  "types": [{
    "name": "@NAME@",
    "kind": "scorer",
    "about": "Adds a weighted bonus column to a score.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["score", "bonus"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "score": {"type": "string", "default": "score", "description": "The float column that is changed."},
        "bonus": {"type": "string", "default": "bonus", "description": "The float column that is added."},
        "weight": {"type": "number", "default": 1, "description": "What the bonus is multiplied with."}
      }
    }
  }]
})");

LINEUP_PLUGIN("0.1.0", @CLASS@)
