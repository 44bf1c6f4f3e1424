// SPDX-License-Identifier: Apache-2.0
//
// What the author of a rule reads when a constraint is wrong: the golden file holds every message.
// Specs stand on lines of their own, so that each message shows which one it is about.
#include <catch2/catch.hpp>
#include <cmath>

#include "support/golden.hpp"
#include "support/paths.hpp"
#include "verify_feed.hpp"

namespace lineup::test {
namespace {

Schema scene_schema() {
  Schema schema;
  const auto add = [&schema](const char* name, ColumnType type) {
    ColumnSpec spec;
    spec.name = name;
    spec.type = type;
    schema.add(std::move(spec));
  };
  add("score", ColumnType::Float);
  add("category", ColumnType::Category);
  add("tags", ColumnType::Categories);
  add("votes", ColumnType::Integer);
  add("is_new", ColumnType::Bool);
  add("released", ColumnType::Time);
  add("face", ColumnType::Embedding);
  return schema;
}

Spec window(Amount size, Amount min, Amount max) {
  Spec spec = spec_of(Kind::Window, {}, {"category"});
  spec.size = size;
  spec.min = min;
  spec.max = max;
  return spec;
}

Spec quota(const char* slots, Amount min, Amount max) {
  Spec spec = spec_of(Kind::Quota, "is_new");
  if (slots != nullptr) spec.slots = *parse_slots(slots);
  spec.min = min;
  spec.max = max;
  return spec;
}

Spec place(PlaceMode mode, const char* slots, const char* id, const char* where) {
  Spec spec = spec_of(Kind::Place, where);
  spec.mode = mode;
  if (slots != nullptr) spec.slots = *parse_slots(slots);
  if (id != nullptr) spec.id = id;
  return spec;
}

std::vector<Spec> wrong_names() {
  Spec own_slot = place(PlaceMode::Exactly, nullptr, nullptr, "");
  own_slot.slot_column = "category";
  Spec boost = spec_of(Kind::Boost, "is_new");
  boost.column = "votes";
  boost.add = Amount::count(0.1);
  return {spec_of(Kind::Cap, {}, {"categry"}),
          spec_of(Kind::Cap, {}, {"xyzzy"}),
          spec_of(Kind::Cap, {}, {"score"}),
          spec_of(Kind::Cap, {}, {"released", "face"}),
          spec_of(Kind::Cap, {}, {"tags", "tags"}),
          spec_of(Kind::Quota, "is_newer"),
          std::move(own_slot),
          std::move(boost)};
}

std::vector<Spec> wrong_numbers() {
  const auto count = [](double value) { return Amount::count(value); };
  Spec gap = spec_of(Kind::Spacing, "is_new");
  gap.gap = count(-1);
  gap.first_slot = count(0);
  Spec history = window(count(5), {}, count(2));
  history.history = Amount::fraction(0.5);
  Spec backwards = quota(nullptr, {}, count(3));
  backwards.slots.ranges = {{4, 2}};
  Spec slot_zero = quota(nullptr, {}, count(3));
  slot_zero.slots.ranges = {{0, 2}};
  Spec boost = spec_of(Kind::Boost, "is_new");
  boost.multiply = count(-2);
  boost.add = count(NAN);
  return {window(count(0), {}, count(2)),
          window(count(2.5), {}, count(2)),
          window(count(5), count(3), count(2)),
          window(count(5), {}, count(0)),
          window(count(5), count(6), {}),
          window(count(2e6), {}, count(2)),
          std::move(gap),
          std::move(history),
          quota("1..3,9", count(5), {}),
          quota(nullptr, Amount::fraction(0.5), Amount::fraction(0.25)),
          quota(nullptr, {}, Amount::fraction(1.5)),
          std::move(backwards),
          std::move(slot_zero),
          std::move(boost)};
}

std::vector<Spec> wrong_fields() {
  Spec twice = place(PlaceMode::NeverIn, nullptr, nullptr, "is_new");
  twice.slot_column = "votes";
  twice.slots = *parse_slots("3");
  return {spec_of(Kind::Window),
          spec_of(Kind::Cap, "is_new"),
          spec_of(Kind::Filter),
          place(PlaceMode::Exactly, "1", nullptr, ""),
          place(PlaceMode::Exactly, "1", "v1", "is_new"),
          place(PlaceMode::Exactly, nullptr, "v1", ""),
          place(PlaceMode::Exactly, "1..3", "v1", ""),
          place(PlaceMode::Last, "1", nullptr, "is_new"),
          std::move(twice)};
}

Channel channel(const char* where, Amount share) { return {where, where, share}; }

// Pairs, sums, mixes and sets of quotas.
std::vector<Spec> wrong_kinds() {
  const auto count = [](double value) { return Amount::count(value); };
  const auto part = [](double value) { return Amount::fraction(value); };
  Spec ends = spec_of(Kind::Adjacent);
  ends.left_side = ends.right_side = PairSide::PageEnd;
  Spec grid_end = spec_of(Kind::Adjacent);
  grid_end.left = "is_new";
  grid_end.right_side = PairSide::PageEnd;
  grid_end.across = Across::Rows;
  grid_end.history = count(1);
  Spec budget = spec_of(Kind::Budget);
  budget.column = "votes";
  budget.max = count(-1);
  budget.min = part(0.1);
  Spec spent = budget;
  spent.max = count(10);
  spent.min = count(20.5);
  Spec text_budget = spec_of(Kind::Budget);
  text_budget.column = "category";
  Spec similar = spec_of(Kind::Similar);
  similar.column = "face";
  similar.max_cosine = count(1.5);
  similar.size = count(0);
  Spec order = spec_of(Kind::Order, {}, {"category"});
  order.within = {"score"};
  Spec ratio = spec_of(Kind::Mix);
  ratio.mix = MixMode::Ratio;
  ratio.channels = {channel("is_new", count(0)), channel("not is_new", count(-1))};
  Spec no_turns = spec_of(Kind::Mix);
  no_turns.channels = {channel("is_newer", {})};
  Spec shares = spec_of(Kind::Quota, "is_new");
  shares.channels = {channel("is_new", part(0.6)), channel("not is_new", part(0.5))};
  shares.min = count(1);
  Spec even = spec_of(Kind::Quota);
  even.even = true;
  even.history = count(2);
  Spec across = window(count(3), {}, count(1));
  across.across = Across::Columns;
  across.history = count(2);
  return {spec_of(Kind::Adjacent), std::move(ends),        std::move(grid_end),
          spec_of(Kind::Budget),   std::move(budget),      std::move(spent),
          std::move(text_budget),  spec_of(Kind::Similar), std::move(similar),
          spec_of(Kind::Order),    std::move(order),       spec_of(Kind::Mix),
          std::move(ratio),        std::move(no_turns),    std::move(shares),
          std::move(even),         std::move(across)};
}

std::string messages(std::vector<Spec> specs) {
  std::uint32_t line = 0;
  for (Spec& spec : specs) spec.span = {"rules/wrong.lua", ++line, 5, line, 9};
  const Schema schema = scene_schema();
  ConditionScope scope;
  scope.schema = &schema;
  Diagnostics diagnostics;
  RuleUse use;
  CHECK_FALSE(compile_constraints(std::move(specs), scope, use, diagnostics));
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    out += render(diagnostic, {});
    for (const auto& [name, value] : diagnostic.arguments)
      out += "    " + name + ": " + value + "\n";
  }
  return out;
}

TEST_CASE("every fault of a constraint is said with what would be right") {
  const std::string folder = kSourceDir + "/tests/constraint/golden/";
  check_golden(folder + "compile_names.txt", messages(wrong_names()));
  check_golden(folder + "compile_numbers.txt", messages(wrong_numbers()));
  check_golden(folder + "compile_fields.txt", messages(wrong_fields()));
  check_golden(folder + "compile_kinds.txt", messages(wrong_kinds()));
}

TEST_CASE("every bound may be left out") {
  const Schema schema = scene_schema();
  const Spec order = spec_of(Kind::Order, {}, {"votes"});
  (void)compiled({spec_of(Kind::Quota, "is_new"), spec_of(Kind::Spacing, "is_new"),
                  spec_of(Kind::Cap, {}, {"category"}), spec_of(Kind::Boost, "is_new"),
                  window(Amount::count(3), {}, {}), window({}, {}, Amount::count(3)), order},
                 schema);
}

TEST_CASE("names become indexes and slots are put in order") {
  const Schema schema = scene_schema();
  Spec cap = spec_of(Kind::Cap, {}, {"tags", "id"});
  cap.slots = *parse_slots("9,3..5,1..2,4..7");
  const RuleUse use = compiled(
      {cap, place(PlaceMode::Exactly, "1", "42", ""), place(PlaceMode::Exactly, "1", "042", ""),
       spec_of(Kind::Code), spec_of(Kind::Code)},
      schema);
  CHECK(use.constraints[0].by == std::vector<std::uint32_t>{2, kIdColumn});
  using Ranges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
  CHECK(use.constraints[0].spec.slots.ranges == Ranges{{1, 7}, {9, 9}});
  CHECK(use.constraints[1].id_number == 42);
  CHECK_FALSE(use.constraints[2].id_number);
  CHECK(use.constraints[3].opaque_index == 0);
  CHECK(use.constraints[4].opaque_index == 1);
}

TEST_CASE("levels count the different priorities of hard rules from the highest") {
  std::vector<RuleUse> uses(5);
  uses[0].strength = {Strength::Kind::Hard, 10, {}};
  uses[1].strength = {Strength::Kind::Soft, 0, Amount::count(1)};
  uses[2].strength = {Strength::Kind::Hard, 90, {}};
  uses[3].strength = {Strength::Kind::Hard, 10, {}};
  uses[4].constraints.resize(1);  // a filter has no priority to give up by
  uses[4].constraints[0].spec.kind = Kind::Filter;
  uses[4].strength = {Strength::Kind::Hard, 50, {}};
  CHECK(assign_levels(uses) == 2);
  CHECK(uses[2].level == 0);
  CHECK(uses[0].level == 1);
  CHECK(uses[3].level == 1);
}

}  // namespace
}  // namespace lineup::test
