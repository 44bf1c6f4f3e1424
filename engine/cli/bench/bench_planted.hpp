// SPDX-License-Identifier: Apache-2.0
//
// Rules of every kind around a page that was drawn first, so that a page that keeps them exists.
#pragma once

#include <string>

#include "cli/bench/bench_data.hpp"

namespace lineup::cli {

// Uses of a policy, as bench_use() writes them.
struct Planted {
  std::string uses;           // 30 rules that a page drawn from the rows keeps, 5 % to spare
  std::string contradiction;  // one more, the least important, that must be broken exactly once
};

// REQUIRES: rows and slots are not 0. `name`: of the contradiction.
[[nodiscard]] Planted plant_rules(const BenchRows& rows, std::uint32_t slots, std::uint64_t seed,
                                  const std::string& name);

}  // namespace lineup::cli
