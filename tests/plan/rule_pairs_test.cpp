// SPDX-License-Identifier: Apache-2.0
//
// What is claimed of rules without a batch, against all pages of a small one: a bound that is too
// low would call a policy wrong that is right.
#include "plan/rule_pairs.hpp"

#include <bit>
#include <catch2/catch.hpp>

#include "brute_force.hpp"
#include "brute_instance.hpp"

namespace lineup {
namespace {

using brute::below;
using brute::Random;

// Rows 0 .. slots - 1 match, as many others do not.
class Scene {
 public:
  Scene(const Spec& spec, std::uint32_t slots) : slots_(slots), instance_(2 * slots, slots) {
    Constraint& out = instance_.add(spec.kind, Tier::Hard);
    std::vector<bool> matches(2 * slots, false);
    std::vector<std::uint32_t> groups(2 * slots, kNoGroup);
    for (std::uint32_t row = 0; row < slots; ++row) {
      matches[row] = true;
      groups[row] = 0;
    }
    if (spec.by.empty()) {
      out.where = instance_.mask(matches);
    } else {
      out.has_by = true;
      out.groups = instance_.single(groups, 1);
    }
    const PageSlots own = page_slots(spec.slots, slots);
    out.slots = instance_.mask(std::vector<bool>(own.begin(), own.end()));
    if (spec.slots.is_all()) out.slots = nullptr;
    out.size = fixed_count(spec.size).value_or(0);
    out.max = fixed_count(spec.max).value_or(kUnlimited);
    out.min = fixed_count(spec.min).value_or(0);
    out.gap = fixed_count(spec.gap).value_or(0);
    out.first_slot = fixed_count(spec.first_slot).value_or(1) - 1;
    out.mode = spec.mode;
    out.tumbling = spec.tumbling;
  }

  // Whether matching rows may stand exactly on the slots of `bits`.
  bool holds(std::uint32_t bits) {
    brute::Rows page(slots_);
    for (std::uint32_t slot = 0; slot < slots_; ++slot) {
      page[slot] = ((bits >> slot) & 1U) != 0 ? slot : slots_ + slot;
    }
    const Problem& problem = instance_.problem();
    return brute::units_of(problem, problem.constraints.front(), page) == 0;
  }

 private:
  std::uint32_t slots_;
  brute::Instance instance_;
};

SlotSet some_slots(Random& random, std::uint32_t page) {
  SlotSet out;
  const std::uint32_t first = 1 + below(random, page);
  out.ranges = {{first, first + below(random, page)}};
  return out;
}

Spec random_spec(Random& random, std::uint32_t page) {
  Spec spec;
  const std::uint32_t kind = below(random, 5);
  const auto count = [&](std::uint32_t least, std::uint32_t end) {
    return Amount::count(least + below(random, end));
  };
  if (below(random, 2) == 0) {
    spec.where = "is_new";
  } else {
    spec.by = {"author"};
  }
  switch (kind) {
    case 0:
      spec.kind = Kind::Window;
      spec.size = count(1, 4);
      spec.max = count(spec.by.empty() ? 0 : 1, 3);
      spec.tumbling = below(random, 3) == 0;
      break;
    case 1:
      spec.kind = Kind::Spacing;
      spec.gap = count(0, 3);
      // Without `where` it would speak of all rows of the page, and no page would hold it.
      if (spec.by.empty() && below(random, 2) == 0) spec.first_slot = count(1, 4);
      break;
    case 2:
      spec.kind = Kind::Quota;
      spec.max = count(0, 4);
      if (below(random, 2) == 0) spec.slots = some_slots(random, page);
      break;
    case 3:
      spec.kind = Kind::Cap;
      spec.by = {"author"};
      spec.max = count(1, 3);
      if (below(random, 2) == 0) spec.slots = some_slots(random, page);
      break;
    default:
      spec.kind = Kind::Place;
      spec.by = {};
      spec.where = "is_new";
      spec.mode = below(random, 2) == 0 ? PlaceMode::NeverIn : PlaceMode::OnlyWithin;
      spec.slots = some_slots(random, page);
  }
  return spec;
}

std::uint32_t bits_of(const PageSlots& slots) {
  std::uint32_t bits = 0;
  for (std::size_t slot = 0; slot < slots.size(); ++slot) {
    bits |= static_cast<std::uint32_t>(slots[slot]) << slot;
  }
  return bits;
}

TEST_CASE("the room that a rule leaves on slots is what fits on some page", "[rule_pairs]") {
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const std::uint32_t page = 1 + below(random, 7);
    const Spec spec = random_spec(random, page);
    SlotSet asked;
    if (below(random, 2) == 0) asked = some_slots(random, page);
    const PageSlots slots = page_slots(asked, page);
    Scene scene(spec, page);
    std::uint32_t most = 0;
    for (std::uint32_t bits = 0; bits < (1U << page); ++bits) {
      if ((bits & ~bits_of(slots)) == 0 && scene.holds(bits)) {
        most = std::max(most, static_cast<std::uint32_t>(std::popcount(bits)));
      }
    }
    const auto room = capacity_of(spec, slots, page);
    CAPTURE(name_of(spec.kind), page, most);
    REQUIRE(room.has_value());
    CHECK(*room == most);
  }
}

TEST_CASE("a page that holds a rule holds every rule it is said to imply", "[rule_pairs]") {
  std::uint32_t implied = 0;
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
    Random random(seed);
    const std::uint32_t page = 1 + below(random, 6);
    const Spec a = random_spec(random, page);
    Spec b = random_spec(random, page);
    if (!implies(a, b, page)) continue;
    CAPTURE(seed, name_of(a.kind), name_of(b.kind), page);
    ++implied;
    Scene of_a(a, page);
    Scene of_b(b, page);
    for (std::uint32_t bits = 0; bits < (1U << page); ++bits) {
      if (of_a.holds(bits)) CHECK(of_b.holds(bits));
    }
  }
  CHECK(implied > 500);
}

TEST_CASE("rules meet only where their times and conditions do", "[rule_pairs]") {
  RuleUse a;
  RuleUse b;
  CHECK(act_together(a, b));
  CHECK(acts_whenever(a, b));
  a.until_ms = 100;
  b.from_ms = 100;
  CHECK_FALSE(act_together(a, b));
  b.from_ms = 50;
  CHECK(act_together(a, b));
  CHECK_FALSE(acts_whenever(a, b));
  b.expires_ms = 90;
  CHECK(acts_whenever(a, b));
  b.enabled = false;
  CHECK_FALSE(act_together(a, b));
}

TEST_CASE("rows of one value are covered by rules that count by its column", "[rule_pairs]") {
  Spec by_column;
  by_column.by = {"category"};
  CHECK(covers(by_column, "category == \"ad\""));
  CHECK(covers(by_column, "category == 3"));
  CHECK_FALSE(covers(by_column, "category == \"ad\" or category == \"news\""));
  CHECK_FALSE(covers(by_column, "category ~= \"ad\""));
  CHECK_FALSE(covers(by_column, "author == \"ad\""));
  CHECK_FALSE(covers(by_column, ""));
  by_column.where = "is_new";
  CHECK_FALSE(covers(by_column, "category == \"ad\""));
  Spec same;
  same.where = " type  ==  \"two  words\" ";
  CHECK(subject_of(same) == "type == \"two  words\"");
  CHECK(covers(same, "type == \"two  words\""));
}

}  // namespace
}  // namespace lineup
