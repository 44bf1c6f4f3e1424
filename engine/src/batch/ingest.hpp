// SPDX-License-Identifier: Apache-2.0
//
// From the columns a host lends to the batch that the plan reads: checks types and shapes, codes
// categories, fills defaults. What is already in canonical form is borrowed as it is.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/arena.hpp"
#include "base/result.hpp"
#include "batch/batch.hpp"
#include "batch/interner.hpp"
#include "lineup/batch.h"

namespace lineup {

// Rows as a host hands them over; columns by schema index, null where the request has none.
struct TableInput {
  std::uint32_t row_count = 0;
  const lineup_ids* ids = nullptr;
  std::span<const lineup_column* const> columns;
};

// Working memory of one session; see Interner for its habits.
struct IngestScratch {
  Interner interner;
  std::vector<std::uint32_t> remap;  // host code -> dense code
  std::vector<std::uint32_t> remap_epoch;
  std::uint32_t epoch = 0;
  SeenKeys seen;
};

// Makes the batch of one request. `inserted` are rows that stand behind the host's. Only columns
// with wanted[index] != 0 are looked at; the others read as absent. Everything made lives in
// `arena`; the rest is borrowed from the inputs. Errors (input/...): a column of a type that does
// not fit, without data, with an embedding of another dimension, or codes outside its dictionary.
// [request]
[[nodiscard]] Result<Batch> ingest(const Schema& schema, std::span<const std::uint8_t> wanted,
                                   const TableInput& rows, const TableInput& history,
                                   IngestScratch& scratch, Arena& arena,
                                   const TableInput& inserted = {});

// Clears the bit of every row whose id stood earlier already; returns how many there are. [request]
std::uint32_t drop_duplicates(const Table& table, IngestScratch& scratch, std::span<Word> rows);

}  // namespace lineup
