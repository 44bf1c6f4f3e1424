// SPDX-License-Identifier: Apache-2.0
//
// From `constraints = function(p)` to Specs: every field of every kind, and what is refused.
#include <catch2/catch.hpp>

#include "script/rule_text.hpp"

using namespace lineup;
using namespace lineup::test;

namespace {

// The Specs of a rule whose `constraints` returns `list`, and what was said of it.
std::vector<Spec> specs(const std::string& list, std::string* said = nullptr,
                        const std::string& parameters = "", const Value& given = {}) {
  const auto rule = rule_of(header("parameters = {" + parameters +
                                   "}, constraints = function(p) return " + list + " end"));
  Diagnostics diagnostics;
  Value arguments;
  check_arguments(*rule, given, arguments, diagnostics);
  auto out = make_specs(*rule, arguments, ScriptLimits{}, diagnostics);
  if (said != nullptr) {
    *said = summary(diagnostics);
    CHECK(out.has_value() == said->empty());
  } else {
    CHECK(summary(diagnostics) == "");
  }
  return out.value_or(std::vector<Spec>{});
}

std::string fault(const std::string& list, const std::string& parameters = "",
                  const Value& given = {}) {
  std::string said;
  specs(list, &said, parameters, given);
  return said;
}

}  // namespace

TEST_CASE("every field of a constraint reaches its spec", "[specs]") {
  const auto all = specs(R"({
    window { by = {"genre", "author"}, where = "is_new", size = 5, max = '40%', min = 1,
             slots = {1, '5..9'}, tumbling = true, history = 4, missing = "as_value" },
    spacing { where = "ad", by = "author", gap = 3, first_slot = 2 },
    place { id = 42, slots = 3, mode = "at_or_above" },
    place { where = "x", slot_column = "wanted" },
    boost { where = "is_new", add = -0.5, multiply = 2, column = "score" },
    filter { where = "sold_out" },
  })");
  REQUIRE(all.size() == 6);
  const Spec& window = all[0];
  CHECK(window.kind == Kind::Window);
  CHECK(window.by == std::vector<std::string>{"genre", "author"});
  CHECK(window.where == "is_new");
  CHECK(window.size.value == 5);
  CHECK(window.max.unit == Amount::Unit::Fraction);
  CHECK(window.max.value == Approx(0.4));
  CHECK(window.min.value == 1);
  CHECK(window.slots.ranges ==
        std::vector<std::pair<std::uint32_t, std::uint32_t>>{{1, 1}, {5, 9}});
  CHECK(window.tumbling);
  CHECK(window.history.value == 4);
  CHECK(window.missing_as_value);
  CHECK(window.span.line == 2);
  CHECK(window.span.column == 5);
  CHECK(all[1].gap.value == 3);
  CHECK(all[1].first_slot.value == 2);
  CHECK_FALSE(all[1].max.is_given());
  CHECK(all[2].id == "42");
  CHECK(all[2].mode == PlaceMode::AtOrAbove);
  CHECK(all[3].slot_column == "wanted");
  CHECK(all[4].add.value == -0.5);
  CHECK(all[4].multiply.value == 2);
  CHECK(all[5].kind == Kind::Filter);
}

