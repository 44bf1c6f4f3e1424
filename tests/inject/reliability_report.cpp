// SPDX-License-Identifier: Apache-2.0
//
// The faults of engine/RELIABILITY.md, one after another, against an engine that two threads ask
// for pages without a pause. Printed is a table: what happened, how long it took until the next
// good change was live (or the fault itself was over), pages answered meanwhile, requests lost.
// Ends with 1 when a fault did something else than it should or a request was lost.
#include <elf.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>

#include "engine/host.hpp"
#include "inject/disk_faults.hpp"
#include "inject/killed_reloads.hpp"
#include "support/paths.hpp"

namespace lineup {
namespace {

using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

double ms_since(Clock::time_point began) {
  return std::chrono::duration<double, std::milli>(Clock::now() - began).count();
}

std::string contents_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

// Two threads that ask; what they got.
class Load {
 public:
  explicit Load(host::Engine& engine) {
    for (std::thread& thread : threads_) thread = std::thread([this, &engine] { ask(engine); });
  }
  ~Load() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  [[nodiscard]] std::uint64_t asked() const { return asked_; }
  [[nodiscard]] std::uint64_t lost() const { return lost_; }

 private:
  void ask(host::Engine& engine) {
    Caller caller(engine);
    const Feed feed(40);
    while (!stop_) {
      bool is_lost = true;
      try {
        const host::Result result = caller.rerank(feed);
        is_lost = result.answer() == host::Answer::Error || result.slate().empty();
      } catch (const std::exception&) {
        is_lost = true;
      }
      lost_ += is_lost ? 1 : 0;
      ++asked_;
      // The machine is not this program's alone, and neither is the engine's reload.
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  }

  std::atomic<bool> stop_{false};
  std::atomic<std::uint64_t> asked_{0};
  std::atomic<std::uint64_t> lost_{0};
  std::array<std::thread, 2> threads_;
};

class World {
 public:
  explicit World(bool watch = false) {
    bundle.add_plugin(kBinaryDir + "/plugins/score_order.so", "score_order");
    good();
    host::Options options = quiet_options(bundle.root());
    options.staging_directory = bundle.path("staging");
    options.watch = watch;
    engine = std::make_unique<host::Engine>(options);
  }

