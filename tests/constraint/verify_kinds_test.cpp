// SPDX-License-Identifier: Apache-2.0
//
// What one violation of every kind is, on pages small enough to count by hand. A page is a text:
// every letter is a row of that category, `.` a row without one.
#include <catch2/catch.hpp>
#include <string_view>

#include "constraint/verify.hpp"
#include "verify_feed.hpp"

namespace lineup::test {
namespace {

std::vector<Row> letters(std::string_view text, char prefix) {
  std::vector<Row> rows;
  for (const char letter : text) {
    Row row;
    row.id = prefix + std::to_string(rows.size() + 1);
    row.cells = {letter == '.' ? Cell{} : Cell{std::string(1, letter)}};
    rows.push_back(std::move(row));
  }
  return rows;
}

// What `spec` says of the page, of the first `page.size()` rows of a batch that also has `beside`.
std::uint32_t units(const Spec& spec, std::string_view page, std::string_view history = "",
                    std::string_view beside = "", std::vector<double> score = {}) {
  Feed feed({{"category", ColumnType::Category}});
  feed.rows = letters(std::string(page) + std::string(beside), 'r');
  feed.history = letters(history, 'h');
  const std::vector<RuleUse> uses = [&] {
    std::vector<RuleUse> made;
    made.push_back(compiled({spec}, feed.schema()));
    return made;
  }();
  RuleInput input;
  input.schema = &feed.schema();
  input.batch = &feed.make();
  score.resize(feed.rows.size());
  input.score = score;
  std::vector<std::uint32_t> slate;
  for (std::uint32_t row = 0; row < page.size(); ++row) slate.push_back(row);
  Arena arena;
  const std::vector<Idle> idle = {Idle::Active};
  const Verification verification =
      verify(uses, idle, input, slate, static_cast<std::uint32_t>(page.size()), arena);
  CHECK(verification.well_formed);
  return verification.violations[0];
}

const char* const kIsA = "category == \"a\"";

Spec window(std::uint32_t size, Amount min, Amount max, std::string where = {}) {
  Spec spec =
      spec_of(Kind::Window, where,
              where.empty() ? std::vector<std::string>{"category"} : std::vector<std::string>{});
  spec.size = Amount::count(size);
  spec.min = min;
  spec.max = max;
  return spec;
}

Spec window_max(std::uint32_t size, std::uint32_t max, std::string where = {}) {
  return window(size, {}, Amount::count(max), std::move(where));
}

Spec window_min(std::uint32_t size, std::uint32_t min, std::string where = {}) {
  return window(size, Amount::count(min), {}, std::move(where));
}

Spec in_slots(Spec spec, const char* slots) {
  spec.slots = *parse_slots(slots);
  return spec;
}

Spec with_history(Spec spec, std::uint32_t rows) {
  spec.history = Amount::count(rows);
  return spec;
}

TEST_CASE("a window costs one unit for every row too many in every run") {
  CHECK(units(window_max(2, 1), "abab") == 0);
  CHECK(units(window_max(2, 1), "aabb") == 2);
  CHECK(units(window_max(2, 1), "aaa") == 2);
  CHECK(units(window_max(3, 1), "aaa") == 2);
  CHECK(units(window_max(3, 2), "aabaa") == 0);
  CHECK(units(window_max(3, 2), "aaaa") == 2);
  CHECK(units(window_max(3, 1), "abcab") == 0);
  CHECK(units(window_max(4, 1), "abcab") == 2);
}

TEST_CASE("the first slot is not exempt and the last run is looked at") {
  CHECK(units(window_max(3, 1), "aab") == 1);
  CHECK(units(window_max(3, 1), "bcaa") == 1);
}

TEST_CASE("a page shorter than the window is one run for the maximum, none for the minimum") {
  CHECK(units(window_max(9, 1), "aba") == 1);
  CHECK(units(window_min(9, 3, kIsA), "aba") == 0);
  CHECK(units(window_max(9, 1), "") == 0);
}

TEST_CASE("rows without the property do not agree with each other") {
  CHECK(units(window_max(2, 1), "....") == 0);
  Spec as_value = window_max(2, 1);
  as_value.missing_as_value = true;
  CHECK(units(as_value, "..a.") == 1);
}

TEST_CASE("a window without `by` counts the rows that match") {
  CHECK(units(window_max(3, 2, kIsA), "aabaaa") == 1);
  CHECK(units(window_min(3, 1, kIsA), "abbbba") == 2);
  CHECK(units(window_min(3, 2, kIsA), "bbbb") == 4);
}

TEST_CASE("a minimum with `by` binds the values that occur in the run") {
  CHECK(units(window_min(3, 2), "aaabbb") == 2);
  CHECK(units(window_min(2, 2), "abab") == 6);
}

TEST_CASE("runs do not overlap when they tumble") {
  Spec tumbling = window_max(2, 1);
  tumbling.tumbling = true;
  CHECK(units(tumbling, "abbaa") == 0);
  CHECK(units(tumbling, "aabbc") == 2);
  Spec least = window_min(2, 1, kIsA);
  least.tumbling = true;
  CHECK(units(least, "abbab") == 0);
  CHECK(units(least, "bbbbb") == 2);
}

TEST_CASE("a window looks at every stretch of its slots by itself") {
  CHECK(units(in_slots(window_max(2, 1), "1..2,4..5"), "aaaaa") == 2);
  CHECK(units(in_slots(window_max(3, 1), "2..3"), "aaaa") == 1);
  CHECK(units(in_slots(window_max(3, 1), "7..9"), "aaaa") == 0);
}

TEST_CASE("what the history breaks by itself no page can mend, and it does not count") {
  CHECK(units(with_history(window_max(3, 1), 2), "bc", "aa") == 0);
  CHECK(units(with_history(window_max(3, 1), 2), "ba", "aa") == 1);
  CHECK(units(with_history(window_max(4, 1), 3), "ba", "aaa") == 1);
  CHECK(units(with_history(window_min(4, 3, kIsA), 3), "a", "bbb") == 0);
  CHECK(units(with_history(window_min(4, 3, kIsA), 3), "b", "bbb") == 1);
  Spec cap = spec_of(Kind::Cap, {}, {"category"});
  cap.max = Amount::count(1);
  CHECK(units(with_history(cap, 3), "bc", "aaa") == 0);
  CHECK(units(with_history(cap, 3), "ba", "aaa") == 1);
}

TEST_CASE("history continues the first run, and runs that lie in it do not count") {
  CHECK(units(window_max(2, 1), "ab", "aa") == 0);
  CHECK(units(with_history(window_max(2, 1), 2), "ab", "aa") == 1);
  CHECK(units(with_history(window_max(3, 1), 2), "ab", "aa") == 2);
  CHECK(units(with_history(window_max(3, 1), 1), "ab", "aa") == 1);
  CHECK(units(with_history(in_slots(window_max(2, 1), "2..4"), 2), "aabc", "aa") == 0);
  CHECK(units(with_history(window_min(2, 1, kIsA), 9), "bb", "bbb") == 2);
}

TEST_CASE("spacing costs the rows that are missing between two neighbours") {
  Spec spacing = spec_of(Kind::Spacing, kIsA);
  spacing.gap = Amount::count(2);
  CHECK(units(spacing, "abbabba") == 0);
  CHECK(units(spacing, "abaab") == 3);
  CHECK(units(with_history(spacing, 3), "ba", "abb") == 0);
  CHECK(units(with_history(spacing, 3), "ba", "bab") == 0);
  CHECK(units(with_history(spacing, 3), "ba", "bba") == 1);
  Spec by = spec_of(Kind::Spacing, {}, {"category"});
  by.gap = Amount::count(1);
  CHECK(units(by, "aabb..") == 2);
}

TEST_CASE("spacing costs one for every row before the first slot") {
  Spec spacing = spec_of(Kind::Spacing, kIsA);
  spacing.first_slot = Amount::count(3);
  CHECK(units(spacing, "baab") == 1);
  CHECK(units(spacing, "aaab") == 2);
  CHECK(units(spacing, "bbaa") == 0);
}

TEST_CASE("a quota costs the rows that are missing or too many in its slots") {
  Spec quota = spec_of(Kind::Quota, kIsA);
  quota.min = Amount::count(2);
  quota.max = Amount::count(3);
  CHECK(units(quota, "abab") == 0);
  CHECK(units(quota, "abbb") == 1);
  CHECK(units(quota, "bbbb") == 2);
  CHECK(units(quota, "aaaaa") == 2);
  CHECK(units(in_slots(quota, "1..3"), "abbaa") == 1);
  CHECK(units(with_history(quota, 2), "aab", "aa") == 1);
  CHECK(units(with_history(quota, 2), "bbb", "aa") == 2);
}

TEST_CASE("a quota with `by` binds every value that occurs among the candidates") {
  Spec quota = spec_of(Kind::Quota, {}, {"category"});
  quota.min = Amount::count(1);
  CHECK(units(quota, "ab", "", "ab") == 0);
  CHECK(units(quota, "aa", "", "bc") == 2);
  quota.max = Amount::count(1);
  CHECK(units(quota, "aaa", "", "b") == 3);
}

TEST_CASE("fractions are of the slots that are there") {
  Spec quota = spec_of(Kind::Quota, kIsA);
  quota.max = Amount::fraction(0.5);
  CHECK(units(quota, "aabba") == 1);
  quota.slots = *parse_slots("1..8");
  CHECK(units(quota, "aab") == 1);
  Spec least = spec_of(Kind::Quota, kIsA);
  least.min = Amount::fraction(0.5);
  CHECK(units(least, "aabbb") == 1);
  least.min = Amount::fraction(0.07);
  CHECK(units(least, std::string(7, 'a') + std::string(93, 'b')) == 0);
}

TEST_CASE("a cap costs the rows above it, for every value by itself") {
  Spec cap = spec_of(Kind::Cap, {}, {"category"});
  cap.max = Amount::count(1);
  CHECK(units(cap, "abc..") == 0);
  CHECK(units(cap, "aaabb") == 3);
  CHECK(units(in_slots(cap, "1..2"), "abab") == 0);
  CHECK(units(with_history(cap, 1), "ab", "ca") == 1);
}

Spec place(PlaceMode mode, const char* slots, std::string where = {}) {
  Spec spec = spec_of(Kind::Place, where);
  spec.mode = mode;
  if (slots != nullptr) spec.slots = *parse_slots(slots);
  return spec;
}

Spec place_id(PlaceMode mode, const char* slots, const char* id) {
  Spec spec = place(mode, slots);
  spec.id = id;
  return spec;
}

TEST_CASE("a pin costs one when its row stands elsewhere") {
  CHECK(units(place_id(PlaceMode::Exactly, "2", "r2"), "abc") == 0);
  CHECK(units(place_id(PlaceMode::Exactly, "1", "r2"), "abc") == 1);
  CHECK(units(place_id(PlaceMode::Exactly, "9", "r2"), "abc") == 1);
  CHECK(units(place_id(PlaceMode::Exactly, "1", "r4"), "abc", "", "d") == 1);
  CHECK(units(place_id(PlaceMode::AtOrAbove, "3", "r2"), "abc") == 0);
  CHECK(units(place_id(PlaceMode::AtOrAbove, "1", "r2"), "abc") == 1);
}

TEST_CASE("a pin whose row is absent does not apply") {
  CHECK(units(place_id(PlaceMode::Exactly, "1", "nobody"), "abc") == 0);
}

TEST_CASE("the k-th best matching row belongs to the k-th slot") {
  const Spec pins = place(PlaceMode::Exactly, "1,3", kIsA);
  CHECK(units(pins, "abab", "", "", {9, 0, 8, 0}) == 0);
  CHECK(units(pins, "abab", "", "", {8, 0, 9, 0}) == 2);
  CHECK(units(pins, "abba", "", "", {9, 0, 0, 8}) == 1);
  CHECK(units(pins, "abab", "", "", {5, 0, 5, 0}) == 0);  // of equals the first row
  CHECK(units(pins, "abbb") == 0);                        // one match, so one pin
}

TEST_CASE("zones cost one for every matching row on the wrong side") {
  CHECK(units(place(PlaceMode::OnlyWithin, "1..2", kIsA), "aaba") == 1);
  CHECK(units(place(PlaceMode::NeverIn, "1..2", kIsA), "aaba") == 2);
  CHECK(units(place_id(PlaceMode::NeverIn, "1..2", "r2"), "aaba") == 1);
}

TEST_CASE("rows that belong last cost one each when another row follows") {
  CHECK(units(place(PlaceMode::Last, nullptr, kIsA), "bbaa") == 0);
  CHECK(units(place(PlaceMode::Last, nullptr, kIsA), "abab") == 2);
  CHECK(units(place(PlaceMode::Last, nullptr, kIsA), "aa") == 0);
}

TEST_CASE("several constraints of one rule add up, and idle rules cost nothing") {
  Feed feed({{"category", ColumnType::Category}});
  feed.rows = letters("aab", 'r');
  std::vector<RuleUse> uses;
  uses.push_back(compiled({window_max(2, 1), window_max(3, 1)}, feed.schema()));
  uses.push_back(compiled({window_max(2, 1)}, feed.schema()));
  RuleInput input;
  input.batch = &feed.make();
  const std::vector<std::uint32_t> slate = {0, 1, 2};
  Arena arena;
  const Verification out =
      verify(uses, std::vector{Idle::Active, Idle::Expired}, input, slate, 3, arena);
  CHECK(out.violations[0] == 2);
  CHECK(out.violations[1] == 0);
}

TEST_CASE("a page is well formed when every row may be shown and stands once") {
  Feed feed({{"category", ColumnType::Category}});
  feed.rows = letters("abcd", 'r');
  feed.rows[3].id = "r1";
  std::vector<RuleUse> uses;
  uses.push_back(compiled({spec_of(Kind::Filter, "category == \"c\"")}, feed.schema()));
  RuleInput input;
  input.batch = &feed.make();
  Arena arena;
  const auto well_formed = [&](const std::vector<std::uint32_t>& slate, std::uint32_t page) {
    return verify(uses, std::vector{Idle::Active}, input, slate, page, arena).well_formed;
  };
  CHECK(well_formed({1, 0}, 2));
  CHECK(well_formed({}, 2));
  CHECK_FALSE(well_formed({0, 0}, 2));  // twice
  CHECK_FALSE(well_formed({0, 3}, 2));  // two rows of one id
  CHECK_FALSE(well_formed({0, 2}, 2));  // filtered
  CHECK_FALSE(well_formed({0, 4}, 2));  // not in the batch
  CHECK_FALSE(well_formed({0, 1}, 1));  // longer than asked
}

// Allows rows in increasing order only; remembers the last one.
class Increasing : public Opaque {
 public:
  [[nodiscard]] std::size_t state_bytes() const override { return sizeof(std::uint32_t); }
  void begin(std::byte* state) override { write(state, 0); }
  Judgement judge(const Prefix& prefix, std::uint32_t row) override {
    return {false, !prefix.rows.empty() && row < read(prefix.state) ? 1U : 0U, 0.0};
  }
  bool place(const Prefix& prefix, std::uint32_t row) override {
    write(prefix.state, row);
    return true;
  }

 private:
  static std::uint32_t read(const std::byte* state) {
    std::uint32_t row = 0;
    std::memcpy(&row, state, sizeof row);
    return row;
  }
  static void write(std::byte* state, std::uint32_t row) { std::memcpy(state, &row, sizeof row); }
};

TEST_CASE("code is asked again, row by row from the empty page on") {
  Feed feed({{"category", ColumnType::Category}});
  feed.rows = letters("abcd", 'r');
  std::vector<RuleUse> uses;
  uses.push_back(compiled({spec_of(Kind::Code)}, feed.schema()));
  Increasing increasing;
  const std::vector<Opaque*> opaques = {&increasing};
  RuleInput input;
  input.batch = &feed.make();
  input.opaques = opaques;
  const std::vector<std::uint32_t> slate = {1, 0, 3, 2};
  Arena arena;
  CHECK(verify(uses, std::vector{Idle::Active}, input, slate, 4, arena).violations[0] == 2);
}

}  // namespace
}  // namespace lineup::test
