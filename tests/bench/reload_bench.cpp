// SPDX-License-Identifier: Apache-2.0
//
// reload_bench [RELOADS]: what reloads cost the requests beside them. Two threads ask for pages
// without pause while rules, policies, plugins and weights change in turn, each to contents that
// were never there before; after every hundred changes nothing changes for half a second, so that
// requests with and without reloads beside them meet the same machine. A page tells by its first
// two items which rule and which plugin made it, and by its revision which they should be. Then
// plugins that cannot be unloaded are reloaded until the engine takes no more of them, and their
// memory is told.
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/clock.hpp"
#include "latencies.hpp"
#include "moving_bundle.hpp"

namespace lineup {

namespace {

using Front = MovingBundle::Front;
using Json = nlohmann::ordered_json;

constexpr std::array<const char*, 4> kWhat = {"rule", "policy", "plugin", "weight"};
constexpr int kWindow = 100;
constexpr std::chrono::milliseconds kStill{500};
// More than the engine keeps in memory of plugins that cannot be unloaded.
constexpr int kStaying = 80;

enum Phase : int { kStillPhase, kReloadPhase, kPlugins, kDone };

struct Seen {
  std::array<Latencies, 3> latencies;
  std::map<std::string, std::vector<Front>> fronts;  // by revision, each once
  std::uint64_t requests = 0;
  std::uint64_t failed = 0;
};

void ask(host::Engine& engine, const std::atomic<int>& phase, Seen& seen) {
  const Feed feed(MovingBundle::kRows);
  Caller caller(engine);
  std::string last;
  Front last_front;
  for (int now = phase; now != kDone; now = phase) {
    const std::int64_t began_ns = monotonic_ns();
    const host::Result result = caller.rerank(feed);
    seen.latencies[static_cast<std::size_t>(now)].add(monotonic_ns() - began_ns);
    ++seen.requests;
    if (result.answer() != host::Answer::Ok || result.slate().size() != 10) {
      ++seen.failed;
      continue;
    }
    const Front front{result.slate()[0], result.slate()[1]};
    if (now == kPlugins || (result.revision() == last && front == last_front)) continue;
    last = result.revision();
    last_front = front;
    seen.fronts[last].push_back(front);
  }
}

std::uint64_t resident_kib() {
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) / 1024;
}

Json shown(const Latencies& latencies) {
  return {{"count", latencies.count()},
          {"p50_us", latencies.percentile_us(0.5)},
          {"p99_us", latencies.percentile_us(0.99)},
          {"p999_us", latencies.percentile_us(0.999)}};
}

class Bench {
 public:
  explicit Bench(int reloads) : reloads_(reloads) {
    host::Options options = quiet_options(bundle_.files.root());
    options.state_directory = state_.root();
    engine_ = std::make_unique<host::Engine>(options);
  }

  int run() {
    std::thread first([&] { ask(*engine_, phase_, seen_[0]); });
    std::thread second([&] { ask(*engine_, phase_, seen_[1]); });
    std::this_thread::sleep_for(2 * kStill);
    Caller caller(*engine_);
    expected_.emplace(caller.rerank(feed_).revision(), bundle_.front);
    for (int step = 0; step < reloads_; ++step) {
      if (step % kWindow == 0) {
        phase_ = kStillPhase;
        std::this_thread::sleep_for(kStill);
        phase_ = kReloadPhase;
        // The first windows make what is kept for good: sessions, retained revisions, names.
        if (step * 5 / std::max(reloads_, 1) != static_cast<int>(resident_.size())) note_memory();
      }
      const std::int64_t began_ns = monotonic_ns();
      change(step, caller);
      changing_ns_ += monotonic_ns() - began_ns;
    }
    note_memory();
    phase_ = kPlugins;
    const Json staying = load_staying();
    phase_ = kDone;
    first.join();
    second.join();
    return tell(staying);
  }

 private:
  void note_memory() { resident_.push_back(resident_kib()); }

