// SPDX-License-Identifier: Apache-2.0
//
// Category columns: from dictionary codes or texts to the dense codes of one request.
#pragma once

#include <string_view>

#include "batch/ingest.hpp"

namespace lineup {

// The words for how a host stored a column: "float64", "text", ...
[[nodiscard]] std::string_view name_of_stored(lineup_type type);

struct CodedColumn {
  const ColumnSpec& spec;
  const lineup_column* rows;     // null: the request has none
  const lineup_column* history;  // null: the history has none
  std::uint32_t row_count;
  std::uint32_t history_count;
  const lineup_column* inserted = nullptr;  // null: the inserted rows have none
  std::uint32_t inserted_count = 0;
};

// Fills `rows` and `history` and returns what the codes stand for. [request]
[[nodiscard]] Result<Vocabulary> read_coded(const CodedColumn& in, IngestScratch& scratch,
                                            Arena& arena, Column& rows, Column& history);

}  // namespace lineup
