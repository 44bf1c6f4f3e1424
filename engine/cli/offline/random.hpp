// SPDX-License-Identifier: Apache-2.0
//
// Random numbers for simulations: the same on every machine. A draw is a function of a stream's
// seed and of how many draws came before, so two worlds with the same seed meet the same luck.
#pragma once

#include <cmath>
#include <cstdint>

#include "base/hash.hpp"

namespace lineup::cli {

class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0)
      : state_(mix64(seed ^ mix64(stream + 0x9e3779b97f4a7c15ULL))) {}

  std::uint64_t bits() {
    state_ += 0x9e3779b97f4a7c15ULL;
    return mix64(state_);
  }
  // In [0, 1).
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }
  // REQUIRES: `count` is not 0.
  std::uint32_t below(std::uint32_t count) {
    return static_cast<std::uint32_t>((static_cast<double>(bits() >> 11) * 0x1.0p-53) * count);
  }
  bool chance(double probability) { return uniform() < probability; }
  // Standard normal, by Box and Muller; the second value is not kept.
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(6.283185307179586 * uniform());
  }

 private:
  std::uint64_t state_;
};

}  // namespace lineup::cli
