// SPDX-License-Identifier: Apache-2.0
//
// What a policy gives to a rule, checked against the rule's parameters and the plan's names.
#include <catch2/catch.hpp>

#include "script/rule_text.hpp"

using namespace lineup;
using namespace lineup::test;

namespace {

std::shared_ptr<const RuleFile> sample() {
  return rule_of(header(R"(parameters = {
    max   = integer { default = 2, min = 1, max = 9, about = "m" },
    share = amount { optional = true, about = "s" },
    bonus = number { optional = true, about = "b" },
    soft  = boolean { default = false, about = "f" },
    label = text { optional = true, about = "l" },
    where = condition { about = "Which items." },
    by    = columns { default = "category", about = "c" },
    slots = slots { optional = true, about = "s" },
    names = list { optional = true, about = "n" },
    id    = id { optional = true, about = "i" },
    mode  = choice { "near", "far", default = "far", about = "m" },
  }, constraints = function(p) end)"));
}

std::string check(std::vector<ValueEntry> entries, Value* out = nullptr) {
  Diagnostics diagnostics;
  Value checked;
  entries.emplace_back("where", text("is_new"));
  const bool good = check_arguments(*sample(), with(std::move(entries)), checked, diagnostics);
  CHECK(good == !diagnostics.has_errors());
  if (out != nullptr) *out = checked;
  return summary(diagnostics);
}

}  // namespace

TEST_CASE("defaults are filled in and values that were given stay", "[arguments]") {
  Value out;
  CHECK(check({{"max", number(5)}, {"slots", text("1..4")}}, &out) == "");
  CHECK(out.find("max")->integer == 5);
  CHECK(out.find("max")->span.file == "p.yaml");
  CHECK(out.find("mode")->text == "far");
  CHECK(out.find("by")->text == "category");
  CHECK(out.find("share") == nullptr);
}

TEST_CASE("every type takes what people write for it", "[arguments]") {
  Value null;
  CHECK(check({{"max", number(4.0)}, {"share", text("12.5%")}, {"bonus", number(-0.5)}}) == "");
  CHECK(check({{"share", number(0)}, {"id", number(42)}, {"slots", number(3)}}) == "");
  CHECK(check({{"id", text("v42")}, {"by", list({text("a"), text("b")})}}) == "");
  CHECK(check({{"slots", list({number(1), text("5"), text("9..12")})}, {"max", null}}) == "");
}

TEST_CASE("a wrong value is reported where the policy has it", "[arguments]") {
  struct Case {
    const char* name;
    Value value;
    const char* message;
  };
  const auto each = GENERATE(values<Case>({
      {"max", number(0), "script/out-of-bounds: `max` must be at least 1, got 0"},
      {"max", number(10), "script/out-of-bounds: `max` must be at most 9, got 10"},
      {"max", number(2.5), "script/wrong-type: `max` must be a whole number, got 2.5"},
      {"max", text("many"), "script/wrong-type: `max` must be a whole number, got `many`"},
      {"share", text("10"),
       "script/wrong-type: `share` must be a number of rows or a share such as '10%', got `10`"},
      {"share", text("110%"),
       "script/wrong-type: `share` must be a number of rows or a share such as '10%', got `110%`"},
      {"soft", text("no"), "script/wrong-type: `soft` must be true or false, got `no`"},
      {"slots", text("4..1"),
       "script/wrong-type: `slots` must be slots such as 3, '1..4' or [1, 5, '9..12'], got `4..1`"},
      {"slots", number(0),
       "script/wrong-type: `slots` must be slots such as 3, '1..4' or [1, 5, '9..12'], got 0"},
      {"by", number(3),
       "script/wrong-type: `by` must be the name of a column or a list of names, got 3"},
      {"mode", text("farr"), "script/unknown-choice: `mode` cannot be `farr`; did you mean `far`?"},
      {"mode", text("sideways"),
       "script/unknown-choice: `mode` cannot be `sideways`; it is one of `near`, `far`"},
      {"mox", number(1),
       "script/unknown-parameter: rule `r` has no parameter `mox`; did you mean `max`?"},
  }));
  CAPTURE(each.name);
  const std::string said = check({{each.name, each.value}});
  CHECK(said.find("p.yaml:9:30-") == 0);
  CHECK(said.find(std::string(" ") + each.message + "\n") != std::string::npos);
}

TEST_CASE("all faults are reported at once, and a parameter that is missing with them",
          "[arguments]") {
  Diagnostics diagnostics;
  Value out;
  CHECK_FALSE(check_arguments(*sample(), with({{"max", number(0)}, {"labl", text("x")}}), out,
                              diagnostics));
  CHECK(summary(diagnostics) ==
        "p.yaml:9:30-33 script/unknown-parameter: rule `r` has no parameter `labl`; did you mean "
        "`label`?\n"
        "p.yaml:9:30-31 script/out-of-bounds: `max` must be at least 1, got 0\n"
        "p.yaml:9:20-60 script/missing-parameter: rule `r` needs `where`; Which items.\n");
}

TEST_CASE("only numbers can be live", "[arguments]") {
  Value live = number(3);
  live.live = 0;
  CHECK(check({{"max", live}}) == "");
  Value mode = text("near");
  mode.live = 1;
  CHECK(check({{"mode", mode}}) ==
        "p.yaml:9:30-36 script/live: `mode` cannot be live: only numbers can\n");
}

TEST_CASE("names are looked up where the policy gives them", "[arguments]") {
  Schema schema;
  schema.add(column("author", ColumnType::Category));
  schema.add(column("is_new", ColumnType::Bool));
  ContextLayout context;
  Lists lists;
  lists["blocked"] = std::make_shared<const IdList>("a\n");
  const ConditionScope scope{&schema, &context, &lists, nullptr};
  const auto bind = [&](std::vector<ValueEntry> entries) {
    Diagnostics diagnostics;
    Value out;
    std::vector<Condition> conditions;
    check_arguments(*sample(), with(std::move(entries)), out, diagnostics);
    bind_names(*sample(), out, scope, conditions, diagnostics);
    return summary(diagnostics);
  };
  CHECK(bind({{"where", text("is_new")}, {"by", text("author")}, {"names", text("blocked")}}) ==
        "");
  CHECK(bind({{"where", text("is_new")}, {"by", text("auther")}}) ==
        "p.yaml:9:30-38 script/unknown-column: unknown column `auther`; did you mean `author`?\n");
  CHECK(
      bind({{"where", text("is_new")}}) ==
      "p.yaml:9:20-60 script/unknown-column: unknown column `category`, the default of `by`; give "
      "`by`\n");
  CHECK(bind({{"where", text("is_new")}, {"by", text("id")}, {"names", text("blockd")}}) ==
        "p.yaml:9:30-38 script/unknown-list: `names` names the list `blockd`, but there is no "
        "`lists/blockd.txt`; did you mean `blocked`?\n");
  CHECK(bind({{"where", text("is_nw")}, {"by", text("id")}}).find("p.yaml:9:31-36 condition/") ==
        0);
}
