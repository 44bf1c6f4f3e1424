// SPDX-License-Identifier: Apache-2.0
//
// What a rule becomes before it meets a batch: constraints as written, names not yet resolved. Made
// from Lua by `script`, checked and compiled by compile.hpp. `rules.md`'s table of kinds, as types.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.hpp"

namespace lineup {

enum class Kind : std::uint8_t {
  Window,
  Spacing,
  Quota,
  Cap,
  Place,
  Adjacent,
  Budget,
  Similar,
  Filter,
  Boost,
  Mix,
  Order,
  Code,  // opaque: a Lua function or a plugin
};

[[nodiscard]] std::string_view name_of(Kind kind);

// A number that a rule may give: a count, a fraction of the slots present ('10%'), or a live
// parameter that each request resolves.
struct Amount {
  enum class Unit : std::uint8_t { Absent, Count, Fraction };
  Unit unit = Unit::Absent;
  double value = 0.0;      // Fraction: 0.1 stands for '10%'
  std::int32_t live = -1;  // index into the plan's live parameters; -1: fixed

  [[nodiscard]] bool is_given() const { return unit != Unit::Absent; }
  static Amount count(double value) { return {Unit::Count, value, -1}; }
  static Amount fraction(double value) { return {Unit::Fraction, value, -1}; }
};

// Which slots a constraint speaks of: closed 1-based ranges, as people write them. Empty: all.
struct SlotSet {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> ranges;
  [[nodiscard]] bool is_all() const { return ranges.empty(); }
};

// "1..4", "3", "1,5,9..12". Nothing when the text is none of these, a slot is 0 or a range runs
// backwards.
[[nodiscard]] std::optional<SlotSet> parse_slots(std::string_view text);

enum class PlaceMode : std::uint8_t { Exactly, AtOrAbove, OnlyWithin, NeverIn, Last };

// Which slots are neighbours: those that follow each other, or, on a page of several columns, those
// side by side in a row of the grid, or one above the other in a column of it.
enum class Across : std::uint8_t { Sequence, Rows, Columns };

// Adjacent: what stands on one side of a pair. Rows, or the end of the page on that side.
enum class PairSide : std::uint8_t { Rows, PageEnd };

// Mix: how the channel of every slot follows from the channels.
enum class MixMode : std::uint8_t { Pattern, Ratio, Interleave };

// Mix: in a pattern, a slot that any row may have.
inline constexpr std::uint32_t kAnyChannel = 0xFFFFFFFFU;

// Mix: one of the businesses that share the page. Quota: one of the quotas of a declared set. A row
// belongs to the first whose condition it matches.
struct Channel {
  std::string name;   // mix: what a pattern calls it
  std::string where;  // condition
  Amount share;       // quota: a fraction; mix with a ratio: its part of the whole
};

// One declared constraint. Fields that a kind does not have stay as they are here.
struct Spec {
  Kind kind = Kind::Window;
  std::string where;            // condition; empty: every row
  std::vector<std::string> by;  // columns; several: all must agree
  Amount size;                  // window, similar: slots; similar: absent is the whole page
  Amount max;
  Amount min;
  Amount gap;         // spacing: other rows between two that match
  Amount first_slot;  // spacing: 1-based
  Amount history;     // rows of the history that count, from its end
  SlotSet slots;
  bool tumbling = false;
  bool missing_as_value = false;
  std::optional<std::string> id;  // place: the row of this id
  std::string slot_column;        // place: each row's own slot, 1-based
  PlaceMode mode = PlaceMode::Exactly;
  Amount add;          // boost
  Amount multiply;     // boost
  std::string column;  // boost (default `score`), budget, similar (the embedding)
  std::string left;    // adjacent: condition; empty: every row
  std::string right;
  PairSide left_side = PairSide::Rows;
  PairSide right_side = PairSide::Rows;
  bool require = false;              // adjacent: right has to follow left; else it may not
  Across across = Across::Sequence;  // window, adjacent
  Amount max_cosine;                 // similar
  std::vector<std::string> within;   // order: only rows that agree in these columns are compared
  bool ascending = true;             // order
  std::vector<Channel> channels;     // mix; quota: a set of quotas that share the slots
  MixMode mix = MixMode::Pattern;
  std::vector<std::uint32_t> pattern;  // mix: indexes of channels, or kAnyChannel
  bool even = false;                   // quota: every value of `by` gets the same number of slots
  bool code_is_score = false;          // Code: `score`, else `allow`
  Span span;                           // where it was written
};

// How strongly a rule holds.
struct Strength {
  enum class Kind : std::uint8_t { Required, Hard, Soft };
  Kind kind = Kind::Hard;
  double priority = 0.0;  // Hard: higher holds longer
  Amount weight;          // Soft: score units per unit of violation
};

}  // namespace lineup
