// SPDX-License-Identifier: Apache-2.0
#include "constraint/best_first.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <limits>

namespace lineup {

namespace {

constexpr std::size_t kWordBits = 64;
constexpr double kNothing = -std::numeric_limits<double>::infinity();

double most_of(const double* values) {
  // One maximum alone would wait for every comparison.
  constexpr std::size_t kLanes = 8;
  double most[kLanes];
  std::fill_n(most, kLanes, kNothing);
  for (std::size_t at = 0; at < kWordBits; at += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      most[lane] = most[lane] < values[at + lane] ? values[at + lane] : most[lane];
    }
  }
  return *std::max_element(most, most + kLanes);
}

}  // namespace

BestFirst::BestFirst(std::span<Word> rows, std::span<double> most, std::span<const double> utility)
    : rows_(rows), most_(most), utility_(utility) {
  for (std::size_t word = 0; word < rows_.size(); ++word) most_[word] = most_in(word);
}

double BestFirst::most_in(std::size_t word) const {
  const double* values = utility_.data() + word * kWordBits;
  if (rows_[word] == ~Word{0}) return most_of(values);
  double most = kNothing;
  for (Word bits = rows_[word]; bits != 0; bits &= bits - 1) {
    const double value = values[std::countr_zero(bits)];
    most = most < value ? value : most;
  }
  return most;
}

std::uint32_t BestFirst::best() const {
  std::size_t where = rows_.size();
  double most = kNothing;
  for (std::size_t word = 0; word < rows_.size(); ++word) {
    if (most_[word] > most) {
      most = most_[word];
      where = word;
    }
  }
  const bool is_any = where == rows_.size();
  for (std::size_t word = is_any ? 0 : where; word < rows_.size(); ++word) {
    for (Word bits = rows_[word]; bits != 0; bits &= bits - 1) {
      const std::size_t row = word * kWordBits + static_cast<std::size_t>(std::countr_zero(bits));
      if (is_any || utility_[row] == most) return static_cast<std::uint32_t>(row);
    }
  }
  return kNoRow;
}

void BestFirst::leave_out(std::uint32_t row) {
  const std::size_t word = row / kWordBits;
  rows_[word] &= ~(Word{1} << (row % kWordBits));
  if (utility_[row] == most_[word]) most_[word] = most_in(word);
}

}  // namespace lineup
