// SPDX-License-Identifier: Apache-2.0
//
// How long requests take through a graph of five generators and three evaluators with a deadline of
// 2 ms: as it is, with a generator that uses up what it is given, and with one that hangs in a
// process of its own, with the usual breaker and with none; there from the first request on; and
// with a worker thread beside the one that asks. No test: it measures time.
//
//   graph_bench [REQUESTS]     20000 of each by default; one line of JSON per variant
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "base/clock.hpp"
#include "bench/latencies.hpp"
#include "graph/five_and_three.hpp"

namespace {

using namespace lineup;
using Json = nlohmann::ordered_json;

constexpr std::int64_t kDeadlineNs = 2'000'000;
constexpr int kWarm = 200;

void measure(const char* name, const std::string& five, int requests, int warm = 0,
             std::uint32_t rows = 200, std::uint32_t workers = 0) {
  const TestBundle bundle;
  write_five_and_three(bundle, five, "{deadline_ms: 2}");
  host::Options options = quiet_options(bundle.root());
  options.workers = workers;
  host::Engine engine(options);
  Caller caller(engine);
  const Feed feed(rows);
  Latencies latencies;
  std::uint64_t over = 0;
  std::uint64_t fallbacks = 0;
  std::uint64_t cut = 0;
  std::int64_t worst = 0;
  for (int i = -warm; i < requests; ++i) {
    caller.prepare(feed);
    const std::int64_t began = monotonic_ns();
    const host::Result result = caller.rerank();
    const std::int64_t took = monotonic_ns() - began;
    if (i < 0) continue;
    latencies.add(took);
    worst = std::max(worst, took);
    over += took > kDeadlineNs ? 1 : 0;
    fallbacks += result.answer() == host::Answer::Ok ? 0 : 1;
    cut += result.raw()->search == LINEUP_SEARCH_DEADLINE ? 1 : 0;
  }
  const Json status = Json::parse(engine.status_json());
  const Json line = {{"variant", name},
                     {"rows", rows},
                     {"workers", workers},
                     {"nodes_helped_with", status["workers"]["nodes"]},
                     {"requests", requests},
                     {"deadline_us", kDeadlineNs / 1000},
                     {"p50_us", latencies.percentile_us(0.5)},
                     {"p99_us", latencies.percentile_us(0.99)},
                     {"p999_us", latencies.percentile_us(0.999)},
                     {"worst_us", static_cast<double>(worst) / 1000.0},
                     {"over_deadline", over},
                     {"cut_by_deadline", cut},
                     {"not_ok", fallbacks}};
  std::printf("%s\n", line.dump().c_str());
}

}  // namespace

int main(int count, char** arguments) {
  const int requests = count > 1 ? std::max(1, std::atoi(arguments[1])) : 20'000;
  measure("plain", kFairGenerator, requests, kWarm);
  measure("slow", kSlowGenerator, requests, kWarm);
  measure("slow, no budget of its own", "{id: five, generate: until_told}", requests / 4, kWarm);
  measure("hangs", kHangingGenerator, requests);
  measure("hangs, without a breaker",
          "{id: five, generate: loops, isolation: process, budget_ms: 0.5, breaker: {failures: 0}}",
          requests);
  for (const std::uint32_t rows : {200U, 1000U, 5000U}) {
    for (const std::uint32_t workers : {0U, 1U}) {
      measure("plain", kFairGenerator, requests, kWarm, rows, workers);
    }
  }
  measure("slow", kSlowGenerator, requests, kWarm, 200, 1);
}
