// SPDX-License-Identifier: Apache-2.0
//
// The generator `channel_mix` against every template there is.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "loaded.hpp"

using namespace lineup::testing;
using Page = std::vector<Row>;

namespace {

struct Feed {
  explicit Feed(std::uint64_t seed, std::uint32_t rows = 24, std::uint32_t slots = 10)
      : request(rows, slots) {
    Numbers numbers(seed);
    for (Row row = 0; row < rows; ++row) {
      const bool ad = row % 3 == 0;
      types.emplace_back(ad ? "ad" : row % 3 == 1 ? "video" : "post");
      value.push_back(ad ? 0.5 * numbers.unit() : 0.2 + 0.8 * numbers.unit());
      revenue.push_back(ad ? 0.1 + numbers.unit() : 0.0);
    }
    request.candidates.floats("score", value).floats("revenue", revenue).codes("type", types);
  }
  [[nodiscard]] bool is_ad(Row row) const { return types[row] == "ad"; }
  // The rows of one channel, best first.
  [[nodiscard]] Page ordered(bool ads) const {
    Page rows;
    for (Row row = 0; row < types.size(); ++row) {
      if (is_ad(row) == ads) rows.push_back(row);
    }
    const auto& by = ads ? revenue : value;
    std::stable_sort(rows.begin(), rows.end(),
                     [&](Row left, Row right) { return by[left] > by[right]; });
    return rows;
  }

  FakeRequest request;
  std::vector<std::string> types;
  std::vector<double> value;
  std::vector<double> revenue;
};

struct Shape {
  std::uint32_t gap = 3;
  std::uint32_t first = 2;
  std::vector<double> effect;
};

struct Both {
  double revenue = 0.0;
  double user = 0.0;
};

// The definition, slot by slot.
Both worth(const Feed& feed, const Page& page, const Shape& shape) {
  Both total;
  int last = -1;
  for (std::size_t slot = 0; slot < page.size(); ++slot) {
    double scale = 1.0 / std::log2(static_cast<double>(slot) + 2.0);
    if (feed.is_ad(page[slot])) {
      const auto distance = static_cast<std::size_t>(static_cast<int>(slot) - last);
      if (last >= 0 && distance <= shape.effect.size())
        scale *= std::exp(shape.effect[distance - 1]);
      total.revenue += scale * feed.revenue[page[slot]];
      last = static_cast<int>(slot);
    }
    total.user += scale * feed.value[page[slot]];
  }
  return total;
}

int gap_violations(const Feed& feed, const Page& page, const Shape& shape) {
  int broken = 0;
  int last = -1;
  for (int slot = 0; slot < static_cast<int>(page.size()); ++slot) {
    if (!feed.is_ad(page[static_cast<std::size_t>(slot)])) continue;
    if (slot + 1 < static_cast<int>(shape.first)) ++broken;
    if (last >= 0 && slot - last - 1 < static_cast<int>(shape.gap)) ++broken;
    last = slot;
  }
  return broken;
}

// Every page whose channels keep their order, gap and first slot.
std::vector<Page> all_pages(const Feed& feed, const Shape& shape) {
  const Page ads = feed.ordered(true), own = feed.ordered(false);
  const std::uint32_t slots = feed.request.slot_count;
  std::vector<Page> out;
  for (std::uint32_t bits = 0; bits < (1U << slots); ++bits) {
    Page page;
    std::size_t ad = 0, other = 0;
    for (std::uint32_t slot = 0; slot < slots; ++slot) {
      const bool wants_ad = ((bits >> slot) & 1U) != 0;
      const Page& from = wants_ad ? ads : own;
      std::size_t& at = wants_ad ? ad : other;
      if (at < from.size()) page.push_back(from[at++]);
    }
    if (page.size() == slots && gap_violations(feed, page, shape) == 0) out.push_back(page);
  }
  return out;
}

double user_without_ads(const Feed& feed, const Shape& shape) {
  Page own = feed.ordered(false);
  own.resize(feed.request.slot_count);
  return worth(feed, own, shape).user;
}

// The most revenue of a page with at least that user value; -1: there is none.
double best_revenue(const Feed& feed, const std::vector<Page>& pages, const Shape& shape,
                    double floor) {
  double best = -1.0;
  for (const Page& page : pages) {
    const Both each = worth(feed, page, shape);
    if (each.user >= floor - 1e-9) best = std::max(best, each.revenue);
  }
  return best;
}

std::string config_of(const Shape& shape, const std::string& more) {
  std::string effect;
  for (const double each : shape.effect) {
    effect += (effect.empty() ? "" : ", ") + std::to_string(each);
  }
  return R"({"gap": )" + std::to_string(shape.gap) + R"(, "first_slot": )" +
         std::to_string(shape.first) + R"(, "gap_effect": [)" + effect + "], " + more + "}";
}

std::vector<Page> run(const Feed& feed, const std::string& config) {
  static const Loaded loaded("channel_mix");
  FakeNode node(loaded.plugin, "channel_mix", config);
  node.activate(feed.request);
  return node.generate(feed.request);
}

const Shape kShapes[] = {
    {3, 2, {}}, {2, 1, {-0.7, -0.6, -0.5, -0.3, -0.1}}, {0, 3, {-1.0, -0.25}}, {5, 1, {}}};

}  // namespace

