// SPDX-License-Identifier: Apache-2.0
//
// The verifier walks over the rules of the policy one after another and counts what each costs on
// the finished page. Work is done for the rows of the page and the counted history; only what a
// rule defines over all candidates (the best matching row, values that occur anywhere) looks at the
// whole batch.
#include "constraint/verify.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstddef>

#include "base/hash.hpp"
#include "constraint/verify_kinds.hpp"
#include "constraint/verify_values.hpp"

namespace lineup {

namespace {

class Verifier {
 public:
  Verifier(std::span<const RuleUse> uses, std::span<const Idle> idle, const RuleInput& input,
           std::span<const std::uint32_t> slate, Arena& arena);

  // Whether the rows of the slate may be shown, each once.
  bool is_well_formed();
  // What one constraint costs.
  std::uint64_t count(const CompiledConstraint& constraint);

 private:
  using Compiled = CompiledConstraint;

  ShownPage shown(const Compiled& constraint);
  std::uint64_t count_windows(const Compiled& constraint);
  std::uint64_t count_lines(const SlotSet& slots, Across across, Occurrences occurrences,
                            const WindowRule& rule);
  std::uint64_t count_spacings(const Compiled& constraint);
  std::uint64_t count_totals(const Compiled& constraint);
  std::uint64_t count_place(const Compiled& constraint);
  std::uint64_t count_pins(const Compiled& constraint);
  std::uint64_t count_best_pins(const Compiled& constraint);
  std::uint64_t count_own_slots(const Compiled& constraint);
  std::uint64_t count_zone(const Compiled& constraint);
  std::uint64_t count_last(const Compiled& constraint);
  std::uint64_t count_code(const Compiled& constraint);

  [[nodiscard]] std::int64_t length() const { return static_cast<std::int64_t>(slate_.size()); }
  // A number of a spec as a count, when it is given; a fraction is of `present` slots.
  [[nodiscard]] std::int64_t rounded_down(const Amount& amount, std::int64_t present,
                                          std::int64_t absent) const;
  [[nodiscard]] std::int64_t rounded_up(const Amount& amount, std::int64_t present,
                                        std::int64_t absent) const;
  [[nodiscard]] double number(const Amount& amount, std::int64_t present) const;
  [[nodiscard]] std::uint32_t past_rows(const Spec& spec) const;

  [[nodiscard]] bool is_forbidden(std::uint32_t row) const;
  [[nodiscard]] bool is_repeated_id(std::size_t slot, std::span<Word> seen) const;
  [[nodiscard]] bool is_pin_broken(const Spec& spec, std::uint32_t row, std::int64_t slot) const;
  [[nodiscard]] std::uint32_t row_of_id(const Compiled& constraint) const;
  [[nodiscard]] bool is_placed_match(const Compiled& constraint, std::uint32_t id_row,
                                     std::uint32_t row) const;
  std::span<const std::uint32_t> candidates();

