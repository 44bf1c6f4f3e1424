// SPDX-License-Identifier: Apache-2.0
//
// A row on the next slot makes one more unit for every run around the slot that is full of its
// value. Nothing stands behind the slot, so those are the runs that begin no later than the row
// that would have to leave them first, and counting them is a subtraction.
#include "constraint/search_soft.hpp"

#include <algorithm>
#include <limits>

namespace lineup {

namespace {

// LIMIT: groups of the heaviest rule below which its values tell too little.
constexpr std::uint32_t kGroupsLeast = 8;

bool is_window(const Tracker& tracker) {
  const Constraint& window = *tracker.constraint;
  return window.kind == Kind::Window && tracker.stretches == nullptr && !window.tumbling &&
         window.min == 0 && window.max != kUnlimited && window.max > 0 && !tracker.is_multi;
}

}  // namespace

bool SoftWalk::suits(const State& state) {
  const auto soft = state.trackers().subspan(state.hard_count());
  const bool is_split = std::any_of(soft.begin(), soft.end(), [](const Tracker& tracker) {
    return tracker.constraint->has_by && tracker.group_count >= kGroupsLeast;
  });
  return is_split && std::all_of(soft.begin(), soft.end(), is_window);
}

SoftWalk::SoftWalk(const State& state, const Ranking& ranking, Arena& arena)
    : state_(state), ranking_(ranking) {
  const auto soft = state.trackers().subspan(state.hard_count());
  double most = -1.0;
  for (const Tracker& tracker : soft) {
    const bool is_split = tracker.constraint->has_by && tracker.group_count >= kGroupsLeast;
    if (!is_split || tracker.constraint->weight <= most) continue;
    most = tracker.constraint->weight;
    heaviest_ = &tracker;
  }
  groups_ = heaviest_->group_count;
  since_ = arena.allocate<std::int32_t>(groups_);
  for (std::uint32_t group = 0; group < groups_; ++group) note(group);
  list_rows(arena);
}

// The ranks of every group of the heaviest rule, in their order.
void SoftWalk::list_rows(Arena& arena) {
  const std::uint32_t groups = groups_;
  heads_ = arena.zeroed<std::uint32_t>(groups + std::size_t{2});
  firsts_ = arena.allocate<std::uint32_t>(groups + std::size_t{1});
  tops_ = arena.allocate<double>(groups + std::size_t{1});
  hopes_ = arena.allocate<double>(groups + std::size_t{1});
  ranks_ = arena.allocate<std::uint32_t>(ranking_.size());
  for (std::uint32_t rank = 0; rank < ranking_.size(); ++rank) {
    ++heads_[list_of(ranking_.row(rank)) + 1];
  }
  for (std::uint32_t list = 0; list <= groups; ++list) heads_[list + 1] += heads_[list];
  std::copy_n(heads_.begin(), groups + 1, firsts_.begin());
  for (std::uint32_t rank = 0; rank < ranking_.size(); ++rank) {
    ranks_[firsts_[list_of(ranking_.row(rank))]++] = rank;
  }
  std::copy_n(heads_.begin(), groups + 1, firsts_.begin());
  for (std::uint32_t list = 0; list <= groups; ++list) advance(list);
}

// The list of the heaviest rule's group that the row is in.
std::uint32_t SoftWalk::list_of(std::uint32_t row) const {
  std::uint32_t list = groups_;
  for_each_group(*heaviest_, row, [&](std::uint32_t group) { list = group; });
  return list;
}

void SoftWalk::advance(std::uint32_t list) {
  std::uint32_t& first = firsts_[list];
  while (first < heads_[list + 1] && state_.is_used(ranking_.row(ranks_[first]))) ++first;
  tops_[list] = first < heads_[list + 1] ? state_.problem().utility[ranking_.row(ranks_[first])]
                                         : -std::numeric_limits<double>::infinity();
}

// Reads off the page where the group stands.
void SoftWalk::note(std::uint32_t group) {
  std::uint32_t end = heaviest_->words * 64;
  for (std::uint32_t i = 0; i < heaviest_->constraint->max && end != kNoBit; ++i) {
    end = last_between(heaviest_->lane(group), 0, end);
  }
  since_[group] = end == kNoBit ? kNever : static_cast<std::int32_t>(end);
}

void SoftWalk::take(std::uint32_t row) {
  const std::uint32_t list = list_of(row);
  if (list < groups_) note(list);
  advance(list);
}

// What the best row of each list comes to, were the heaviest rule the only one.
void SoftWalk::weigh(std::uint32_t slot) {
  const double discount = state_.problem().discount[slot];
  const double weight = heaviest_->constraint->weight;
  const auto size = static_cast<std::int32_t>(heaviest_->constraint->size);
  const auto at = static_cast<std::int32_t>(heaviest_->past_bits + slot);
  const auto end = static_cast<std::int32_t>(heaviest_->past_bits + state_.length());
  const std::int32_t first = end <= size ? 0 : std::max(at + 1 - size, 0);
  const std::int32_t last = end <= size ? 0 : std::min(at, end - size);
  for (std::uint32_t group = 0; group < groups_; ++group) {
    const std::int32_t runs = std::max(std::min(last, since_[group]) - first + 1, 0);
    hopes_[group] = tops_[group] * discount - weight * runs;
  }
  hopes_[groups_] = tops_[groups_] * discount;
}

std::uint32_t SoftWalk::best(std::uint32_t slot, std::uint64_t& work) {
  // LIMIT: sums of the same numbers in another order differ by less.
  constexpr double kRounding = 1e-9;
  const double nothing = -std::numeric_limits<double>::infinity();
  const double discount = state_.problem().discount[slot];
  weigh(slot);
  Choice choice;
  for (;;) {
    std::uint32_t list = 0;
    for (std::uint32_t i = 1; i <= groups_; ++i) list = hopes_[i] > hopes_[list] ? i : list;
    const double hope = hopes_[list];
    if (hope == nothing || (choice.rank != kNoRow && hope < choice.score - kRounding)) break;
    hopes_[list] = nothing;
    look(slot, list, tops_[list] * discount - hope - kRounding, choice, work);
  }
  return choice.rank == kNoRow ? kNoRow : ranking_.row(choice.rank);
}

// Looks through the rows of one list, of which each costs at least `floor`.
void SoftWalk::look(std::uint32_t slot, std::uint32_t list, double floor, Choice& choice,
                    std::uint64_t& work) {
  const double discount = state_.problem().discount[slot];
  for (std::uint32_t i = firsts_[list]; i < heads_[list + 1]; ++i) {
    const std::uint32_t rank = ranks_[i];
    const std::uint32_t row = ranking_.row(rank);
    if (state_.is_used(row)) continue;
    const double score = state_.problem().utility[row] * discount;
    const bool has_choice = choice.rank != kNoRow;
    if (has_choice && score - floor < choice.score) return;
    ++work;
    if (!state_.keeps_clean_walking(slot, row)) continue;
    const double penalty =
        state_.added_penalty_walking(slot, row, std::numeric_limits<double>::infinity());
    const double total = score - penalty;
    if (has_choice && (total < choice.score || (total == choice.score && rank > choice.rank))) {
      continue;
    }
    choice = {rank, total};
  }
}

}  // namespace lineup
