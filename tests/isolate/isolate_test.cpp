// SPDX-License-Identifier: Apache-2.0
//
// A node whose plugin runs in a worker gives the same bytes as one that runs here, and what a
// plugin does to its process costs one call.
#include <catch2/catch.hpp>
#include <fstream>
#include <thread>

#include "base/clock.hpp"
#include "conformance/feed.hpp"
#include "isolate/isolated_node.hpp"
#include "native/library.hpp"

namespace lineup {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;

std::string plugin(const std::string& name) {
  return std::string(LINEUP_PLUGIN_DIR) + "/" + name + ".so";
}
std::string hostile(const std::string& name) {
  return std::string(LINEUP_HOSTILE_DIR) + "/" + name + ".so";
}

std::shared_ptr<const Library> load(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(stream)), {});
  return Library::load({path, path, content_hash(bytes), bytes.size()},
                       {.unloads = true, .types = {}})
      .value();
}

IsolationOptions quick(std::uint32_t workers = 1) {
  IsolationOptions options;
  options.program = LINEUP_WORKER;
  options.workers = workers;
  return options;
}

// One plugin here and in a worker, over policies of their own that are alike.
struct Pair {
  Pair(const std::string& path, const std::string& given, const IsolationOptions& options = quick())
      : library(load(path)),
        type(library->types()[0]),
        config(complete_config(type->configuration_schema, given).value()),
        wishes(ask_wishes(*type, config).value()),
        near(wishes),
        far(wishes),
        here(NodeInstance::create(type, config, near.layout).value()),
        there(make_isolated(type, config, far.layout, options).value()) {}

  std::shared_ptr<const Library> library;
  std::shared_ptr<const NodeType> type;
  std::string config;
  Wishes wishes;
  MadePolicy near;
  MadePolicy far;
  std::shared_ptr<NodeInstance> here;
  std::shared_ptr<NodeInstance> there;
};