TEST_CASE("the constrained mix keeps the floor, the gap, and finds the most revenue",
          "[channel_mix]") {
  for (const Shape& shape : kShapes) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      const Feed feed(seed);
      const auto pages = all_pages(feed, shape);
      for (const double share : {0.8, 0.9, 0.97, 1.0}) {
        const double floor = share * user_without_ads(feed, shape);
        const double best = best_revenue(feed, pages, shape, floor);
        const Page page =
            run(feed, config_of(shape, R"("tolerance": 0, "floor": )" + std::to_string(share)))
                .at(0);
        const Both got = worth(feed, page, shape);
        INFO("seed " << seed << " share " << share << " gap " << shape.gap);
        CHECK(gap_violations(feed, page, shape) == 0);
        CHECK(got.user >= floor - 1e-6);
        CHECK(got.revenue == Approx(best).margin(1e-9));
      }
    }
  }
}

TEST_CASE("the constrained mix as it comes is within one percent of the most revenue",
          "[channel_mix]") {
  for (const Shape& shape : kShapes) {
    for (std::uint64_t seed = 20; seed <= 40; ++seed) {
      const Feed feed(seed);
      const double floor = 0.95 * user_without_ads(feed, shape);
      const double best = best_revenue(feed, all_pages(feed, shape), shape, floor);
      const Page page = run(feed, config_of(shape, R"("floor": 0.95)")).at(0);
      CHECK(gap_violations(feed, page, shape) == 0);
      CHECK(worth(feed, page, shape).user >= floor - 1e-6);
      CHECK(worth(feed, page, shape).revenue >= 0.99 * best - 1e-9);
    }
  }
}

TEST_CASE("shadow bids keep the floor and never pass the best", "[channel_mix]") {
  double reached = 0.0, possible = 0.0;
  for (const Shape& shape : kShapes) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const Feed feed(seed);
      const double floor = 0.9 * user_without_ads(feed, shape);
      const double best = best_revenue(feed, all_pages(feed, shape), shape, floor);
      const Page page =
          run(feed, config_of(shape, R"("method": "shadow_bid", "floor": 0.9)")).at(0);
      const Both got = worth(feed, page, shape);
      CHECK(gap_violations(feed, page, shape) == 0);
      CHECK(got.user >= floor - 1e-6);
      CHECK(got.revenue <= best + 1e-9);
      reached += got.revenue;
      possible += best;
    }
  }
  CHECK(reached > 0.6 * possible);
}

TEST_CASE("a fixed shadow bid inserts where the claim is larger", "[channel_mix]") {
  FakeRequest request(6, 6);
  request.candidates.floats("score", {0.9, 0.8, 0.7, 0.6, 0.1, 0.1})
      .floats("revenue", {0, 0, 0, 0, 1.0, 0.4})
      .codes("type", {"post", "post", "post", "post", "ad", "ad"});
  const Loaded loaded("channel_mix");
  const auto page = [&](const char* config) {
    FakeNode node(loaded.plugin, "channel_mix", config);
    node.activate(request);
    return node.generate(request).at(0);
  };
  // 1 + 0.1 a > 0.8 a for a = 1; the second ad claims 0.5: below the rows that are left.
  CHECK(page(R"({"shadow_bid": 1, "gap": 1, "first_slot": 2})") == Page{0, 4, 1, 2, 3, 5});
  // Free of charge: as soon as gap and first slot let it.
  CHECK(page(R"({"shadow_bid": 0, "gap": 1, "first_slot": 1})") == Page{4, 0, 5, 1, 2, 3});
  // Dearly: after all others.
  CHECK(page(R"({"shadow_bid": 100, "gap": 0, "first_slot": 1})") == Page{0, 1, 2, 3, 4, 5});
}

