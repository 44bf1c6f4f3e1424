// SPDX-License-Identifier: Apache-2.0
//
// From the columns of a `by` to groups: which rows share a value, in dense codes that hold for the
// candidates and the counted end of the history alike.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "batch/batch.hpp"
#include "constraint/problem.hpp"

namespace lineup {

struct Coding {
  Groups rows;
  Groups past;  // of the last `past_count` rows of the history; the same count and codes as `rows`
};

// The groups of the columns `by` (indexes, or kIdColumn), over all rows of the batch. A category
// column that is complete as the host gave it is used as it is: nothing is copied.
// REQUIRES: by is not empty, past_count <= batch.history.row_count. [request]
[[nodiscard]] Coding code_groups(std::span<const std::uint32_t> by, bool missing_as_value,
                                 const Batch& batch, std::uint32_t past_count, Arena& arena);

// Whether no candidate can be in any group: the request does not carry a column of `by`.
[[nodiscard]] bool is_never_grouped(std::span<const std::uint32_t> by, bool missing_as_value,
                                    const Batch& batch);

}  // namespace lineup
