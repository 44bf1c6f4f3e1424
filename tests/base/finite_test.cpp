// SPDX-License-Identifier: Apache-2.0
#include "base/finite.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <vector>

namespace lineup {
namespace {

TEST_CASE("one value that is not finite is found wherever it stands") {
  using Limits = std::numeric_limits<double>;
  for (std::size_t size = 0; size < 20; ++size) {
    std::vector<double> values(size, -0.0);
    for (std::size_t i = 0; i < size; ++i) values[i] = i % 2 == 0 ? Limits::max() : -Limits::max();
    CHECK(all_finite(values));
    for (std::size_t at = 0; at < size; ++at) {
      CAPTURE(size, at);
      for (const double wrong : {Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()}) {
        std::vector<double> other = values;
        other[at] = wrong;
        CHECK_FALSE(all_finite(other));
      }
    }
  }
}

}  // namespace
}  // namespace lineup
