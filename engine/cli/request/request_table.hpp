// SPDX-License-Identifier: Apache-2.0
//
// Rows or columns of JSON become owned rows. For the units that include simdjson.
#pragma once

#include <simdjson.h>

#include <string_view>

#include "base/result.hpp"
#include "table/owned_rows.hpp"

namespace lineup::cli {

// Reads `value`, a list of objects or an object of lists, into `out`. Messages begin with `name`
// and say the row, counted from 0, and the column. Null and absent mean no value.
[[nodiscard]] Result<void> read_table(std::string_view name, simdjson::dom::element value,
                                      OwnedRows& out);

}  // namespace lineup::cli
