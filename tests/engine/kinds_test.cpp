// SPDX-License-Identifier: Apache-2.0
//
// Pairs, sums, shares and grids from a rule file to the page that a host gets. How their violations
// are counted is tested with the constraint model; here it is that every part of the way takes
// part.
#include <catch2/catch.hpp>

#include "scene.hpp"

namespace lineup {
namespace {

using Ids = std::vector<std::string>;

Item item(const char* id, double score, const char* category, const char* type = "post",
          std::int64_t seconds = 0) {
  return {id, score, category, type, {0.0F, 0.0F}, seconds};
}

TEST_CASE("an ad is not followed by another, opens no page and closes none", "[kinds]") {
  AskedScene scene(
      "adjacent { left = \"type == 'ad'\", right = \"type == 'ad'\" },"
      "adjacent { left = page_start, right = \"type == 'ad'\" },"
      "adjacent { left = \"type == 'ad'\", right = page_end }",
      "", 5);
  const Shown shown = scene.show({item("x", 0.9, "", "ad"), item("y", 0.8, "", "ad"),
                                  item("a", 0.5, ""), item("b", 0.4, ""), item("c", 0.3, "")});
  CHECK(shown.ids == Ids{"a", "x", "b", "y", "c"});
  CHECK(shown.answer == host::Answer::Ok);
}

TEST_CASE("a pair that is required follows, and the page before counts", "[kinds]") {
  AskedScene scene(
      "adjacent { left = \"type == 'teaser'\", right = \"type == 'story'\", require = true,"
      " history = 1 }",
      "", 3);
  Asked asked;
  asked.history = {item("h", 0.0, "", "teaser")};
  const Shown shown =
      scene.show({item("a", 0.9, ""), item("b", 0.8, ""), item("s", 0.1, "", "story")}, asked);
  CHECK(shown.ids == Ids{"s", "a", "b"});
}

TEST_CASE("episodes of one series keep their order, whatever their scores", "[kinds]") {
  AskedScene scene("order { by = \"seconds\", within = \"category\" }", "", 5);
  const Shown shown = scene.show({item("a3", 0.9, "a", "post", 3), item("a1", 0.8, "a", "post", 1),
                                  item("a2", 0.7, "a", "post", 2), item("b2", 0.6, "b", "post", 2),
                                  item("b1", 0.5, "b", "post", 1)});
  CHECK(shown.slot_of("a1") < shown.slot_of("a2"));
  CHECK(shown.slot_of("a2") < shown.slot_of("a3"));
  CHECK(shown.slot_of("b1") < shown.slot_of("b2"));
  CHECK(shown.answer == host::Answer::Ok);
}

TEST_CASE("a budget of seconds is kept on its slots, and what breaks it is counted", "[kinds]") {
  AskedScene scene("budget { column = \"seconds\", max = 30, slots = '1..3' }", "", 4);
  const std::vector<Item> items = {item("a", 0.9, "", "post", 20), item("b", 0.8, "", "post", 20),
                                   item("c", 0.7, "", "post", 20), item("d", 0.1, "", "post", 5),
                                   item("e", 0.05, "", "post", 5)};
  const Shown shown = scene.show(items);
  CHECK(shown.ids == Ids{"a", "d", "e", "b"});
  const Shown tight = scene.show({items[0], items[1], items[2]});
  CHECK(tight.answer == host::Answer::Relaxed);
  CHECK(tight.relaxed_units == 30);
}

TEST_CASE("channels take the turns of a pattern, and one that ran out is passed over", "[kinds]") {
  AskedScene scene(
      "mix { by = \"category\", channels = {\"news\", \"shop\"},"
      " pattern = {\"news\", \"news\", \"shop\"} }",
      "", 6);
  std::vector<Item> items = {item("s1", 0.9, "shop"), item("s2", 0.8, "shop"),
                             item("s3", 0.7, "shop"), item("n1", 0.6, "news"),
                             item("n2", 0.5, "news"), item("n3", 0.4, "news")};
  const Shown shown = scene.show(items);
  CHECK(shown.ids == Ids{"n1", "n2", "s1", "n3", "s2", "s3"});
  CHECK(shown.answer == host::Answer::Ok);
}

TEST_CASE("a ratio is spread over the page", "[kinds]") {
  AskedScene scene(
      "mix { by = \"category\", channels = {\"news\", \"shop\"}, ratio = {news = 3, shop = 1} }",
      "", 8);
  std::vector<Item> items;
  for (int i = 0; i < 16; ++i) {
    items.push_back({"i" + std::to_string(i), 1.0 - 0.01 * i, i < 8 ? "shop" : "news"});
  }
  const Shown shown = scene.show(items);
  const auto channels = categories_of(shown, items);
  CHECK(std::count(channels.begin(), channels.end(), "shop") == 2);
  CHECK(channels[2] == "shop");
  CHECK(channels[6] == "shop");
  CHECK(shown.answer == host::Answer::Ok);
}

TEST_CASE("in two columns neighbours stand side by side and one above the other", "[kinds]") {
  const std::vector<Item> items = {item("a1", 0.9, "a"), item("a2", 0.8, "a"), item("b1", 0.7, "b"),
                                   item("b2", 0.6, "b")};
  const std::string apart = "window { by = \"category\", size = 2, max = 1, across = ";
  AskedScene rows(apart + "\"rows\" }", "", "{size: 4, columns: 2}");
  CHECK(rows.show(items).ids == Ids{"a1", "b1", "a2", "b2"});
  AskedScene columns(apart + "\"columns\" }", "", "{size: 4, columns: 2}");
  CHECK(columns.show(items).ids == Ids{"a1", "a2", "b1", "b2"});
  AskedScene both(apart + "\"rows\" }, " + apart + "\"columns\" }", "", "{size: 4, columns: 2}");
  CHECK(both.show(items).ids == Ids{"a1", "b1", "b2", "a2"});
}

}  // namespace
}  // namespace lineup
