// SPDX-License-Identifier: Apache-2.0
//
// Recorded requests as a service would have left them, made up: each draws its candidates from one
// pool of the rows that benchmarks rank (bench_data), with scores of its own, and stands in a
// context of its own. The same arguments make the same file.
//
//   make_requests [REQUESTS [CANDIDATES]] > requests.jsonl
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <numeric>
#include <string>
#include <vector>

#include "cli/bench/bench_data.hpp"

namespace {

using lineup::cli::BenchRow;
using lineup::cli::BenchRows;
using lineup::cli::kBenchTypes;

// LIMIT: items that exist. Requests share them, as users of one product do.
constexpr std::uint32_t kPool = 4000;
constexpr std::uint32_t kPage = 20;

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  // Uniform in [0, 1), 31 bits.
  double next() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<double>(state_ >> 33) / 2147483648.0;
  }
  std::uint32_t below(std::uint32_t count) {
    return static_cast<std::uint32_t>(next() * static_cast<double>(count));
  }

 private:
  std::uint64_t state_;
};

void append_row(std::string& line, const BenchRow& row, double score) {
  fmt::format_to(std::back_inserter(line),
                 R"({{"id":{},"score":{:.4f},"category":"category{}","author":"author{}",)"
                 R"("type":"{}","is_new":{},"pctr":{:.4f}}})",
                 row.id, score, row.category, row.author, kBenchTypes[row.type], row.is_new,
                 row.pctr);
}

std::string make_request(std::uint32_t number, std::uint32_t candidates, const BenchRows& pool,
                         std::vector<std::uint32_t>& order, Random& random) {
  // The first so many of a shuffle are a draw without return.
  for (std::uint32_t i = 0; i < candidates; ++i) {
    std::swap(order[i], order[i + random.below(kPool - i)]);
  }
  std::vector<std::pair<double, std::uint32_t>> scored;
  for (std::uint32_t i = 0; i < candidates; ++i) {
    scored.emplace_back(0.7 * pool.rows[order[i]].score + 0.3 * random.next(), order[i]);
  }
  std::sort(scored.begin(), scored.end(), std::greater<>());
  std::string line = fmt::format(
      R"({{"id":"r{}","scene":"home_feed","user":"u{}","page":{},"seed":{},)"
      R"("context":{{"days_since_signup":{},"hour":{}}},"time":"2026-01-15T20:00:00Z",)"
      R"("candidates":[)",
      number, random.below(100'000), kPage, number, random.below(400), random.below(24));
  for (std::uint32_t i = 0; i < candidates; ++i) {
    if (i > 0) line += ',';
    append_row(line, pool.rows[scored[i].second], scored[i].first);
  }
  return line + "]}";
}

}  // namespace

int main(int argc, char** argv) {
  const auto requests = static_cast<std::uint32_t>(argc > 1 ? std::atoi(argv[1]) : 10'000);
  const auto candidates = static_cast<std::uint32_t>(argc > 2 ? std::atoi(argv[2]) : 200);
  if (requests == 0 || candidates == 0 || candidates > kPool) {
    fmt::print(stderr, "usage: make_requests [REQUESTS [CANDIDATES, at most {}]]\n", kPool);
    return 2;
  }
  const BenchRows pool = lineup::cli::make_bench_rows(kPool);
  std::vector<std::uint32_t> order(kPool);
  std::iota(order.begin(), order.end(), 0U);
  Random random(20'260'115);
  for (std::uint32_t number = 1; number <= requests; ++number) {
    const std::string line = make_request(number, candidates, pool, order, random);
    if (std::puts(line.c_str()) < 0) return 2;
  }
  return 0;
}
