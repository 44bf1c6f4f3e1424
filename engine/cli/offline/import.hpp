// SPDX-License-Identifier: Apache-2.0
//
// Public logs become request lines with `feedback`. Each importer streams: what it holds is a
// catalogue and one user's rows, never the log.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "cli/offline/options.hpp"
#include "cli/request/lines.hpp"

namespace lineup::cli {

struct Imported {
  std::uint64_t requests = 0;
  std::uint64_t shown = 0;    // items
  std::uint64_t rewards = 0;  // clicks
  std::string note;           // what the reader of figures must know
};

// Errors: io/..., csv/..., import/...
[[nodiscard]] Result<Imported> import_kuairand(const ImportOptions& options, LineWriter& out);
[[nodiscard]] Result<Imported> import_movielens(const ImportOptions& options, LineWriter& out);
[[nodiscard]] Result<Imported> import_obd(const ImportOptions& options, LineWriter& out);
[[nodiscard]] Result<Imported> import_jsonl(const ImportOptions& options, LineWriter& out);

}  // namespace lineup::cli
