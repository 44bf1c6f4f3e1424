// SPDX-License-Identifier: Apache-2.0
//
// Click models on logs that were made by themselves: what was planted is found.
#include "cli/offline/click_models.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "cli/offline/random.hpp"

using namespace lineup::cli;

namespace {

constexpr std::uint32_t kItems = 20;
constexpr std::uint32_t kSlots = 6;

double attraction(std::uint32_t item) { return 0.05 + 0.025 * item; }
std::string name(std::uint32_t item) { return fmt::format("item{}", item); }

// Pages of items drawn without a look at what they are; `act` says which slots are clicked.
template <typename Act>
ClickCounts make_log(std::uint32_t pages, std::uint64_t seed, Act&& act) {
  ClickCounts counts;
  Random random(seed);
  for (std::uint32_t page = 0; page < pages; ++page) {
    std::vector<std::uint32_t> items(kItems);
    for (std::uint32_t i = 0; i < kItems; ++i) items[i] = i;
    for (std::uint32_t i = 0; i < kSlots; ++i)
      std::swap(items[i], items[i + random.below(kItems - i)]);
    items.resize(kSlots);
    const std::vector<bool> clicked = act(items, random);
    std::vector<std::string> names;
    std::vector<ClickCounts::Shown> shown;
    for (std::uint32_t slot = 0; slot < kSlots; ++slot) names.push_back(name(items[slot]));
    for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
      shown.push_back({names[slot], slot, clicked[slot]});
    }
    counts.add(shown);
  }
  return counts;
}

ClickCounts position_based_log(std::uint32_t pages, std::uint64_t seed) {
  return make_log(pages, seed, [](const auto& items, Random& random) {
    std::vector<bool> out;
    for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
      const double look = 1.0 / (1.0 + 0.4 * slot);
      out.push_back(random.chance(look) && random.chance(attraction(items[slot])));
    }
    return out;
  });
}

double leave(std::uint32_t slot) { return 0.8 - 0.1 * slot; }

ClickCounts dependent_log(std::uint32_t pages, std::uint64_t seed) {
  return make_log(pages, seed, [](const auto& items, Random& random) {
    std::vector<bool> out(kSlots);
    for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
      out[slot] = random.chance(attraction(items[slot]));
      if (out[slot] && random.chance(leave(slot))) break;
    }
    return out;
  });
}

}  // namespace

TEST_CASE("the position-based model finds how often slots are looked at", "[click_models]") {
  const ClickModels models = fit(position_based_log(60'000, 11));
  REQUIRE(models.looks.size() == kSlots);
  for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
    CHECK(models.look(slot) == Approx(1.0 / (1.0 + 0.4 * slot)).margin(0.03));
  }
  for (std::uint32_t item = 0; item < kItems; ++item) {
    CHECK(models.of(name(item)).position_based == Approx(attraction(item)).margin(0.03));
  }
}

TEST_CASE("the dependent click model finds attraction and leaving", "[click_models]") {
  const ClickModels models = fit(dependent_log(60'000, 12));
  for (std::uint32_t item = 0; item < kItems; ++item) {
    CHECK(models.of(name(item)).dependent == Approx(attraction(item)).margin(0.03));
  }
  // What follows a click at the last slot but one is little; the last cannot be known.
  for (std::uint32_t slot = 0; slot + 2 < kSlots; ++slot) {
    CHECK(models.leave(slot) == Approx(leave(slot)).margin(0.06));
  }
}

TEST_CASE("expected clicks of a page are what users of the model do", "[click_models]") {
  const ClickModels models = fit(dependent_log(60'000, 13));
  std::vector<double> page;
  for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
    page.push_back(models.of(name(19 - slot)).dependent);
  }
  Random random(5);
  double clicks = 0.0;
  double views = 0.0;
  constexpr int kUsers = 100'000;
  for (int user = 0; user < kUsers; ++user) {
    for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
      views += 1.0;
      if (!random.chance(page[slot])) continue;
      clicks += 1.0;
      if (random.chance(models.leave(slot))) break;
    }
  }
  const Expected expected = expect_dependent(models, page);
  CHECK(expected.clicks == Approx(clicks / kUsers).epsilon(0.01));
  CHECK(expected.views == Approx(views / kUsers).epsilon(0.01));
}

TEST_CASE("counts of parts add up to those of the whole, in any order", "[click_models]") {
  ClickCounts whole(5);
  ClickCounts first(5);
  ClickCounts second(5);
  Random random(3);
  for (int page = 0; page < 400; ++page) {
    std::vector<std::string> names;
    std::vector<ClickCounts::Shown> shown;
    for (int slot = 0; slot < 4; ++slot) names.push_back(name(random.below(kItems)));
    for (std::uint32_t slot = 0; slot < 4; ++slot) {
      shown.push_back({names[slot], slot, random.chance(0.3)});
    }
    whole.add(shown);
    (page % 3 == 0 ? first : second).add(shown);
  }
  second.merge(first);
  CHECK(second.json() == whole.json());
  CHECK(whole.items().size() == 5);  // the others are counted together
  CHECK_FALSE(whole.others().empty());
  const auto read = ClickCounts::read(whole.json());
  REQUIRE(read);
  CHECK(read->json() == whole.json());
}

TEST_CASE("what are no click counts is refused", "[click_models]") {
  for (const char* text : {"", "{", "[]", "{}", R"({"lineup":"click counts"})",
                           R"({"lineup":"click counts","version":2})"}) {
    CHECK_FALSE(ClickCounts::read(text));
  }
}

TEST_CASE("a model of nothing says so", "[click_models]") { CHECK(fit(ClickCounts()).pages == 0); }
