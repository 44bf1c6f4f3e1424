// SPDX-License-Identifier: Apache-2.0
//
// Rows in the order of a utility, one after another, for whoever usually needs one or two of them:
// the best of each word of rows is known, so that the next row costs one look per word and one word
// looked at anew.
#pragma once

#include <cstdint>
#include <span>

#include "base/bits.hpp"
#include "constraint/problem.hpp"

namespace lineup {

class BestFirst {
 public:
  // Of the rows in `rows`, which is used up; `most` has a place per word. All is borrowed.
  // REQUIRES: utility.size() is the number of rows.
  BestFirst(std::span<Word> rows, std::span<double> most, std::span<const double> utility);

  // The row of the largest utility among those left, the first of equals; kNoRow: none is left.
  // Rows that have minus infinity or no number come last, in their order.
  [[nodiscard]] std::uint32_t best() const;
  // Leaves a row out from now on.
  void leave_out(std::uint32_t row);

 private:
  [[nodiscard]] double most_in(std::size_t word) const;

  std::span<Word> rows_;
  std::span<double> most_;
  std::span<const double> utility_;
};

}  // namespace lineup
