// SPDX-License-Identifier: Apache-2.0
//
// The request path from rules to the problem of one page. Everything that does not depend on the
// rows was settled when the rules were compiled; here numbers are resolved, and masks and groups
// are made only for those constraints that read something which the batch does not already hold in
// that form. Conditions and groupings that several constraints share are made once.
#include <algorithm>
#include <cassert>

#include "constraint/compile.hpp"
#include "constraint/instantiate_amount.hpp"
#include "constraint/instantiate_pins.hpp"
#include "constraint/instantiation.hpp"

namespace lineup {

Constraint Instantiation::begin(const RuleUse& use, std::uint16_t use_index,
                                const Spec& spec) const {
  Constraint out;
  out.kind = spec.kind;
  out.level = use.level;
  out.use = use_index;
  switch (use.strength.kind) {
    case Strength::Kind::Required:
      out.tier = Tier::Required;
      break;
    case Strength::Kind::Hard:
      out.tier = Tier::Hard;
      break;
    case Strength::Kind::Soft:
      out.tier = Tier::Soft;
      out.weight = std::max(0.0, value_of(use.strength.weight, input_.live));
      break;
  }
  return out;
}

bool Instantiation::add(const RuleUse& use, std::uint16_t use_index, const Compiled& compiled) {
  const Constraint out = begin(use, use_index, compiled.spec);
  switch (compiled.spec.kind) {
    case Kind::Window:
      add_window(out, compiled);
      return true;
    case Kind::Spacing:
      add_spacing(out, compiled);
      return true;
    case Kind::Quota:
    case Kind::Cap:
      if (!compiled.channels.empty()) {
        add_quota_set(out, compiled);
      } else if (compiled.spec.even) {
        add_even_quota(out, compiled);
      } else {
        add_quota(out, compiled);
      }
      return true;
    case Kind::Place:
      return add_place(out, compiled);
    case Kind::Adjacent:
      add_adjacent(out, compiled);
      return true;
    case Kind::Order:
      add_order(out, compiled);
      return true;
    case Kind::Similar:
      add_similar(out, compiled);
      return true;
    case Kind::Budget:
      add_budget(out, compiled);
      return true;
    case Kind::Mix:
      add_mix(out, compiled);
      return true;
    case Kind::Code:
      add_code(out, compiled);
      return true;
    default:
      return true;
  }
}

void Instantiation::add_window(Constraint out, const Compiled& compiled) {
  const Spec& spec = compiled.spec;
  const std::uint32_t present = bind_slots(out, spec.slots);
  out.size = spec.size.is_given() ? at_most(spec.size, input_.live, present) : present;
  out.size = std::max(1U, out.size);
  out.tumbling = spec.tumbling;
  out.across = spec.across;
  if (spec.across != Across::Sequence) out.columns = input_.page_columns;
  out.max = at_most(spec.max, input_.live, present);
  out.min = at_least(spec.min, input_.live, present);
  if (present == 0 || (out.min == 0 && out.max >= out.size)) return;
  const bool goes_on = !spec.tumbling && spec.across == Across::Sequence;
  const Counted counted = bind_rows(out, compiled, goes_on ? past_rows(spec) : 0);
  if (counted == Counted::Rows || (out.min > 0 && !out.has_by)) emit(out);
}

void Instantiation::add_spacing(Constraint out, const Compiled& compiled) {
  const Spec& spec = compiled.spec;
  out.gap = at_least(spec.gap, input_.live, slot_count_);
  out.first_slot = std::max(1U, at_least(spec.first_slot, input_.live, slot_count_)) - 1;
  if (out.gap == 0 && out.first_slot == 0) return;
  // Only the last `gap` rows of the history can be too near.
  const std::uint32_t past = std::min(past_rows(spec), out.gap);
  const Counted counted = bind_rows(out, compiled, past);
  const bool early = counted == Counted::Ungrouped && out.first_slot > 0;
  if (counted == Counted::Rows || early) emit(out);
}

void Instantiation::add_quota(Constraint out, const Compiled& compiled) {
  const Spec& spec = compiled.spec;
  const std::uint32_t present = bind_slots(out, spec.slots);
  out.max = at_most(spec.max, input_.live, present);
  if (spec.kind == Kind::Quota) out.min = at_least(spec.min, input_.live, present);
  const std::uint32_t past = past_rows(spec);
  if (out.min == 0 && out.max >= std::uint64_t{present} + past) return;
  const Counted counted = bind_rows(out, compiled, past);
  if (counted == Counted::Rows || (out.min > 0 && !out.has_by)) emit(out);
}

bool Instantiation::add_place(Constraint out, const Compiled& compiled) {
  const Spec& spec = compiled.spec;
  out.mode = spec.mode;
  std::span<const Word> matching = candidates_;
  if (spec.id) {
    const std::uint32_t row = find_id(compiled, batch_.rows, candidates_);
    if (row == kNoRow) return false;
    const auto one = arena_.zeroed<Word>(candidates_.size());
    set_bit(one.data(), row);
    matching = one;
  } else if (!compiled.where.is_empty()) {
    matching = select(compiled.where).rows;
  }
  if (spec.mode == PlaceMode::Exactly || spec.mode == PlaceMode::AtOrAbove) {
    const Pins pins = find_pins(compiled, input_, matching, arena_);
    out.pin_count = static_cast<std::uint32_t>(pins.rows.size());
    out.pin_rows = pins.rows.data();
    out.pin_slots = pins.slots.data();
    if (out.pin_count > 0) emit(out);
    return !pins.idle;
  }
  if (!any_bit(matching)) return true;
  out.where = matching.data();
  if (spec.mode != PlaceMode::Last) {
    const bool everywhere = bind_slots(out, spec.slots) == slot_count_;
    if (everywhere && spec.mode == PlaceMode::OnlyWithin) return true;
  }
  emit(out);
  return true;
}

void Instantiation::add_code(Constraint out, const Compiled& compiled) {
  if (compiled.opaque_index >= input_.opaques.size()) return;
  out.opaque = input_.opaques[compiled.opaque_index];
  if (out.opaque != nullptr) emit(out);
}

Counted Instantiation::bind_rows(Constraint& out, const Compiled& compiled,
                                 std::uint32_t past_count) {
  out.has_by = !compiled.by.empty();
  out.past.count = past_count;
  if (!compiled.where.is_empty()) {
    Selection& selection = select(compiled.where);
    out.where = selection.rows.data();
    if (past_count == 0 && !any_bit(selection.rows)) return Counted::Nothing;
    if (past_count > 0) out.past.matches = select_past(selection).last(past_count).data();
  }
  if (!out.has_by) return Counted::Rows;
  const Coding& coding = group(compiled, past_count);
  out.groups = coding.rows;
  out.past.groups = coding.past;
  const bool grouped =
      past_count > 0 || !is_never_grouped(compiled.by, compiled.spec.missing_as_value, batch_);
  return grouped ? Counted::Rows : Counted::Ungrouped;
}

std::uint32_t Instantiation::bind_slots(Constraint& out, const SlotSet& slots) {
  if (slots.is_all()) return slot_count_;
  const auto words = arena_.zeroed<Word>(word_count(slot_count_));
  std::uint32_t present = 0;
  for (const auto& range : slots.ranges) {
    for (std::uint32_t slot = range.first; slot <= std::min(range.second, slot_count_); ++slot) {
      set_bit(words.data(), slot - 1);
      ++present;
    }
  }
  if (present < slot_count_) out.slots = words.data();
  return present;
}

Selection& Instantiation::select(const Condition& condition) {
  for (Selection& known : selections_.first(selection_count_)) {
    if (known.condition->text() == condition.text()) return known;
  }
  const auto rows = arena_.allocate<Word>(candidates_.size());
  condition.select(batch_.rows, batch_.vocabularies, input_.context, arena_, rows);
  for (std::size_t w = 0; w < rows.size(); ++w) rows[w] &= candidates_[w];
  return selections_[selection_count_++] = {&condition, rows, {}};
}

std::span<const std::uint8_t> Instantiation::select_past(Selection& selection) {
  if (!selection.past.empty()) return selection.past;
  const std::uint32_t count = batch_.history.row_count;
  const auto matches = arena_.allocate<std::uint8_t>(count);
  const Arena::Mark mark = arena_.mark();
  const auto words = arena_.allocate<Word>(word_count(count));
  selection.condition->select(batch_.history, batch_.vocabularies, input_.context, arena_, words);
  for (std::uint32_t row = 0; row < count; ++row)
    matches[row] = test_bit(words.data(), row) ? 1 : 0;
  arena_.rewind(mark);
  return selection.past = matches;
}

const Coding& Instantiation::group(const Compiled& compiled, std::uint32_t past_count) {
  for (const Grouping& known : groupings_.first(grouping_count_)) {
    if (known.past_count == past_count && known.constraint->by == compiled.by &&
        known.constraint->spec.missing_as_value == compiled.spec.missing_as_value) {
      return known.coding;
    }
  }
  groupings_[grouping_count_] = {
      &compiled, past_count,
      code_groups(compiled.by, compiled.spec.missing_as_value, batch_, past_count, arena_)};
  return groupings_[grouping_count_++].coding;
}

std::uint32_t Instantiation::past_rows(const Spec& spec) const {
  const std::uint32_t asked =
      spec.history.is_given() ? at_most(spec.history, input_.live, slot_count_) : 0;
  return std::min(asked, batch_.history.row_count);
}

Problem instantiate(std::span<const RuleUse> uses, std::span<const Idle> idle,
                    const RuleInput& input, std::span<const Word> candidates,
                    std::uint32_t slot_count, std::uint32_t level_count, Arena& arena,
                    std::span<std::uint8_t> pins_idle) {
  assert(idle.size() == uses.size());
  assert(candidates.size() == word_count(input.batch->rows.row_count));
  std::size_t constraints_max = 0;
  std::size_t conditions_max = 0;
  for (const RuleUse& use : uses) {
    constraints_max += use.constraints.size();
    for (const CompiledConstraint& compiled : use.constraints) {
      conditions_max += 2 + compiled.channels.size();
    }
  }
  Instantiation instantiation(input, candidates, slot_count, {constraints_max, conditions_max},
                              arena);
  for (std::size_t u = 0; u < uses.size(); ++u) {
    bool pins_apply = true;
    if (idle[u] == Idle::Active) {
      for (const CompiledConstraint& compiled : uses[u].constraints) {
        pins_apply &= instantiation.add(uses[u], static_cast<std::uint16_t>(u), compiled);
      }
    }
    if (!pins_idle.empty()) pins_idle[u] = pins_apply ? 0 : 1;
  }
  Problem problem;
  problem.row_count = input.batch->rows.row_count;
  problem.slot_count = slot_count;
  problem.candidates = candidates.data();
  problem.constraints = instantiation.constraints();
  problem.level_count = level_count;
  problem.use_count = static_cast<std::uint32_t>(uses.size());
  return problem;
}

}  // namespace lineup
