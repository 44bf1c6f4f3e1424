// SPDX-License-Identifier: Apache-2.0
//
// live_bench [TIMES]: from a change being saved to the first page that it made, for rules,
// policies, plugins, models and weights: seen by the watcher, by an explicit reload, and by an
// explicit reload of a bundle that asks for a proof in a process of its own. Each change has
// contents that were never there before; time counts from when the file has its name.
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/clock.hpp"
#include "latencies.hpp"
#include "moving_bundle.hpp"

namespace lineup {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<const char*, 4> kFiles = {"rule", "policy", "plugin", "model"};
constexpr std::int64_t kTooLongNs = 20'000'000'000;

class Bench {
 public:
  Bench(bool watch, bool proof) {
    if (proof) bundle_.files.write("bundle.yaml", "rollout:\n  proof: true\n  cases: true\n");
    host::Options options = quiet_options(bundle_.files.root());
    options.watch = watch;
    options.state_directory = state_.root();
    engine_ = std::make_unique<host::Engine>(options);
    caller_ = std::make_unique<Caller>(*engine_);
    watch_ = watch;
  }

  // Milliseconds; empty: a change never came.
  Json run(int times) {
    Json out;
    for (std::size_t what = 0; what < kFiles.size(); ++what) {
      Latencies took;
      for (int i = 0; i < times; ++i) {
        if (!change(what, took)) return out;
      }
      out[kFiles[what]] = shown(took);
    }
    if (watch_) return out;
    Latencies took;
    for (int i = 0; i < times; ++i) set_weight(took);
    out["weight"] = shown(took);
    return out;
  }

 private:
  static Json shown(const Latencies& took) {
    return {{"times", took.count()},
            {"p50_ms", took.percentile_us(0.5) / 1000.0},
            {"p99_ms", took.percentile_us(0.99) / 1000.0}};
  }

  bool change(std::size_t what, Latencies& took) {
    const std::string before(caller_->rerank(feed_).revision());
    ++step_;
    if (what == 0) bundle_.write_rule(step_);
    if (what == 1) bundle_.write_policy(step_);
    if (what == 2) bundle_.write_plugin(step_);
    if (what == 3) bundle_.write_model(step_);
    const std::int64_t began_ns = monotonic_ns();
    if (!watch_) engine_->reload();
    while (caller_->rerank(feed_).revision() == before) {
      if (monotonic_ns() - began_ns > kTooLongNs) return false;
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    took.add(monotonic_ns() - began_ns);
    return true;
  }

  void set_weight(Latencies& took) {
    const double value = MovingBundle::weight_of(++step_);
    const std::int64_t began_ns = monotonic_ns();
    engine_->set_weight("home", "relevance", value, 0, "bench", "");
    while (caller_->rerank(feed_).weights()[0].value != value) {
    }
    took.add(monotonic_ns() - began_ns);
  }

  MovingBundle bundle_{true};
  TestBundle state_;
  std::unique_ptr<host::Engine> engine_;
  std::unique_ptr<Caller> caller_;
  const Feed feed_{MovingBundle::kRows};
  bool watch_ = false;
  int step_ = 0;
};

int run(int times) {
  Json out;
  out["by_reload"] = Bench(false, false).run(times);
  out["by_reload_with_proof"] = Bench(false, true).run(times);
  out["by_watcher"] = Bench(true, false).run(times);
  fmt::print("{}\n", out.dump(2));
  return out["by_watcher"].size() == kFiles.size() ? 0 : 1;
}

}  // namespace

}  // namespace lineup

int main(int argc, char** argv) { return lineup::run(argc > 1 ? std::atoi(argv[1]) : 100); }
