// SPDX-License-Identifier: Apache-2.0
//
// One measurement of `lineup bench`. The names are a contract.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace lineup::cli {

struct BenchReport {
  std::string workload;
  std::string variant;
  std::uint32_t n = 0;
  std::uint32_t k = 0;
  std::uint32_t threads = 1;
  std::string columns;  // "coded", "strings", "json"
  double p50_us = 0.0;
  double p99_us = 0.0;
  double p999_us = 0.0;
  std::uint64_t rps = 0;
  double allocs_per_request = 0.0;
  std::uint64_t peak_rss_kb = 0;
  double core_seconds_per_million = 0.0;
  std::optional<double> hit_rate;       // calls of code rules answered from memory, 0 to 1
  std::optional<std::uint32_t> missed;  // batches whose best page was not found, where it is known
};

}  // namespace lineup::cli
