// SPDX-License-Identifier: Apache-2.0
//
// A native rule, a rule in Lua and two constraint plugins on one page, against all pages: the
// engine finds a page that keeps all rules whenever there is one, and the best of them.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <random>

#include "host.hpp"
#include "support/paths.hpp"

namespace lineup {
namespace {

constexpr std::uint32_t kRows = 7;
constexpr std::uint32_t kSlots = 4;

constexpr const char* kNativeRule = R"(return rule {
  name = "apart", about = "At most one of a category in two slots.",
  constraints = function() return { window { by = "category", size = 2, max = 1 } } end,
})";
constexpr const char* kCodeRule = R"(return rule {
  name = "code", about = "Two of an author in three slots at most once, ads not on top.",
  allow = function(item, slate)
    if item.type == "ad" and #slate == 0 then return false end
    return slate:count_same(item, "author", 2) < 1
  end,
})";
constexpr const char* kPolicy = R"(lineup: 1
scene: home
page: 4
columns:
  score:     {type: float}
  category:  {type: category}
  author:    {type: category}
  type:      {type: category}
  embedding: {type: embedding, dimension: 2}
rules:
  - {use: apart, priority: 50}
  - {use: code, priority: 50}
  - {use: frequency_cap, with: {by: author, max: 2, history: 0}, priority: 50}
  - {constrain: near_duplicate, with: {window: 3, min_distance: 0.5}, priority: 50}
graph:
  - {id: page, generate: score_order}
fallback: score_order
limits: {deadline_ms: 60000, work: 5000000, gap: 0}
)";

struct Case {
  std::vector<double> scores;
  std::vector<std::uint32_t> category, author;
  std::vector<bool> is_ad;
  std::vector<float> embedding;

  explicit Case(std::uint32_t seed) {
    std::mt19937 random(seed);
    for (std::uint32_t row = 0; row < kRows; ++row) {
      scores.push_back(1.0 - row * 0.1 + (random() % 10) * 0.003);
      category.push_back(random() % 3);
      author.push_back(random() % 3);
      is_ad.push_back(random() % 3 == 0);
      const double angle = (random() % 8) * 0.4;
      embedding.push_back(static_cast<float>(std::cos(angle)));
      embedding.push_back(static_cast<float>(std::sin(angle)));
    }
  }

  // Plain counting: whether a page keeps all four rules.
  [[nodiscard]] bool is_clean(const std::vector<std::uint32_t>& page) const {
    for (std::size_t slot = 0; slot < kSlots; ++slot) {
      const std::uint32_t row = page[slot];
      if (slot == 0 && is_ad[row]) return false;
      std::uint32_t of_author = 0;
      for (std::size_t before = 0; before < slot; ++before) {
        const std::uint32_t other = page[before];
        of_author += author[other] == author[row] ? 1 : 0;
        const bool in_three = slot - before <= 2;
        if (slot - before == 1 && category[other] == category[row]) return false;
        if (in_three && author[other] == author[row]) return false;
        if (in_three && distance(other, row) < 0.5) return false;
      }
      if (of_author >= 2) return false;
    }
    return true;
  }
  [[nodiscard]] double distance(std::uint32_t a, std::uint32_t b) const {
    return std::hypot(embedding[2 * a] - embedding[2 * b],
                      embedding[2 * a + 1] - embedding[2 * b + 1]);
  }
  [[nodiscard]] double value(const std::vector<std::uint32_t>& page) const {
    double sum = 0.0;
    for (std::size_t slot = 0; slot < kSlots; ++slot) {
      sum += scores[page[slot]] / std::log2(static_cast<double>(slot) + 2.0);
    }
    return sum;
  }
  // The best clean page's value; negative: no page is clean.
  [[nodiscard]] double best() const {
    std::vector<std::uint32_t> rows(kRows);
    std::iota(rows.begin(), rows.end(), 0U);
    double best = -1.0;
    do {
      if (is_clean(rows)) best = std::max(best, value(rows));
      std::reverse(rows.begin() + kSlots, rows.end());  // only the first slots matter
    } while (std::next_permutation(rows.begin(), rows.end()));
    return best;
  }
};

}  // namespace

TEST_CASE("native, code and plugin rules together: the page is the best of all clean ones",
          "[engine]") {
  const TestBundle bundle;
  bundle.write("policies/home.yaml", kPolicy);
  bundle.write("rules/apart.lua", kNativeRule);
  bundle.write("rules/code.lua", kCodeRule);
  host::Engine engine(quiet_options(bundle.root()));
  const lineup_handle scene = engine.scene("home");
  const lineup_handle handles[] = {engine.column("score"), engine.column("category"),
                                   engine.column("author"), engine.column("type"),
                                   engine.column("embedding")};
  std::uint32_t feasible = 0;
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    const Case one(seed);
    host::Texts category;
    host::Texts author;
    host::Texts type;
    for (std::uint32_t row = 0; row < kRows; ++row) {
      category.add("c" + std::to_string(one.category[row]));
      author.add("a" + std::to_string(one.author[row]));
      type.add(one.is_ad[row] ? "ad" : "post");
    }
    host::Rows rows;
    rows.clear(kRows);
    rows.column(handles[0], one.scores);
    rows.column(handles[1], category);
    rows.column(handles[2], author);
    rows.column(handles[3], type);
    rows.vectors(handles[4], one.embedding, 2);
    host::Request request;
    request.scene(scene);
    request.candidates(rows);
    const host::Result result = engine.rerank(request);
    const double best = one.best();
    CAPTURE(seed, best);
    const std::vector<std::uint32_t> page = slate_of(result);
    REQUIRE(page.size() == kSlots);
    CHECK((result.answer() == host::Answer::Ok) == (best >= 0.0));
    if (best < 0.0) continue;
    ++feasible;
    CHECK(one.is_clean(page));
    CHECK(one.value(page) == Approx(best).epsilon(1e-9));
  }
  CHECK(feasible > 60);
  CHECK(feasible < 290);
}

}  // namespace lineup
