// SPDX-License-Identifier: Apache-2.0
#include "constraint/closeness.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace lineup {
namespace {

TEST_CASE("rows are close when their cosine is above the maximum, asked in any order",
          "[closeness]") {
  constexpr std::uint32_t kRows = 40;
  constexpr std::uint32_t kFloats = 7;
  std::mt19937 random(3);
  std::normal_distribution<float> draw;
  std::vector<float> vectors(kRows * kFloats);
  for (float& number : vectors) number = draw(random);
  const std::vector<float> past(vectors.begin(), vectors.begin() + 2 * kFloats);
  Arena arena;
  Closeness closeness(vectors, past, kFloats, 0.3, arena);
  CHECK(closeness.past_count() == 2);
  const auto cosine = [&](std::uint32_t a, std::uint32_t b) {
    double product = 0.0;
    double a_squared = 0.0;
    double b_squared = 0.0;
    for (std::uint32_t i = 0; i < kFloats; ++i) {
      const double left = vectors[a * kFloats + i];
      const double right = vectors[b * kFloats + i];
      product += left * right;
      a_squared += left * left;
      b_squared += right * right;
    }
    return product / std::sqrt(a_squared * b_squared);
  };
  int close = 0;
  for (int round = 0; round < 2; ++round) {  // the second one is answered from memory
    for (std::uint32_t a = 0; a < kRows; ++a) {
      for (std::uint32_t b = 0; b < kRows; ++b) {
        if (a == b) continue;
        CHECK(closeness.is_close(a, b) == (cosine(a, b) > 0.3));
        close += closeness.is_close(a, b) ? 1 : 0;
      }
    }
  }
  CHECK(close > 100);
  CHECK(closeness.is_close(kRows, 0));  // an entry of the history that is row 0 again
  CHECK(closeness.is_close(5, kRows + 1) == (cosine(5, 1) > 0.3));
}

TEST_CASE("embeddings of zeros, with no numbers, or left out are like none", "[closeness]") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinite = std::numeric_limits<float>::infinity();
  const std::vector<float> vectors = {1, 1, 0, 0, nan, 1, infinite, 1, 1, 1, 1, 1};
  Arena arena;
  Closeness closeness(vectors, {}, 2, 0.5, arena);
  closeness.leave_out(5);
  for (const std::uint32_t row : {1U, 2U, 3U, 5U}) {
    CHECK_FALSE(closeness.has(row));
    CHECK_FALSE(closeness.is_close(0, row));
    CHECK_FALSE(closeness.is_close(row, 4));
  }
  CHECK(closeness.is_close(0, 4));
}

}  // namespace
}  // namespace lineup