TEST_CASE("every field of pairs, sums, mixes and sets reaches its spec", "[specs]") {
  const auto all = specs(R"({
    adjacent { left = "ad", right = page_end },
    adjacent { left = page_start, right = "ad", require = true },
    adjacent { left = "ad", right = "news", across = "columns" },
    order { by = {"season", "episode"}, where = "x", ascending = false, within = "series",
            history = 3, missing = "as_value" },
    budget { column = "seconds", max = 30.5, min = 2, slots = '1..4', history = 2 },
    similar { embedding = "face", size = 5, max_cosine = 0.9, where = "x", history = 4 },
    mix { by = "team", channels = { "news", 'a "b"' }, pattern = { "news", "any", 2 } },
    mix { channels = { { name = "ads", where = "is_ad" }, "x" }, ratio = { ads = 1, x = 2.5 } },
    mix { channels = { "x", "y" }, interleave = true, slots = '1..4' },
    quota { shares = { { where = "x", share = '40%' }, { where = "y", share = '12.5%' } } },
    quota { by = "team", even = true },
    window { by = "team", size = '50%', across = "rows" },
  })");
  REQUIRE(all.size() == 12);
  CHECK(all[0].left == "ad");
  CHECK(all[0].right.empty());
  CHECK(all[0].right_side == PairSide::PageEnd);
  CHECK_FALSE(all[0].require);
  CHECK(all[1].left_side == PairSide::PageEnd);
  CHECK(all[1].require);
  CHECK(all[2].across == Across::Columns);
  CHECK(all[3].by == std::vector<std::string>{"season", "episode"});
  CHECK(all[3].within == std::vector<std::string>{"series"});
  CHECK_FALSE(all[3].ascending);
  CHECK(all[4].column == "seconds");
  CHECK(all[4].max.value == 30.5);
  CHECK(all[4].history.value == 2);
  CHECK(all[5].column == "face");
  CHECK(all[5].max_cosine.value == 0.9);
  REQUIRE(all[6].channels.size() == 2);
  CHECK(all[6].channels[1].where == R"(team == "a \"b\"")");
  CHECK(all[6].pattern == std::vector<std::uint32_t>{0, kAnyChannel, 1});
  CHECK(all[7].mix == MixMode::Ratio);
  CHECK(all[7].channels[0].where == "is_ad");
  CHECK(all[7].channels[1].share.value == 2.5);
  CHECK(all[8].mix == MixMode::Interleave);
  CHECK(all[8].pattern == std::vector<std::uint32_t>{0, 1});
  CHECK(all[9].channels[1].share.unit == Amount::Unit::Fraction);
  CHECK(all[9].channels[1].share.value == Approx(0.125));
  CHECK(all[10].even);
  CHECK(all[11].size.unit == Amount::Unit::Fraction);
  CHECK(all[11].across == Across::Rows);
}

TEST_CASE("one constraint, none, holes and lists inside lists are all fine", "[specs]") {
  CHECK(specs("cap { by = 'a', max = 1 }").size() == 1);
  CHECK(specs("nil").empty());
  CHECK(specs("{}").empty());
  CHECK(specs("{ nil, cap { by = 'a' }, false, { cap { by = 'b' }, { cap { by = 'c' } } } }")
            .size() == 3);
  CHECK(specs("{ when(true, { cap { by = 'a' } }), when(false, cap { by = 'b' }) }").size() == 1);
}

TEST_CASE("a constraint that `when` drops is not looked at", "[specs]") {
  const std::string head = "head = integer { default = 0, about = 'h' }";
  const std::string list = "when(p.head > 0, cap { by = 'a', max = 1, slots = first(p.head) })";
  CHECK(specs(list, nullptr, head).empty());
  const auto kept = specs(list, nullptr, head, with({{"head", number(3)}}));
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].slots.ranges == std::vector<std::pair<std::uint32_t, std::uint32_t>>{{1, 3}});
  CHECK(fault("cap { by = 'a', slots = first(0) }") ==
        "r.lua:1:114-122 script/no-slots: `first` of less than one names no slot; leave the "
        "constraint out with `when`\n");
}

TEST_CASE("parameters are handed on as they were given", "[specs]") {
  const auto all =
      specs("window { by = p.by, size = p.size, max = p.max, slots = p.slots }", nullptr,
            R"(by = columns { about = "b" }, size = integer { about = "s" },
                            max = amount { optional = true, about = "m" },
                            slots = slots { about = "s" })",
            with({{"by", list({text("a"), text("b")})},
                  {"size", number(4)},
                  {"slots", list({number(2), text("4..6")})}}));
  REQUIRE(all.size() == 1);
  CHECK(all[0].by == std::vector<std::string>{"a", "b"});
  CHECK_FALSE(all[0].max.is_given());
  CHECK(all[0].slots.ranges ==
        std::vector<std::pair<std::uint32_t, std::uint32_t>>{{2, 2}, {4, 6}});
}

