// SPDX-License-Identifier: Apache-2.0
//
// The rules in rules/: what each becomes for given arguments. What they do to pages is said by
// their cases files.
#include <catch2/catch.hpp>

#include "script/rule_text.hpp"

using namespace lineup;
using namespace lineup::test;

namespace {

using Ranges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

std::vector<Spec> specs(const std::string& name, std::vector<ValueEntry> entries) {
  const auto rule = shipped(name);
  Diagnostics diagnostics;
  Value arguments;
  check_arguments(*rule, with(std::move(entries)), arguments, diagnostics);
  auto out = make_specs(*rule, arguments, ScriptLimits{}, diagnostics);
  CHECK(summary(diagnostics) == "");
  return out.value_or(std::vector<Spec>{});
}

std::string refusal(const std::string& name, std::vector<ValueEntry> entries) {
  const auto rule = shipped(name);
  Diagnostics diagnostics;
  Value arguments;
  check_arguments(*rule, with(std::move(entries)), arguments, diagnostics);
  CHECK_FALSE(make_specs(*rule, arguments, ScriptLimits{}, diagnostics));
  return summary(diagnostics);
}

std::vector<std::string> parameters(const std::string& name) {
  std::vector<std::string> names;
  const auto rule = shipped(name);
  for (const ParameterSpec& parameter : rule->parameters) {
    CHECK_FALSE(parameter.about.empty());
    names.push_back(parameter.name);
  }
  return names;
}

}  // namespace

TEST_CASE("the shipped rules have the parameters that policies use", "[shipped]") {
  using Names = std::vector<std::string>;
  CHECK(parameters("category_scatter") == Names{"by", "window", "max", "head"});
  CHECK(parameters("max_consecutive") == Names{"where", "max"});
  CHECK(parameters("cold_start_quota") == Names{"where", "min", "max", "slots"});
  CHECK(parameters("ad_spacing") == Names{"where", "gap", "first_slot", "max"});
  CHECK(parameters("author_cap") == Names{"by", "window", "max"});
  CHECK(parameters("pin") == Names{"id", "where", "slot", "slots", "mode"});
  CHECK(parameters("boost") == Names{"where", "add", "multiply"});
  CHECK(parameters("block") == Names{"where", "list", "by"});
  CHECK(parameters("ad_policy") == Names{"where", "gap", "wanted_gap", "first_slot", "max",
                                         "unsafe", "never_last", "history"});
  CHECK(parameters("channel_mix") == Names{"by", "channels", "pattern", "ratio", "slots"});
  CHECK(parameters("creator_fairness") == Names{"by", "shares", "slots"});
  CHECK(parameters("exploration_slot") == Names{"where", "slots", "only"});
  CHECK(parameters("exposure_cap") == Names{"by", "where", "max", "head", "head_max", "history"});
  CHECK(parameters("freshness_floor") == Names{"age", "young", "min", "slots", "head", "head_age"});
  CHECK(parameters("head_of_page") == Names{"head", "where", "min", "max", "never", "apart"});
  CHECK(parameters("near_duplicate") ==
        Names{"embedding", "window", "max_cosine", "where", "history"});
  CHECK(parameters("no_repeat_from_last_page") == Names{"by", "last", "max"});
  CHECK(parameters("price_band_mix") ==
        Names{"price", "cheap", "dear", "cheap_share", "middle_share", "dear_share", "slots"});
  CHECK(parameters("series_order") == Names{"by", "within", "ascending", "where", "history"});
}

TEST_CASE("only block is required unless the policy says otherwise", "[shipped]") {
  for (const char* name : {"category_scatter", "max_consecutive", "cold_start_quota", "ad_spacing",
                           "author_cap", "pin", "boost", "block"}) {
    CHECK(shipped(name)->required_by_default == (std::string(name) == "block"));
  }
}

TEST_CASE("category_scatter is a window, and a cap for its head", "[shipped]") {
  const auto plain = specs("category_scatter", {});
  REQUIRE(plain.size() == 1);
  CHECK(plain[0].kind == Kind::Window);
  CHECK(plain[0].by == std::vector<std::string>{"category"});
  CHECK(plain[0].size.value == 5);
  CHECK(plain[0].max.value == 2);
  const auto strict = specs("category_scatter", {{"by", text("author")}, {"head", number(4)}});
  REQUIRE(strict.size() == 2);
  CHECK(strict[1].kind == Kind::Cap);
  CHECK(strict[1].by == std::vector<std::string>{"author"});
  CHECK(strict[1].max.value == 1);
  CHECK(strict[1].slots.ranges == Ranges{{1, 4}});
}

TEST_CASE("max_consecutive is a window that is one slot longer", "[shipped]") {
  const auto all = specs("max_consecutive", {{"where", text("is_video")}, {"max", number(3)}});
  REQUIRE(all.size() == 1);
  CHECK(all[0].kind == Kind::Window);
  CHECK(all[0].where == "is_video");
  CHECK(all[0].size.value == 4);
  CHECK(all[0].max.value == 3);
  CHECK(specs("max_consecutive", {{"where", text("x")}, {"max", number(0)}})[0].size.value == 1);
}

