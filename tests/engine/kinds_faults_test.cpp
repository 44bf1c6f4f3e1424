// SPDX-License-Identifier: Apache-2.0
//
// Faults seen in other engines that show in pairs, sums and shares; the others are in tests/faults.
#include <catch2/catch.hpp>
#include <map>

#include "scene.hpp"

namespace lineup {
namespace {

TEST_CASE("fault: windows computed apart let near-duplicates back in", "[kinds]") {
  AskedScene scene("similar { embedding = \"look\", size = 4, max_cosine = 0.9 }", "", 8);
  std::vector<Item> items;
  for (int i = 0; i < 16; ++i) {
    // Four looks, the best rows all alike.
    const int look = i / 4;
    items.push_back({"i" + std::to_string(i),
                     1.0 - 0.01 * i,
                     "l" + std::to_string(look),
                     "post",
                     {look < 2 ? 1.0F - 2.0F * static_cast<float>(look) : 0.0F,
                      look < 2 ? 0.0F : 5.0F - 2.0F * static_cast<float>(look)}});
  }
  const Shown shown = scene.show(items);
  const auto looks = categories_of(shown, items);
  REQUIRE(looks.size() == 8);
  for (std::size_t i = 0; i < looks.size(); ++i) {
    for (std::size_t j = i + 1; j < std::min(i + 4, looks.size()); ++j) CHECK(looks[i] != looks[j]);
  }
  CHECK(shown.answer == host::Answer::Ok);
}

std::vector<Item> looks(float first, float second) {
  std::vector<Item> items;
  for (int i = 0; i < 12; ++i) {
    const bool is_even = i % 3 == 0;
    items.push_back({"i" + std::to_string(i),
                     1.0 - 0.01 * i,
                     "",
                     "post",
                     {is_even ? first : second, is_even ? second : first}});
  }
  return items;
}

TEST_CASE("fault: a cache of embeddings changes the answer to the same request", "[kinds]") {
  AskedScene scene("similar { embedding = \"look\", size = 3, max_cosine = 0.8 }", "", 6);
  const Shown first = scene.show(looks(1.0F, 0.1F));
  // The same ids, other embeddings.
  const Shown other = scene.show(looks(1.0F, 1.0F));
  const Shown again = scene.show(looks(1.0F, 0.1F));
  CHECK(first.ids == again.ids);
  CHECK(first.relaxed_units == again.relaxed_units);
  CHECK(other.relaxed_units > first.relaxed_units);
}

std::map<std::string, int> counts_of(const Shown& shown, const std::vector<Item>& items) {
  std::map<std::string, int> counts;
  for (const std::string& category : categories_of(shown, items)) ++counts[category];
  return counts;
}

TEST_CASE("fault: a cap of ceil(k / groups) cannot reach parity", "[kinds]") {
  std::vector<Item> items;
  for (int i = 0; i < 40; ++i) {
    // All of the first group before all of the second, and so on.
    items.push_back({"i" + std::to_string(i), 1.0 - 0.01 * i, "g" + std::to_string(i / 10)});
  }
  SECTION("by values: everybody gets the same, or one more") {
    AskedScene scene("quota { by = \"category\", even = true }", "", 10);
    const Shown shown = scene.show(items);
    const auto counts = counts_of(shown, items);
    CHECK(shown.answer == host::Answer::Ok);
    REQUIRE(counts.size() == 4);
    for (const auto& [group, count] : counts) {
      CHECK(count >= 2);
      CHECK(count <= 3);
    }
  }
  SECTION("by shares: largest remainder, what is left over is a group of its own") {
    AskedScene scene(
        "quota { shares = {"
        "{ where = \"category == 'g3'\", share = '25%' },"
        "{ where = \"category == 'g2'\", share = '25%' },"
        "{ where = \"category == 'g1'\", share = '25%' } } }",
        "", 10);
    const Shown shown = scene.show(items);
    auto counts = counts_of(shown, items);
    CHECK(shown.answer == host::Answer::Ok);
    // 2.5 each: of equal remainders the first two declared get one more.
    CHECK(counts["g3"] == 3);
    CHECK(counts["g2"] == 3);
    CHECK(counts["g1"] == 2);
    CHECK(counts["g0"] == 2);
  }
}

TEST_CASE("fault: shares are of the page that was asked for, not of the one that is shown",
          "[kinds]") {
  // Required rules leave four slots of ten; half of them are two.
  AskedScene scene("quota { where = \"type == 'new'\", min = '50%', max = '50%' }",
                   "  - {use: author_cap, with: {by: category, max: 1}, required: true}\n", 10);
  std::vector<Item> items;
  for (int i = 0; i < 24; ++i) {
    items.push_back({"i" + std::to_string(i), 1.0 - 0.01 * i, "c" + std::to_string(i % 4),
                     i < 12 ? "old" : "new"});
  }
  const Shown shown = scene.show(items);
  REQUIRE(shown.ids.size() == 4);
  CHECK(shown.answer == host::Answer::Ok);
  const auto is_new = [](const std::string& id) { return std::stoi(id.substr(1)) >= 12; };
  CHECK(std::count_if(shown.ids.begin(), shown.ids.end(), is_new) == 2);
}

TEST_CASE("fault: midnight is computed in two time zones", "[kinds]") {
  // The day of Shanghai begins at 16:00 of UTC.
  const std::int64_t midnight = 1'767'196'800'000;  // 2025-12-31T16:00:00Z
  const auto rule = [&](const std::string& name, const std::string& type, const std::string& from) {
    return "  - {use: block, as: " + name + ", with: {where: 'type == \"" + type +
           "\"'}, required: true, from: " + from + "}\n";
  };
  AskedScene scene(rule("in_utc", "x", "'2025-12-31T16:00:00Z'") +
                       rule("with_offset", "y", "'2026-01-01T00:00:00+08:00'") +
                       rule("in_zone", "z", "'2026-01-01', zone: Asia/Shanghai"),
                   4);
  const std::vector<Item> items = {
      {"x", 0.9, "", "x"}, {"y", 0.8, "", "y"}, {"z", 0.7, "", "z"}, {"a", 0.6}};
  Asked before;
  before.now_ms = midnight - 1;
  CHECK(scene.show(items, before).ids.size() == 4);
  Asked after;
  after.now_ms = midnight;
  CHECK(scene.show(items, after).ids == std::vector<std::string>{"a"});
}

}  // namespace
}  // namespace lineup