TEST_CASE("a live number is handed to a field, and nothing else is done with it", "[specs]") {
  const std::string parameters =
      "max = integer { default = 2, about = 'm' }, add = number { default = 0.5, about = 'a' }";
  Value live = number(3);
  live.live = 7;
  const Value given = with({{"max", live}});
  const auto all = specs("window { by = 'a', size = 5, max = p.max }", nullptr, parameters, given);
  REQUIRE(all.size() == 1);
  CHECK(all[0].max.live == 7);
  CHECK(all[0].max.value == 3);
  CHECK(all[0].size.live == -1);
  const std::string refused =
      "script/run: `max` is live: it may be handed to a field of a constraint, not computed with\n";
  for (const char* list : {"window { by = 'a', size = p.max + 1 }", "when(p.max > 2, nil)",
                           "{ cap { by = 'x' .. p.max } }", "-p.max"}) {
    CHECK(fault(list, parameters, given).find(refused) != std::string::npos);
  }
  CHECK(fault("cap { by = 'a', slots = first(p.max) }", parameters, given)
            .find("`first` takes a number that is not live") != std::string::npos);
}

TEST_CASE("what is wrong with a constraint is said at its field", "[specs]") {
  struct Case {
    const char* list;
    const char* message;
  };
  const auto each = GENERATE(values<Case>({
      {"window { by = 'a', sizes = 5 }",
       "r.lua:1:109-114 script/unknown-field: `window` has no field `sizes`; did you mean `size`?"},
      {"filter { where = 'x', max = 2 }",
       "r.lua:1:112-115 script/unknown-field: `filter` has no field `max`; it has where"},
      {"quota { where = 'x', min = -1 }",
       "r.lua:1:117-119 script/wrong-type: `min` of `quota` must be a whole number from 0 or a "
       "share such as '10%', got `-1`"},
      {"window { by = 'a', size = '10' }",
       "r.lua:1:116-120 script/wrong-type: `size` of `window` must be a whole number from 1 or a "
       "share such as '10%', got `10`"},
      {"cap { by = { 1, 2 } }",
       "r.lua:1:101-109 script/wrong-type: `by` of `cap` must be a column or a list of columns, "
       "got "
       "`table`"},
      {"cap { max = 2 }", "r.lua:1:90-93 script/missing-field: `cap` needs `by`"},
      {"place { where = 'x' }",
       "r.lua:1:90-95 script/missing-field: `place` needs `slots` or `slot_column`"},
      {"place { where = 'x', mode = 'last', slots = 3 }",
       "r.lua:1:90-95 script/missing-field: `place` with mode `last` takes no slots"},
      {"place { where = 'x', slots = 3, mode = 'near' }",
       "r.lua:1:129-135 script/wrong-type: `mode` of `place` must be one of exactly, at_or_above, "
       "only_within, never_in, last, got `near`"},
      {"quota { where = 'x', slots = '4..1' }",
       "r.lua:1:119-125 script/wrong-type: `slots` of `quota` must be slots such as 3, '1..4' or "
       "{1, 5, '9..12'}, got `4..1`"},
      {"adjacent { across = 'rows' }",
       "r.lua:1:90-98 script/missing-field: `adjacent` needs `left` or `right`"},
      {"adjacent { left = 'a', forbid = true, require = true }",
       "r.lua:1:122-126 script/conflicting-fields: `adjacent` forbids a pair or requires it; "
       "give one of `forbid` and `require`"},
      {"window { by = 'a', across = 'grid' }",
       "r.lua:1:118-124 script/wrong-type: `across` of `window` must be one of sequence, rows, "
       "columns, got `grid`"},
      {"spacing { where = 'a', slots = 3 }",
       "r.lua:1:113-118 script/unknown-field: `spacing` has no field `slots`; it has "
       "where, by, gap, first_slot, history, missing"},
      {"mix { channels = { 'a', 'b' } }",
       "r.lua:1:90-93 script/wrong-type: `pattern` of `mix` must be given, or `ratio`, or "
       "`interleave`: one of the three"},
      {"mix { channels = { 'a', 'b' }, pattern = { 1, 3 } }",
       "r.lua:1:131-139 script/wrong-type: `pattern` of `mix` must be a list of channels by name "
       "or "
       "number, or 'any'"},
      {"mix { channels = { 'a', 'b' }, ratio = { 1 } }",
       "r.lua:1:129-134 script/wrong-type: `ratio` of `mix` must be a number of at least 0 for "
       "every "
       "channel"},
      {"quota { shares = { { where = 'a', share = 0.4 } } }",
       "r.lua:1:107-139 script/wrong-type: `shares` of `quota` must be a list of {where = .., "
       "share "
       "= '40%'}"},
      {"7", "r.lua:1:57-68 script/run: `constraints` returns constraints, got `7`"},
      {"{ size = 5 }",
       "r.lua:1:57-68 script/run: `constraints` returns a list; `size` is a name: did you forget a "
       "constraint's word?"},
      {"p.mx", "r.lua:1:92-94 script/run: the rule has no parameter `mx`"},
  }));
  CHECK(fault(each.list) == std::string(each.message) + "\n");
}

