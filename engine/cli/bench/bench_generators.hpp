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

// `uses`: lines of bench_use(), or none.
[[nodiscard]] std::string bench_generator_policy(std::uint32_t page, std::string_view node,
                                                 std::string_view uses);

}  // namespace lineup::cli
