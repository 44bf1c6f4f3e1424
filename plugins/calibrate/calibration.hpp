// SPDX-License-Identifier: Apache-2.0
//
// One curve that maps a raw score to a calibrated one.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "lineup/plugin.hpp"

namespace calibrate {

// Straight lines between points, or a logistic curve.
class Curve {
 public:
  // Reads the curve at `place`, a JSON pointer. Throws Failure when it makes no sense.
  static Curve read(const lineup::plugin::Config& config, const std::string& place) {
    Curve curve;
    curve.is_platt_ = config.text(place + "/method", "linear") == "platt";
    if (curve.is_platt_) {
      curve.slope_ = config.number(place + "/slope", 1.0);
      curve.intercept_ = config.number(place + "/intercept", 0.0);
      return curve;
    }
    curve.inputs_ = numbers(config, place + "/inputs");
    curve.outputs_ = numbers(config, place + "/outputs");
    if (curve.inputs_.empty() || curve.inputs_.size() != curve.outputs_.size()) {
      throw lineup::plugin::Failure("`" + place +
                                    "` must have as many `outputs` as `inputs`, at least one");
    }
    for (std::size_t point = 1; point < curve.inputs_.size(); ++point) {
      if (curve.inputs_[point - 1] < curve.inputs_[point]) continue;
      throw lineup::plugin::Failure("`" + place + "/inputs/" + std::to_string(point) +
                                    "` must be larger than the input before it");
    }
    return curve;
  }

  // REQUIRES: `raw` is not NaN. Before the first and behind the last point the curve is flat.
  [[nodiscard]] double operator()(double raw) const {
    if (is_platt_) return 1.0 / (1.0 + std::exp(-(slope_ * raw + intercept_)));
    const auto above = std::upper_bound(inputs_.begin(), inputs_.end(), raw);
    if (above == inputs_.begin()) return outputs_.front();
    if (above == inputs_.end()) return outputs_.back();
    const auto right = static_cast<std::size_t>(above - inputs_.begin());
    const std::size_t left = right - 1;
    const double part = (raw - inputs_[left]) / (inputs_[right] - inputs_[left]);
    return outputs_[left] + part * (outputs_[right] - outputs_[left]);
  }

 private:
  static std::vector<double> numbers(const lineup::plugin::Config& config,
                                     const std::string& place) {
    std::vector<double> numbers;
    for (std::uint64_t index = 0; index < config.count(place); ++index) {
      numbers.push_back(config.number(place + "/" + std::to_string(index), 0.0));
    }
    return numbers;
  }

  bool is_platt_ = false;
  double slope_ = 1.0;
  double intercept_ = 0.0;
  std::vector<double> inputs_;  // rising
  std::vector<double> outputs_;
};

}  // namespace calibrate
