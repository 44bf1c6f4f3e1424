// SPDX-License-Identifier: Apache-2.0
//
// The verifier's reading of the batch: which values of a rule's `by` stand where on a page. Values
// are compared as they are in the columns, and conditions are asked row by row.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "constraint/compile.hpp"
#include "constraint/verify_count.hpp"

namespace lineup {

// The position that rows are given which do not stand on the page.
inline constexpr std::int32_t kOffPage = INT32_MAX;

// A page as the verifier walks it: `past` rows of the history, the page, and `others` at kOffPage.
struct Walk {
  const RuleInput& input;
  std::span<const std::uint32_t> slate;
  std::uint32_t past = 0;
  std::span<const std::uint32_t> others;
};

// Whether `row` of `table` matches the constraint's `where`.
[[nodiscard]] inline bool is_match(const CompiledConstraint& constraint, const RuleInput& input,
                                   const Table& table, std::uint32_t row) {
  return constraint.where.is_empty() ||
         constraint.where.holds(table, input.batch->vocabularies, input.context, row);
}

// Whether two rows of the batch have one id.
[[nodiscard]] bool is_same_id(const Ids& ids, std::uint32_t a, std::uint32_t b);

// The occurrences of the values of `by`, the constraint's or another list of its columns, among the
// rows that match. Equal values get equal numbers, in this answer alone. Lives in `arena`, with
// scratch memory that is not given back.
[[nodiscard]] Occurrences collect(const CompiledConstraint& constraint,
                                  std::span<const std::uint32_t> by, const Walk& walk,
                                  Arena& arena);

}  // namespace lineup
