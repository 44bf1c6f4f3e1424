// SPDX-License-Identifier: Apache-2.0
//
// The scorer `decay`: a score that fades with age, by halves, along a bell, or in a straight line.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

class Decay : public sdk::Scorer {
 public:
  static constexpr const char* kName = "decay";
  static constexpr const char* kId = "dev.lineup.decay/1";

  explicit Decay(const sdk::Config& config)
      : input_name_(config.text("/input", "score")),
        output_name_(config.text("/output", "")),
        time_name_(config.text("/time", "created_at")),
        half_life_ms_(config.number("/half_life_ms", 86'400'000.0)),
        offset_ms_(config.number("/offset_ms", 0.0)),
        floor_(config.number("/floor", 0.0)) {
    if (output_name_.empty()) output_name_ = input_name_;
    const std::string shape = config.text("/shape", "exponential");
    if (shape == "gauss") {
      shape_ = Shape::Gauss;
    } else if (shape == "linear") {
      shape_ = Shape::Linear;
    } else if (shape != "exponential") {
      throw sdk::Failure("`/shape` must be `exponential`, `gauss` or `linear`, got `" + shape +
                         "`");
    }
    if (!(half_life_ms_ > 0.0)) throw sdk::Failure("`/half_life_ms` must be above 0");
    if (!(floor_ >= 0.0 && floor_ <= 1.0)) throw sdk::Failure("`/floor` must lie in 0..1");
  }

  void activate(const sdk::Binder& binder) {
    input_ = binder.required<sdk::Floats>(input_name_);
    time_ = binder.required<sdk::Times>(time_name_);
    output_ = binder.output(output_name_);
  }

  sdk::Status score(const sdk::Call& call, const sdk::Outputs& outputs) {
    const sdk::Floats input = call.rows(input_);
    const sdk::Times time = call.rows(time_);
    const std::span<double> output = outputs[output_];
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      output[row] = input.value_or(row, kMissing);
      if (!time.has(row)) continue;
      const double age = static_cast<double>(call.now_ms()) - static_cast<double>(time[row]);
      output[row] *= floor_ + (1.0 - floor_) * factor(std::max(age - offset_ms_, 0.0));
    }
    return LINEUP_OK;
  }

 private:
  enum class Shape { Exponential, Gauss, Linear };

  // 1 at age 0, one half at the half-life.
  [[nodiscard]] double factor(double age_ms) const {
    const double lives = age_ms / half_life_ms_;
    switch (shape_) {
      case Shape::Exponential:
        return std::exp2(-lives);
      case Shape::Gauss:
        return std::exp2(-lives * lives);
      case Shape::Linear:
        return std::max(1.0 - lives / 2.0, 0.0);
    }
    return 1.0;
  }

  std::string input_name_;
  std::string output_name_;
  std::string time_name_;
  double half_life_ms_;
  double offset_ms_;
  double floor_;
  Shape shape_ = Shape::Exponential;
  sdk::Bound<sdk::Floats> input_;
  sdk::Bound<sdk::Times> time_;
  sdk::BoundOutput output_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "decay",
  "version": "1.0.0",
  "about": "Scores that fade with age.",
  "types": [{
    "name": "decay",
    "kind": "scorer",
    "about": "Multiplies a score by a factor that falls with the age of the row.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["input", "time"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "input": {"type": "string", "minLength": 1, "default": "score",
          "description": "The float column to read."},
        "output": {"type": "string", "default": "",
          "description": "The float column to write; empty: the input."},
        "time": {"type": "string", "minLength": 1, "default": "created_at",
          "description": "The time column; rows without a value keep their score."},
        "shape": {"type": "string", "enum": ["exponential", "gauss", "linear"], "default": "exponential",
          "description": "How the factor falls; all are one half at the half-life."},
        "half_life_ms": {"type": "number", "exclusiveMinimum": 0, "default": 86400000,
          "description": "The age, in milliseconds, at which half is left."},
        "offset_ms": {"type": "number", "minimum": 0, "default": 0,
          "description": "Younger rows do not fade."},
        "floor": {"type": "number", "minimum": 0, "maximum": 1, "default": 0,
          "description": "The share that never fades."}
      }
    }
  }]
})");

LINEUP_PLUGIN("1.0.0", Decay)
