// SPDX-License-Identifier: Apache-2.0
//
// The model of one request: rows, slots and constraints with every number, mask and group resolved.
// This is all that the slate builder and the solver know; nothing in it refers to columns, files or
// scripts. Rows and slots are 0-based here. Everything is borrowed, usually from an arena.
#pragma once

#include <cstdint>
#include <span>

#include "base/bits.hpp"
#include "constraint/closeness.hpp"
#include "constraint/opaque.hpp"
#include "constraint/spec.hpp"

namespace lineup {

inline constexpr std::uint32_t kNoGroup = 0xFFFFFFFFU;
inline constexpr std::uint32_t kUnlimited = 0xFFFFFFFFU;
inline constexpr std::uint32_t kNoRow = 0xFFFFFFFFU;

// Which rows share a value. A row has no, one or several groups; two agree when they share one.
struct Groups {
  std::uint32_t count = 0;                 // groups are 0 .. count - 1
  const std::uint32_t* single = nullptr;   // [rows] group or kNoGroup; null: several per row
  const std::uint32_t* offsets = nullptr;  // [rows + 1], with `values`: several groups per row
  const std::uint32_t* values = nullptr;
};

// Calls visit(group) for every group of a row.
template <typename Visit>
inline void for_each_value(const Groups& groups, std::uint32_t row, Visit&& visit) {
  if (groups.single != nullptr) {
    if (groups.single[row] != kNoGroup) visit(groups.single[row]);
    return;
  }
  for (std::uint32_t i = groups.offsets[row]; i < groups.offsets[row + 1]; ++i) {
    visit(groups.values[i]);
  }
}

// The end of the history that a constraint counts, oldest first; its last entry is next to slot 0.
struct Past {
  std::uint32_t count = 0;
  const std::uint8_t* matches = nullptr;  // [count] whether the `where` holds; null: all
  Groups groups;                          // over entries 0 .. count - 1
  const std::uint32_t* ranks = nullptr;   // Order: [count]
};

// Budget: what every row adds, and what the sum over the slots may be. In millionths of the
// column's unit, so that sums are exact in any order.
struct Sums {
  const std::int64_t* amounts = nullptr;  // [row_count] 0 for rows that do not count
  std::int64_t least = 0;                 // of the candidates' amounts
  std::int64_t most = 0;
  std::int64_t max = 0;
  std::int64_t min = 0;
  bool has_max = false;
  bool has_min = false;
};

enum class Tier : std::uint8_t { Required, Hard, Soft };

// One active constraint. Kinds and their units of violation are those of rules.md.
struct Constraint {
  Kind kind = Kind::Window;
  Tier tier = Tier::Hard;
  std::uint16_t level = 0;      // Hard: index of its priority, 0 is the most important
  std::uint16_t use = 0;        // which rule of the policy: violations are reported per use
  double weight = 0.0;          // Soft: penalty per unit of violation
  const Word* where = nullptr;  // [word_count(rows)] matching rows; null: every row
  const Word* slots = nullptr;  // [word_count(slot_count)]; null: every slot
  bool has_by = false;          // whether `groups` is used; without, matching rows are one group
  Groups groups;
  Past past;
  std::uint32_t size = 0;                    // Window, Similar
  bool tumbling = false;                     // Window
  std::uint32_t min = 0;                     // Window, Quota
  std::uint32_t max = kUnlimited;            // Window, Quota, Cap
  std::uint32_t gap = 0;                     // Spacing
  std::uint32_t first_slot = 0;              // Spacing: 0-based first slot that may hold a match
  PlaceMode mode = PlaceMode::Exactly;       // Place, see below
  std::uint32_t pin_count = 0;               // Place with mode Exactly or AtOrAbove
  const std::uint32_t* pin_rows = nullptr;   // [pin_count]
  const std::uint32_t* pin_slots = nullptr;  // [pin_count] one past the page cannot hold
  Opaque* opaque = nullptr;                  // Code
  Across across = Across::Sequence;          // Window, Adjacent
  std::uint32_t columns = 1;                 // of the page, for `across`
  const std::uint32_t* mins = nullptr;  // Quota: [groups.count] the minimum of each group, none of
                                        // them above `min`; null: `min` for all
  const Word* right = nullptr;          // Adjacent: rows of the right side; null: every row
  PairSide left_side = PairSide::Rows;  // Adjacent: `where` is the left side
  PairSide right_side = PairSide::Rows;
  bool require = false;                  // Adjacent
  const std::uint32_t* ranks = nullptr;  // Order: [row_count] the place in the order that rows are
                                         // to keep; kNoGroup: not compared. Groups: `within`
  const Sums* sums = nullptr;            // Budget
  Closeness* closeness = nullptr;        // Similar
  const std::uint32_t* plan = nullptr;   // Mix: [slot_count] the group wanted there, or kNoGroup
};
// Place: Exactly and AtOrAbove are lists of pins (row, slot). OnlyWithin, NeverIn and Last speak of
// the rows of `where` and the slots of `slots`.

// Quota: how many rows of the group there have to be.
[[nodiscard]] inline std::uint32_t min_of(const Constraint& quota, std::uint32_t group) {
  return quota.mins == nullptr ? quota.min : quota.mins[group];
}

struct Problem {
  std::uint32_t row_count = 0;
  std::uint32_t slot_count = 0;      // L: the length asked for
  const Word* candidates = nullptr;  // [word_count(row_count)] rows that pass the filters
  std::span<const Constraint> constraints;
  std::uint32_t level_count = 0;     // distinct priorities of hard constraints
  std::uint32_t use_count = 0;       // rules of the policy
  std::span<const double> utility;   // [row_count] finite
  std::span<const double> discount;  // [slot_count] finite, not negative
};

}  // namespace lineup
