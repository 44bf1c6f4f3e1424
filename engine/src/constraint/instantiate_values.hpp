// SPDX-License-Identifier: Apache-2.0
//
// What the kinds that look into values need of a batch: the order of rows by columns, the sums of a
// column, the closeness of embeddings.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "batch/batch.hpp"
#include "constraint/compile.hpp"
#include "constraint/problem.hpp"

namespace lineup {

// The rows that a constraint speaks of.
struct Matching {
  std::span<const Word> rows;          // candidates
  std::uint32_t past_count = 0;        // rows at the end of the history
  const std::uint8_t* past = nullptr;  // [past_count] whether they match; null: all
};

struct RowRanks {
  const std::uint32_t* rows = nullptr;  // [row_count] kNoGroup: not compared
  const std::uint32_t* past = nullptr;  // [past_count]
  std::uint32_t compared = 0;           // rows and entries that have a rank
};

// Ranks by the columns of `by`, the first one first: 0 for what is to come first, equal values the
// same. A row that misses a value is not compared, or, as a value, comes after all others.
// [request]
[[nodiscard]] RowRanks rank_rows(const CompiledConstraint& order, const Batch& batch,
                                 const Matching& matching, Arena& arena);

// What the rows add to a budget. The bounds are left to the caller.
struct Amounts {
  Sums sums;              // amounts, least, most
  std::int64_t past = 0;  // sum over the history's part
};
[[nodiscard]] Amounts read_amounts(std::uint32_t column, const Batch& batch,
                                   std::span<const Word> candidates, const Matching& matching,
                                   Arena& arena);

// `number` in millionths; beyond a thousand million it is that. LIMIT: a thousand such rows still
// fit 64 bits.
[[nodiscard]] std::int64_t to_millionths(double number);

// Null when the request has no embeddings. Entries of the history that have none are like nothing.
[[nodiscard]] Closeness* make_closeness(std::uint32_t column, const Batch& batch,
                                        const Matching& matching, double max_cosine, Arena& arena);

}  // namespace lineup
