// SPDX-License-Identifier: Apache-2.0
//
// What a later slot can still tell of a row at an earlier position: for a window or a spacing how
// far back it stands, within reach, as for pairs that may not be neighbours or alike; for a quota,
// cap or budget whether it stands on the slots that count,
// while some of them are open; for `last` how many matching rows close the page so far. The key of
// a partial page sums, over its rows, a mix of the row and of what can be told of its position.
#include "constraint/search_memo.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace lineup {

namespace {

// LIMIT: entries of the table. A page small enough to be searched whole has fewer of them.
constexpr std::size_t kEntries = 16384;

std::uint64_t combine(std::uint64_t a, std::uint64_t b) {
  return mix64(a * 0x9E3779B97F4A7C15ULL + b);
}

}  // namespace

Memo::Memo(const State& state, Arena& arena, double slack)
    : state_(state),
      length_(state.length()),
      ranks_(static_cast<std::uint32_t>(state.units().size())),
      slack_(slack) {
  codes_ = arena.allocate<std::uint64_t>(std::size_t{length_} * length_);
  for (std::uint32_t slot = 0; slot < length_; ++slot) {
    for (std::uint32_t position = 0; position < slot; ++position) {
      codes_[slot * length_ + position] = code_of(slot, position);
    }
  }
  keys_ = arena.zeroed<std::uint64_t>(kEntries);
  totals_ = arena.allocate<double>(kEntries);
  units_ = arena.allocate<std::uint32_t>(kEntries * ranks_);
  rows_ = arena.allocate<std::uint16_t>(kEntries * length_);
}

std::uint64_t Memo::code_of(std::uint32_t slot, std::uint32_t position) const {
  std::uint64_t code = slot + 1;
  for (const Tracker& tracker : state_.trackers()) {
    const Constraint& constraint = *tracker.constraint;
    std::uint64_t own = 0;
    if (constraint.kind == Kind::Window) {
      // Runs from slot - size + 1 on hold later slots; from length - size on they are one run.
      const bool in_reach = position + std::uint64_t{constraint.size} * constraint.columns > slot;
      std::uint32_t told = position;
      if (!constraint.tumbling && tracker.stretches == nullptr && length_ >= constraint.size) {
        told = std::min(position, length_ - constraint.size);
      }
      own = in_reach ? 1 + told : 0;
    } else if (constraint.kind == Kind::Spacing) {
      own = position + constraint.gap >= slot ? 1 + position : 0;
    } else if (constraint.kind == Kind::Adjacent) {
      const std::uint32_t step = constraint.across == Across::Columns ? constraint.columns : 1;
      own = position + step >= slot ? 1 + position : 0;
    } else if (constraint.kind == Kind::Similar) {
      own = position + std::uint64_t{constraint.size} > slot ? 1 + position : 0;
    } else if (constraint.kind == Kind::Quota || constraint.kind == Kind::Cap ||
               constraint.kind == Kind::Budget) {
      bool counts_later = false;
      for (std::uint32_t later = slot; later < length_; ++later) {
        counts_later = counts_later || tracker.has_slot(later);
      }
      own = counts_later && tracker.has_slot(position) ? 1 : 0;
    }
    code = combine(code, own);
  }
  return code;
}

std::uint64_t Memo::key_of(std::uint32_t slot, std::uint64_t seed) const {
  std::uint64_t key = combine(seed, slot);
  const auto rows = state_.page().rows;
  for (std::uint32_t position = 0; position < slot; ++position) {
    key += combine(codes_[slot * length_ + position], rows[position]);
  }
  for (const Tracker& tracker : state_.trackers()) {
    const Constraint& constraint = *tracker.constraint;
    if (constraint.kind != Kind::Place || constraint.mode != PlaceMode::Last) continue;
    std::uint32_t closing = 0;
    while (closing < slot && tracker.matches(rows[slot - 1 - closing])) ++closing;
    key = combine(key, closing);
  }
  return key == 0 ? 1 : key;
}

bool Memo::is_better(std::uint32_t entry, std::uint32_t slot, double total) const {
  const auto units = units_.subspan(entry * std::size_t{ranks_}, ranks_);
  const auto now = state_.units();
  for (std::uint32_t rank = 0; rank < ranks_; ++rank) {
    if (units[rank] != now[rank]) return units[rank] < now[rank];
  }
  if (totals_[entry] > total + slack_) return true;
  if (totals_[entry] < total - slack_) return false;
  const auto rows = rows_.subspan(entry * std::size_t{length_}, slot);
  return std::lexicographical_compare(rows.begin(), rows.end(), state_.page().rows.begin(),
                                      state_.page().rows.begin() + slot);
}

void Memo::write(std::uint32_t entry, std::uint32_t slot, double total) {
  totals_[entry] = total;
  std::copy(state_.units().begin(), state_.units().end(),
            units_.begin() + entry * std::ptrdiff_t{ranks_});
  const auto rows = rows_.subspan(entry * std::size_t{length_}, slot);
  for (std::uint32_t i = 0; i < slot; ++i)
    rows[i] = static_cast<std::uint16_t>(state_.page().rows[i]);
}

bool Memo::is_dominated(std::uint32_t slot, double total, std::uint64_t seed) {
  // LIMIT: places looked at for one key; when all hold others, the page is not noted.
  constexpr std::uint32_t kProbes = 8;
  const std::uint64_t key = key_of(slot, seed);
  for (std::uint32_t probe = 0; probe < kProbes; ++probe) {
    const auto entry = static_cast<std::uint32_t>((key + probe) % kEntries);
    if (keys_[entry] == key) {
      if (is_better(entry, slot, total)) return true;
      write(entry, slot, total);
      return false;
    }
    if (keys_[entry] != 0) continue;
    keys_[entry] = key;
    write(entry, slot, total);
    return false;
  }
  return false;
}

}  // namespace lineup
