// SPDX-License-Identifier: Apache-2.0
//
// The scorer `position_bias`: takes out of a logged rate what the slots did to it. A click needs
// that the slot was looked at; where rows were shown in slots that are looked at less, their rate
// is divided by that probability, so that all stand as if they had been shown on top.
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

class PositionBias : public sdk::Scorer {
 public:
  static constexpr const char* kName = "position_bias";
  static constexpr const char* kId = "dev.lineup.position_bias/1";

  explicit PositionBias(const sdk::Config& config)
      : input_name_(config.text("/input", "score")),
        output_name_(config.text("/output", "")),
        position_name_(config.text("/position", "logged_slot")),
        power_(config.number("/power", 1.0)),
        boost_max_(config.number("/boost_max", 10.0)),
        cap_(config.number("/cap", 1.0)) {
    if (output_name_.empty()) output_name_ = input_name_;
    for (std::uint64_t index = 0; index < config.count("/examined"); ++index) {
      const std::string place = "/examined/" + std::to_string(index);
      examined_.push_back(config.number(place, 1.0));
      if (!(examined_.back() > 0.0 && examined_.back() <= 1.0)) {
        throw sdk::Failure("`" + place + "` must be above 0 and at most 1");
      }
    }
    if (!(power_ >= 0.0)) throw sdk::Failure("`/power` must be at least 0");
    if (!(boost_max_ >= 1.0)) throw sdk::Failure("`/boost_max` must be at least 1");
  }

  void activate(const sdk::Binder& binder) {
    input_ = binder.required<sdk::Floats>(input_name_);
    position_ = binder.required<sdk::Floats>(position_name_);
    output_ = binder.output(output_name_);
  }

  sdk::Status score(const sdk::Call& call, const sdk::Outputs& outputs) {
    const sdk::Floats input = call.rows(input_);
    const sdk::Floats position = call.rows(position_);
    const std::span<double> output = outputs[output_];
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      output[row] = input.value_or(row, kMissing);
      if (!position.has(row) || !(position[row] >= 1.0)) continue;
      const double boost = std::min(1.0 / examined(position[row]), boost_max_);
      output[row] = std::min(output[row] * boost, cap_);
    }
    return LINEUP_OK;
  }

 private:
  // The probability that a slot, or a mean of slots, is looked at; between two by interpolation.
  [[nodiscard]] double examined(double slot) const {
    if (examined_.empty()) return std::pow(slot, -power_);
    const double last = static_cast<double>(examined_.size());
    const double at = std::min(slot, last) - 1.0;
    const auto below = static_cast<std::size_t>(at);
    const std::size_t above = std::min(below + 1, examined_.size() - 1);
    const double part = at - static_cast<double>(below);
    return (1.0 - part) * examined_[below] + part * examined_[above];
  }

  std::string input_name_;
  std::string output_name_;
  std::string position_name_;
  std::vector<double> examined_;
  double power_;
  double boost_max_;
  double cap_;
  sdk::Bound<sdk::Floats> input_;
  sdk::Bound<sdk::Floats> position_;
  sdk::BoundOutput output_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "position_bias",
  "version": "1.0.0",
  "about": "Takes out of a logged rate what the slots did to it.",
  "types": [{
    "name": "position_bias",
    "kind": "scorer",
    "about": "Divides rates by the probability that the slots they were logged in are looked at.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["input", "position"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "input": {"type": "string", "minLength": 1, "default": "score",
          "description": "The float column of the logged rate."},
        "output": {"type": "string", "default": "",
          "description": "The float column to write; empty: the input."},
        "position": {"type": "string", "minLength": 1, "default": "logged_slot",
          "description": "The float column of the slot (from 1), or the mean of the slots, that the rate was logged in; rows without one stay as they are."},
        "examined": {"type": "array", "items": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
          "description": "The probability that slot 1, 2, ... is looked at; later slots count as the last. Empty: slot ^ -power."},
        "power": {"type": "number", "minimum": 0, "maximum": 4, "default": 1,
          "description": "Without `examined`: how fast attention falls."},
        "boost_max": {"type": "number", "minimum": 1, "default": 10,
          "description": "Most that a rate is multiplied by."},
        "cap": {"type": "number", "default": 1,
          "description": "Most that a rate may become."}
      }
    }
  }]
})");

LINEUP_PLUGIN("1.0.0", PositionBias)