TEST_CASE("a floor that no page keeps gives the page that is best for users", "[channel_mix]") {
  const Feed feed(5);
  Page own = feed.ordered(false);
  own.resize(10);
  CHECK(run(feed, R"({"floor": 1000, "floor_is": "value"})").at(0) == own);
}

TEST_CASE("rules that move the page do not take it below the floor", "[channel_mix]") {
  const Shape shape{2, 1, {}};
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Feed feed(seed);
    feed.request.permits = [&](const std::vector<Row>& placed, Row row) {
      return placed.empty() || feed.types[row] != feed.types[placed.back()];
    };
    const Page page = run(feed, config_of(shape, R"("floor": 0.8)")).at(0);
    CHECK(gap_violations(feed, page, shape) == 0);
    for (std::size_t slot = 1; slot < page.size(); ++slot) {
      CHECK(feed.types[page[slot]] != feed.types[page[slot - 1]]);
    }
    Page without = run(feed, config_of(shape, R"("most": 0, "floor": 1)")).at(0);
    const double floor = 0.8 * user_without_ads(feed, shape);
    if (worth(feed, without, shape).user >= floor) {
      CHECK(worth(feed, page, shape).user >= floor - 1e-6);
    }
  }
}

TEST_CASE("templates proposes the most valuable placements, best first", "[channel_mix]") {
  const Shape shape{2, 2, {-0.5, -0.5, -0.5, -0.2}};
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const Feed feed(seed);
    auto pages = all_pages(feed, shape);
    const auto value = [&](const Page& page) {
      const Both each = worth(feed, page, shape);
      return each.revenue + 0.7 * each.user;
    };
    std::sort(pages.begin(), pages.end(),
              [&](const Page& left, const Page& right) { return value(left) > value(right); });
    const auto proposed =
        run(feed,
            config_of(shape, R"("mode": "templates", "beam": 4000, "slates": 5, "exchange": 0.7)"));
    REQUIRE(proposed.size() == 5);
    for (std::size_t index = 0; index < 5; ++index) {
      CHECK(value(proposed[index]) == Approx(value(pages[index])));
      CHECK(gap_violations(feed, proposed[index], shape) == 0);
    }
  }
}

TEST_CASE("a pattern repeats and passes over channels that have run out", "[channel_mix]") {
  FakeRequest request(7, 7);
  request.candidates.floats("score", {0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3})
      .codes("type", {"post", "post", "post", "video", "post", "ad", ""});
  const Loaded loaded("channel_mix");
  FakeNode node(loaded.plugin, "channel_mix",
                R"({"mode": "pattern", "pattern": ["post", "ad", "video"]})");
  node.activate(request);
  CHECK(node.generate(request).at(0) == Page{0, 5, 3, 1, 2, 4, 6});
}

TEST_CASE("a ratio keeps every prefix of the page near its shares", "[channel_mix]") {
  const Feed feed(3, 60, 20);
  const Page page = run(feed, R"({"mode": "ratio", "channels": [{"name": "video", "share": 5},
          {"name": "post", "share": 3}, {"name": "ad", "share": 2}]})")
                        .at(0);
  double videos = 0, posts = 0, ads = 0;
  for (std::size_t slot = 0; slot < page.size(); ++slot) {
    (feed.types[page[slot]] == "video"  ? videos
     : feed.types[page[slot]] == "post" ? posts
                                        : ads) += 1;
    const double length = static_cast<double>(slot) + 1.0;
    CHECK(std::abs(videos - 0.5 * length) < 1.0);
    CHECK(std::abs(posts - 0.3 * length) < 1.0);
    CHECK(std::abs(ads - 0.2 * length) < 1.0);
  }
}
