// SPDX-License-Identifier: Apache-2.0
//
// A page of which any slots may be filled, and what it breaks, kept up to date as rows come and go.
// The builder, the search and the bounds all count through it.
//
// What the history breaks by itself, so that no page could change it, is not counted: units are
// those that the page's rows add to it.
//
// INVARIANT: the units of a constraint on a partial page are a lower bound of its units on every
// way to fill the open slots, never fall when a row is placed, and are exact when no slot is open.
// So a search may compare partial pages, and placing and removing are exact opposites.
#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include "base/arena.hpp"
#include "constraint/closeness.hpp"
#include "constraint/problem.hpp"
#include "constraint/state_bits.hpp"

namespace lineup {

inline constexpr std::uint32_t kNoSlot = 0xFFFFFFFFU;

// Slots in a row that a window binds, as bit positions of its tracker: [begin, end).
struct Stretch {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// What is counted for one native constraint. Which fields a kind uses is said beside them.
struct Tracker {
  const Constraint* constraint = nullptr;
  std::uint32_t rank = 0;  // index in a vector of units: 0 required, 1 + level hard, last soft
  std::uint32_t units = 0;
  std::uint32_t group_count = 0;  // the groups of rows and of the past
  bool is_multi = false;          // rows may have several groups

  // Window, Spacing, Last: where each group stands; bit `past_bits + slot` of its words.
  std::uint32_t past_bits = 0;
  std::uint32_t words = 0;
  Word* bits = nullptr;          // [lanes][words]; after the groups one lane for rows that miss
  bool borrows_bits = false;     // of a tracker before it that counts the same rows the same way
  Stretch* stretches = nullptr;  // Window with slots or across a grid: [slot_count]; null: the
                                 // whole page is one
  // Window across columns: slots in the order of its bits, column by column, and the way back.
  std::uint32_t* positions = nullptr;   // [slot_count] of a slot; null: bits are in slot order
  std::uint32_t* slots_at = nullptr;    // [slot_count] the slot of a position
  std::uint32_t miss_max = kUnlimited;  // Window with min, without by: most misses in a whole run

  // Quota, Cap: rows on the constraint's slots.
  std::uint32_t* counts = nullptr;       // [group_count]
  std::uint32_t* past_counts = nullptr;  // [group_count]; null: no past
  std::uint8_t* occurs = nullptr;        // Quota with by and min: the value is among the candidates
  std::uint32_t open = 0;                // open slots among the constraint's
  std::uint32_t needed = 0;              // rows still missing for min, over all groups
  std::int64_t sum = 0;                  // Budget: over the slots; `open` is used too
  std::uint32_t row_count = 0;           // of the problem
  std::size_t counter_bytes = 0;         // of bits, or of counts, in the state's counters

  // Place, Exactly and AtOrAbove: pins by row and by slot, as chains.
  std::uint32_t* pin_of_row = nullptr;    // [row_count] first pin of the row or kNoRow
  std::uint32_t* next_of_row = nullptr;   // [pin_count]
  std::uint32_t* pin_of_slot = nullptr;   // [slot_count]
  std::uint32_t* next_of_slot = nullptr;  // [pin_count]

