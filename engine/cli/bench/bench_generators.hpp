// SPDX-License-Identifier: Apache-2.0
//
// The policies of benchmarks whose pages a generator makes: one node, and the rules it keeps to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lineup::cli {

// Nodes of a graph, as flow maps of YAML.
inline constexpr std::string_view kBenchDpp =
    "generate: dpp, with: {embeddings: [{column: embedding}]}";
inline constexpr std::string_view kBenchDppWindow =
    "generate: dpp, with: {embeddings: [{column: embedding}], window: 10}";
inline constexpr std::string_view kBenchSsd =
    "generate: ssd, with: {embeddings: [{column: embedding}]}";
inline constexpr std::string_view kBenchMmr =
    "generate: mmr, with: {embeddings: [{column: embedding}]}";
inline constexpr std::string_view kBenchMmrPage =
    "generate: mmr, with: {embeddings: [{column: embedding}], window: 0}";
inline constexpr std::string_view kBenchBeam =
    "generate: sequence_beam, with: {width: 8, continue: pnext, values: "
    "[{column: pctr, weight: 0.5}, {column: pnext, weight: 0.5}]}";

// Generators that no numbered workload has, with what their READMEs recommend.
struct BenchGenerator {
  std::string_view variant;
  std::string_view node;
};
inline constexpr BenchGenerator kBenchGenerators[] = {
    {"pareto",
     "generate: pareto, with: {samples: 100, slates: 100, queues: [{column: score, weight: 1}, "
     "{column: pctr, weight: 1}, {column: pnext, weight: 0.5}]}"},
    {"sampled", "generate: sampled, with: {temperature: 0.05, slates: 20}"},
    {"channel_mix",
     "generate: channel_mix, with: {revenue: pctr, gap: 3, first_slot: 2, floor: 0.95}"},
    {"channel_beam",
     "generate: channel_mix, with: {mode: templates, revenue: pctr, gap: 3, first_slot: 2}"},
    {"thompson",
     "generate: thompson, with: {slots: [4, 9], exposures: pctr, clicks: pnext, "
     "pools: [{until: 100, promote: 0.01, share: 3}]}"},
    {"local_search",
     "generate: score_order}\n  - {id: climb, generate: local_search, from: [page], with: {pages: "
     "4000}"},
    {"exact", "generate: exact"},
};

// `uses`: lines of bench_use(), or none.
[[nodiscard]] std::string bench_generator_policy(std::uint32_t page, std::string_view node,
                                                 std::string_view uses);

}  // namespace lineup::cli
