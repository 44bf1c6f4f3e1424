// SPDX-License-Identifier: Apache-2.0
//
// Products of vectors for generators that compare rows. The same source is compiled twice, once for
// AVX2 where the machine has it. Sums have a fixed order and no multiply is fused with an add, so
// both give the same bits.
#ifndef LINEUP_CPP_PRODUCT_HPP
#define LINEUP_CPP_PRODUCT_HPP

#include <cstddef>
#include <cstring>
#include <span>

#if defined(__x86_64__) && defined(__GNUC__)
#define LINEUP_HAS_AVX2_CLONES 1
#endif

namespace lineup::plugin {

// Rows of a block: what project_block() handles at once.
inline constexpr std::size_t kBlockRows = 16;

namespace detail {

// Four doubles or eight floats: one AVX2 register, two of SSE2.
using Doubles4 __attribute__((vector_size(32))) = double;
using Floats8 __attribute__((vector_size(32))) = float;
using Floats4 __attribute__((vector_size(16))) = float;

// out[i] = sum over d of block[d * 16 + i] * direction[d], in the order of d.
[[gnu::always_inline]] inline void project_block_body(const float* block, const double* direction,
                                                      std::size_t dimension, double* out) {
  Doubles4 sums[4] = {};
  for (std::size_t d = 0; d < dimension; ++d, block += kBlockRows) {
    const double factor = direction[d];
    const Doubles4 factors = {factor, factor, factor, factor};
    for (std::size_t part = 0; part < 4; ++part) {
      Floats4 values;
      std::memcpy(&values, block + 4 * part, sizeof(values));
      sums[part] += __builtin_convertvector(values, Doubles4) * factors;
    }
  }
  std::memcpy(out, sums, sizeof(sums));
}

[[gnu::always_inline]] inline void project_block_body(const float* block, const float* direction,
                                                      std::size_t dimension, float* out) {
  Floats8 sums[2] = {};
  for (std::size_t d = 0; d < dimension; ++d, block += kBlockRows) {
    const float factor = direction[d];
    const Floats8 factors = {factor, factor, factor, factor, factor, factor, factor, factor};
    for (std::size_t part = 0; part < 2; ++part) {
      Floats8 values;
      std::memcpy(&values, block + 8 * part, sizeof(values));
      sums[part] += values * factors;
    }
  }
  std::memcpy(out, sums, sizeof(sums));
}

// Eight partial sums, the rest last.
[[gnu::always_inline]] inline double product_body(const float* left, const double* right,
                                                  std::size_t size) {
  Doubles4 sums[2] = {};
  const std::size_t whole = size / 8 * 8;
  for (std::size_t begin = 0; begin < whole; begin += 8) {
    for (std::size_t part = 0; part < 2; ++part) {
      Floats4 values;
      Doubles4 factors;
      std::memcpy(&values, left + begin + 4 * part, sizeof(values));
      std::memcpy(&factors, right + begin + 4 * part, sizeof(factors));
      sums[part] += __builtin_convertvector(values, Doubles4) * factors;
    }
  }
  double rest = 0.0;
  for (std::size_t index = whole; index < size; ++index) rest += left[index] * right[index];
  const Doubles4 sum = sums[0] + sums[1];
  return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + rest;
}

template <typename T>
[[gnu::always_inline]] inline void project_blocks_body(const float* blocks, std::size_t count,
                                                       const T* direction, std::size_t dimension,
                                                       T* out) {
  for (std::size_t block = 0; block < count; ++block) {
    project_block_body(blocks + block * kBlockRows * dimension, direction, dimension,
                       out + block * kBlockRows);
  }
}

template <typename T>
inline void project_blocks_plain(const float* blocks, std::size_t count, const T* direction,
                                 std::size_t dimension, T* out) {
  project_blocks_body(blocks, count, direction, dimension, out);
}
inline double product_plain(const float* left, const double* right, std::size_t size) {
  return product_body(left, right, size);
}

#ifdef LINEUP_HAS_AVX2_CLONES
template <typename T>
[[gnu::target("avx2")]] inline void project_blocks_avx2(const float* blocks, std::size_t count,
                                                        const T* direction, std::size_t dimension,
                                                        T* out) {
  project_blocks_body(blocks, count, direction, dimension, out);
}
[[gnu::target("avx2")]] inline double product_avx2(const float* left, const double* right,
                                                   std::size_t size) {
  return product_body(left, right, size);
}
#endif

}  // namespace detail

// out[i] of every row of `count` blocks; a block holds 16 rows, dimension by dimension.
template <typename T>
inline void project_blocks(const float* blocks, std::size_t count, const T* direction,
                           std::size_t dimension, T* out) {
#ifdef LINEUP_HAS_AVX2_CLONES
  if (__builtin_cpu_supports("avx2")) {
    return detail::project_blocks_avx2(blocks, count, direction, dimension, out);
  }
#endif
  detail::project_blocks_plain(blocks, count, direction, dimension, out);
}

// The inner product. REQUIRES: as many numbers on both sides.
[[nodiscard]] inline double product(std::span<const float> left, std::span<const double> right) {
#ifdef LINEUP_HAS_AVX2_CLONES
  if (__builtin_cpu_supports("avx2")) {
    return detail::product_avx2(left.data(), right.data(), left.size());
  }
#endif
  return detail::product_plain(left.data(), right.data(), left.size());
}

}  // namespace lineup::plugin

#endif
