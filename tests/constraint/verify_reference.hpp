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
// missing).
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
};

// Whether the 1-based slot is one of the spec's, and how many of a page of `length` are.
[[nodiscard]] bool has_slot(const Spec& spec, long slot);
[[nodiscard]] long present_slots(const Spec& spec, long length);

}  // namespace lineup::test
