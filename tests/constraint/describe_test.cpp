// SPDX-License-Identifier: Apache-2.0
//
// Sentences about constraints: each kind says what was written and no more.
#include "constraint/describe.hpp"

#include <catch2/catch.hpp>

#include "brute_instance.hpp"

namespace lineup {
namespace {

CompiledConstraint of(Spec spec) {
  CompiledConstraint out;
  out.spec = std::move(spec);
  return out;
}

Spec spec_of(Kind kind, std::string where, std::vector<std::string> by = {}) {
  Spec spec;
  spec.kind = kind;
  spec.where = std::move(where);
  spec.by = std::move(by);
  return spec;
}

TEST_CASE("windows, gaps and counts are said with their bounds", "[describe]") {
  Spec window = spec_of(Kind::Window, "", {"category"});
  window.size = Amount::count(5);
  window.max = Amount::count(2);
  CHECK(describe(of(window)) == "at most 2 rows of one `category` in any 5 neighbouring slots");
  window.by = {"category", "type"};
  window.min = Amount::count(1);
  window.tumbling = true;
  CHECK(
      describe(of(window)) ==
      "at least 1 and at most 2 rows that agree in `category` and `type` in each part of 5 slots");

  Spec run = spec_of(Kind::Window, "type == \"ad\"");
  run.size = Amount::count(2);
  run.max = Amount::count(1);
  CHECK(describe(of(run)) == "at most 1 row where `type == \"ad\"` in a row");

  Spec spacing = spec_of(Kind::Spacing, "is_ad");
  spacing.gap = Amount::count(4);
  spacing.first_slot = Amount::count(3);
  spacing.history = Amount::count(6);
  CHECK(describe(of(spacing)) ==
        "at least 4 other rows between two rows where `is_ad`, none before slot 3, counting the "
        "last 6 rows of the page before");

  Spec quota = spec_of(Kind::Quota, "is_new");
  quota.min = Amount::fraction(0.1);
  quota.slots.ranges = {{1, 4}, {9, 9}};
  CHECK(describe(of(quota)) == "at least 10% of the slots rows where `is_new` in slots 1..4, 9");
}

TEST_CASE("a live number is said as the request has it", "[describe]") {
  Spec quota = spec_of(Kind::Quota, "is_new");
  quota.max = Amount{Amount::Unit::Count, 3.0, 0};
  const std::vector<double> live = {5.0};
  CHECK(describe(of(quota)) == "at most 3 rows where `is_new` on the page");
  CHECK(describe(of(quota), live) == "at most 5 rows where `is_new` on the page");
}

TEST_CASE("pins say their row, their slot and how exactly", "[describe]") {
  Spec pin = spec_of(Kind::Place, "");
  pin.id = "v42";
  pin.slots.ranges = {{3, 3}};
  CHECK(describe(of(pin)) == "row `v42` on slot 3");
  pin.mode = PlaceMode::NeverIn;
  CHECK(describe(of(pin)) == "row `v42` never on slot 3");
  pin.mode = PlaceMode::AtOrAbove;
  CHECK(describe(of(pin)) == "row `v42` on slot 3 or above");
}

TEST_CASE("every kind has a sentence", "[describe]") {
  for (int kind = 0; kind <= static_cast<int>(Kind::Code); ++kind) {
    CAPTURE(kind);
    CHECK_FALSE(describe(of(spec_of(static_cast<Kind>(kind), "is_new", {"category"}))).empty());
  }
  Spec pair = spec_of(Kind::Adjacent, "");
  pair.left = "is_ad";
  pair.right_side = PairSide::PageEnd;
  CHECK(describe(of(pair)) == "a row where `is_ad` never at the end of the page");
  Spec order = spec_of(Kind::Order, "", {"episode"});
  order.within = {"series"};
  CHECK(describe(of(order)) ==
        "rows stand in ascending order of `episode`, among those of one "
        "`series`");
}

TEST_CASE("a quota that the batch cannot fill is shown by its numbers", "[describe]") {
  brute::Instance instance(6, 4);
  Constraint& quota = instance.add(Kind::Quota, Tier::Hard);
  quota.where = instance.mask({true, true, false, false, false, false});
  quota.min = 3;
  Spec spec = spec_of(Kind::Quota, "is_new");
  spec.min = Amount::count(3);
  spec.slots.ranges = {{1, 4}};
  CHECK(evidence_of(of(spec), quota, instance.problem()) ==
        "needs 3 rows where `is_new` in slots 1..4, the batch has 2");
}

TEST_CASE("a cap that leaves too little room is shown by what fits", "[describe]") {
  brute::Instance instance(6, 4);
  Constraint& cap = instance.add(Kind::Cap, Tier::Hard);
  cap.has_by = true;
  cap.max = 1;
  cap.groups = instance.single({0, 0, 0, 1, 1, kNoGroup}, 2);
  Spec spec = spec_of(Kind::Cap, "", {"author"});
  spec.max = Amount::count(1);
  CHECK(evidence_of(of(spec), cap, instance.problem()) ==
        "at most 1 row of one `author` on the page; the batch has 2 values in 6 rows: they fill 3 "
        "of 4 slots");
}

TEST_CASE("a gap is shown by how many rows fit", "[describe]") {
  brute::Instance instance(6, 5);
  Constraint& spacing = instance.add(Kind::Spacing, Tier::Hard);
  spacing.where = instance.mask({true, true, true, true, false, false});
  spacing.gap = 2;
  Spec spec = spec_of(Kind::Spacing, "is_ad");
  spec.gap = Amount::count(2);
  CHECK(evidence_of(of(spec), spacing, instance.problem()) ==
        "at least 2 other rows between two rows where `is_ad`: at most 2 on 5 slots; the batch has "
        "2 other rows: they fill 4 of 5 slots");
}

}  // namespace
}  // namespace lineup
