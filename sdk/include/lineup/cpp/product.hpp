// SPDX-License-Identifier: Apache-2.0
//
// Products of vectors for generators that compare rows, with AVX2 or AVX-512 where the machine has
// it. Sums have a fixed order and no multiply is fused with an add, so all give the same bits.
#ifndef LINEUP_CPP_PRODUCT_HPP
#define LINEUP_CPP_PRODUCT_HPP

#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>

#if defined(__x86_64__) && defined(__GNUC__)
#define LINEUP_HAS_AVX2 1
#include <immintrin.h>
#endif

namespace lineup::plugin {

// Rows of a block: what project_blocks() handles at once.
inline constexpr std::size_t kBlockRows = 16;

namespace detail {

// out[i] = sum over d of block[d * 16 + i] * direction[d], in the order of d.
template <typename T>
inline void project_block_plain(const float* block, const T* direction, std::size_t dimension,
                                T* out) {
  T sums[kBlockRows] = {};
  for (std::size_t d = 0; d < dimension; ++d, block += kBlockRows) {
    for (std::size_t row = 0; row < kBlockRows; ++row) {
      sums[row] += static_cast<T>(block[row]) * direction[d];
    }
  }
  std::memcpy(out, sums, sizeof(sums));
}

// Eight partial sums, the rest last.
template <typename T>
inline double product_plain(const T* left, const double* right, std::size_t size) {
  constexpr std::size_t kLanes = 8;
  double sums[kLanes] = {};
  const std::size_t whole = size / kLanes * kLanes;
  for (std::size_t begin = 0; begin < whole; begin += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      sums[lane] += static_cast<double>(left[begin + lane]) * right[begin + lane];
    }
  }
  double rest = 0.0;
  for (std::size_t index = whole; index < size; ++index) rest += left[index] * right[index];
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7])) +
         rest;
}

