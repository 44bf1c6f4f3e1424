// SPDX-License-Identifier: Apache-2.0
//
// reload_bench [RELOADS]: what reloads cost the requests beside them. Two threads ask for pages
// without pause: first undisturbed, then while rules, policies, plugins and weights change in turn,
// each with contents of its own, then undisturbed again. A page tells by its first two items which
// rule and which plugin made it, and by its revision which they should be.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "../engine/host.hpp"
#include "base/clock.hpp"
#include "support/paths.hpp"

namespace lineup {

namespace {

constexpr std::uint32_t kVariants = 8;
constexpr std::uint32_t kRows = 60;

struct Front {
  std::uint32_t pinned = 0;
  std::uint32_t proposed = 0;
  bool operator==(const Front& other) const = default;
};

// Which files and weights there are after so many changes.
class Content {
 public:
  explicit Content(const TestBundle& bundle) : bundle_(bundle) {
    write_rule(-1);
    write_plugin(-1);
    write_policy(-1);
  }
  // What changed: a rule, a policy, a plugin; the caller sets the weight itself.
  const char* change(int step) {
    constexpr std::array<const char*, 4> kWhat = {"rule", "policy", "plugin", "weight"};
    if (step % 4 == 0) write_rule(step);
    if (step % 4 == 1) write_policy(step);
    if (step % 4 == 2) write_plugin(step);
    return kWhat[static_cast<std::size_t>(step % 4)];
  }
  Front front;

 private:
  void write_rule(int step) {
    front.pinned = kVariants + static_cast<std::uint32_t>(step + 1) / 4 % (kRows - kVariants);
    bundle_.write(
        "rules/opener.lua",
        fmt::format("-- step {}\nreturn rule {{\n  name = \"opener\", about = \"Opens the "
                    "page.\",\n  parameters = {{ item = id {{ default = \"v{}\", about = "
                    "\"The first item.\" }} }},\n  constraints = function(p) return place "
                    "{{ id = p.item, slots = 1 }} end,\n}}\n",
                    step, front.pinned));
  }
  void write_plugin(int step) {
    front.proposed = static_cast<std::uint32_t>(step + 1) / 4 % kVariants;
    bundle_.add_plugin(
        fmt::format("{}/tests/engine_plugins/front_{}.so", kBinaryDir, front.proposed), "front",
        fmt::format("step {}", step));
  }
  void write_policy(int step) {
    bundle_.write("policies/home.yaml", fmt::format("# step {}\n", step) +
                                            policy("  - {use: opener, priority: 100}\n",
                                                   "graph:\n  - {id: page, generate: front}\n"
                                                   "limits: {deadline_ms: 60000}\n"));
  }
  const TestBundle& bundle_;
};

enum Phase : int { kBefore, kDuring, kAfter, kDone };

struct Seen {
  std::array<std::vector<std::int64_t>, 3> latencies;
  std::map<std::string, std::vector<Front>> fronts;  // by revision, each once
  std::uint64_t requests = 0;
  std::uint64_t failed = 0;
};

void ask(host::Engine& engine, const std::atomic<int>& phase, Seen& seen) {
  const Feed feed(kRows);
  Caller caller(engine);
  std::string last;
  Front last_front;
  for (int now = phase; now != kDone; now = phase) {
    const std::int64_t began_ns = monotonic_ns();
    const host::Result result = caller.rerank(feed);
    seen.latencies[static_cast<std::size_t>(now)].push_back(monotonic_ns() - began_ns);
    ++seen.requests;
    if (result.answer() != host::Answer::Ok || result.slate().size() != 10) {
      ++seen.failed;
      continue;
    }
    const Front front{result.slate()[0], result.slate()[1]};
    if (result.revision() == last && front == last_front) continue;
    last = result.revision();
    last_front = front;
    seen.fronts[last].push_back(front);
  }
}

double percentile_us(std::vector<std::int64_t>& values, double share) {
  if (values.empty()) return 0.0;
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return static_cast<double>(values[static_cast<std::size_t>(at)]) / 1000.0;
}

std::uint64_t resident_kib() {
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) / 1024;
}

int run(int reloads) {
  TestBundle bundle;
  TestBundle state;
  Content content(bundle);
  host::Options options = quiet_options(bundle.root());
  options.state_directory = state.root();
  host::Engine engine(options);
  std::atomic<int> phase{kBefore};
  std::array<Seen, 2> seen;
  std::thread first([&] { ask(engine, phase, seen[0]); });
  std::thread second([&] { ask(engine, phase, seen[1]); });
  const auto quiet = std::chrono::seconds(5);
  std::this_thread::sleep_for(quiet);

  std::map<std::string, Front> expected;
  std::map<std::string, std::vector<std::int64_t>> times;
  const Feed feed(kRows);
  Caller caller(engine);
  expected.emplace(caller.rerank(feed).revision(), content.front);
  phase = kDuring;
  std::uint64_t warm_kib = 0;
  int refused = 0;
  for (int step = 0; step < reloads; ++step) {
    const char* what = content.change(step);
    const std::int64_t began_ns = monotonic_ns();
    try {
      if (step % 4 == 3) {
        engine.set_weight("home", "relevance", 1.0 + (step % 8 == 3 ? 0.25 : 0.0), 0, "bench", "");
      } else {
        engine.reload();
      }
    } catch (const host::Error&) {
      ++refused;
    }
    expected[std::string(caller.rerank(feed).revision())] = content.front;
    times[what].push_back(monotonic_ns() - began_ns);
    if (step == reloads / 5) warm_kib = resident_kib();
  }
  const std::uint64_t end_kib = resident_kib();
  phase = kAfter;
  std::this_thread::sleep_for(quiet);
  const auto status = nlohmann::json::parse(engine.status_json());
  phase = kDone;
  first.join();
  second.join();

  std::uint64_t mixed = 0;
  std::uint64_t failed = 0;
  std::uint64_t requests = 0;
  std::array<std::vector<std::int64_t>, 3> latencies;
  for (Seen& each : seen) {
    failed += each.failed;
    requests += each.requests;
    for (std::size_t i = 0; i < 3; ++i)
      latencies[i].insert(latencies[i].end(), each.latencies[i].begin(), each.latencies[i].end());
    for (const auto& [revision, fronts] : each.fronts) {
      for (const Front& front : fronts) mixed += expected[revision] == front ? 0U : 1U;
    }
  }
  nlohmann::ordered_json out{{"reloads", reloads},   {"refused", refused},
                             {"requests", requests}, {"failed", failed},
                             {"mixed", mixed},       {"revisions", expected.size()}};
  constexpr std::array<const char*, 3> kNames = {"before", "during", "after"};
  for (std::size_t i = 0; i < 3; ++i) {
    out[kNames[i]] = {{"requests", latencies[i].size()},
                      {"p50_us", percentile_us(latencies[i], 0.5)},
                      {"p99_us", percentile_us(latencies[i], 0.99)}};
  }
  for (auto& [what, values] : times) {
    out["changed_to_live"][what] = {{"p50_us", percentile_us(values, 0.5)},
                                    {"p99_us", percentile_us(values, 0.99)}};
  }
  out["libraries"] = status["libraries"];
  out["resident_kib"] = {{"after_a_fifth", warm_kib}, {"at_the_end", end_kib}};
  fmt::print("{}\n", out.dump(2));
  return failed + mixed + static_cast<std::uint64_t>(refused) == 0 ? 0 : 1;
}

}  // namespace

}  // namespace lineup

int main(int argc, char** argv) { return lineup::run(argc > 1 ? std::atoi(argv[1]) : 10'000); }
