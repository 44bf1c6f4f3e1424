// SPDX-License-Identifier: Apache-2.0
//
// The definitions of rules.md once more, as slow and as plain as they can be written: over texts
// and maps, every run visited, every row asked. What instantiate() and verify() are compared with,
// and random feeds and rules to compare them on.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "verify_feed.hpp"

namespace lineup::test {

using Random = std::mt19937;

// A whole number from `low` to `high`.
[[nodiscard]] int draw(Random& random, int low, int high);
[[nodiscard]] bool chance(Random& random, double share);

// The columns of random feeds: category, author, tags, votes, is_new, slot (integer, mostly
// missing), look (an embedding), price.
void fill_randomly(Feed& feed, Random& random, int row_count, int history_count);
[[nodiscard]] std::vector<std::pair<std::string, ColumnType>> random_columns();

// A constraint that compiles. Numbers may be fractions, or live parameters 0 .. 3.
[[nodiscard]] Spec random_spec(Random& random, const Feed& feed);

// One request as the definitions see it.
struct Reference {
  const Feed& feed;
  std::vector<double> live;
  std::vector<double> score;
  std::vector<std::uint32_t> candidates;  // rows that may be shown
  std::vector<std::uint32_t> slate;
  std::uint32_t page_columns = 1;

  // Whether a random spec's `where` holds.
  [[nodiscard]] static bool matches(const Spec& spec, const Row& row, const Feed& feed);
  // The values of `by` that a row has: none when it agrees with nothing.
  [[nodiscard]] static std::vector<std::string> values(const Spec& spec, const Row& row,
                                                       const Feed& feed);
  [[nodiscard]] double number(const Amount& amount, double fraction_of) const;
  // Rounded, for `length` slots; `absent` when it is not given.
  [[nodiscard]] long maximum(const Amount& amount, long present, long absent) const;
  [[nodiscard]] long minimum(const Amount& amount, long present, long absent) const;
  // The pins as pairs of row and 1-based slot.
  [[nodiscard]] std::vector<std::pair<std::uint32_t, long>> pins(const Spec& spec) const;

  // Units of violation of one constraint.
  [[nodiscard]] long units(const Spec& spec) const;

 private:
  [[nodiscard]] long window(const Spec& spec) const;
  [[nodiscard]] long spacing(const Spec& spec) const;
  [[nodiscard]] long totals(const Spec& spec) const;
  [[nodiscard]] long place(const Spec& spec) const;
  // verify_reference_kinds.cpp
  [[nodiscard]] long grid(const Spec& spec) const;
  [[nodiscard]] long adjacent(const Spec& spec) const;
  [[nodiscard]] long order(const Spec& spec) const;
  [[nodiscard]] long similar(const Spec& spec) const;
  [[nodiscard]] long budget(const Spec& spec) const;
  [[nodiscard]] long mix(const Spec& spec) const;
  [[nodiscard]] long shares(const Spec& spec) const;
  [[nodiscard]] long even(const Spec& spec) const;
  // The slate with the counted history before it: nullptr where nothing stands.
  [[nodiscard]] std::vector<const Row*> standing(const Spec& spec, long& history) const;
  [[nodiscard]] std::size_t channel_of(const Spec& spec, const Row& row) const;
};

// What a row has in a column.
[[nodiscard]] const Cell& cell(const Row& row, const Feed& feed, const char* column);
// One of the conditions that the reference knows.
[[nodiscard]] std::string random_condition(Random& random);
[[nodiscard]] Amount random_amount(Random& random, int low, int high);
void random_slots(Random& random, Spec& spec);
// A constraint of the kinds of verify_reference_kinds.cpp, or a window across a grid.
[[nodiscard]] Spec random_kind(Random& random);

// Whether the 1-based slot is one of the spec's, and how many of a page of `length` are.
[[nodiscard]] bool has_slot(const Spec& spec, long slot);
[[nodiscard]] long present_slots(const Spec& spec, long length);

}  // namespace lineup::test
