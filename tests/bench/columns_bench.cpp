// SPDX-License-Identifier: Apache-2.0
//
// What it costs to read the columns of a request and to ask conditions of them.
//
//   columns_bench [--benchmark_filter=ingest]
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "batch/ingest.hpp"
#include "condition/condition.hpp"

namespace lineup {
namespace {

constexpr std::uint32_t kRows = 500;

// 500 rows with a score and one of 40 categories, as texts and as codes of a dictionary.
struct Rows {
  Rows() {
    ColumnSpec score;
    score.name = "score";
    schema.add(score);
    ColumnSpec category;
    category.name = "category";
    category.type = ColumnType::Category;
    schema.add(category);
    offsets.push_back(0);
    dictionary_offsets.push_back(0);
    for (std::uint32_t i = 0; i < 40; ++i) {
      dictionary_bytes += "category" + std::to_string(i);
      dictionary_offsets.push_back(static_cast<std::uint32_t>(dictionary_bytes.size()));
    }
    for (std::uint32_t row = 0; row < kRows; ++row) {
      scores.push_back(1.0 - row / 1000.0);
      codes.push_back(row * 7 % 40);
      bytes += "category" + std::to_string(row * 7 % 40);
      offsets.push_back(static_cast<std::uint32_t>(bytes.size()));
    }
    dictionary = {sizeof dictionary, 40, dictionary_offsets.data(), dictionary_bytes.data(), 0};
    score_column.type = LINEUP_TYPE_F64;
    score_column.data = scores.data();
    text_column.type = LINEUP_TYPE_TEXT;
    text_column.data = bytes.data();
    text_column.offsets = offsets.data();
    code_column.type = LINEUP_TYPE_CODE;
    code_column.data = codes.data();
    code_column.dictionary = &dictionary;
  }

  Batch read(bool coded) {
    const std::uint8_t wanted[] = {1, 1};
    const lineup_column* columns[] = {&score_column, coded ? &code_column : &text_column};
    arena.reset();
    return *ingest(schema, wanted, {kRows, nullptr, columns}, {}, scratch, arena);
  }

  Schema schema;
  std::vector<double> scores;
  std::vector<std::uint32_t> codes;
  std::vector<std::uint32_t> offsets;
  std::vector<std::uint32_t> dictionary_offsets;
  std::string bytes;
  std::string dictionary_bytes;
  lineup_dictionary dictionary{};
  lineup_column score_column{};
  lineup_column text_column{};
  lineup_column code_column{};
  IngestScratch scratch;
  Arena arena;
};

void ingest_columns(benchmark::State& state) {
  Rows rows;
  const bool coded = state.range(0) != 0;
  for (auto _ : state) benchmark::DoNotOptimize(rows.read(coded));
  state.SetLabel(coded ? "codes" : "texts");
  state.SetItemsProcessed(state.iterations() * kRows);
}
BENCHMARK(ingest_columns)->Arg(1)->Arg(0);

void select_rows(benchmark::State& state, const char* text) {
  Rows rows;
  const Batch batch = rows.read(true);
  Diagnostics diagnostics;
  Condition condition;
  condition.compile(text, {&rows.schema, nullptr, nullptr, nullptr}, {}, 0, diagnostics);
  Word out[word_count(kRows)];
  Arena scratch;
  for (auto _ : state) {
    condition.select(batch.rows, batch.vocabularies, {}, scratch, out);
    benchmark::DoNotOptimize(out[0]);
  }
  state.SetItemsProcessed(state.iterations() * kRows);
}
BENCHMARK_CAPTURE(select_rows, number, "score > 0.75");
BENCHMARK_CAPTURE(select_rows, category, "category == \"category7\"");
BENCHMARK_CAPTURE(select_rows, compound,
                  "score > 0.6 and not (category in {\"category1\", \"category2\"})");

}  // namespace
}  // namespace lineup

BENCHMARK_MAIN();