  void change(int step, Caller& caller) {
    const auto what = static_cast<std::size_t>(step % 4);
    if (what == 0) bundle_.write_rule(step);
    if (what == 1) bundle_.write_policy(step);
    if (what == 2) bundle_.write_plugin(step);
    const std::int64_t began_ns = monotonic_ns();
    try {
      if (what == 3) {
        engine_->set_weight("home", "relevance", MovingBundle::weight_of(step), 0, "bench", "");
      } else {
        engine_->reload();
      }
    } catch (const host::Error& error) {
      ++refused_;
      fmt::print(stderr, "step {}: {}\n", step, error.what());
    }
    expected_[std::string(caller.rerank(feed_).revision())] = bundle_.front;
    times_[what].add(monotonic_ns() - began_ns);
  }

  // Until the engine refuses, and what that costs.
  Json load_staying() {
    const std::uint64_t before = resident_kib();
    int taken = 0;
    std::string refusal;
    for (int step = 0; step < kStaying && refusal.empty(); ++step) {
      bundle_.write_staying(step);
      try {
        engine_->reload();
        ++taken;
      } catch (const host::Error& error) {
        refusal = error.what();
      }
    }
    const Json libraries = Json::parse(engine_->status_json())["libraries"];
    std::uint64_t largest = 0;
    for (const Json& each : libraries["versions"]) {
      largest = std::max(largest, each["mapped_kib"].get<std::uint64_t>());
    }
    is_bounded_ = !refusal.empty() && libraries["retired"] <= libraries["retired_most"];
    return {
        {"taken", taken},
        {"retired", libraries["retired"]},
        {"retired_most", libraries["retired_most"]},
        {"retired_kib", libraries["retired_kib"]},
        {"mapped_kib_each", largest},
        {"resident_kib_each", static_cast<double>(resident_kib() - before) / std::max(taken, 1)},
        {"refused_then", refusal}};
  }

  int tell(const Json& staying) {
    std::uint64_t mixed = 0;
    std::uint64_t failed = 0;
    std::uint64_t requests = 0;
    std::array<Latencies, 3> latencies;
    for (Seen& each : seen_) {
      failed += each.failed;
      requests += each.requests;
      for (std::size_t i = 0; i < 3; ++i) latencies[i].add(each.latencies[i]);
      for (const auto& [revision, fronts] : each.fronts) {
        for (const Front& front : fronts) mixed += expected_[revision] == front ? 0U : 1U;
      }
    }
    const double still = latencies[kStillPhase].percentile_us(0.99);
    Json out{{"reloads", reloads_},
             {"refused", refused_},
             {"requests", requests},
             {"failed", failed},
             {"mixed", mixed},
             {"revisions", expected_.size()},
             {"changes_a_second",
              1e9 * reloads_ / static_cast<double>(std::max<std::int64_t>(changing_ns_, 1))},
             {"without_reloads", shown(latencies[kStillPhase])},
             {"with_reloads", shown(latencies[kReloadPhase])},
             {"p99_ratio", latencies[kReloadPhase].percentile_us(0.99) / (still > 0 ? still : 1)}};
    for (std::size_t i = 0; i < 4; ++i) out["changed_to_live"][kWhat[i]] = shown(times_[i]);
    out["resident_kib_by_fifths"] = resident_;
    out["plugins_that_stay"] = staying;
    fmt::print("{}\n", out.dump(2));
    const bool is_good = failed + mixed + static_cast<std::uint64_t>(refused_) == 0 && is_bounded_;
    return is_good ? 0 : 1;
  }

  const int reloads_;
  MovingBundle bundle_;
  TestBundle state_;
  std::unique_ptr<host::Engine> engine_;
  std::atomic<int> phase_{kStillPhase};
  std::array<Seen, 2> seen_;
  const Feed feed_{MovingBundle::kRows};
  std::map<std::string, Front> expected_;  // by revision
  std::array<Latencies, 4> times_;
  std::vector<std::uint64_t> resident_;
  std::int64_t changing_ns_ = 0;
  int refused_ = 0;
  bool is_bounded_ = false;
};

}  // namespace

}  // namespace lineup

int main(int argc, char** argv) {
  return lineup::Bench(argc > 1 ? std::atoi(argv[1]) : 10'000).run();
}
