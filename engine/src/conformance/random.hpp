// SPDX-License-Identifier: Apache-2.0
//
// Numbers that a seed decides, the same on every machine.
#pragma once

#include <cstdint>

#include "base/hash.hpp"

namespace lineup {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() { return mix64(state_ += 0x9E3779B97F4A7C15ULL); }
  // 0 .. bound - 1. REQUIRES: bound > 0.
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(next() % bound); }
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  bool one_in(std::uint32_t count) { return below(count) == 0; }

 private:
  std::uint64_t state_;
};

}  // namespace lineup
