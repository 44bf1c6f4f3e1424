// SPDX-License-Identifier: Apache-2.0
//
// A built plugin and the host it runs in, and numbers that are the same on every machine.
#pragma once

#include <cstdint>
#include <string>

#include "fake_host.hpp"
#include "support/paths.hpp"

namespace lineup::testing {

struct Loaded {
  explicit Loaded(const std::string& name)
      : plugin(kBinaryDir + "/plugins/" + name + ".so", host) {}
  FakeHost host;
  FakePlugin plugin;
};

// Evenly spread numbers (splitmix64).
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(next() % bound); }
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

 private:
  std::uint64_t state_;
};

}  // namespace lineup::testing
