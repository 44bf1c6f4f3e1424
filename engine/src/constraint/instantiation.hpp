// SPDX-License-Identifier: Apache-2.0
//
// The making of one request's constraints: what has been asked of the batch so far, and one
// function per kind. instantiate() in compile.hpp is the way in.
#pragma once

#include <cstdint>
#include <span>

#include "constraint/compile.hpp"
#include "constraint/instantiate_groups.hpp"
#include "constraint/instantiate_shares.hpp"
#include "constraint/instantiate_values.hpp"

namespace lineup {

// A condition that was asked: the candidates it holds for, and all of the history.
struct Selection {
  const Condition* condition;
  std::span<const Word> rows;
  std::span<const std::uint8_t> past;  // [history rows]; empty until somebody needs it
};

// A grouping that was made.
struct Grouping {
  const CompiledConstraint* constraint;
  std::uint32_t past_count;
  Coding coding;
};

// LIMIT: a million slots: the reach of what speaks of the whole page, history included.
constexpr std::uint32_t kSlotsMost = 1'000'000;

// What a constraint can count on this request, history included.
enum class Counted : std::uint8_t {
  Nothing,    // no row matches
  Ungrouped,  // rows match, but none has a value of `by`
  Rows,
};

class Instantiation {
 public:
  // What there can be at most.
  struct Sizes {
    std::size_t constraints;
    std::size_t conditions;
  };
  Instantiation(const RuleInput& input, std::span<const Word> candidates, std::uint32_t slot_count,
                Sizes most, Arena& arena)
      : input_(input),
        batch_(*input.batch),
        candidates_(candidates),
        slot_count_(slot_count),
        arena_(arena),
        constraints_(arena.allocate<Constraint>(most.constraints)),
        selections_(arena.allocate<Selection>(most.conditions)),
        groupings_(arena.allocate<Grouping>(most.constraints)) {}

  // Adds what `compiled` means for this request. False when a pin of it does not apply.
  bool add(const RuleUse& use, std::uint16_t use_index, const CompiledConstraint& compiled);

  [[nodiscard]] std::span<const Constraint> constraints() const {
    return constraints_.first(constraint_count_);
  }

 private:
  using Compiled = CompiledConstraint;

  [[nodiscard]] Constraint begin(const RuleUse& use, std::uint16_t use_index,
                                 const Spec& spec) const;
  void emit(const Constraint& constraint) { constraints_[constraint_count_++] = constraint; }

  void add_window(Constraint out, const Compiled& compiled);
  void add_spacing(Constraint out, const Compiled& compiled);
  void add_quota(Constraint out, const Compiled& compiled);
  bool add_place(Constraint out, const Compiled& compiled);
  void add_adjacent(Constraint out, const Compiled& compiled);
  void add_order(Constraint out, const Compiled& compiled);
  void add_similar(Constraint out, const Compiled& compiled);
  void add_budget(Constraint out, const Compiled& compiled);
  void add_mix(Constraint out, const Compiled& compiled);
  void add_quota_set(Constraint out, const Compiled& compiled);
  void add_even_quota(Constraint out, const Compiled& compiled);
  void add_code(Constraint out, const Compiled& compiled);

  // Sets out.where, out.groups and out.past; no groups when nothing is counted.
  Counted bind_rows(Constraint& out, const Compiled& compiled, std::uint32_t past_count);
  // Sets out.slots and returns how many slots of this page the constraint speaks of.
  std::uint32_t bind_slots(Constraint& out, const SlotSet& slots);

  // The rows of `where`, and those of the last `past_count` of the history.
  Matching match(const Condition& where, std::uint32_t past_count);
  Channels channels_of(const Compiled& compiled);
  std::span<const std::uint64_t> weights_of(const Spec& spec) const;
  Selection& select(const Condition& condition);
  std::span<const std::uint8_t> select_past(Selection& selection);
  const Coding& group(const Compiled& compiled, std::uint32_t past_count);
  [[nodiscard]] std::uint32_t past_rows(const Spec& spec) const;

  const RuleInput& input_;
  const Batch& batch_;
  std::span<const Word> candidates_;
  std::uint32_t slot_count_;
  Arena& arena_;
  std::span<Constraint> constraints_;
  std::size_t constraint_count_ = 0;
  std::span<Selection> selections_;
  std::size_t selection_count_ = 0;
  std::span<Grouping> groupings_;
  std::size_t grouping_count_ = 0;
};

}  // namespace lineup
