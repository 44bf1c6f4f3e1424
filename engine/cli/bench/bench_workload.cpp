// SPDX-License-Identifier: Apache-2.0
//
// What each workload is: its rules, its page, its batches.
#include "cli/bench/bench_workload.hpp"

#include <fmt/format.h>

#include "cli/bench/bench_code.hpp"
#include "cli/bench/bench_generators.hpp"
#include "cli/bench/bench_planted.hpp"
#include "cli/bench/bench_rules.hpp"

namespace lineup::cli {

namespace {

// LIMIT: batches of a workload whose requests differ: enough for tails, few enough to make fast.
constexpr std::uint32_t kPlantedBatches = 32;
constexpr std::uint32_t kCodeBatches = 64;

struct Size {
  std::uint32_t rows = 500;
  std::uint32_t page = 50;
};

std::string window(std::string_view name, std::string_view by, int size, int max,
                   std::string_view strength = "priority: 50") {
  return bench_use("window", name, fmt::format("by: {}, size: {}, max: {}", by, size, max),
                   strength);
}

// The rules of w1, which other workloads build on.
std::string four_windows() {
  return window("category", "category", 5, 2) + window("author", "author", 10, 1) +
         window("type", "type", 3, 2) + window("pair", "[category, type]", 2, 1);
}

// One scene, one batch.
Workload make(std::string_view name, std::string_view variant, Size size, const std::string& uses,
              std::string_view limits = {}) {
  Workload out;
  out.name = name;
  out.variant = variant;
  out.page = size.page;
  out.bundle = bench_rule_files();
  out.bundle.emplace_back("policies/bench.yaml", bench_policy("bench", size.page, uses, limits));
  out.batches.push_back({"bench", make_bench_rows(size.rows)});
  return out;
}

// The rules of w1 as code: remembered, not remembered, and over whole columns, where there is
// nothing to remember.
std::vector<Workload> w2(Size size) {
  std::vector<Workload> out;
  constexpr std::pair<const char*, CodeForm> kForms[] = {{"remembered", CodeForm::Remembered},
                                                         {"plain", CodeForm::Plain},
                                                         {"vectorised", CodeForm::Vectorised}};
  for (const auto& [variant, form] : kForms) {
    Workload workload;
    workload.name = "w2";
    workload.variant = variant;
    workload.page = size.page;
    workload.has_code = form != CodeForm::Vectorised;
    workload.bundle = bench_code_files(form);
    workload.bundle.emplace_back("policies/bench.yaml",
                                 bench_policy("bench", size.page, bench_code_uses(), {}));
    for (std::uint32_t batch = 0; batch < kCodeBatches; ++batch) {
      workload.batches.push_back({"bench", make_bench_rows(size.rows, batch)});
      workload.warm_batches.push_back({"bench", make_bench_rows(size.rows, kCodeBatches + batch)});
    }
    out.push_back(std::move(workload));
  }
  return out;
}

// Soft rules of which the first cannot hold.
std::vector<Workload> w3(Size size) {
  const std::string uses = window("category", "category", 50, 1, "weight: 3") +
                           window("author", "author", 10, 1, "weight: 2") +
                           window("type", "type", 2, 1, "weight: 1");
  return {make("w3", "first", size, uses, "improve: 0"), make("w3", "improved", size, uses)};
}

std::vector<Workload> w4(Size size) {
  const auto pin = [&](std::uint32_t slot, std::uint32_t row) {
    return bench_use("place", fmt::format("pin_{}", slot),
                     fmt::format("id: {}, slots: {}", row % size.rows, slot), "priority: 90");
  };
  const std::string share =
      bench_use("quota", "share", R"(where: 'type == "article"', min: '10%')", "priority: 80");
  return {make("w4", "satisfiable", size, pin(1, 40) + pin(7, 3) + pin(20, 150) + share)};
}

std::vector<Workload> w8(Size size) {
  const std::string ads =
      bench_use("quota", "ads", R"(where: 'type == "ad"', min: 6, max: 6)", "priority: 60");
  return {make("w8", "satisfiable", size, four_windows() + ads)};
}

std::vector<Workload> w12(Size size) {
  const std::string spread = window("spread", "category", 10, 2, "weight: 0.002");
  return {make("w12", "satisfiable", size, four_windows() + spread)};
}

// One node of the graph, and what it must keep to.
Workload generate(std::string_view name, std::string_view variant, Size size, std::string_view node,
                  const std::string& uses = {}) {
  Workload out;
  out.name = name;
  out.variant = variant;
  out.page = size.page;
  out.more.predictions = true;
  out.bundle = bench_rule_files();
  out.bundle.emplace_back("policies/bench.yaml", bench_generator_policy(size.page, node, uses));
  out.batches.push_back({"bench", make_bench_rows(size.rows)});
  return out;
}

std::vector<Workload> w6(Size size) {
  return {generate("w6", "page", size, kBenchDpp), generate("w6", "window", size, kBenchDppWindow)};
}

std::vector<Workload> w7(Size size) {
  return {generate("w7", "ssd", size, kBenchSsd), generate("w7", "mmr", size, kBenchMmr),
          generate("w7", "mmr_page", size, kBenchMmrPage)};
}

std::vector<Workload> generators(Size size) {
  std::vector<Workload> out;
  for (const BenchGenerator& each : kBenchGenerators) {
    out.push_back(generate("generators", each.variant, size, each.node, four_windows()));
  }
  return out;
}

// A scene of its own for every batch, since the rules are drawn with the rows. The variants `first`
// stop at the first page that breaks as little as possible.
std::vector<Workload> w1b(Size size) {
  std::vector<Workload> out;
  for (const char* variant :
       {"satisfiable", "contradiction", "satisfiable_first", "contradiction_first"}) {
    const bool is_first = std::string_view(variant).ends_with("first");
    Workload workload;
    workload.name = "w1b";
    workload.variant = variant;
    workload.page = size.page;
    workload.more.attributes = workload.can_miss = true;
    workload.bundle = bench_rule_files();
    if (variant[0] == 'c') workload.planted = "contradiction";
    for (std::uint32_t batch = 0; batch < kPlantedBatches; ++batch) {
      BenchBatch one = {fmt::format("bench{}", batch), make_bench_rows(size.rows, batch)};
      const Planted rules = plant_rules(one.rows, size.page, batch + 1, "contradiction");
      const std::string uses =
          workload.planted.empty() ? rules.uses : rules.uses + rules.contradiction;
      workload.bundle.emplace_back(
          fmt::format("policies/{}.yaml", one.scene),
          bench_policy(one.scene, size.page, uses, is_first ? "improve: 0" : ""));
      workload.batches.push_back(std::move(one));
    }
    out.push_back(std::move(workload));
  }
  return out;
}

}  // namespace

Result<std::vector<Workload>> make_workloads(const std::string& name, const std::string& variant,
                                             std::uint32_t rows, std::uint32_t page) {
  Size size;
  if (name == "w5") size.page = 20;
  if (name == "w9" || name == "generators") size = {200, 10};
  if (name == "w12") size = {10'000, 500};
  if (rows != 0) size.rows = rows;
  if (page != 0) size.page = page;
  std::vector<Workload> all;
  if (name == "w1") {
    all.push_back(make("w1", "satisfiable", size, four_windows()));
  } else if (name == "w1b") {
    all = w1b(size);
  } else if (name == "w2") {
    all = w2(size);
  } else if (name == "w3") {
    all = w3(size);
  } else if (name == "w4") {
    all = w4(size);
  } else if (name == "w5") {
    all.push_back(make("w5", "satisfiable", size,
                       window("category", "category", 5, 1) + window("author", "author", 4, 1)));
  } else if (name == "w6") {
    all = w6(size);
  } else if (name == "w7") {
    all = w7(size);
  } else if (name == "w8") {
    all = w8(size);
  } else if (name == "w9") {
    all.push_back(generate("w9", "beam", size, kBenchBeam, four_windows()));
  } else if (name == "w12") {
    all = w12(size);
  } else if (name == "generators") {
    all = generators(size);
  } else {
    return failure("bench/unknown", fmt::format("there is no workload `{}`; w1, w1b, w2, w3, w4, "
                                                "w5, w6, w7, w8, w9, w12, generators",
                                                name));
  }
  if (variant.empty()) return all;
  std::string known;
  for (Workload& workload : all) {
    if (workload.variant == variant) return std::vector<Workload>{std::move(workload)};
    known += (known.empty() ? "" : ", ") + workload.variant;
  }
  return failure("bench/unknown",
                 fmt::format("workload `{}` has no variant `{}`; {}", name, variant, known));
}

}  // namespace lineup::cli
