// SPDX-License-Identifier: Apache-2.0
//
// instantiate() against the definitions, on random requests: every number, mask, group and pin of
// every constraint, and that what is left out could not have been broken.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "verify_reference.hpp"
#include "verify_request.hpp"

namespace lineup::test {
namespace {

std::set<std::uint32_t> groups_of(const Groups& groups, std::uint32_t row) {
  if (groups.single != nullptr) {
    if (groups.single[row] == kNoGroup) return {};
    return {groups.single[row]};
  }
  const std::set<std::uint32_t> distinct(groups.values + groups.offsets[row],
                                         groups.values + groups.offsets[row + 1]);
  CHECK(distinct.size() == groups.offsets[row + 1] - groups.offsets[row]);
  return distinct;
}

// Groups and values must be two names of the same thing, over candidates and past alike.
void check_groups(const Constraint& made, const Spec& spec, const RandomRequest& request) {
  const Feed& feed = request.feed;
  std::map<std::string, std::uint32_t> group_of;
  std::map<std::uint32_t, std::string> value_of;
  const auto check_row = [&](const Groups& groups, std::uint32_t index, const Row& row) {
    const auto values = Reference::values(spec, row, feed);
    const auto found = groups_of(groups, index);
    REQUIRE(found.size() == values.size());
    for (const std::uint32_t group : found) REQUIRE(group < made.groups.count);
    if (values.size() == 1) {
      const auto [known, is_new] = group_of.emplace(values[0], *found.begin());
      REQUIRE(known->second == *found.begin());
      if (is_new) REQUIRE(value_of.emplace(*found.begin(), values[0]).second);
    }
  };
  const auto all_rows = [&](const auto& check) {
    for (const std::uint32_t row : request.candidates) check(made.groups, row, feed.rows[row]);
    for (std::uint32_t i = 0; i < made.past.count; ++i) {
      check(made.past.groups, i, feed.history[feed.history.size() - made.past.count + i]);
    }
  };
  all_rows(check_row);
  // Rows with several values: the ones that other rows pinned down must agree.
  all_rows([&](const Groups& groups, std::uint32_t index, const Row& row) {
    const auto found = groups_of(groups, index);
    for (const std::string& value : Reference::values(spec, row, feed)) {
      const auto known = group_of.find(value);
      if (known != group_of.end()) REQUIRE(found.count(known->second) == 1);
    }
  });
}

void check_masks(const Constraint& made, const Spec& spec, const RandomRequest& request) {
  const Feed& feed = request.feed;
  for (const std::uint32_t row : request.candidates) {
    const bool matches =
        spec.id ? feed.rows[row].id == *spec.id : Reference::matches(spec, feed.rows[row], feed);
    REQUIRE((made.where == nullptr || test_bit(made.where, row)) == matches);
  }
  for (std::uint32_t i = 0; i < made.past.count; ++i) {
    const Row& row = feed.history[feed.history.size() - made.past.count + i];
    REQUIRE((made.past.matches == nullptr || made.past.matches[i] == 1) ==
            Reference::matches(spec, row, feed));
  }
  const bool reads_slots = spec.kind != Kind::Spacing;
  for (std::uint32_t slot = 0; reads_slots && slot < request.length(); ++slot) {
    REQUIRE((made.slots == nullptr || test_bit(made.slots, slot)) == has_slot(spec, slot + 1L));
  }
}

void check_numbers(const Constraint& made, const Spec& spec, const Reference& reference) {
  const long length = static_cast<long>(reference.slate.size());
  const long present = present_slots(spec, length);
  const long history = std::min(reference.maximum(spec.history, 0, 0),
                                static_cast<long>(reference.feed.history.size()));
  if (spec.kind == Kind::Spacing) {
    REQUIRE(made.gap == reference.minimum(spec.gap, length, 0));
    REQUIRE(made.first_slot == reference.minimum(spec.first_slot, length, 1) - 1);
    REQUIRE(made.past.count == std::min<long>(history, made.gap));
    return;
  }
  REQUIRE(made.max == static_cast<std::uint32_t>(reference.maximum(spec.max, present, kUnlimited)));
  if (spec.kind != Kind::Cap) REQUIRE(made.min == reference.minimum(spec.min, present, 0));
  if (spec.kind == Kind::Window) {
    REQUIRE(made.size == std::max(1L, reference.maximum(spec.size, present, present)));
    REQUIRE(made.tumbling == spec.tumbling);
  }
  const bool goes_on = !spec.tumbling && spec.across == Across::Sequence;
  REQUIRE(made.past.count == (goes_on ? history : 0));
}

void check_constraint(const Constraint& made, const Spec& spec, const RandomRequest& request,
                      const Reference& reference) {
  REQUIRE(made.kind == spec.kind);
  REQUIRE(made.level == request.uses[made.use].level);
  const bool is_shared_out = spec.even || !spec.channels.empty();
  switch (made.kind) {
    case Kind::Adjacent:
    case Kind::Order:
    case Kind::Similar:
    case Kind::Budget:
    case Kind::Mix:
      return;  // counted on pages, where the certificate and the verifier must agree
    default:
      if (is_shared_out) return;
  }
  if (spec.kind == Kind::Place) {
    REQUIRE(made.mode == spec.mode);
    if (made.mode == PlaceMode::Exactly || made.mode == PlaceMode::AtOrAbove) {
      std::vector<std::pair<std::uint32_t, long>> pins;
      for (std::uint32_t i = 0; i < made.pin_count; ++i) {
        pins.emplace_back(made.pin_rows[i], made.pin_slots[i] + 1L);
      }
      REQUIRE(pins == reference.pins(spec));
      return;
    }
    return check_masks(made, spec, request);
  }
  check_numbers(made, spec, reference);
  check_masks(made, spec, request);
  REQUIRE(made.has_by == !spec.by.empty());
  if (made.has_by) check_groups(made, spec, request);
}

TEST_CASE("the problem of a request is what its rules say, on random batches") {
  for (std::uint32_t seed = 1; seed <= 1500; ++seed) {
    CAPTURE(seed);
    RandomRequest request(seed);
    std::vector<std::uint8_t> pins_idle(request.uses.size(), 7);
    const Problem problem =
        instantiate(request.uses, request.idle, request.input, request.candidate_words,
                    request.length(), request.level_count, request.arena, pins_idle);
    REQUIRE(problem.row_count == request.feed.rows.size());
    REQUIRE(problem.slot_count == request.length());
    REQUIRE(problem.use_count == request.uses.size());
    REQUIRE(problem.level_count == request.level_count);
    const Reference reference = request.reference(request.random_slate());
    std::set<std::size_t> present;
    for (const Constraint& made : problem.constraints) {
      CAPTURE(made.use, name_of(made.kind));
      REQUIRE(made.use < request.specs.size());
      present.insert(made.use);
      check_constraint(made, request.specs[made.use], request, reference);
    }
    for (std::size_t u = 0; u < request.specs.size(); ++u) {
      CAPTURE(u);
      if (present.count(u) == 0) REQUIRE(reference.units(request.specs[u]) == 0);
      if (request.specs[u].kind != Kind::Place) REQUIRE(pins_idle[u] == 0);
    }
  }
}

TEST_CASE("complete categories are borrowed as groups, nothing is copied") {
  Feed feed({{"category", ColumnType::Category}, {"tags", ColumnType::Categories}});
  feed.rows = {{"1", {"a", Texts{"x", "y"}}}, {"2", {Cell{}, Texts{}}}, {"3", {"b", Texts{"x"}}}};
  feed.history = {{"8", {"b", Texts{"y"}}}, {"9", {"a", Texts{"z"}}}};
  Spec by_category = spec_of(Kind::Cap, {}, {"category"});
  by_category.max = Amount::count(1);
  by_category.history = Amount::count(1);
  Spec by_tags = by_category;
  by_tags.by = {"tags"};
  std::vector<RuleUse> uses;
  uses.push_back(compiled({by_category, by_tags}, feed.schema()));
  RuleInput input;
  input.batch = &feed.make();
  const std::vector<Word> candidates = {0b111};
  Arena arena;
  const Problem problem =
      instantiate(uses, std::vector{Idle::Active}, input, candidates, 3, 1, arena);
  REQUIRE(problem.constraints.size() == 2);
  const Constraint& category = problem.constraints[0];
  CHECK(category.groups.single == input.batch->rows.columns[0].codes);
  CHECK(category.past.groups.single == input.batch->history.columns[0].codes + 1);
  const Constraint& tags = problem.constraints[1];
  CHECK(tags.groups.values == input.batch->rows.columns[1].codes);
  CHECK(tags.past.groups.offsets == input.batch->history.columns[1].offsets + 1);
}

TEST_CASE("the trace can say which rules have a pin that does not apply") {
  Feed feed({{"category", ColumnType::Category}});
  feed.rows = {{"r1", {"a"}}, {"r2", {"b"}}, {"r3", {"c"}}};
  const auto pin = [](const char* id, const char* where, const char* slots) {
    Spec spec = spec_of(Kind::Place, where);
    if (id != nullptr) spec.id = id;
    spec.slots = *parse_slots(slots);
    return spec;
  };
  std::vector<RuleUse> uses;
  uses.push_back(compiled({pin("r1", "", "1")}, feed.schema()));
  uses.push_back(compiled({pin("nobody", "", "1")}, feed.schema()));
  uses.push_back(compiled({pin("r3", "", "1")}, feed.schema()));  // filtered
  uses.push_back(
      compiled({pin(nullptr, "category == \"b\"", "1,2")}, feed.schema()));  // one of two
  uses.push_back(compiled({spec_of(Kind::Filter, "category == \"c\"")}, feed.schema()));
  RuleInput input;
  input.batch = &feed.make();
  const std::vector<double> score(3);
  input.score = score;
  const std::vector<Idle> idle(uses.size(), Idle::Active);
  Arena arena;
  const auto candidates = candidates_of(uses, idle, input, arena);
  std::vector<std::uint8_t> pins_idle(uses.size());
  const Problem problem = instantiate(uses, idle, input, candidates, 2, 1, arena, pins_idle);
  CHECK(pins_idle == std::vector<std::uint8_t>{0, 1, 1, 1, 0});
  REQUIRE(problem.constraints.size() == 2);
  CHECK(problem.constraints[0].pin_rows[0] == 0);
  CHECK(problem.constraints[1].pin_rows[0] == 1);
}

TEST_CASE("ids of two kinds are equal when they are written alike") {
  Feed feed({{"category", ColumnType::Category}});
  feed.numeric_ids = true;
  feed.rows = {{"7", {"a"}}, {"8", {"a"}}};
  feed.history = {{"8", {"a"}}, {"9", {"a"}}};
  Spec cap = spec_of(Kind::Cap, {}, {"id"});
  cap.max = Amount::count(1);
  cap.history = Amount::count(2);
  std::vector<RuleUse> uses;
  uses.push_back(compiled({cap}, feed.schema()));
  Batch batch = feed.make();
  const std::vector<std::uint32_t> offsets = {0, 1, 2};
  batch.history.ids = {nullptr, offsets.data(), "89"};
  RuleInput input;
  input.batch = &batch;
  const std::vector<Word> candidates = {0b11};
  Arena arena;
  const Problem problem =
      instantiate(uses, std::vector{Idle::Active}, input, candidates, 2, 1, arena);
  REQUIRE(problem.constraints.size() == 1);
  const Constraint& made = problem.constraints[0];
  CHECK(made.past.groups.single[0] == made.groups.single[1]);
  CHECK(made.past.groups.single[1] != made.groups.single[0]);
}

}  // namespace
}  // namespace lineup::test