  std::span<const RuleUse> uses_;
  std::span<const Idle> idle_;
  const RuleInput& input_;
  const Table& rows_;
  std::span<const std::uint32_t> slate_;
  Arena& arena_;
  std::span<const Condition*> filters_;  // the active ones
  std::span<std::uint32_t> slots_;       // [rows] the slot of every placed row, else kNoRow
  std::span<std::uint32_t> candidates_;  // made when first asked for
  bool has_candidates_ = false;
};

Verifier::Verifier(std::span<const RuleUse> uses, std::span<const Idle> idle,
                   const RuleInput& input, std::span<const std::uint32_t> slate, Arena& arena)
    : uses_(uses),
      idle_(idle),
      input_(input),
      rows_(input.batch->rows),
      slate_(slate),
      arena_(arena) {
  std::size_t filter_count = 0;
  const auto each_filter = [&](auto visit) {
    for (std::size_t u = 0; u < uses_.size(); ++u) {
      if (idle_[u] != Idle::Active) continue;
      for (const Compiled& constraint : uses_[u].constraints) {
        if (constraint.spec.kind == Kind::Filter) visit(constraint.where);
      }
    }
  };
  each_filter([&](const Condition&) { ++filter_count; });
  filters_ = arena_.allocate<const Condition*>(filter_count);
  filter_count = 0;
  each_filter([&](const Condition& where) { filters_[filter_count++] = &where; });
  slots_ = arena_.filled<std::uint32_t>(rows_.row_count, kNoRow);
}

bool Verifier::is_well_formed() {
  const auto seen = arena_.zeroed<Word>(64);  // a power of two
  bool well_formed = true;
  for (std::size_t slot = 0; slot < slate_.size(); ++slot) {
    const std::uint32_t row = slate_[slot];
    if (slots_[row] != kNoRow || is_forbidden(row) || is_repeated_id(slot, seen)) {
      well_formed = false;
    }
    if (slots_[row] == kNoRow) slots_[row] = static_cast<std::uint32_t>(slot);
  }
  return well_formed;
}

bool Verifier::is_forbidden(std::uint32_t row) const {
  if (!input_.absent.empty() && test_bit(input_.absent.data(), row)) return true;
  if (filters_.empty()) return false;
  return std::any_of(filters_.begin(), filters_.end(), [&](const Condition* filter) {
    return filter->holds(rows_, input_.batch->vocabularies, input_.context, row);
  });
}

std::uint64_t id_hash(const Ids& ids, std::uint32_t row) {
  return ids.is_numeric() ? mix64(static_cast<std::uint64_t>(ids.numbers[row]))
                          : hash64(ids.text(row));
}

// Ids are compared with all those above only when their hashes meet, which on a page is rare.
bool Verifier::is_repeated_id(std::size_t slot, std::span<Word> seen) const {
  const std::uint32_t row = slate_[slot];
  const std::size_t bit = id_hash(rows_.ids, row) & (seen.size() * 64 - 1);
  if (!test_bit(seen.data(), bit)) {
    set_bit(seen.data(), bit);
    return false;
  }
  const auto above = slate_.first(slot);
  return std::any_of(above.begin(), above.end(),
                     [&](std::uint32_t other) { return is_same_id(rows_.ids, row, other); });
}

double Verifier::number(const Amount& amount, std::int64_t present) const {
  double value = amount.value;
  if (amount.live >= 0 && static_cast<std::size_t>(amount.live) < input_.live.size()) {
    value = input_.live[static_cast<std::size_t>(amount.live)];
  }
  if (amount.unit == Amount::Unit::Fraction) value *= static_cast<double>(present);
  // LIMIT: as when rules are compiled; a live value that is no number counts as none.
  return value >= 0.0 ? std::min(value, 1e6) : 0.0;
}

// Both forgive the last digits of a binary fraction: 7 % of 100 is 7, from either side.
std::int64_t Verifier::rounded_down(const Amount& amount, std::int64_t present,
                                    std::int64_t absent) const {
  if (!amount.is_given()) return absent;
  return static_cast<std::int64_t>(std::floor(number(amount, present) + 1e-9));
}

std::int64_t Verifier::rounded_up(const Amount& amount, std::int64_t present,
                                  std::int64_t absent) const {
  if (!amount.is_given()) return absent;
  return static_cast<std::int64_t>(std::ceil(number(amount, present) - 1e-9));
}

constexpr std::int64_t kNoBound = INT32_MAX;

std::uint32_t Verifier::past_rows(const Spec& spec) const {
  const std::int64_t rows = input_.batch->history.row_count;
  return static_cast<std::uint32_t>(std::min(rounded_down(spec.history, length(), 0), rows));
}

std::int64_t count_present(const SlotSet& slots, std::int64_t length) {
  if (slots.is_all()) return length;
  std::int64_t present = 0;
  for (std::int64_t slot = 0; slot < length; ++slot) present += is_in(slots, slot) ? 1 : 0;
  return present;
}

// The page for kinds whose counting stands in verify_kinds.hpp.
ShownPage Verifier::shown(const Compiled& constraint) {
  const Spec& spec = constraint.spec;
  const bool needs_supply = spec.kind == Kind::Mix || spec.even;
  return {input_, slate_, past_rows(spec),
          needs_supply ? candidates() : std::span<const std::uint32_t>(), arena_};
}

std::uint64_t Verifier::count(const Compiled& constraint) {
  switch (constraint.spec.kind) {
    case Kind::Window:
      return count_windows(constraint);
    case Kind::Spacing:
      return count_spacings(constraint);
    case Kind::Quota:
      if (constraint.spec.even) return count_even_quota(constraint, shown(constraint));
      if (!constraint.channels.empty()) return count_quota_set(constraint, shown(constraint));
      return count_totals(constraint);
    case Kind::Cap:
      return count_totals(constraint);
    case Kind::Place:
      return count_place(constraint);
    case Kind::Adjacent:
      return count_adjacent(constraint, shown(constraint));
    case Kind::Order:
      return count_order(constraint, shown(constraint));
    case Kind::Similar:
      return count_similar(constraint, rounded_down(constraint.spec.size, length(), kNoBound),
                           shown(constraint));
    case Kind::Budget:
      return count_budget(constraint, shown(constraint));
    case Kind::Mix:
      return count_mix(constraint, shown(constraint));
    case Kind::Code:
      return count_code(constraint);
    default:
      return 0;
  }
}

// Every stretch of neighbouring slots is looked at by itself; the first continues the history.
std::uint64_t Verifier::count_windows(const Compiled& constraint) {
  const Spec& spec = constraint.spec;
  const std::int64_t present = count_present(spec.slots, length());
  WindowRule rule;
  rule.size = std::max<std::int64_t>(1, rounded_down(spec.size, present, present));
  rule.min = rounded_up(spec.min, present, 0);
  rule.max = rounded_down(spec.max, present, kNoBound);
  rule.has_by = !constraint.by.empty();
  rule.tumbling = spec.tumbling;
  const bool goes_on = !spec.tumbling && spec.across == Across::Sequence;
  const std::uint32_t past = goes_on ? past_rows(spec) : 0;
  const Occurrences occurrences =
      collect(constraint, constraint.by, {input_, slate_, past, {}}, arena_);
  if (spec.across != Across::Sequence) {
    return count_lines(spec.slots, spec.across, occurrences, rule);
  }
  std::uint64_t total = 0;
  for (std::int64_t begin = 0; begin < length();) {
    std::int64_t end = spec.slots.is_all() ? length() : begin;
    while (end < length() && is_in(spec.slots, end)) ++end;
    if (end > begin) {
      total += count_window(occurrences, begin == 0 ? -std::int64_t{past} : begin, end, rule);
    }
    begin = std::max(end, begin + 1);
  }
  return total;
}

// The rows or columns of the grid, each by itself: positions count along the line.
std::uint64_t Verifier::count_lines(const SlotSet& slots, Across across, Occurrences occurrences,
                                    const WindowRule& rule) {
  const std::int64_t columns = input_.page_columns;
  const bool is_row = across == Across::Rows;
  const std::int64_t lines = is_row ? (length() + columns - 1) / columns : columns;
  std::uint64_t total = 0;
  for (std::int64_t line = 0; line < lines; ++line) {
    const auto slot_at = [&](std::int64_t i) {
      return is_row ? line * columns + i : line + i * columns;
    };
    std::int64_t count = 0;
    while (slot_at(count) < length() && (!is_row || count < columns)) ++count;
    const auto own = arena_.allocate<Occurrence>(occurrences.size());
    std::size_t own_count = 0;
    for (const Occurrence& one : occurrences) {
      const std::int64_t of_line = is_row ? one.position / columns : one.position % columns;
      if (of_line != line) continue;
      const std::int64_t along = is_row ? one.position % columns : one.position / columns;
      own[own_count++] = {static_cast<std::int32_t>(along), one.value};
    }
    for (std::int64_t begin = 0; begin < count; ++begin) {
      std::int64_t end = begin;
      while (end < count && is_in(slots, slot_at(end))) ++end;
      if (end > begin) total += count_window(own.first(own_count), begin, end, rule);
      begin = end;
    }
  }
  return total;
}

std::uint64_t Verifier::count_spacings(const Compiled& constraint) {
  const Spec& spec = constraint.spec;
  const std::int64_t gap = rounded_up(spec.gap, length(), 0);
  const std::int64_t first_slot = rounded_up(spec.first_slot, length(), 1) - 1;
  const Walk walk = {input_, slate_, past_rows(spec), {}};
  std::uint64_t total = count_spacing(collect(constraint, constraint.by, walk, arena_), gap);
  for (std::int64_t slot = 0; slot < std::min(first_slot, length()); ++slot) {
    const std::uint32_t row = slate_[static_cast<std::size_t>(slot)];
    total += is_match(constraint, input_, rows_, row) ? 1 : 0;
  }
  return total;
}

// Quotas and caps. With a `by` every value is counted by itself: those of the page and the counted
// history; a minimum also binds values that only rows beside the page have.
std::uint64_t Verifier::count_totals(const Compiled& constraint) {
  const Spec& spec = constraint.spec;
  const std::int64_t present = count_present(spec.slots, length());
  CountRule rule;
  rule.max = rounded_down(spec.max, present, kNoBound);
  if (spec.kind == Kind::Quota) rule.min = rounded_up(spec.min, present, 0);
  const bool has_by = !constraint.by.empty();
  Walk walk = {input_, slate_, past_rows(spec), {}};
  if (has_by && spec.kind == Kind::Quota) walk.others = candidates();
  const Occurrences occurrences = collect(constraint, constraint.by, walk, arena_);
  Tallies tallies(occurrences.size() + 1, arena_);
  if (!has_by) tallies.of(0).is_bound = true;  // even when no row matches
  for (const Occurrence& occurrence : occurrences) {
    UnitTally& tally = tallies.of(occurrence.value);
    if (occurrence.position == kOffPage || spec.kind == Kind::Cap) tally.is_bound = true;
    if (occurrence.position < 0) {
      ++tally.past;
    } else if (occurrence.position != kOffPage && is_in(spec.slots, occurrence.position)) {
      ++tally.on_page;
    }
  }
  std::uint64_t total = 0;
  for (const UnitTally& tally : tallies.all()) {
    if (tally.is_bound) total += count_total(tally, rule);
  }
  return total;
}

std::uint64_t Verifier::count_place(const Compiled& constraint) {
  switch (constraint.spec.mode) {
    case PlaceMode::Exactly:
    case PlaceMode::AtOrAbove:
      return count_pins(constraint);
    case PlaceMode::OnlyWithin:
    case PlaceMode::NeverIn:
      return count_zone(constraint);
    case PlaceMode::Last:
      return count_last(constraint);
  }
  return 0;
}

std::uint64_t Verifier::count_pins(const Compiled& constraint) {
  if (constraint.slot_column >= 0) return count_own_slots(constraint);
  if (!constraint.spec.id) return count_best_pins(constraint);
  const std::uint32_t row = row_of_id(constraint);
  if (row == kNoRow) return 0;
  return is_pin_broken(constraint.spec, row, constraint.spec.slots.ranges[0].first - 1) ? 1 : 0;
}

bool Verifier::is_pin_broken(const Spec& spec, std::uint32_t row, std::int64_t slot) const {
  if (slots_[row] == kNoRow) return true;
  const bool above = spec.mode == PlaceMode::AtOrAbove;
  return above ? slots_[row] > slot : slots_[row] != slot;
}

// The k-th best matching candidate belongs to the k-th slot.
std::uint64_t Verifier::count_best_pins(const Compiled& constraint) {
  const auto all = candidates();
  const auto matching = arena_.allocate<std::uint32_t>(all.size());
  const auto end = std::copy_if(all.begin(), all.end(), matching.begin(), [&](std::uint32_t row) {
    return is_match(constraint, input_, rows_, row);
  });
  std::sort(matching.begin(), end, [&](std::uint32_t a, std::uint32_t b) {
    return input_.score[a] != input_.score[b] ? input_.score[a] > input_.score[b] : a < b;
  });
  std::uint64_t total = 0;
  auto best = matching.begin();
  for (const auto& range : constraint.spec.slots.ranges) {
    for (std::int64_t slot = range.first; slot <= range.second && best != end; ++slot) {
      total += is_pin_broken(constraint.spec, *best++, slot - 1) ? 1 : 0;
    }
  }
  return total;
}

std::uint64_t Verifier::count_own_slots(const Compiled& constraint) {
  const Column& column = rows_.columns[static_cast<std::size_t>(constraint.slot_column)];
  std::uint64_t total = 0;
  for (const std::uint32_t row : candidates()) {
    if (column.is_missing(row) || !is_match(constraint, input_, rows_, row)) continue;
    const double slot = column.type == ColumnType::Float
                            ? column.floats[row]
                            : static_cast<double>(column.integers[row]);
    if (!(slot >= 1.0) || slot != std::trunc(slot)) continue;
    const auto wanted = static_cast<std::int64_t>(std::min(slot, 1e9)) - 1;
    total += is_pin_broken(constraint.spec, row, wanted) ? 1 : 0;
  }
  return total;
}

bool Verifier::is_placed_match(const Compiled& constraint, std::uint32_t id_row,
                               std::uint32_t row) const {
  return constraint.spec.id ? row == id_row : is_match(constraint, input_, rows_, row);
}

std::uint64_t Verifier::count_zone(const Compiled& constraint) {
  const std::uint32_t id_row = constraint.spec.id ? row_of_id(constraint) : kNoRow;
  const bool inside_is_wrong = constraint.spec.mode == PlaceMode::NeverIn;
  std::uint64_t total = 0;
  for (std::int64_t slot = 0; slot < length(); ++slot) {
    if (is_in(constraint.spec.slots, slot) != inside_is_wrong) continue;
    const std::uint32_t row = slate_[static_cast<std::size_t>(slot)];
    total += is_placed_match(constraint, id_row, row) ? 1 : 0;
  }
  return total;
}

std::uint64_t Verifier::count_last(const Compiled& constraint) {
  const std::uint32_t id_row = constraint.spec.id ? row_of_id(constraint) : kNoRow;
  std::uint64_t matching = 0;
  std::uint64_t total = 0;
  for (const std::uint32_t row : slate_) {
    if (is_placed_match(constraint, id_row, row)) {
      ++matching;
    } else {
      total = matching;  // all that came so far have a row after them that does not match
    }
  }
  return total;
}

std::uint64_t Verifier::count_code(const Compiled& constraint) {
  if (constraint.opaque_index >= input_.opaques.size()) return 0;
  Opaque* const opaque = input_.opaques[constraint.opaque_index];
  if (opaque == nullptr) return 0;
  auto* const state = static_cast<std::byte*>(
      arena_.allocate_bytes(opaque->state_bytes(), alignof(std::max_align_t)));
  opaque->begin(state);
  std::uint64_t total = 0;
  for (std::size_t slot = 0; slot < slate_.size(); ++slot) {
    const Prefix prefix = {slate_.first(slot), state};
    const Judgement judgement = opaque->judge(prefix, slate_[slot]);
    if (judgement.broken) break;
    total += judgement.violations;
    if (!opaque->place(prefix, slate_[slot])) break;
  }
  return total;
}

// The candidate that has the id of a pin: the first row of it, unless a filter forbids that.
std::uint32_t Verifier::row_of_id(const Compiled& constraint) const {
  for (std::uint32_t row = 0; row < rows_.row_count; ++row) {
    const bool same = rows_.ids.is_numeric()
                          ? constraint.id_number && rows_.ids.numbers[row] == *constraint.id_number
                          : rows_.ids.text(row) == *constraint.spec.id;
    if (same) return is_forbidden(row) ? kNoRow : row;
  }
  return kNoRow;
}

// All rows that may be shown: the first of every id that no filter forbids.
std::span<const std::uint32_t> Verifier::candidates() {
  if (has_candidates_) return candidates_;
  has_candidates_ = true;
  candidates_ = arena_.allocate<std::uint32_t>(rows_.row_count);
  const auto firsts = arena_.filled<std::uint32_t>(
      std::bit_ceil(std::size_t{rows_.row_count} * 2 + 2), kNoRow);  // rows by the hash of their id
  const std::size_t mask = firsts.size() - 1;
  std::size_t count = 0;
  for (std::uint32_t row = 0; row < rows_.row_count; ++row) {
    std::size_t at = id_hash(rows_.ids, row) & mask;
    while (firsts[at] != kNoRow && !is_same_id(rows_.ids, firsts[at], row)) {
      at = (at + 1) & mask;
    }
    if (firsts[at] != kNoRow) continue;
    firsts[at] = row;
    if (!is_forbidden(row)) candidates_[count++] = row;
  }
  return candidates_ = candidates_.first(count);
}

}  // namespace

Verification verify(std::span<const RuleUse> uses, std::span<const Idle> idle,
                    const RuleInput& input, std::span<const std::uint32_t> slate,
                    std::uint32_t page_slots, Arena& arena) {
  assert(idle.size() == uses.size());
  Verification out;
  out.violations = arena.zeroed<std::uint32_t>(uses.size());
  const std::uint32_t row_count = input.batch->rows.row_count;
  if (std::any_of(slate.begin(), slate.end(),
                  [row_count](std::uint32_t row) { return row >= row_count; })) {
    return out;
  }
  const Arena::Mark mark = arena.mark();
  const auto page = slate.first(std::min<std::size_t>(slate.size(), page_slots));
  Verifier verifier(uses, idle, input, page, arena);
  out.well_formed = verifier.is_well_formed() && slate.size() <= page_slots;
  for (std::size_t u = 0; u < uses.size(); ++u) {
    if (idle[u] != Idle::Active) continue;
    std::uint64_t total = 0;
    for (const CompiledConstraint& constraint : uses[u].constraints) {
      total += verifier.count(constraint);
    }
    out.violations[u] = static_cast<std::uint32_t>(std::min<std::uint64_t>(total, UINT32_MAX));
  }
  arena.rewind(mark);
  return out;
}

}  // namespace lineup
