// SPDX-License-Identifier: Apache-2.0
//
// The best matching rows are found with a small sorted array of the best so far: pins are few, rows
// are many, and most rows are turned away by one comparison.
#include "constraint/instantiate_pins.hpp"

#include <algorithm>
#include <cmath>

namespace lineup {

namespace {

// The 0-based slots of `slots`, in order, at most `most` of them.
std::span<std::uint32_t> expand(const SlotSet& slots, std::size_t most, Arena& arena) {
  std::size_t total = 0;
  for (const auto& range : slots.ranges) total += std::size_t{range.second} - range.first + 1;
  const auto out = arena.allocate<std::uint32_t>(std::min(total, most));
  std::size_t count = 0;
  for (const auto& range : slots.ranges) {
    for (std::uint32_t slot = range.first; slot <= range.second && count < out.size(); ++slot) {
      out[count++] = slot - 1;
    }
  }
  return out;
}

std::uint64_t slot_total(const SlotSet& slots) {
  std::uint64_t total = 0;
  for (const auto& range : slots.ranges) total += std::uint64_t{range.second} - range.first + 1;
  return total;
}

// The best `out.size()` of the matching rows, best first; of equals the first row.
// REQUIRES: at least so many rows match.
void select_best(std::span<const Word> matching, std::span<const double> score,
                 std::span<std::uint32_t> out) {
  std::size_t count = 0;
  for_each_bit(matching, [&](std::size_t row) {
    const double value = score[row];
    if (count == out.size() && !(value > score[out[count - 1]])) return;
    std::size_t at = count < out.size() ? count++ : count - 1;
    for (; at > 0 && value > score[out[at - 1]]; --at) out[at] = out[at - 1];
    out[at] = static_cast<std::uint32_t>(row);
  });
}

// The 0-based slot that `row` asks for in its column, or kNoRow for none.
std::uint32_t own_slot(const Column& column, std::uint32_t row) {
  if (column.is_missing(row)) return kNoRow;
  const double slot = column.type == ColumnType::Float ? column.floats[row]
                                                       : static_cast<double>(column.integers[row]);
  if (!(slot >= 1.0) || slot != std::floor(slot)) return kNoRow;
  return static_cast<std::uint32_t>(std::min(slot, 1e9)) - 1;
}

Pins pins_from_column(const Column& column, std::span<const Word> matching, Arena& arena) {
  if (!column.present) return {};
  std::size_t count = 0;
  for_each_bit(matching, [&](std::size_t row) {
    count += own_slot(column, static_cast<std::uint32_t>(row)) != kNoRow ? 1 : 0;
  });
  const auto rows = arena.allocate<std::uint32_t>(count);
  const auto slots = arena.allocate<std::uint32_t>(count);
  count = 0;
  for_each_bit(matching, [&](std::size_t bit) {
    const auto row = static_cast<std::uint32_t>(bit);
    const std::uint32_t slot = own_slot(column, row);
    if (slot == kNoRow) return;
    rows[count] = row;
    slots[count++] = slot;
  });
  return {rows, slots, false};
}

}  // namespace

std::uint32_t find_id(const CompiledConstraint& constraint, const Table& rows,
                      std::span<const Word> candidates) {
  const auto candidate_or_none = [candidates](std::uint32_t row) {
    return test_bit(candidates.data(), row) ? row : kNoRow;
  };
  if (rows.ids.is_numeric()) {
    if (!constraint.id_number) return kNoRow;
    for (std::uint32_t row = 0; row < rows.row_count; ++row) {
      if (rows.ids.numbers[row] == *constraint.id_number) return candidate_or_none(row);
    }
    return kNoRow;
  }
  const std::string_view id = *constraint.spec.id;
  for (std::uint32_t row = 0; row < rows.row_count; ++row) {
    if (rows.ids.text(row) == id) return candidate_or_none(row);
  }
  return kNoRow;
}

Pins find_pins(const CompiledConstraint& constraint, const RuleInput& input,
               std::span<const Word> matching, Arena& arena) {
  if (constraint.slot_column >= 0) {
    const auto column = static_cast<std::size_t>(constraint.slot_column);
    return pins_from_column(input.batch->rows.columns[column], matching, arena);
  }
  const std::size_t match_count = count_bits(matching);
  const auto slots = expand(constraint.spec.slots, match_count, arena);
  const auto rows = arena.allocate<std::uint32_t>(slots.size());
  if (!rows.empty()) select_best(matching, input.score, rows);
  return {rows, slots, match_count < slot_total(constraint.spec.slots)};
}

}  // namespace lineup