  [[nodiscard]] const Word* lane(std::uint32_t group) const {
    return bits + group * std::size_t{words};
  }
  [[nodiscard]] Word* lane(std::uint32_t group) { return bits + group * std::size_t{words}; }
  // The bit of a slot.
  [[nodiscard]] std::uint32_t bit_of(std::uint32_t slot) const {
    return past_bits + (positions == nullptr ? slot : positions[slot]);
  }
  // The slot of a bit of the page. REQUIRES: bit >= past_bits.
  [[nodiscard]] std::uint32_t slot_of(std::uint32_t bit) const {
    return slots_at == nullptr ? bit - past_bits : slots_at[bit - past_bits];
  }
  [[nodiscard]] bool matches(std::uint32_t row) const {
    return constraint->where == nullptr || test_bit(constraint->where, row);
  }
  [[nodiscard]] bool has_slot(std::uint32_t slot) const {
    return constraint->slots == nullptr || test_bit(constraint->slots, slot);
  }
};

// Calls visit(group) for every group in which the tracker counts `row`.
template <typename Visit>
inline void for_each_group(const Tracker& tracker, std::uint32_t row, Visit&& visit) {
  if (!tracker.matches(row)) return;
  const Constraint& constraint = *tracker.constraint;
  if (!constraint.has_by) {
    visit(0U);
  } else if (!tracker.is_multi) {
    if (constraint.groups.single[row] != kNoGroup) visit(constraint.groups.single[row]);
  } else {
    for (std::uint32_t i = constraint.groups.offsets[row]; i < constraint.groups.offsets[row + 1];
         ++i) {
      visit(constraint.groups.values[i]);
    }
  }
}

// A window with a maximum over the whole page, as the walk from the first slot on needs it: only
// the run that ends at the slot matters, and it is one mask away.
struct Gate {
  const Tracker* tracker = nullptr;
  const std::uint32_t* single = nullptr;  // [rows] groups; null: matching rows are group 0
  const Word* where = nullptr;
  Word* bits = nullptr;
  std::uint32_t words = 0;
  std::uint32_t past_bits = 0;
  std::uint32_t size = 0;
  std::uint32_t max = 0;
  bool borrows_bits = false;
  Word run = 0;  // the `size` - 1 highest bits

  [[nodiscard]] std::uint32_t group_of(std::uint32_t row) const {
    if (where != nullptr && !test_bit(where, row)) return kNoGroup;
    return single == nullptr ? 0 : single[row];
  }
  void mark(std::uint32_t slot, std::uint32_t row) const {
    if (borrows_bits) return;
    const std::uint32_t group = group_of(row);
    if (group != kNoGroup) set_bit(bits + group * std::size_t{words}, past_bits + slot);
  }
  [[nodiscard]] bool lets_pass(std::uint32_t slot, std::uint32_t row) const {
    const std::uint32_t group = group_of(row);
    if (group == kNoGroup) return true;
    const std::uint32_t at = past_bits + slot;
    // Usually the page and what came before it are one word, and no more than two may stand in a
    // run. What is before the slot is moved to the top.
    if (words == 1) {
      const Word seen = bits[group] << (63 - at) << 1 & run;
      if (max == 1) return seen == 0;
      if (max == 2) return (seen & (seen - 1)) == 0;
      return !has_at_least(seen, max);
    }
    const std::uint32_t begin = at + 1 > size ? at + 1 - size : 0;
    if (begin == at) return max > 0;
    return !at_least_between(bits + group * std::size_t{words}, begin, at, max);
  }
};

// The page itself, as the kinds see it.
struct Page {
  std::uint32_t length = 0;
  std::uint32_t open_count = 0;
  std::span<std::uint32_t> rows;     // [slot_count] kNoRow: open
  std::span<std::uint32_t> slot_of;  // [row_count] kNoSlot: not placed
  std::span<Word> open;              // [word_count(slot_count)] open slots below length
};

class State {
 public:
  // Everything is allocated here, for pages of up to problem.slot_count slots. Borrows the problem.
  State(const Problem& problem, Arena& arena);
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  // An empty page of `length` slots; nothing is done when it is one. REQUIRES: length <=
  // slot_count.
  void reset(std::uint32_t length);
  // Makes this the same page as `other`, a state of the same problem.
  void copy(const State& other);

  [[nodiscard]] const Problem& problem() const { return problem_; }
  [[nodiscard]] const Page& page() const { return page_; }
  [[nodiscard]] std::uint32_t length() const { return page_.length; }
  [[nodiscard]] bool is_open(std::uint32_t slot) const { return page_.rows[slot] == kNoRow; }
  [[nodiscard]] bool is_used(std::uint32_t row) const { return page_.slot_of[row] != kNoSlot; }
  [[nodiscard]] std::span<const Tracker> trackers() const { return trackers_; }

  // Units by rank: [0] required, [1 + level] hard.
  [[nodiscard]] std::span<const std::uint32_t> units() const { return units_; }
  // No hard rule is broken.
  [[nodiscard]] bool is_clean() const { return broken_ == 0; }
  // Weighted units of soft rules, summed in the order of the constraints.
  [[nodiscard]] double penalty() const;

