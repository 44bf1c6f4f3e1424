// SPDX-License-Identifier: Apache-2.0
//
// What a process of its own costs per call: the same calls of one plugin here and in a worker, one
// after the other in turn, so that both meet the same noise. No test: it measures time.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <vector>

#include "base/clock.hpp"
#include "conformance/feed.hpp"
#include "isolate/isolated_node.hpp"
#include "native/library.hpp"
#include "support/paths.hpp"

namespace {

using namespace lineup;

constexpr int kCalls = 5000;

struct Times {
  std::vector<double> us;
  void print(const char* what) {
    std::sort(us.begin(), us.end());
    std::printf("%-34s p50 %8.1f us   p99 %8.1f us\n", what, us[us.size() / 2],
                us[us.size() * 99 / 100]);
  }
};

void call(NodeInstance& node, const Feed& feed, Arena& arena, Times* times) {
  arena.reset();
  const Problem problem = feed.problem();
  const NodeRequest request = feed.request(arena);
  SlateSet set = SlateSet::make(64, problem.slot_count, problem.use_count, arena);
  const std::int64_t began = monotonic_ns();
  const RunReport report = run_generator(node, request, problem, set);
  const std::int64_t took = monotonic_ns() - began;
  if (report.status != LINEUP_OK) std::fprintf(stderr, "a call failed\n");
  if (times != nullptr) times->us.push_back(static_cast<double>(took) / 1000.0);
}

int measure(const char* name, const char* given, std::uint32_t rows, std::uint32_t slots) {
  const std::string path = kBinaryDir + "/plugins/" + name + ".so";
  std::ifstream stream(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(stream)), {});
  const auto library = Library::load({path, path, content_hash(bytes), bytes.size()},
                                     {.unloads = true, .types = {}});
  if (!library) return 1;
  const auto& type = (*library)->types()[0];
  const auto config = complete_config(type->configuration_schema, given);
  if (!config) {
    std::fprintf(stderr, "%s: %s\n", name, config.error().message.c_str());
    return 1;
  }
  const auto wishes = ask_wishes(*type, *config);
  if (!wishes) return 1;
  Stage near(*wishes);
  Stage far(*wishes);
  IsolationOptions options;
  options.program = kBinaryDir + "/lineup-worker";
  options.workers = 1;
  const auto here = NodeInstance::create(type, *config, near.layout);
  const auto there = make_isolated(type, *config, far.layout, options);
  if (!here || !there) return 1;
  Shape shape;
  shape.rows = rows;
  shape.slots = slots;
  shape.work_limit = 200'000;
  const Feed feed(near, shape);
  Arena arena;
  Times inside;
  Times apart;
  for (int i = -200; i < kCalls; ++i) {
    call(**here, feed, arena, i < 0 ? nullptr : &inside);
    call(**there, feed, arena, i < 0 ? nullptr : &apart);
  }
  std::printf("%s, %u rows, %u slots\n", name, rows, slots);
  inside.print("  in the service");
  apart.print("  in a process of its own");
  return 0;
}

}  // namespace

int main() {
  int failed = 0;
  failed += measure("score_order", "{}", 200, 20);
  failed += measure("score_order", "{}", 500, 50);
  failed += measure("mmr", R"({"embeddings":[{"column":"vector"}]})", 500, 50);
  return failed;
}
