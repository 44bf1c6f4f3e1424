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

// Straight lines between points, or a logistic curve; before it the correction for sampling.
class Curve {
 public:
  // Reads the curve at `place`, a JSON pointer. Throws Failure when it makes no sense.
  static Curve read(const lineup::plugin::Config& config, const std::string& place) {
    Curve curve;
    const std::string method = config.text(place + "/method", "linear");
    curve.rate_ = config.number(place + "/sampling_rate", 1.0);
    if (!(curve.rate_ > 0.0 && curve.rate_ <= 1.0)) {
      throw lineup::plugin::Failure("`" + place + "/sampling_rate` must be above 0 and at most 1");
    }
    if (method == "none") {
      curve.method_ = Method::None;
      return curve;
    }
    if (method == "platt") {
      curve.method_ = Method::Platt;
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
    if (method == "isotonic") curve.fit_rising(numbers(config, place + "/weights"), place);
    return curve;
  }

  // REQUIRES: `raw` is not NaN. Before the first and behind the last point the curve is flat.
  [[nodiscard]] double operator()(double raw) const {
    // A model that saw only a share of the negatives rates too high: undone before the curve.
    if (rate_ < 1.0) raw = rate_ * raw / ((1.0 - raw) + rate_ * raw);
    if (method_ == Method::None) return raw;
    if (method_ == Method::Platt) return 1.0 / (1.0 + std::exp(-(slope_ * raw + intercept_)));
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

  // Replaces the outputs by the closest ones, in weighted squares, that never fall: neighbours that
  // fall are pooled to their mean until none does.
  void fit_rising(std::vector<double> weights, const std::string& place) {
    if (weights.empty()) weights.assign(outputs_.size(), 1.0);
    if (weights.size() != outputs_.size()) {
      throw lineup::plugin::Failure("`" + place + "` must have as many `weights` as `inputs`");
    }
    struct Pool {
      double sum = 0.0, weight = 0.0;
      std::size_t count = 0;
      [[nodiscard]] double mean() const { return sum / weight; }
    };
    std::vector<Pool> pools;
    for (std::size_t point = 0; point < outputs_.size(); ++point) {
      if (!(weights[point] > 0.0)) {
        throw lineup::plugin::Failure("`" + place + "/weights/" + std::to_string(point) +
                                      "` must be above 0");
      }
      pools.push_back({outputs_[point] * weights[point], weights[point], 1});
      while (pools.size() > 1 && pools[pools.size() - 2].mean() > pools.back().mean()) {
        const Pool last = pools.back();
        pools.pop_back();
        pools.back().sum += last.sum;
        pools.back().weight += last.weight;
        pools.back().count += last.count;
      }
    }
    std::size_t point = 0;
    for (const Pool& pool : pools) {
      for (std::size_t end = point + pool.count; point < end; ++point) {
        outputs_[point] = pool.mean();
      }
    }
  }

  enum class Method { None, Linear, Platt };
  Method method_ = Method::Linear;
  double rate_ = 1.0;  // of negatives that the model was trained with
  double slope_ = 1.0;
  double intercept_ = 0.0;
  std::vector<double> inputs_;  // rising
  std::vector<double> outputs_;
};

}  // namespace calibrate