  [[nodiscard]] static std::string text(std::uint32_t page, const std::string& graph,
                                        const std::string& rules = "") {
    std::string out = policy(rules, graph);
    const std::string size = "page: 10";
    return out.replace(out.find(size), size.size(), "page: " + std::to_string(page));
  }
  // A policy that differs from the last one.
  void good() { bundle.write("policies/home.yaml", text(next(), std::string(kGraph))); }
  std::uint32_t next() { return page = 5 + (page + 1) % 30; }
  // Empty: it went live; else the fault.
  std::string reload() const {
    try {
      engine->reload();
      return {};
    } catch (const std::exception& fault) {
      return fault.what();
    }
  }
  // Until the page has the length of the last policy; waits for the watcher where there is one.
  [[nodiscard]] bool is_live() const {
    Caller caller(*engine);
    const Feed feed(40);
    return caller.rerank(feed).slate().size() == page;
  }
  [[nodiscard]] double wait_live() const {
    const auto began = Clock::now();
    while (!is_live() && ms_since(began) < 30'000) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return ms_since(began);
  }
  [[nodiscard]] std::string plugin() const { return bundle.path("plugins/score_order.so"); }

  TestBundle bundle;
  std::unique_ptr<host::Engine> engine;
  std::uint32_t page = 5;
};

struct Outcome {
  std::string said;
  double recovered_ms = 0.0;
  bool as_expected = false;
};

using Fault = std::function<Outcome(World&)>;

// The part of a message that names the fault: the line with `error`.
std::string short_of(const std::string& text) {
  std::string line = text.substr(0, text.find('\n'));
  const std::size_t at = line.find("error[");
  if (at != std::string::npos) line = line.substr(at);
  // Directories are of this run.
  for (std::size_t begin = line.find("`/"); begin != std::string::npos; begin = line.find("`/")) {
    const std::size_t end = line.find('`', begin + 1);
    const std::size_t name = line.rfind('/', end);
    line.replace(begin + 1, name + 1 - begin - 1, "");
  }
  return line;
}

// What is put there is refused; then it is put right, and that goes live.
Outcome refused(World& world, const std::function<void()>& break_it,
                const std::function<void()>& mend_it) {
  break_it();
  const std::string said = world.reload();
  mend_it();
  world.good();
  const auto began = Clock::now();
  const bool is_live = world.reload().empty() && world.is_live();
  return {"refused: " + short_of(said), ms_since(began), !said.empty() && is_live};
}

Outcome bad_plugin(World& world, const std::string& contents) {
  const std::string whole = contents_of(world.plugin());
  return refused(
      world, [&] { world.bundle.write("plugins/score_order.so", contents); },
      [&] { world.bundle.write("plugins/score_order.so", whole); });
}

Outcome truncated(World& world) {
  const std::string whole = contents_of(kBinaryDir + "/plugins/score_order.so");
  Outcome all{"", 0.0, true};
  for (const std::size_t percent : {1, 5, 15, 25, 40, 55, 70, 85, 95, 99}) {
    const Outcome one = bad_plugin(world, whole.substr(0, whole.size() * percent / 100));
    all.said = one.said;
    all.recovered_ms = std::max(all.recovered_ms, one.recovered_ms);
    all.as_expected = all.as_expected && one.as_expected;
  }
  return all;
}

Outcome wrong_architecture(World& world) {
  std::string bytes = contents_of(kBinaryDir + "/plugins/score_order.so");
  reinterpret_cast<Elf64_Ehdr*>(bytes.data())->e_machine = EM_RISCV;
  return bad_plugin(world, bytes);
}

// Goes live, and the pages are right.
Outcome taken_up(World& world, const char* how, const std::function<void()>& change) {
  const auto began = Clock::now();
  change();
  world.good();
  const std::string said = world.reload();
  return {said.empty() ? how : short_of(said), ms_since(began), said.empty() && world.is_live()};
}

Outcome in_place(World& world) {
  return taken_up(world, "live; what serves runs from its own copy", [&] {
    const std::string bytes = contents_of(kBinaryDir + "/plugins/score_order.so") + "v2";
    std::ofstream(world.plugin(), std::ios::binary | std::ios::trunc) << bytes;
  });
}

Outcome by_rename(World& world) {
  return taken_up(world, "live", [&] {
    world.bundle.add_plugin(kBinaryDir + "/plugins/score_order.so", "score_order", "v3");
  });
}

Outcome disk(World& world, int error) {
  static std::uint32_t number = 0;
  world.bundle.add_plugin(kBinaryDir + "/plugins/score_order.so", "score_order",
                          "disk" + std::to_string(++number));
  return refused(
      world,
      [&] {
        world.good();
        arm_disk(world.bundle.path("staging"), 1, error, DiskFault::Fails);
      },
      [] { disarm_disk(); });
}

Outcome hostile_refused(World& world, const std::string& name) {
  const std::string file = kBinaryDir + "/tests/hostile/" + name + ".so";
  return refused(
      world,
      [&] {
        world.bundle.add_plugin(file, name);
        world.bundle.write(
            "policies/home.yaml",
            World::text(world.next(), "graph:\n  - {id: page, generate: " + name + "}\n"));
      },
      [&] { world.bundle.remove("plugins/" + name + ".so"); });
}

// A node that misbehaves when it is called: pages stay whole, and then it is taken out again.
Outcome misbehaves(World& world, const std::string& file, const std::string& name,
                   const std::string& graph) {
  world.bundle.add_plugin(kBinaryDir + file, name);
  world.bundle.write("policies/home.yaml", World::text(world.next(), graph));
  const std::string said = world.reload();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  Caller caller(*world.engine);
  const Feed feed(40);
  const host::Result result = caller.rerank(feed);
  std::string happened = result.answer() == host::Answer::Fallback ? "fallback: " : "page: ";
  happened += result.answer() == host::Answer::Fallback ? std::string(result.error())
                                                        : "whole, the node's values do not count";
  const bool is_whole = result.slate().size() == world.page;
  const auto status = nlohmann::json::parse(world.engine->status_json());
  for (const auto& breaker : status["breakers"]) {
    if (breaker["state"] == "open") happened += "; its breaker opened";
  }
  world.bundle.remove("plugins/" + name + ".so");
  world.good();
  const auto began = Clock::now();
  const bool is_live = world.reload().empty() && world.is_live();
  return {said.empty() ? happened : short_of(said), ms_since(began),
          said.empty() && is_whole && is_live};
}

Outcome code_rule(World& world, const std::string& body) {
  world.bundle.write("rules/attack.lua",
                     "return rule {\n  name = \"attack\", about = \"An attack.\",\n  allow = "
                     "function(item, slate)\n    " +
                         body + "\n    return true\n  end,\n}\n");
  world.bundle.write("policies/home.yaml", World::text(world.next(), std::string(kGraph),
                                                       "  - {use: attack, priority: 10}\n"));
  const std::string said = world.reload();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  Caller caller(*world.engine);
  const Feed feed(40);
  const auto asked = Clock::now();
  const host::Result result = caller.rerank(feed);
  const bool is_right = said.empty() && result.answer() == host::Answer::Relaxed &&
                        result.slate().size() == world.page;
  const double took = ms_since(asked);
  world.bundle.remove("rules/attack.lua");
  world.good();
  return {"given up, reported with reason `budget`; then its breaker keeps it from being asked",
          took, is_right && world.reload().empty()};
}

Outcome first_bundle(World&) {
  TestBundle bundle;
  bundle.write("policies/home.yaml", "lineup: 1\nscene: home\npage: none\n");
  std::string said;
  try {
    const host::Engine engine(quiet_options(bundle.root()));
  } catch (const std::exception& fault) {
    said = fault.what();
  }
  const auto began = Clock::now();
  bundle.write("policies/home.yaml", World::text(10, std::string(kGraph)));
  const host::Engine engine(quiet_options(bundle.root()));
  return {"no engine opens: " + short_of(said), ms_since(began), !said.empty()};
}

// An engine whose staging directory allows no code says so and does not open; with another it does.
Outcome noexec(World& world) {
  const std::string staging = world.bundle.path("noexec");
  fs::create_directories(staging);
  fs::permissions(staging, fs::perms::owner_all);
  mount_noexec(staging);
  host::Options options = quiet_options(world.bundle.root());
  options.staging_directory = staging;
  std::string said;
  try {
    const host::Engine engine(options);
  } catch (const std::exception& fault) {
    said = fault.what();
  }
  mount_noexec("");
  const auto began = Clock::now();
  const host::Engine engine(options);
  return {"no engine opens: " + short_of(said), ms_since(began),
          said.find("native/noexec") != std::string::npos};
}

Outcome storm(World& world) {
  for (int i = 0; i < 200; ++i) {
    world.good();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const double took = world.wait_live();
  return {"the last contents are live", took, world.is_live()};
}

Outcome config_map(World& world) {
  // The bundle's policies are a link to a link that is exchanged, as Kubernetes does.
  world.bundle.remove("policies");
  world.next();
  world.bundle.write("..one/home.yaml", World::text(world.page, std::string(kGraph)));
  fs::create_directory_symlink("..one", world.bundle.path("..data"));
  fs::create_directory_symlink("..data", world.bundle.path("policies"));
  static_cast<void>(world.wait_live());
  world.next();
  world.bundle.write("..two/home.yaml", World::text(world.page, std::string(kGraph)));
  fs::create_directory_symlink("..two", world.bundle.path("..data_tmp"));
  fs::rename(world.bundle.path("..data_tmp"), world.bundle.path("..data"));
  const double took = world.wait_live();
  return {"seen and live", took, world.is_live()};
}

Outcome killed(World& world) {
  const KilledReloads got = kill_reloads(world.bundle.root(), 20);
  return {"the next start serves; " + std::to_string(got.changes) + " changes had gone live",
          got.slowest_start_ms, got.served == 20};
}

int failures = 0;

void row(const char* name, const Fault& fault, bool watch = false) {
  World world(watch);
  Outcome outcome;
  std::uint64_t asked = 0;
  std::uint64_t lost = 0;
  {
    const Load load(*world.engine);
    outcome = fault(world);
    asked = load.asked();
    lost = load.lost();
  }
  const bool is_right = outcome.as_expected && lost == 0 && asked > 0;
  failures += is_right ? 0 : 1;
  std::printf("| %s | %s | %.1f ms | %llu of %llu |%s\n", name, outcome.said.c_str(),
              outcome.recovered_ms, static_cast<unsigned long long>(lost),
              static_cast<unsigned long long>(asked), is_right ? "" : " NOT AS IT SHOULD BE");
  std::fflush(stdout);
}

std::string graph_of(const std::string& generator) {
  return "graph:\n  - {id: page, generate: " + generator + "}\n";
}

void report() {
  std::printf("| fault | what happened | to recover | requests lost |\n|---|---|---|---|\n");
  row("a plugin truncated, at ten sizes", truncated);
  row("a plugin of another architecture", wrong_architecture);
  row("a plugin replaced in place", in_place);
  row("a plugin replaced by rename", by_rename);
  row("a ConfigMap's exchange of its link", config_map, true);
  row("100 writes a second, for two seconds", storm, true);
  row("no room (ENOSPC) in staging", [](World& world) { return disk(world, ENOSPC); });
  row("input error (EIO) in staging", [](World& world) { return disk(world, EIO); });
  row("a staging directory mounted noexec", noexec);
  row("kill -9 while reloading, at 20 moments", killed);
  row("a bad bundle first", first_bundle);
  row("a plugin aborts when it is loaded",
      [](World& world) { return hostile_refused(world, "aborts_in_init"); });
  row("a plugin segfaults when it is created",
      [](World& world) { return hostile_refused(world, "crashes_in_create"); });
  row("a plugin throws in a call", [](World& world) {
    return misbehaves(world, "/tests/hostile/throws_in_generate.so", "throws_in_generate",
                      graph_of("throws_in_generate"));
  });
  row("a plugin proposes nothing", [](World& world) {
    return misbehaves(world, "/tests/engine_plugins/emits_nothing.so", "emits_nothing",
                      graph_of("emits_nothing"));
  });
  row("a plugin gives NaN as values", [](World& world) {
    return misbehaves(world, "/tests/engine_plugins/nan_values.so", "nan_values",
                      "graph:\n  - {id: page, generate: score_order}\n"
                      "  - {id: value, evaluate: nan_values, from: [page]}\n");
  });
  row("a plugin gives NaN as scores", [](World& world) {
    return misbehaves(world, "/tests/hostile/nan_scores.so", "nan_scores",
                      "graph:\n  - {id: estimate, score: nan_scores}\n"
                      "  - {id: page, generate: score_order, from: [estimate]}\n");
  });
  row("a plugin sleeps in every call", [](World& world) {
    return misbehaves(world, "/tests/engine_plugins/sleeps_in_score.so", "sleeps_in_score",
                      "graph:\n  - {id: estimate, score: sleeps_in_score, budget_ms: 1, breaker: "
                      "{failures: 2}}\n  - {id: page, generate: score_order, from: [estimate]}\n");
  });
  row("a rule that never ends", [](World& world) { return code_rule(world, "while true do end"); });
  row("a rule that never ends and catches",
      [](World& world) { return code_rule(world, "while true do pcall(error) end"); });
  row("a rule that is a memory bomb", [](World& world) {
    return code_rule(world, "local t = {} while true do t[#t + 1] = ('x'):rep(60000) .. #t end");
  });
}

}  // namespace
}  // namespace lineup

int main(int count, char** texts) {
  if (count == 5 && std::string(texts[1]) == "--reload-until-killed") {
    return lineup::reload_until_killed(texts[2], texts[3], std::atoi(texts[4]));
  }
  lineup::report();
  return lineup::failures == 0 ? 0 : 1;
}
