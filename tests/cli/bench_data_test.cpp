// SPDX-License-Identifier: Apache-2.0
//
// The benchmark rows are those that anybody else's generator makes.
#include "cli/bench/bench_data.hpp"

#include <fmt/format.h>
#include <stdlib.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "support/paths.hpp"

using lineup::cli::BenchRow;
using lineup::cli::kBenchDimension;
using lineup::cli::kBenchTypes;
using lineup::cli::make_bench_rows;

namespace fs = std::filesystem;

namespace {

std::string tsv_line(const BenchRow& row) {
  return fmt::format("{}\t{:.9f}\tc{}\ta{}\t{}\t{}\t{:.6f}\t{:.6f}", row.id, row.score,
                     row.category, row.author, kBenchTypes[row.type], row.is_new ? 1 : 0, row.pctr,
                     row.pnext);
}

fs::path shared_generator() {
  const char* shared = ::getenv("LINEUP_SHARED");
  const fs::path root =
      shared != nullptr ? fs::path(shared) : fs::path(lineup::kSourceDir) / "../shared";
  return root / "bench/gen.py";
}

}  // namespace

TEST_CASE("the rows are the same on every machine", "[bench]") {
  const auto made = make_bench_rows(200);
  CHECK(tsv_line(made.rows[0]) == "0\t0.992496426\tc34\ta0\tvideo\t0\t0.295814\t0.886000");
  CHECK(make_bench_rows(200).embeddings == made.embeddings);
  double length = 0.0;
  for (std::uint32_t d = 0; d < kBenchDimension; ++d) {
    length += made.embeddings[d] * made.embeddings[d];
  }
  CHECK(length == Approx(1.0));
}

TEST_CASE("the rows are those of the shared generator", "[bench]") {
  const fs::path generator = shared_generator();
  if (!fs::exists(generator) || std::system("python3 --version >/dev/null 2>&1") != 0) {
    WARN("skipped: needs python3 and the shared generator");
    return;
  }
  std::string folder = (fs::temp_directory_path() / "lineup-bench-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const std::string command =
      fmt::format("cd '{}' && python3 -B '{}'", folder, fs::absolute(generator).string());
  REQUIRE(std::system(command.c_str()) == 0);

  const auto made = make_bench_rows(200);
  std::ifstream rows(folder + "/items_200.tsv");
  std::string line;
  for (const BenchRow& row : made.rows) {
    REQUIRE(std::getline(rows, line));
    CHECK(line == tsv_line(row));
  }
  std::ifstream embeddings(folder + "/emb_200_64.f32", std::ios::binary);
  std::vector<float> expected(made.embeddings.size());
  embeddings.read(reinterpret_cast<char*>(expected.data()),
                  static_cast<std::streamsize>(expected.size() * sizeof(float)));
  REQUIRE(embeddings);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    REQUIRE(std::abs(expected[i] - made.embeddings[i]) < 1e-6F);
  }
  fs::remove_all(folder);
}
