// SPDX-License-Identifier: Apache-2.0
//
// What columns cost that the engine fills from feedback: requests of 1000 rows whose policy reads
// two such columns, against the same policy with two columns that nobody fills; and what a feedback
// of ten rows and a click costs. No test: it measures time.
//
//   evidence_bench [REQUESTS]     5000 of each by default; one line of JSON per variant
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "base/clock.hpp"
#include "bench/latencies.hpp"
#include "host.hpp"

namespace {

using namespace lineup;
using Json = nlohmann::ordered_json;

constexpr int kWarm = 500;
constexpr int kFeedbacks = 20'000;
constexpr std::uint32_t kRows = 1000;

std::string policy_with(const std::string& evidence) {
  std::string text =
      policy("  - {use: boost, with: {where: 'clicks > 2 or shown < 5', add: 0.01}}\n",
             evidence + std::string(kGraph) + "limits: {deadline_ms: 1000}\n");
  text.insert(text.find("objectives:"), "  shown: {type: float}\n  clicks: {type: float}\n");
  return text;
}

// Feedbacks of other requests, told before: of 40 000 items, the rows of the feed among them.
double tell(host::Engine& engine) {
  std::int64_t took = 0;
  for (int i = 0; i < kFeedbacks; ++i) {
    Json told{{"exposed", Json::array()}};
    for (int row = 0; row < 10; ++row) {
      told["exposed"].push_back("v" + std::to_string((i * 10 + row) % 40'000));
    }
    told["events"] = {{{"id", told["exposed"][0]}, {"type", "click"}}};
    const std::string id = "r" + std::to_string(i);
    const std::string text = told.dump();
    const std::int64_t began = monotonic_ns();
    engine.feedback(id, text);
    took += monotonic_ns() - began;
  }
  return static_cast<double>(took) / 1000.0 / kFeedbacks;
}

void measure(const char* name, const std::string& evidence, int requests) {
  host::Options options = quiet_options("");
  options.overlay = {{"policies/home.yaml", policy_with(evidence)}};
  host::Engine engine(options);
  const double feedback_us = tell(engine);
  Caller caller(engine);
  const Feed feed(kRows);
  Latencies latencies;
  for (int i = -kWarm; i < requests; ++i) {
    caller.prepare(feed);
    const std::int64_t began = monotonic_ns();
    const host::Result result = caller.rerank();
    const std::int64_t took = monotonic_ns() - began;
    if (i >= 0) latencies.add(took);
  }
  const Json line = {{"variant", name},
                     {"rows", kRows},
                     {"requests", requests},
                     {"p50_us", latencies.percentile_us(0.5)},
                     {"p99_us", latencies.percentile_us(0.99)},
                     {"feedback_us", feedback_us}};
  std::printf("%s\n", line.dump().c_str());
  std::fflush(stdout);
}

}  // namespace

int main(int count, char** arguments) {
  const int requests = count > 1 ? std::atoi(arguments[1]) : 5000;
  measure("nobody fills them", "", requests);
  measure("counted", "evidence:\n  shown: {exposed: true}\n  clicks: {event: click}\n", requests);
  measure("counted, with a half-life",
          "evidence:\n  shown: {exposed: true, half_life_ms: 86400000}\n"
          "  clicks: {event: click, half_life_ms: 86400000}\n",
          requests);
}