#ifdef LINEUP_HAS_AVX2
[[gnu::target("avx2")]] inline void project_block_avx2(const float* block, const double* direction,
                                                       std::size_t dimension, double* out) {
  __m256d first = _mm256_setzero_pd();
  __m256d second = first, third = first, fourth = first;
  for (std::size_t d = 0; d < dimension; ++d, block += kBlockRows) {
    const __m256d factor = _mm256_broadcast_sd(direction + d);
    const auto times = [&](std::size_t at) __attribute__((target("avx2"), always_inline)) {
      return _mm256_mul_pd(_mm256_cvtps_pd(_mm_loadu_ps(block + at)), factor);
    };
    first = _mm256_add_pd(first, times(0));
    second = _mm256_add_pd(second, times(4));
    third = _mm256_add_pd(third, times(8));
    fourth = _mm256_add_pd(fourth, times(12));
  }
  _mm256_storeu_pd(out, first);
  _mm256_storeu_pd(out + 4, second);
  _mm256_storeu_pd(out + 8, third);
  _mm256_storeu_pd(out + 12, fourth);
}
[[gnu::target("avx2")]] inline void project_block_avx2(const float* block, const float* direction,
                                                       std::size_t dimension, float* out) {
  __m256 first = _mm256_setzero_ps();
  __m256 second = first;
  for (std::size_t d = 0; d < dimension; ++d, block += kBlockRows) {
    const __m256 factor = _mm256_broadcast_ss(direction + d);
    first = _mm256_add_ps(first, _mm256_mul_ps(_mm256_loadu_ps(block), factor));
    second = _mm256_add_ps(second, _mm256_mul_ps(_mm256_loadu_ps(block + 8), factor));
  }
  _mm256_storeu_ps(out, first);
  _mm256_storeu_ps(out + 8, second);
}
// A row is a lane: wider registers change no sum. The forms with a rounding mode are those that
// compilers fuse in no mode of theirs; those with a mask warn of nothing that is not there. (As
// constants, masks of all ones overflow the builtins' signed types.)
[[gnu::target("avx512f")]] inline __m512d wide_of(const float* values) {
  __mmask8 all = 0xFF;
  return _mm512_maskz_cvtps_pd(all, _mm256_loadu_ps(values));
}
[[gnu::target("avx512f")]] inline __m512d add_product(__m512d sum, __m512d left, __m512d right) {
  __mmask8 all = 0xFF;
  return _mm512_add_pd(sum, _mm512_maskz_mul_round_pd(all, left, right, _MM_FROUND_CUR_DIRECTION));
}
[[gnu::target("avx512f")]] inline __m512 add_product(__m512 sum, __m512 left, __m512 right) {
  __mmask16 all = 0xFFFF;
  return _mm512_add_ps(sum, _mm512_maskz_mul_round_ps(all, left, right, _MM_FROUND_CUR_DIRECTION));
}
[[gnu::target("avx512f")]] inline void project_block_avx512(const float* block,
                                                            const double* direction,
                                                            std::size_t dimension, double* out) {
  __m512d first = _mm512_setzero_pd();
  __m512d second = first;
  for (std::size_t d = 0; d < dimension; ++d, block += kBlockRows) {
    const __m512d factor = _mm512_set1_pd(direction[d]);
    first = add_product(first, wide_of(block), factor);
    second = add_product(second, wide_of(block + 8), factor);
  }
  _mm512_storeu_pd(out, first);
  _mm512_storeu_pd(out + 8, second);
}
// Two blocks at once: one alone would wait for every addition.
[[gnu::target("avx512f")]] inline void project_two_avx512(const float* block,
                                                          const float* direction,
                                                          std::size_t dimension, float* out) {
  const float* other = block + kBlockRows * dimension;
  __m512 first = _mm512_setzero_ps();
  __m512 second = first;
  for (std::size_t d = 0; d < dimension; ++d, block += kBlockRows, other += kBlockRows) {
    const __m512 factor = _mm512_set1_ps(direction[d]);
    first = add_product(first, _mm512_loadu_ps(block), factor);
    second = add_product(second, _mm512_loadu_ps(other), factor);
  }
  _mm512_storeu_ps(out, first);
  _mm512_storeu_ps(out + kBlockRows, second);
}
[[gnu::target("avx2")]] inline __m256d four_of(const float* values) {
  return _mm256_cvtps_pd(_mm_loadu_ps(values));
}
[[gnu::target("avx2")]] inline __m256d four_of(const double* values) {
  return _mm256_loadu_pd(values);
}
template <typename T>
[[gnu::target("avx2")]] inline double product_avx2(const T* left, const double* right,
                                                   std::size_t size) {
  __m256d first = _mm256_setzero_pd();
  __m256d second = first;
  const std::size_t whole = size / 8 * 8;
  for (std::size_t begin = 0; begin < whole; begin += 8) {
    first =
        _mm256_add_pd(first, _mm256_mul_pd(four_of(left + begin), _mm256_loadu_pd(right + begin)));
    second = _mm256_add_pd(
        second, _mm256_mul_pd(four_of(left + begin + 4), _mm256_loadu_pd(right + begin + 4)));
  }
  double rest = 0.0;
  for (std::size_t index = whole; index < size; ++index) rest += left[index] * right[index];
  double sums[4];
  _mm256_storeu_pd(sums, _mm256_add_pd(first, second));
  return (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest;
}
#endif

}  // namespace detail

// out[i] of every row of `count` blocks; a block holds 16 rows, dimension by dimension. T: double
// or float, of the sums.
template <typename T>
inline void project_blocks(const float* blocks, std::size_t count, const T* direction,
                           std::size_t dimension, T* out) {
  std::size_t block = 0;
  const auto rows = [&] { return blocks + block * kBlockRows * dimension; };
#ifdef LINEUP_HAS_AVX2
  if (__builtin_cpu_supports("avx512f")) {
    if constexpr (std::is_same_v<T, float>) {
      for (; block + 2 <= count; block += 2) {
        detail::project_two_avx512(rows(), direction, dimension, out + block * kBlockRows);
      }
    } else {
      for (; block < count; ++block) {
        detail::project_block_avx512(rows(), direction, dimension, out + block * kBlockRows);
      }
    }
  }
  if (__builtin_cpu_supports("avx2")) {
    for (; block < count; ++block) {
      detail::project_block_avx2(rows(), direction, dimension, out + block * kBlockRows);
    }
  }
#endif
  for (; block < count; ++block) {
    detail::project_block_plain(rows(), direction, dimension, out + block * kBlockRows);
  }
}

// The inner product. T: float or double. REQUIRES: as many numbers on both sides.
template <typename T>
[[nodiscard]] inline double product(std::span<const T> left, std::span<const double> right) {
#ifdef LINEUP_HAS_AVX2
  if (__builtin_cpu_supports("avx2")) {
    return detail::product_avx2(left.data(), right.data(), left.size());
  }
#endif
  return detail::product_plain(left.data(), right.data(), left.size());
}

}  // namespace lineup::plugin

#endif