TEST_CASE("cold_start_quota passes on the bounds that were given", "[shipped]") {
  const auto all =
      specs("cold_start_quota",
            {{"where", text("is_new")}, {"min", text("10%")}, {"slots", text("1..20")}});
  REQUIRE(all.size() == 1);
  CHECK(all[0].kind == Kind::Quota);
  CHECK(all[0].min.unit == Amount::Unit::Fraction);
  CHECK_FALSE(all[0].max.is_given());
  CHECK(all[0].slots.ranges == Ranges{{1, 20}});
}

TEST_CASE("ad_spacing is spacing, and a quota when there is a maximum", "[shipped]") {
  CHECK(specs("ad_spacing", {{"where", text("ad")}}).size() == 1);
  const auto all = specs(
      "ad_spacing",
      {{"where", text("ad")}, {"gap", number(4)}, {"first_slot", number(3)}, {"max", number(2)}});
  REQUIRE(all.size() == 2);
  CHECK(all[0].kind == Kind::Spacing);
  CHECK(all[0].gap.value == 4);
  CHECK(all[0].first_slot.value == 3);
  CHECK(all[1].kind == Kind::Quota);
  CHECK(all[1].max.value == 2);
}

TEST_CASE("author_cap looks at the whole page unless a window is given", "[shipped]") {
  CHECK(specs("author_cap", {})[0].kind == Kind::Cap);
  const auto all = specs("author_cap", {{"window", number(10)}, {"max", number(1)}});
  REQUIRE(all.size() == 1);
  CHECK(all[0].kind == Kind::Window);
  CHECK(all[0].size.value == 10);
  CHECK(all[0].by == std::vector<std::string>{"author"});
}

TEST_CASE("pin places one item or several", "[shipped]") {
  const auto one = specs("pin", {{"id", text("v42")}, {"slot", number(1)}});
  REQUIRE(one.size() == 1);
  CHECK(one[0].kind == Kind::Place);
  CHECK(one[0].id == "v42");
  CHECK(one[0].slots.ranges == Ranges{{1, 1}});
  CHECK(one[0].mode == PlaceMode::Exactly);
  const auto several = specs("pin", {{"where", text("is_new")},
                                     {"slots", list({number(4), number(2)})},
                                     {"mode", text("only_within")}});
  CHECK(several[0].slots.ranges == Ranges{{4, 4}, {2, 2}});
  CHECK(several[0].mode == PlaceMode::OnlyWithin);
  CHECK(specs("pin", {{"where", text("ad")}, {"mode", text("last")}})[0].mode == PlaceMode::Last);
}

TEST_CASE("boost changes scores", "[shipped]") {
  const auto all =
      specs("boost", {{"where", text("is_new")}, {"add", number(0.05)}, {"multiply", number(2)}});
  REQUIRE(all.size() == 1);
  CHECK(all[0].kind == Kind::Boost);
  CHECK(all[0].add.value == 0.05);
  CHECK(all[0].multiply.value == 2);
}

TEST_CASE("block filters by a condition or by a list", "[shipped]") {
  CHECK(specs("block", {{"where", text("sold_out")}})[0].where == "sold_out");
  const auto all = specs("block", {{"list", text("blocked_authors")}, {"by", text("author")}});
  CHECK(all[0].kind == Kind::Filter);
  CHECK(all[0].where == "author in list.blocked_authors");
  CHECK(specs("block", {{"list", text("gone")}})[0].where == "id in list.gone");
}

TEST_CASE("arguments that contradict each other are refused", "[shipped]") {
  const std::string at = " script/arguments: ";
  CHECK(refusal("pin", {{"slot", number(1)}}) ==
        "p.yaml:9:20-60" + at + "a pin takes either `id` or `where`\n");
  CHECK(refusal("pin", {{"id", text("a")}, {"where", text("b")}, {"slot", number(1)}}) ==
        "p.yaml:9:30-33" + at + "a pin takes either `id` or `where`\n");
  CHECK(refusal("pin", {{"id", text("a")}}) == "p.yaml:9:20-60" + at + "a pin needs a `slot`\n");
  CHECK(refusal("block", {}) == "p.yaml:9:20-60" + at + "a block takes either `where` or `list`\n");
}

TEST_CASE("rules refuse arguments that do not fit together, in words", "[shipped]") {
  CHECK_THAT(refusal("ad_policy", {}), Catch::Contains("say what holds for ads"));
  CHECK_THAT(refusal("ad_policy", {{"gap", number(2)}, {"wanted_gap", number(4)}}),
             Catch::Contains("what is wanted is a use of its own"));
  CHECK_THAT(refusal("freshness_floor", {{"head", number(2)}}),
             Catch::Contains("`head` and `head_age` go together"));
  CHECK_THAT(refusal("head_of_page", {}), Catch::Contains("say what the head holds"));
  CHECK_THAT(refusal("head_of_page", {{"min", number(1)}, {"apart", text("category")}}),
             Catch::Contains("say which in `where`"));
  CHECK_THAT(refusal("creator_fairness", {{"shares", text("new forty")}}),
             Catch::Contains("is no group with a share"));
  CHECK_THAT(refusal("price_band_mix", {{"cheap", number(9)}, {"dear", number(3)}}),
             Catch::Contains("`cheap` must be below `dear`"));
  CHECK_THAT(refusal("channel_mix", {{"channels", text("a, b")}, {"ratio", text("1")}}),
             Catch::Contains("one part for each channel"));
}