TEST_CASE("lists without end are refused", "[specs]") {
  CHECK(fault("(function() local t = {} t[1] = t return t end)()").find("nested too deep") !=
        std::string::npos);
  CHECK(
      fault(
          "(function() local t = {} for i = 1, 300 do t[i] = cap { by = 'a' } end return t end)()")
          .find("too many constraints") != std::string::npos);
}

TEST_CASE("all faults of all constraints are reported at once", "[specs]") {
  const std::string said = fault("{ cap { max = -1 }, window { by = 'a', siz = 2, max = {} } }");
  CHECK(std::count(said.begin(), said.end(), '\n') == 4);
}

TEST_CASE("arguments that do not fit together are refused where the policy gives them", "[specs]") {
  const std::string parameters = "a = integer { optional = true, about = 'a' }";
  CHECK(
      fault("refuse('`a` and b do not go together', 'a')", parameters, with({{"a", number(1)}})) ==
      "p.yaml:9:30-31 script/arguments: `a` and b do not go together\n");
  CHECK(fault("refuse('give `a`', 'a')", parameters, with({})) ==
        "p.yaml:9:20-60 script/arguments: give `a`\n");
}

TEST_CASE("a rule with code yields a spec for each function, and takes no live numbers",
          "[specs]") {
  const auto rule = rule_of(
      header("parameters = { max = integer { default = 1, about = 'm' } },\n"
             "allow = function(item) return true end,\nscore = function(item) return 0 end"));
  Diagnostics diagnostics;
  Value arguments;
  check_arguments(*rule, with({}), arguments, diagnostics);
  const auto all = make_specs(*rule, arguments, ScriptLimits{}, diagnostics);
  REQUIRE(all);
  REQUIRE(all->size() == 2);
  CHECK_FALSE((*all)[0].code_is_score);
  CHECK((*all)[1].code_is_score);
  CHECK((*all)[1].span.line == 3);
  Value live = number(3);
  live.live = 0;
  check_arguments(*rule, with({{"max", live}}), arguments, diagnostics);
  CHECK_FALSE(make_specs(*rule, arguments, ScriptLimits{}, diagnostics));
  CHECK(summary(diagnostics) ==
        "p.yaml:9:30-31 script/live: `max` of rule `r` cannot be live: its code reads it\n");
}
