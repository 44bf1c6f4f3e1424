// SPDX-License-Identifier: Apache-2.0
//
// What a benchmark asks: a bundle held in memory, and the batches that are put to it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "cli/bench/bench_columns.hpp"
#include "cli/bench/bench_data.hpp"

namespace lineup::cli {

// One batch, and the scene whose policy ranks it.
struct BenchBatch {
  std::string scene = "bench";
  BenchRows rows;
};

struct Workload {
  std::string name;
  std::string variant;
  std::uint32_t page = 0;
  std::vector<std::pair<std::string, std::string>> bundle;  // path -> contents
  std::vector<BenchBatch> batches;                          // asked in turn
  std::vector<BenchBatch> warm_batches;                     // asked before: others than `batches`
  bool has_code = false;    // its rules are code: how many calls are answered from memory is told
  BenchColumns::More more;  // what it reads besides score, category, author and type
  bool can_miss = false;    // pages are known to exist: those not found are counted
  std::string planted;      // the one rule that cannot hold, once; empty: all can
};

// `rows` and `page` 0: the workload's own. Errors: bench/unknown.
[[nodiscard]] Result<std::vector<Workload>> make_workloads(const std::string& name,
                                                           const std::string& variant,
                                                           std::uint32_t rows, std::uint32_t page);

}  // namespace lineup::cli
