// SPDX-License-Identifier: Apache-2.0
#include "constraint/closeness.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/hash.hpp"

namespace lineup {

namespace {

// LIMIT: pairs remembered, 8 KiB of them: clearing more costs what it saves. A power of two.
constexpr std::size_t kAnswers = 1024;

// Four numbers side by side; compilers make what the processor has of them.
using Floats4 = float __attribute__((vector_size(16)));
using Doubles4 = double __attribute__((vector_size(32)));

void widen(const float* at, Doubles4& out) {
  Floats4 narrow;
  std::memcpy(&narrow, at, sizeof narrow);
  out = __builtin_convertvector(narrow, Doubles4);
}

double product(const float* a, const float* b, std::uint32_t dimension) {
  Doubles4 sums = {0.0, 0.0, 0.0, 0.0};
  std::uint32_t i = 0;
  for (; i + 4 <= dimension; i += 4) {
    Doubles4 left;
    Doubles4 right;
    widen(a + i, left);
    widen(b + i, right);
    sums += left * right;
  }
  for (; i < dimension; ++i) sums[i % 4] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

}  // namespace

Closeness::Closeness(std::span<const float> vectors, std::span<const float> past_vectors,
                     std::uint32_t dimension, double max_cosine, Arena& arena)
    : vectors_(vectors),
      past_(past_vectors),
      dimension_(dimension),
      row_count_(static_cast<std::uint32_t>(vectors.size() / dimension)),
      max_cosine_(max_cosine),
      lengths_(arena.filled<double>((vectors.size() + past_vectors.size()) / dimension, -1.0)),
      answers_(arena.zeroed<std::uint64_t>(kAnswers)) {}

double Closeness::length_of(std::uint32_t row) {
  double& length = lengths_[row];
  if (length < 0.0) {
    const double squared = product(vector_of(row), vector_of(row), dimension_);
    length = std::isfinite(squared) ? std::sqrt(squared) : 0.0;
  }
  return length;
}

bool Closeness::is_close(std::uint32_t a, std::uint32_t b) {
  const double lengths = length_of(a) * length_of(b);
  if (!(lengths > 0.0)) return false;
  const std::uint64_t pair = std::uint64_t{std::min(a, b)} << 32 | std::max(a, b);
  // The lowest bit of an entry is the answer; a pair is never (0, 0), so no entry is 0.
  std::uint64_t& answer = answers_[mix64(pair) % kAnswers];
  if (answer >> 1 != pair) {
    const bool is_close = product(vector_of(a), vector_of(b), dimension_) > max_cosine_ * lengths;
    answer = pair << 1 | (is_close ? 1 : 0);
  }
  return (answer & 1) != 0;
}

}  // namespace lineup