template <typename T>
void append(std::string& bytes, std::span<T> values) {
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

// Everything that a call answers, as bytes.
std::string answer(NodeInstance& node, const MadeRequest& feed, const Problem& problem,
                   Arena& arena, RunReport* told = nullptr, std::int64_t deadline_ns = INT64_MAX) {
  arena.reset();
  NodeRequest request = feed.request(arena);
  request.deadline_ns = deadline_ns;
  std::string bytes;
  RunReport report;
  if (node.type().kind == LINEUP_KIND_SCORER) {
    auto outputs = arena.allocate<std::span<double>>(node.outputs().size());
    for (auto& output : outputs) output = arena.allocate<double>(problem.row_count);
    report = run_scorer(node, request, outputs);
    if (report.status == LINEUP_OK) {
      for (const auto& output : outputs) append(bytes, output);
    }
  } else {
    SlateSet set = SlateSet::make(64, problem.slot_count, problem.use_count, arena);
    // A slate that another generator proposed: pages may repeat it.
    Solution first;
    first.rows = arena.allocate<std::uint32_t>(problem.slot_count);
    for (std::uint32_t slot = 0; slot < first.rows.size(); ++slot) first.rows[slot] = slot;
    first.violations = arena.zeroed<std::uint32_t>(problem.use_count);
    first.soft_violations = arena.zeroed<std::uint32_t>(problem.use_count);
    set.add(first, problem.slot_count);
    if (node.type().kind == LINEUP_KIND_GENERATOR) {
      report = run_generator(node, request, problem, set);
      for (std::uint32_t s = 0; s < set.count; ++s) {
        append(bytes, set.slate(s));
        append(bytes, set.violations_of(s));
        append(bytes, set.soft_violations_of(s));
        bytes += std::to_string(set.certificates[s].value) + "/" +
                 std::to_string(set.certificates[s].penalty) + "/" +
                 std::to_string(static_cast<int>(set.certificates[s].search)) + "/" +
                 std::to_string(set.certificates[s].hand_placed) + "/" +
                 std::to_string(set.certificates[s].work) + "/" + std::to_string(set.hashes[s]);
      }
    } else {
      const auto values = arena.zeroed<double>(set.count * node.limits().objective_count);
      report = run_evaluator(node, request, set, values);
      append(bytes, values);
    }
  }
  bytes += std::to_string(report.status) + std::string(report.message) + "/" +
           std::to_string(report.work);
  if (told != nullptr) *told = report;
  return bytes;
}

// The feed's rule and one of every other kind that has arrays of its own.
struct Rules {
  Rules(const MadeRequest& feed, Arena& arena) : problem(feed.problem()) {
    const std::uint32_t rows = problem.row_count;
    for (const Constraint& rule : problem.constraints) all.push_back(rule);
    const auto groups = all[0].groups;
    for (std::uint32_t row = 0; row < rows; ++row) {
      amounts.push_back(std::int64_t{row % 5} * 1'000'000);
      ranks.push_back(row % 3);
      vectors.push_back(static_cast<float>(row % 7));
      vectors.push_back(static_cast<float>(row % 4) - 2.0F);
    }
    where.assign(word_count(rows), 0x5555'5555'5555'5555ULL);
    add(Kind::Cap).max = 3;
    all.back().has_by = true;
    all.back().groups = groups;
    add(Kind::Quota).min = 2;
    all.back().max = 6;
    all.back().where = where.data();
    add(Kind::Spacing).gap = 1;
    all.back().where = where.data();
    all.back().tier = Tier::Soft;
    all.back().weight = 0.1;
    sums = {amounts.data(), 0, 4'000'000, 18'000'000, 0, true, false};
    add(Kind::Budget).sums = &sums;
    add(Kind::Order).ranks = ranks.data();
    all.back().tier = Tier::Soft;
    all.back().weight = 0.05;
    closeness = std::make_unique<Closeness>(std::span<const float>(vectors),
                                            std::span<const float>{}, 2, 0.99, arena);
    add(Kind::Similar).closeness = closeness.get();
    all.back().size = 3;
    add(Kind::Place).pin_count = 1;
    all.back().pin_rows = &pin_row;
    all.back().pin_slots = &pin_slot;
    problem.constraints = all;
    problem.use_count = static_cast<std::uint32_t>(all.size());
  }
  Constraint& add(Kind kind) {
    Constraint rule;
    rule.kind = kind;
    rule.use = static_cast<std::uint16_t>(all.size());
    all.push_back(rule);
    return all.back();
  }
  Problem problem;
  std::vector<Constraint> all;
  std::vector<std::int64_t> amounts;
  std::vector<std::uint32_t> ranks;
  std::vector<float> vectors;
  std::vector<Word> where;
  Sums sums;
  std::unique_ptr<Closeness> closeness;
  std::uint32_t pin_row = 7;
  std::uint32_t pin_slot = 2;
};

TEST_CASE("a plugin in a process of its own gives the same bytes", "[isolate]") {
  struct Case {
    const char* plugin;
    const char* config;
  };
  const auto c = GENERATE(values<Case>({
      {"score_order", "{}"},
      {"mmr", R"({"categories":[{"column":"genre"}]})"},
      {"mmr", R"({"embeddings":[{"column":"vector"}],"theta":0.4})"},
      {"weighted_sum", R"({"discount":"geometric"})"},
      {"calibrate", R"({"curves":[{"inputs":[0,1],"outputs":[0.2,0.9]}],"output":"fair"})"},
  }));
  CAPTURE(c.plugin, c.config);
  Pair pair(plugin(c.plugin), c.config);
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    CAPTURE(seed);
    Shape shape;
    shape.rows = 20 + static_cast<std::uint32_t>(seed * 13 % 200);
    shape.slots = 4 + static_cast<std::uint32_t>(seed % 9);
    shape.values = static_cast<Values>(seed % 4);
    shape.seed = seed;
    shape.work_limit = seed % 5 == 0 ? 500 : 100'000;
    const MadeRequest near(pair.near, shape);
    const MadeRequest far(pair.far, shape);
    Arena arena;
    Arena rule_arena;
    const Rules rules(near, rule_arena);
    const std::string expected = answer(*pair.here, near, rules.problem, arena);
    const Rules same(far, rule_arena);
    CHECK(answer(*pair.there, far, same.problem, arena) == expected);
  }
}

TEST_CASE("a crash costs one call, and a new process answers the next", "[isolate]") {
  Pair pair(hostile("aborts_in_call"), "{}");
  const MadeRequest feed(pair.far, {});
  Arena arena;
  const std::uint64_t before = worker_restarts();
  RunReport report;
  answer(*pair.there, feed, feed.problem(), arena, &report);
  CHECK(report.status == LINEUP_E_INTERNAL);
  CHECK(report.message == "its process ended with SIGABRT");
  // While it is down, calls fail at once.
  const std::int64_t end = monotonic_ns() + 10'000 * kMillisecond;
  while (worker_restarts() == before && monotonic_ns() < end) {
    answer(*pair.there, feed, feed.problem(), arena, &report);
    CHECK(report.status != LINEUP_OK);
    std::this_thread::yield();
  }
  CHECK(worker_restarts() > before);
}

TEST_CASE("an endless loop costs the call its deadline", "[isolate]") {
  Pair pair(hostile("loops"), "{}");
  const MadeRequest feed(pair.far, {});
  Arena arena;
  RunReport report;
  const std::int64_t began = monotonic_ns();
  answer(*pair.there, feed, feed.problem(), arena, &report, began + 30 * kMillisecond);
  CHECK(report.status == LINEUP_E_INTERNAL);
  CHECK_THAT(std::string(report.message), Catch::Contains("did not come back"));
  CHECK(monotonic_ns() - began >= 30 * kMillisecond);
  CHECK(monotonic_ns() - began < 5000 * kMillisecond);
}

#if !defined(__SANITIZE_ADDRESS__)
TEST_CASE("a leak costs a start now and then and no call", "[isolate]") {
  IsolationOptions options = quick();
  options.memory_max_bytes = 256ULL << 20;
  Pair pair(hostile("leaks_memory_in_call"), "{}", options);
  const MadeRequest feed(pair.far, {});
  Arena arena;
  const std::uint64_t before = worker_restarts();
  int failed = 0;
  for (int i = 0; i < 600; ++i) {
    RunReport report;
    answer(*pair.there, feed, feed.problem(), arena, &report);
    failed += report.status == LINEUP_OK ? 0 : 1;
  }
  CHECK(failed == 0);
  CHECK(worker_restarts() >= before + 2);
}
#endif

TEST_CASE("several threads share the workers of a node", "[isolate]") {
  Pair pair(plugin("score_order"), "{}", quick(2));
  const MadeRequest feed(pair.far, {});
  const Problem problem = feed.problem();
  Arena arena;
  const std::string expected = answer(*pair.here, feed, problem, arena);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      Arena own;
      for (int i = 0; i < 100; ++i) {
        wrong += answer(*pair.there, feed, problem, own) == expected ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("what cannot have a process of its own says so", "[isolate]") {
  const auto library = load(plugin("frequency_cap"));
  MadePolicy stage(Wishes{});
  const auto refused = make_isolated(library->types()[0], "{}", stage.layout, quick());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "isolate/kind");
}

TEST_CASE("a worker that cannot be set up says why", "[isolate]") {
  struct Case {
    const char* plugin;
    const char* code;
    const char* message;
  };
  const auto c = GENERATE(values<Case>({
      {"crashes_in_create", "isolate/worker", "while it was set up"},
      {"throws_in_create", "node/plugin", "the model is missing"},
      {"refuses_config", "node/config", "I never liked it"},
  }));
  const auto library = load(hostile(c.plugin));
  MadePolicy stage(Wishes{});
  const auto refused = make_isolated(library->types()[0], "{}", stage.layout, quick());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == c.code);
  CHECK_THAT(refused.error().message, Catch::Contains(c.message));
  IsolationOptions nowhere = quick();
  nowhere.program = "/nowhere/lineup-worker";
  CHECK_FALSE(make_isolated(library->types()[0], "{}", stage.layout, nowhere));
}

}  // namespace
}  // namespace lineup
