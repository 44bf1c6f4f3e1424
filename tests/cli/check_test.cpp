// SPDX-License-Identifier: Apache-2.0
//
// `lineup check` on policies that contradict themselves, or say what is probably not meant.
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>

#include "program.hpp"

using namespace lineup::testing;
using Json = nlohmann::json;

namespace {

constexpr const char* kHead =
    "lineup: 1\nscene: shop\npage: 4\ncolumns:\n  score: {type: float}\n"
    "  category: {type: category}\n  is_new: {type: bool}\n";

struct Found {
  int exit_code = 0;
  Json diagnostics;
  // Code -> rules it was said of.
  [[nodiscard]] std::multimap<std::string, std::string> codes() const {
    std::multimap<std::string, std::string> out;
    for (const Json& each : diagnostics) {
      out.emplace(each.at("code").get<std::string>(),
                  each.at("arguments").value("rule", std::string()));
    }
    return out;
  }
  [[nodiscard]] bool has(const std::string& code, const std::string& rule) const {
    const auto all = codes();
    const auto [begin, end] = all.equal_range(code);
    return std::any_of(begin, end, [&rule](const auto& entry) { return entry.second == rule; });
  }
};

Found check(const std::string& rules, const std::string& more = "",
            const std::map<std::string, std::string>& files = {}) {
  const Folder folder;
  folder.write("policies/shop.yaml", kHead + more + "rules:\n" + rules);
  for (const auto& [path, contents] : files) folder.write(path, contents);
  const Output output =
      run_program({"check", "--bundle", folder.path(), "--at", "2026-11-22", "--json"});
  INFO(output.out << output.err);
  const Json json = Json::parse(output.out);
  return {output.exit_code, json.at("diagnostics")};
}

}  // namespace

TEST_CASE("a minimum above the page is an error", "[check]") {
  const Found found = check(
      "  - {use: cold_start_quota, as: recent, with: {where: is_new, min: 5}, priority: 1}\n");
  CHECK(found.exit_code == 1);
  REQUIRE(found.diagnostics.size() == 1);
  CHECK(found.has("policy/above-page", "recent"));
  CHECK(found.diagnostics[0].at("line") == 9);
  CHECK(found.diagnostics[0].at("hint").get<std::string>() ==
        "lower `min` to at most 4, or make the page longer");
}

TEST_CASE("a minimum that an equal leaves no room for is an error", "[check]") {
  const std::string ads =
      "  - {use: cold_start_quota, as: ads, with: {where: 'category == \"ad\"', min: 3}, "
      "priority: 5}\n";
  const std::vector<std::string> limits = {
      "  - {use: category_scatter, with: {window: 2, max: 1}, priority: 5}\n",
      "  - {use: author_cap, with: {by: category, window: 4, max: 2}, priority: 5}\n",
      "  - {use: ad_spacing, with: {where: 'category == \"ad\"', gap: 1}, priority: 5}\n",
      "  - {use: ad_spacing, with: {where: 'category  ==  \"ad\"', first_slot: 3}, priority: 5}\n",
      "  - {use: cold_start_quota, with: {where: 'category == \"ad\"', max: 2}, priority: 5}\n",
      "  - {use: pin, with: {where: 'category == \"ad\"', slots: '1..2', mode: never_in}, "
      "priority: 5}\n",
      "  - {use: block, with: {where: 'category == \"ad\"'}}\n"};
  for (const std::string& limit : limits) {
    CAPTURE(limit);
    const Found found = check(ads + limit);
    CHECK(found.exit_code == 1);
    CHECK(found.has("policy/contradiction", "ads"));
  }
}

TEST_CASE("a contradiction of which the priorities say who gives way is a warning", "[check]") {
  const Found found = check(
      "  - {use: cold_start_quota, as: ads, with: {where: 'category == \"ad\"', min: 3}, "
      "priority: 5}\n"
      "  - {use: category_scatter, with: {window: 2, max: 1}, priority: 9}\n");
  CHECK(found.exit_code == 0);
  REQUIRE(found.has("lint/contradiction", "ads"));
  CHECK_THAT(found.diagnostics.dump(), Catch::Contains("`ads` is always given up"));
}

TEST_CASE("rules that a batch may satisfy, or that never meet, are no errors", "[check]") {
  const std::string ads =
      "  - {use: cold_start_quota, as: ads, with: {where: 'category == \"ad\"', min: 2}, "
      "priority: 5, when: 'context.x == 1'}\n";
  const std::vector<std::string> fine = {
      "  - {use: category_scatter, with: {window: 2, max: 1}, priority: 9}\n",
      "  - {use: ad_spacing, with: {where: 'category == \"ad\"', gap: 2}, priority: 9}\n",
      "  - {use: ad_spacing, with: {where: 'category == \"ad\"', gap: 3}, weight: 9}\n",
      "  - {use: ad_spacing, with: {where: 'category == \"ad\"', gap: 3}, priority: 9, when: "
      "'context.x == 2'}\n",
      "  - {use: ad_spacing, with: {where: 'category == \"ad\"', gap: 3}, priority: 9, enabled: "
      "false}\n",
      "  - {use: ad_spacing, with: {where: 'is_new', gap: 3}, priority: 9}\n"};
  for (const std::string& other : fine) {
    CAPTURE(other);
    CHECK(check(ads + other).exit_code == 0);
  }
}

TEST_CASE("a pin on a slot from which another rule keeps it is an error", "[check]") {
  const Found found = check(
      "  - {use: pin, as: hero, with: {id: a3, slot: 1}, priority: 100}\n"
      "  - {use: pin, as: away, with: {id: a3, slots: '1..2', mode: never_in}, priority: 100}\n");
  CHECK(found.exit_code == 1);
  CHECK(found.has("policy/contradiction", "hero"));
  CHECK(check("  - {use: pin, with: {id: a3, slot: 3}, priority: 100}\n"
              "  - {use: pin, with: {id: a3, slots: '1..2', mode: never_in}, priority: 100}\n")
            .exit_code == 0);
}

