// SPDX-License-Identifier: Apache-2.0
//
// What happens to the rows before a page is made: which rules act, what they filter and boost.
#include <catch2/catch.hpp>
#include <cmath>

#include "constraint/instantiate_values.hpp"
#include "verify_feed.hpp"

namespace lineup::test {
namespace {

TEST_CASE("a rule acts between its times, when its condition holds and nobody switched it off") {
  const Schema schema;
  const std::vector<std::string> segments = {"newcomers"};
  ConditionScope scope;
  scope.schema = &schema;
  scope.segments = &segments;
  std::vector<RuleUse> uses(7);
  Diagnostics diagnostics;
  uses[1].enabled = false;
  REQUIRE(uses[2].when.compile("not segment.newcomers", scope, {}, 0, diagnostics));
  uses[3].from_ms = 1001;
  uses[4].until_ms = 1000;
  uses[5].expires_ms = 1000;
  RuleInput input;
  const Word newcomer = 1;
  input.context.segments = &newcomer;
  input.context.now_ms = 1000;
  const std::vector<std::uint8_t> off = {0, 0, 0, 0, 0, 0, 1};
  input.off = off;
  std::vector<Idle> idle(uses.size());
  active_uses(uses, input, idle);
  CHECK(idle == std::vector{Idle::Active, Idle::Disabled, Idle::When, Idle::NotYet, Idle::Over,
                            Idle::Expired, Idle::SwitchedOff});

  const Word regular = 0;
  input.context.segments = &regular;
  input.context.now_ms = 1001;
  uses[4].until_ms = uses[5].expires_ms = 1002;
  input.off = {};
  active_uses(uses, input, idle);
  idle.erase(idle.begin() + 1);
  CHECK(idle == std::vector<Idle>(6, Idle::Active));
}

struct Scene {
  Feed feed{{{"score", ColumnType::Float}, {"is_new", ColumnType::Bool}}};
  RuleInput input;
  Arena arena;

  Scene() {
    feed.rows = {
        {"a", {1.0, true}}, {"b", {2.0, false}}, {"c", {Cell{}, true}}, {"d", {4.0, Cell{}}}};
    input.schema = &feed.schema();
    input.batch = &feed.make();
  }
};

TEST_CASE("amounts are rounded to millionths, halves away from zero, and kept within bounds") {
  CHECK(to_millionths(1.5) == 1'500'000);
  CHECK(to_millionths(0.0000005) == 1);
  CHECK(to_millionths(-0.0000005) == -1);
  CHECK(to_millionths(0.0000004) == 0);
  CHECK(to_millionths(-2e9) == -1'000'000'000'000'000);
  for (double number = -3.0; number < 3.0; number += 0.000'000'37) {
    if (to_millionths(number) != std::llround(number * 1e6)) FAIL("differs at " << number);
  }
}

TEST_CASE("filters of active rules take their rows out of the candidates") {
  Scene scene;
  std::vector<RuleUse> uses;
  uses.push_back(compiled({spec_of(Kind::Filter, "is_new")}, scene.feed.schema()));
  uses.push_back(compiled({spec_of(Kind::Filter, "score > 3")}, scene.feed.schema()));
  std::vector<Word> candidates = {0b1110};  // the first row is a duplicate, say
  filter_rows(uses, std::vector{Idle::Active, Idle::When}, scene.input, scene.arena, candidates);
  CHECK(candidates[0] == 0b1010);
}

Spec boost(const char* where, Amount multiply, Amount add) {
  Spec spec = spec_of(Kind::Boost, where);
  spec.multiply = multiply;
  spec.add = add;
  return spec;
}

TEST_CASE("boosts multiply before they add, in the order of the policy, and leave missing scores") {
  Scene scene;
  std::vector<RuleUse> uses;
  uses.push_back(
      compiled({boost("is_new", Amount::count(3), Amount::count(1))}, scene.feed.schema()));
  uses.push_back(compiled({boost("", {}, Amount{Amount::Unit::Count, 0, 1})}, scene.feed.schema()));
  uses.push_back(compiled({boost("", Amount::count(100), {})}, scene.feed.schema()));
  const std::vector<double> live = {7.0, 0.5};
  scene.input.live = live;
  std::vector<double> score = {1.0, 2.0, NAN, 4.0};
  const std::vector<Idle> idle = {Idle::Active, Idle::Active, Idle::Expired};
  apply_boosts(uses, idle, scene.input, 0, scene.arena, score);
  CHECK(score[0] == 4.5);
  CHECK(score[1] == 2.5);
  CHECK(std::isnan(score[2]));
  CHECK(score[3] == 4.5);
  apply_boosts(uses, idle, scene.input, 1, scene.arena, score);  // no boost reads column 1
  CHECK(score[0] == 4.5);
}

}  // namespace
}  // namespace lineup::test