  // REQUIRES: the slot is open and the row is not used.
  void place(std::uint32_t slot, std::uint32_t row);
  // Takes the slot's row out. REQUIRES: the slot is filled.
  void remove(std::uint32_t slot);

  // What placing `row` would change. REQUIRES: as place(). For one of the trackers first.
  [[nodiscard]] std::uint32_t added_units(const Tracker& tracker, std::uint32_t slot,
                                          std::uint32_t row) const;
  [[nodiscard]] bool keeps_clean(std::uint32_t slot,
                                 std::uint32_t row) const;  // no hard rule worse
  // The same. REQUIRES: all slots after `slot` are open.
  [[nodiscard]] bool keeps_clean_walking(std::uint32_t slot, std::uint32_t row) const;
  // After one of the two said no: the first slot after `slot` that may take the row. REQUIRES: rows
  // will only come, and slots be filled in order.
  [[nodiscard]] std::uint32_t refused_until(std::uint32_t slot, std::uint32_t row) const;
  // `row` is about to be asked about: what is slow to read is asked for.
  void expect(std::uint32_t row) const {
    for (const Tracker* tracker : slow_) tracker->constraint->closeness->expect(row);
  }
  // As place(), for a row that was just found to keep every hard rule.
  void place_clean(std::uint32_t slot, std::uint32_t row);
  [[nodiscard]] bool adds_required(std::uint32_t slot, std::uint32_t row) const;
  // Ends early, with what was summed by then, once it is not below `limit`.
  [[nodiscard]] double added_penalty(std::uint32_t slot, std::uint32_t row,
                                     double limit = std::numeric_limits<double>::infinity()) const;
  // The same. REQUIRES: all slots after `slot` are open.
  [[nodiscard]] double added_penalty_walking(std::uint32_t slot, std::uint32_t row,
                                             double limit) const;
  // Adds the units to `units` [1 + level_count] and returns the added penalty.
  double added(std::uint32_t slot, std::uint32_t row, std::span<std::uint32_t> units) const;

  // For steps from page to page. What placing `row` would add to the hard constraints, each unit
  // times its constraint's weight [hard_count()]; ends early once it is not below `limit`.
  [[nodiscard]] std::uint64_t added_weight(std::uint32_t slot, std::uint32_t row,
                                           std::span<const std::uint32_t> weights,
                                           std::uint64_t limit) const;
  // How many units less the tracker would have without the row on the slot. REQUIRES: it is filled.
  std::uint32_t relief(std::size_t tracker, std::uint32_t slot);
  // The first so many trackers are those of required and hard constraints.
  [[nodiscard]] std::size_t hard_count() const { return hard_.size(); }

  // Adds every native constraint's units to its rule: hard and required, soft. [use_count]
  void add_by_use(std::span<std::uint32_t> hard, std::span<std::uint32_t> soft) const;

 private:
  const Problem& problem_;
  Page page_;
  std::span<Tracker> trackers_;  // hard ones by rank, then the soft ones
  std::span<Tracker> hard_;
  std::span<Tracker> soft_;
  std::span<Gate> gates_;                     // for the hard windows that a gate can stand for,
  std::span<Gate> soft_gates_;                // [soft_] size 0: no gate can stand for it
  std::span<const Tracker*> slow_;            // hard ones that read embeddings
  std::span<Tracker*> others_;                // and the other hard ones, as they are asked
  mutable std::uint32_t first_gate_ = 0;      // the one that closed last is asked first
  mutable const Tracker* refuser_ = nullptr;  // who said no last
  std::span<std::uint32_t> order_;            // in which hard trackers are asked
  std::uint32_t required_count_ = 0;
  std::span<std::uint32_t> units_;
  std::uint32_t broken_ = 0;       // sum of units_
  std::span<std::byte> counters_;  // all bits and counts, in one piece: cleared and copied at once

  void begin(std::uint32_t length);
  void prepare(Tracker& tracker, Arena& arena);
  void start(Tracker& tracker);
  void set_gates(Arena& arena);
  void lay_out_counters(Arena& arena);
  void fill_slot(std::uint32_t slot, std::uint32_t row);
  void mark_past(Tracker& tracker);
  void count_past(Tracker& tracker, Arena& arena);
};

}  // namespace lineup
