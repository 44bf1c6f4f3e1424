// SPDX-License-Identifier: Apache-2.0
//
// The generators `exact` and `local_search` inside the engine, against every page there is.
#include <catch2/catch.hpp>

#include "graph_scene.hpp"

using namespace lineup::testing;
using lineup::host::Answer;
using lineup::host::Search;

namespace {

// No two neighbours of one type.
const char* kApart =
    "rules:\n  - {use: category_scatter, with: {by: type, window: 2, max: 1}, priority: 10}\n"
    "limits: {work: 5000000, improve: 100, gap: 0.5}\n";
const char* kClicks =
    "  - {id: value, evaluate: expected_value, from: [%s], with: {continue: go_on, values: "
    "[{column: score, objective: clicks}]}}\n"
    "  - {id: best, select: best, from: [value]}\n";

std::string with_clicks(const std::string& generators, const std::string& names) {
  std::string rest = kClicks;
  rest.replace(rest.find("%s"), 2, names);
  return generators + rest;
}

}  // namespace

TEST_CASE("exact finds the best page there is and proves it", "[exact]") {
  GraphScene scene("  - {id: page, generate: exact}\n", 4, kApart);
  int proven = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const MixedRows rows(8, seed);
    double best = -1.0;
    for_every_page(8, 4, [&](const std::vector<std::uint32_t>& page) {
      if (no_two_alike(rows, page)) best = std::max(best, discounted(rows.score, page));
    });
    const GraphAnswer answer = scene.ask(rows);
    if (best < 0.0) {
      CHECK(answer.answer == Answer::Relaxed);
      continue;
    }
    INFO("seed " << seed << " " << answer.error);
    CHECK(answer.answer == Answer::Ok);
    CHECK(discounted(rows.score, answer.slate) == Approx(best));
    CHECK(answer.search == Search::Complete);
    ++proven;
  }
  CHECK(proven > 8);
}

TEST_CASE("exact that may not work enough says that nothing is proven", "[exact]") {
  GraphScene scene("  - {id: page, generate: exact, with: {work: 300}}\n", 12, kApart);
  const GraphAnswer answer = scene.ask(MixedRows(60, 3));
  CHECK(answer.slate.size() == 12);
  CHECK(answer.search == Search::Limit);
}

TEST_CASE("local_search reaches a page that no single change makes better", "[local_search]") {
  const std::string graph = with_clicks("  - {id: page, generate: local_search}\n", "page");
  GraphScene scene(graph, 5, kApart);
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const MixedRows rows(12, seed);
    const GraphAnswer answer = scene.ask(rows);
    if (answer.answer != Answer::Ok) continue;
    const double reached = carried(rows, answer.slate);
    CHECK(answer.value == Approx(reached));
    for (std::uint32_t slot = 0; slot < 5; ++slot) {
      for (std::uint32_t row = 0; row < 12; ++row) {
        auto page = answer.slate;
        const auto there = std::find(page.begin(), page.end(), row);
        if (there != page.end()) {
          std::iter_swap(page.begin() + slot, there);
        } else {
          page[slot] = row;
        }
        if (no_two_alike(rows, page)) CHECK(carried(rows, page) <= reached + 1e-9);
      }
    }
  }
}

TEST_CASE("local_search goes on from the slates of the generators that it reads",
          "[local_search]") {
  const std::string before =
      "  - {id: drawn, generate: sampled, with: {slates: 6, temperature: 1}}\n";
  GraphScene alone(with_clicks(before, "drawn"), 6, kApart);
  GraphScene both(
      with_clicks(before + "  - {id: climb, generate: local_search, from: [drawn], with: "
                           "{starts: 3, candidates: 20}}\n",
                  "drawn, climb"),
      6, kApart);
  double first = 0.0, second = 0.0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const MixedRows rows(20, seed);
    const GraphAnswer drawn = alone.ask(rows, seed);
    const GraphAnswer climbed = both.ask(rows, seed);
    CHECK(climbed.value >= drawn.value - 1e-9);
    CHECK(climbed.answer == Answer::Ok);
    CHECK(no_two_alike(rows, climbed.slate));
    first += drawn.value;
    second += climbed.value;
  }
  CHECK(second > 1.1 * first);
}

TEST_CASE("local_search keeps to its budget of pages", "[local_search]") {
  const auto run = [](int pages) {
    GraphScene scene(with_clicks("  - {id: page, generate: local_search, with: {pages: " +
                                     std::to_string(pages) + "}}\n",
                                 "page"),
                     8);
    return scene.ask(MixedRows(40, 5));
  };
  const GraphAnswer little = run(1);
  const GraphAnswer much = run(100000);
  CHECK(little.slate.size() == 8);
  CHECK(little.value < much.value);
  CHECK(run(1).slate == little.slate);
}

TEST_CASE("local_search without evaluators climbs by its column", "[local_search]") {
  GraphScene scene("  - {id: page, generate: local_search}\n", 4, kApart);
  const MixedRows rows(10, 2);
  const GraphAnswer answer = scene.ask(rows);
  CHECK(answer.slate.size() == 4);
  CHECK(no_two_alike(rows, answer.slate));
}

TEST_CASE("local_search is deterministic and prefers pages with fewer soft violations",
          "[local_search]") {
  const char* soft =
      "rules:\n  - {use: category_scatter, with: {by: type, window: 2, max: 1}, weight: 5}\n";
  GraphScene scene(with_clicks("  - {id: page, generate: local_search}\n", "page"), 5, soft);
  const MixedRows rows(14, 9);
  const GraphAnswer answer = scene.ask(rows);
  CHECK(no_two_alike(rows, answer.slate));
  CHECK(scene.ask(rows).slate == answer.slate);
}
