// SPDX-License-Identifier: Apache-2.0
//
// The layer that the plugin weight_layers makes of a weight vector; its test makes it anew each
// time.
#pragma once

#include <array>
#include <cstddef>

namespace hard {

inline constexpr std::size_t kWeights = 2;
inline constexpr std::size_t kInputs = 3;
inline constexpr std::size_t kHidden = 4;

using Layer = std::array<std::array<double, kInputs>, kHidden>;

inline constexpr std::array<Layer, kWeights + 1> kBasis = {{
    {{{0.2, 0.1, 0.0}, {-0.3, 0.4, 0.1}, {0.5, -0.2, 0.0}, {0.1, 0.1, -0.1}}},
    {{{0.9, -0.1, 0.0}, {0.2, -0.4, 0.2}, {0.3, 0.0, 0.1}, {-0.2, 0.0, 0.3}}},
    {{{-0.4, 0.8, 0.0}, {0.1, 0.7, -0.1}, {-0.3, 0.9, 0.0}, {0.0, 0.6, 0.1}}},
}};
inline constexpr std::array<double, kHidden> kOut = {0.7, 0.5, 0.9, -0.4};

inline Layer make_layer(const std::array<double, kWeights>& weights) {
  Layer layer = kBasis[0];
  for (std::size_t k = 0; k < kWeights; ++k) {
    for (std::size_t row = 0; row < kHidden; ++row) {
      for (std::size_t column = 0; column < kInputs; ++column) {
        layer[row][column] += weights[k] * kBasis[k + 1][row][column];
      }
    }
  }
  return layer;
}

inline double score_of(const Layer& layer, const std::array<double, kInputs>& input) {
  double score = 0.0;
  for (std::size_t row = 0; row < kHidden; ++row) {
    double hidden = 0.0;
    for (std::size_t column = 0; column < kInputs; ++column) {
      hidden += layer[row][column] * input[column];
    }
    score += kOut[row] * (hidden > 0.0 ? hidden : 0.0);
  }
  return score;
}

}  // namespace hard
