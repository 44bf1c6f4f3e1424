// SPDX-License-Identifier: Apache-2.0
//
// The rows that stand in the window, as an orthonormal basis of what they span: what is left of a
// row beside it is its part of the determinant.
//
// With a share of the identity in the kernel (`ridge`), or with parts that a row lacks, every row
// has a dimension of its own besides its features. No other row is ever measured along it, so a
// basis vector is kept in the dimensions of features only; the row's own dimension shows in
// `residual`, which counts it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "lineup/cpp/features.hpp"

namespace dpp {

namespace sdk = lineup::plugin;

class Basis {
 public:
  Basis(const sdk::Call& call, std::size_t width, std::uint32_t capacity)
      : width_(width),
        capacity_(capacity),
        vectors_(call.allocate<double>(width * capacity)),
        factor_(call.allocate<double>(std::size_t{capacity} * capacity)),
        leaving_(call.allocate<double>(width)) {}

  [[nodiscard]] std::uint32_t size() const { return size_; }
  [[nodiscard]] bool is_full() const { return size_ == capacity_; }
  [[nodiscard]] std::span<const double> operator[](std::uint32_t index) const {
    return vectors_.subspan(index * width_, width_);
  }

  // One more row: `row` are its features, `residual` what is left of it. REQUIRES: not is_full(),
  // residual > 0.
  void add(std::span<const double> row, double residual) {
    const std::span<double> added = vectors_.subspan(size_ * width_, width_);
    std::copy(row.begin(), row.end(), added.begin());
    for (std::uint32_t index = 0; index < size_; ++index) {
      const std::span<const double> along = (*this)[index];
      const double product = sdk::product<double>(row, along);
      for (std::size_t d = 0; d < width_; ++d) added[d] -= product * along[d];
      factor(size_, index) = product;
    }
    const double length = std::sqrt(residual);
    for (double& value : added) value /= length;
    factor(size_, size_) = length;
    ++size_;
  }

  // The oldest row leaves. What is returned is the direction that only it spanned: a row gets back
  // the square of its part along it. Valid until the next change. REQUIRES: size() > 0.
  //
  // The Cholesky factor of the window without its first row is the rest of the factor, updated by
  // the first column: rotations that bring this column to zero, one row after another. The same
  // rotations carry the basis along.
  std::span<const double> drop_oldest() {
    std::copy_n(vectors_.begin(), width_, leaving_.begin());
    for (std::uint32_t index = 1; index < size_; ++index) {
      const double diagonal = factor(index, index);
      const double below = factor(index, 0);
      const double length = std::hypot(diagonal, below);
      const double cosine = diagonal / length;
      const double sine = below / length;
      for (std::uint32_t row = index; row < size_; ++row) {
        rotate(cosine, sine, factor(row, index), factor(row, 0));
      }
      const std::span<double> vector = vectors_.subspan(index * width_, width_);
      for (std::size_t d = 0; d < width_; ++d) rotate(cosine, sine, vector[d], leaving_[d]);
    }
    std::copy(vectors_.begin() + static_cast<std::ptrdiff_t>(width_),
              vectors_.begin() + static_cast<std::ptrdiff_t>(size_ * width_), vectors_.begin());
    for (std::uint32_t row = 1; row < size_; ++row) {
      for (std::uint32_t index = 1; index <= row; ++index) {
        factor(row - 1, index - 1) = factor(row, index);
      }
    }
    --size_;
    return leaving_;
  }

 private:
  double& factor(std::uint32_t row, std::uint32_t column) {
    return factor_[std::size_t{row} * capacity_ + column];
  }
  static void rotate(double cosine, double sine, double& kept, double& leaving) {
    const double turned = cosine * kept + sine * leaving;
    leaving = cosine * leaving - sine * kept;
    kept = turned;
  }

  std::size_t width_;
  std::uint32_t capacity_;
  std::uint32_t size_ = 0;
  std::span<double> vectors_;  // [capacity][width] oldest first
  std::span<double> factor_;   // [capacity][capacity] the Cholesky factor, lower triangle
  std::span<double> leaving_;  // [width]
};

}  // namespace dpp
