// SPDX-License-Identifier: Apache-2.0
//
// Rows put behind rows: what a pool inserts stands behind the candidates that the host sent, in
// columns of both. Only requests of a policy that names a pool come here.
#pragma once

#include <cstdint>

#include "base/arena.hpp"
#include "batch/batch.hpp"

namespace lineup {

// A column of `row_count` values of `first` and then `more_count` of `more`, both canonical and of
// one type; coded columns share their vocabulary. Where one of the two is absent its rows have no
// value; where both are, so is the result. [request]
[[nodiscard]] Column join_columns(const Column& first, std::uint32_t row_count, const Column& more,
                                  std::uint32_t more_count, Arena& arena);

// The ids of both. Numbers stay numbers only when all are; without ids in front there are none.
// [request]
[[nodiscard]] Ids join_ids(const Ids& first, std::uint32_t row_count, const Ids& more,
                           std::uint32_t more_count, Arena& arena);

}  // namespace lineup
