// SPDX-License-Identifier: Apache-2.0
//
// Which rows are too much alike: the cosine of their embeddings is above a maximum. Products of
// floats are exact as doubles, and sums have a fixed order, so that the verifier, which computes
// the same definition by itself, comes to the same answer to the last bit: the products go to four
// sums in turn, which are added as (0 + 1) + (2 + 3). Lengths and answers are remembered, because a
// search asks for the same pairs again and again.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.hpp"

namespace lineup {

class Closeness {
 public:
  // Rows are 0 .. row_count - 1, the counted entries of the history follow them. `vectors` and
  // `past_vectors` are borrowed: [count * dimension].
  Closeness(std::span<const float> vectors, std::span<const float> past_vectors,
            std::uint32_t dimension, double max_cosine, Arena& arena);

  // The same in other memory: `copy` gives back a copy of each span.
  template <typename Copy>
  Closeness(const Closeness& other, Copy&& copy)
      : vectors_(copy(other.vectors_)),
        past_(copy(other.past_)),
        dimension_(other.dimension_),
        row_count_(other.row_count_),
        max_cosine_(other.max_cosine_),
        lengths_(copy(other.lengths_)),
        answers_(copy(other.answers_)) {}

  // Takes a row out: its embedding is missing, or the rule does not speak of it.
  void leave_out(std::uint32_t row) { lengths_[row] = 0.0; }

  [[nodiscard]] std::uint32_t past_count() const {
    return static_cast<std::uint32_t>(lengths_.size()) - row_count_;
  }
  // Whether the row is like any other at all. An embedding of zeros or with a number that is not
  // finite is like none.
  [[nodiscard]] bool has(std::uint32_t row) { return length_of(row) > 0.0; }
  // Asks the processor for the row's embedding: it is about to be compared and lies where nobody
  // has looked yet.
  void expect(std::uint32_t row) const {
    constexpr std::uint32_t kFloatsPerLine = 16;
    const float* const vector = vector_of(row);
    for (std::uint32_t i = 0; i < dimension_ && i < kLinesAhead * kFloatsPerLine;
         i += kFloatsPerLine) {
      __builtin_prefetch(vector + i);
    }
  }
  // Symmetric.
  [[nodiscard]] bool is_close(std::uint32_t a, std::uint32_t b);

 private:
  // LIMIT: cache lines asked for at once; what follows them is seen coming by the processor.
  static constexpr std::uint32_t kLinesAhead = 4;

  [[nodiscard]] const float* vector_of(std::uint32_t row) const {
    return row < row_count_ ? vectors_.data() + std::size_t{row} * dimension_
                            : past_.data() + std::size_t{row - row_count_} * dimension_;
  }
  [[nodiscard]] double length_of(std::uint32_t row);

  std::span<const float> vectors_;
  std::span<const float> past_;
  std::uint32_t dimension_;
  std::uint32_t row_count_;
  double max_cosine_;
  std::span<double> lengths_;         // below 0: not known yet
  std::span<std::uint64_t> answers_;  // pairs asked before, each at a place of its own; 0: none
};

}  // namespace lineup
