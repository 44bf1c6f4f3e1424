// SPDX-License-Identifier: Apache-2.0
//
// The rows that benchmarks rank: made by a 64-bit linear congruential generator, so that any
// language can make the same ones. The seed is 12345 + the number of rows.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace lineup::cli {

inline constexpr std::uint32_t kBenchDimension = 64;
inline constexpr std::uint32_t kBenchTags = 12;

struct BenchRow {
  std::uint32_t id = 0;  // rank by score, from 0
  double score = 0.0;
  std::uint32_t category = 0;  // 0..39, skewed
  std::uint32_t author = 0;    // 0..rows/5, skewed
  std::uint32_t type = 0;      // index into kBenchTypes: video 60 %, article 30 %, ad 10 %
  bool is_new = false;         // 15 %
  double pctr = 0.0;
  double pnext = 0.0;
  double price = 0.0;      // 0 .. 100; of the row's number alone
  std::uint32_t tags = 0;  // bit t: the row has tag t; of the row's number alone
};

inline constexpr std::string_view kBenchTypes[] = {"video", "article", "ad"};

struct BenchRows {
  std::vector<BenchRow> rows;     // best score first
  std::vector<float> embeddings;  // [rows * kBenchDimension], unit length, clustered by category
};

// `batch`: another draw; 0 is the one that everybody knows.
[[nodiscard]] BenchRows make_bench_rows(std::uint32_t count, std::uint32_t batch = 0);

}  // namespace lineup::cli