TEST_CASE("two pins on one slot are a warning: the batch decides", "[check]") {
  const Found found = check(
      "  - {use: pin, as: a, with: {id: a1, slot: 2}, priority: 100}\n"
      "  - {use: pin, as: b, with: {id: a2, slot: 2}, priority: 90}\n"
      "  - {use: pin, as: c, with: {id: a1, slot: 3}, priority: 80}\n");
  CHECK(found.exit_code == 0);
  CHECK(found.has("lint/pins-one-slot", "b"));
  CHECK(found.has("lint/pin-two-slots", "c"));
}

TEST_CASE("rules that ended, or soon will, are named", "[check]") {
  const Found found = check(
      "  - {use: pin, as: old, with: {id: a1, slot: 1}, priority: 1, from: 2026-01-01}\n"
      "  - {use: pin, as: over, with: {id: a2, slot: 2}, priority: 1, until: 2026-11-22}\n"
      "  - {use: pin, as: soon, with: {id: a3, slot: 3}, priority: 1, expires: 2026-12-05}\n"
      "  - {use: pin, as: ends, with: {id: a4, slot: 4}, priority: 1, until: 2026-11-30}\n"
      "  - {use: pin, as: later, with: {id: a5, slot: 4}, priority: 1, expires: 2026-12-07}\n");
  CHECK(found.exit_code == 0);
  CHECK(found.has("lint/expired", "old"));
  CHECK(found.has("lint/over", "over"));
  CHECK(found.has("lint/expires-soon", "soon"));
  CHECK(found.has("lint/ends-soon", "ends"));
  CHECK_FALSE(found.has("lint/expires-soon", "later"));
}

TEST_CASE("rules that decide nothing are named", "[check]") {
  const Found found = check(
      "  - {use: category_scatter, as: apart, with: {window: 3, max: 1}, priority: 9}\n"
      "  - {use: category_scatter, as: weaker, with: {window: 2, max: 1}, priority: 8}\n"
      "  - {use: category_scatter, as: same, with: {window: 3, max: 1}, priority: 9}\n"
      "  - {use: cold_start_quota, as: loose, with: {where: is_new, max: 4}, priority: 1}\n"
      "  - {use: pin, as: far, with: {id: a1, slot: 7}, priority: 1}\n"
      "  - {use: block, as: no_spam, with: {where: 'category == \"spam\"'}}\n"
      "  - {use: ad_spacing, as: spam, with: {where: 'category == \"spam\"', gap: 1}, priority: "
      "1}\n"
      "  - {use: block, as: listed, with: {list: blocked, by: category}}\n",
      "segments:\n  nobody: 'context.x == 1'\n",
      {{"lists/blocked.txt", "# nobody yet\n"}, {"lists/unread.txt", "x\n"}});
  CHECK(found.exit_code == 0);
  CHECK(found.has("lint/shadowed", "weaker"));
  CHECK(found.has("lint/duplicate", "same"));
  CHECK_FALSE(found.has("lint/duplicate", "apart"));
  CHECK(found.has("lint/no-effect", "loose"));
  CHECK(found.has("lint/past-page", "far"));
  CHECK(found.has("lint/never-fires", "spam"));
  CHECK(found.has("lint/empty-list", "listed"));
  CHECK(found.codes().count("lint/unused-segment") == 1);
  CHECK(found.codes().count("lint/unused-list") == 1);
}

TEST_CASE("code whose answers cannot be remembered is named", "[check]") {
  const auto rule = [](const std::string& header, const std::string& body) {
    return "return rule {\n  name = \"coded\", about = \"Code.\",\n" + header +
           "  allow = function(item, slate)\n    return " + body + "\n  end,\n}\n";
  };
  const std::string use = "  - {use: coded, priority: 5}\n";
  const Found plain = check(use, "", {{"rules/coded.lua", rule("", "item.score > 0.1")}});
  REQUIRE(plain.has("lint/not-remembered", "coded"));
  CHECK(plain.exit_code == 0);
  CHECK(plain.diagnostics[0].at("file") == "rules/coded.lua");
  CHECK(plain.diagnostics[0].at("line") == 4);
  const std::vector<std::string> fine = {rule("", "item.category ~= \"ad\""),
                                         rule("", "slate:count_same(item, \"category\", 3) < 2"),
                                         rule("  remember = false,\n", "item.score > 0.1")};
  for (const std::string& each : fine) {
    CAPTURE(each);
    CHECK(check(use, "", {{"rules/coded.lua", each}}).codes().count("lint/not-remembered") == 0);
  }
}

TEST_CASE("errors and findings are said at once", "[check]") {
  const Found found = check(
      "  - {use: cold_start_quota, as: recent, with: {where: is_new, min: 5}, priority: 1}\n"
      "  - {use: pin, as: over, with: {id: a2, slot: 2}, priority: 1, until: 2026-11-22}\n"
      "  - {use: nothing_such, priority: 1}\n");
  CHECK(found.exit_code == 1);
  CHECK(found.has("policy/above-page", "recent"));
  CHECK(found.has("policy/unknown-rule", "nothing_such"));
  CHECK(found.has("lint/over", "over"));
}

TEST_CASE("a time that is none is refused", "[check]") {
  const Folder folder;
  write_shop(folder);
  const Output output = run_program({"check", "--bundle", folder.path(), "--at", "tomorrow"});
  CHECK(output.exit_code == 2);
  CHECK_THAT(output.err, Catch::Contains("`tomorrow` is no time"));
}
