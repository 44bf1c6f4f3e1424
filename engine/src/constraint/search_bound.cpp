// SPDX-License-Identifier: Apache-2.0
//
// Discounts fall, so the value of a page is a sum, with weights of at least zero, of the utilities
// of its first 1, 2, 3 .. rows: sum over j of (d[j] - d[j + 1]) * (u[1] + .. + u[j]). Each of these
// partial sums is bounded for itself: which j rows are worth most when no group may have more rows
// than fit into the first j slots, and minimums keep their share? Several rules at once make that
// hard, so rules are priced: a row costs the prices of its groups, and the price times the limit
// comes back. Whatever the prices, the sum is an upper bound; they are raised until the limits
// hold.
#include "constraint/search_bound.hpp"

#include <algorithm>
#include <limits>

#include "constraint/state_kinds.hpp"

namespace lineup {

namespace {

// LIMIT: rounds of raising prices for one number of slots. Later rounds change the third digit.
constexpr int kRoundsMax = 6;

// One rule's limits on the first slots.
struct Limit {
  const Tracker* tracker = nullptr;
  bool is_demand = false;           // at least, instead of at most
  std::uint32_t* cold = nullptr;    // [open + 1] rows of a group that stands nowhere yet
  std::uint32_t** hot = nullptr;    // [group_count] the same for a group that stands somewhere
  double* prices = nullptr;         // [group_count]
  std::uint32_t* counts = nullptr;  // [group_count] rows selected
  std::uint32_t* excess = nullptr;  // [group_count]
};

struct Choice {
  double worth = 0.0;  // utility less prices
  std::uint32_t row = 0;
};

class Pricing {
 public:
  explicit Pricing(Solver& solver) : solver_(solver), arena_(solver.arena) {
    const Page& page = solver.state.page();
    open_ = arena_.allocate<std::uint32_t>(page.open_count);
    std::size_t count = 0;
    for_each_bit(page.open,
                 [&](std::size_t slot) { open_[count++] = static_cast<std::uint32_t>(slot); });
    chosen_ = arena_.allocate<Choice>(open_.size() + 1);
    limits_ = arena_.allocate<Limit>(solver.state.trackers().size() * 2);
    count = 0;
    for (const Tracker& tracker : solver.state.trackers()) {
      if (tracker.rank >= solver.best.units.size() || solver.best.units[tracker.rank] > 0) continue;
      if (add_caps(tracker, limits_[count])) ++count;
      if (add_demands(tracker, limits_[count])) ++count;
    }
    limits_ = limits_.subspan(0, count);
  }

  // Begins with the sums under no rule and makes them smaller one by one.
  double bound(double enough) {
    const Page& page = solver_.state.page();
    double total = 0.0;
    for (std::uint32_t slot = 0; slot < page.length; ++slot) {
      if (page.rows[slot] == kNoRow) continue;
      total += solver_.problem.utility[page.rows[slot]] * solver_.problem.discount[slot];
    }
    const Ranking& ranking = solver_.ranking;
    const auto plain = arena_.zeroed<double>(open_.size() + 1);
    std::uint32_t rank = ranking.next_unused(0);
    for (std::size_t j = 1; j <= open_.size(); ++j) {
      plain[j] = plain[j - 1];
      if (rank < ranking.size()) plain[j] += solver_.problem.utility[ranking.row(rank)];
      if (rank < ranking.size()) rank = ranking.next_unused(rank + 1);
      total += fall_after(j) * plain[j];
    }
    for (std::size_t j = 1; j <= open_.size() && total > enough && !solver_.meter.is_over(); ++j) {
      const double fall = fall_after(j);
      if (fall > 0.0) total += fall * (most_of_first(static_cast<std::uint32_t>(j)) - plain[j]);
    }
    return total;
  }

 private:
  // By how much the discount falls after the j-th open slot.
  [[nodiscard]] double fall_after(std::size_t j) const {
    const double next = j < open_.size() ? solver_.problem.discount[open_[j]] : 0.0;
    return solver_.problem.discount[open_[j - 1]] - next;
  }

  static std::uint32_t limit_of(const Limit& limit, std::uint32_t group, std::uint32_t j) {
    return limit.hot[group] != nullptr ? limit.hot[group][j] : limit.cold[j];
  }

  void allocate(Limit& limit, const Tracker& tracker) {
    limit = Limit{};
    limit.tracker = &tracker;
    limit.cold = arena_.zeroed<std::uint32_t>(open_.size() + 1).data();
    limit.hot = arena_.zeroed<std::uint32_t*>(tracker.group_count).data();
    limit.prices = arena_.zeroed<double>(tracker.group_count).data();
    limit.counts = arena_.zeroed<std::uint32_t>(tracker.group_count).data();
    limit.excess = arena_.zeroed<std::uint32_t>(tracker.group_count).data();
  }

  // Fills `out` with how many rows of the lane fit into the first open slots.
  template <typename Fits>
  void fill(const Tracker& tracker, const Word* lane, std::uint32_t* out, Fits&& fits) {
    const auto mark = arena_.mark();
    const auto scratch = arena_.allocate<Word>(tracker.words);
    std::copy_n(lane, tracker.words, scratch.begin());
    for (std::size_t j = 0; j < open_.size(); ++j) {
      out[j + 1] = out[j];
      const bool is_bound = tracker.has_slot(open_[j]);
      if (is_bound && !fits(scratch.data(), open_[j])) continue;
      if (is_bound) set_bit(scratch.data(), tracker.bit_of(open_[j]));
      ++out[j + 1];
    }
    arena_.rewind(mark);
  }

  // At most so many of the constraint's slots, besides the slots it does not speak of.
  void count_slots(const Tracker& tracker, std::uint32_t inside_max, std::uint32_t* out) {
    std::uint32_t inside = 0;
    for (std::size_t j = 0; j < open_.size(); ++j) {
      const bool is_inside = tracker.has_slot(open_[j]);
      inside += is_inside ? 1 : 0;
      out[j + 1] = out[j] + (!is_inside || inside <= inside_max ? 1 : 0);
    }
  }

  bool add_caps(const Tracker& tracker, Limit& limit) {
    const Constraint& constraint = *tracker.constraint;
    const bool is_window = constraint.kind == Kind::Window && constraint.max != kUnlimited;
    const bool is_spacing = constraint.kind == Kind::Spacing;
    const bool is_counted = (constraint.kind == Kind::Quota || constraint.kind == Kind::Cap) &&
                            constraint.max != kUnlimited;
    const bool is_place =
        constraint.kind == Kind::Place &&
        (constraint.mode == PlaceMode::NeverIn || constraint.mode == PlaceMode::OnlyWithin);
    if (!is_window && !is_spacing && !is_counted && !is_place) return false;
    allocate(limit, tracker);
    const std::uint32_t length = solver_.length;
    const auto window_fits = [&](const Word* lane, std::uint32_t slot) {
      return full_runs(constraint, lane, stretch_at(tracker, length, slot), tracker.bit_of(slot),
                       constraint.max, false) == 0;
    };
    const auto spacing_fits = [&](const Word* lane, std::uint32_t slot) {
      const std::uint32_t at = tracker.past_bits + slot;
      const std::uint32_t end = std::min(at + constraint.gap + 1, tracker.past_bits + length);
      return slot >= constraint.first_slot &&
             first_between(lane, at > constraint.gap ? at - constraint.gap : 0, end) == kNoBit;
    };
    const auto room = [&](std::uint32_t group, std::uint32_t* out) {
      if (is_window) return fill(tracker, tracker.lane(group), out, window_fits);
      if (is_spacing) return fill(tracker, tracker.lane(group), out, spacing_fits);
      if (is_counted) return count_slots(tracker, left_of(tracker, group), out);
      for (std::size_t j = 0; j < open_.size(); ++j) {
        const bool is_inside = tracker.has_slot(open_[j]);
        out[j + 1] = out[j] + (is_inside == (constraint.mode == PlaceMode::OnlyWithin) ? 1 : 0);
      }
    };
    bool has_cold = false;
    for (std::uint32_t group = 0; group < tracker.group_count; ++group) {
      if (is_cold(tracker, group)) {
        if (!has_cold) room(group, limit.cold);
        has_cold = true;
      } else {
        limit.hot[group] = arena_.zeroed<std::uint32_t>(open_.size() + 1).data();
        room(group, limit.hot[group]);
      }
    }
    return true;
  }

  static std::uint32_t left_of(const Tracker& tracker, std::uint32_t group) {
    if (tracker.occurs != nullptr && tracker.occurs[group] == 0) return kUnlimited;
    const std::uint32_t past = tracker.past_counts == nullptr ? 0 : tracker.past_counts[group];
    const std::uint32_t used = tracker.counts[group] + past;
    return used < tracker.constraint->max ? tracker.constraint->max - used : 0;
  }

  static bool is_cold(const Tracker& tracker, std::uint32_t group) {
    if (tracker.counts != nullptr) {
      const bool is_out = tracker.occurs != nullptr && tracker.occurs[group] == 0;
      return tracker.counts[group] == 0 && !is_out &&
             (tracker.past_counts == nullptr || tracker.past_counts[group] == 0);
    }
    return tracker.words == 0 ||
           first_between(tracker.lane(group), 0, tracker.words * 64) == kNoBit;
  }

  // A minimum: what the slots after the first j cannot make good the first j must hold.
  bool add_demands(const Tracker& tracker, Limit& limit) {
    const Constraint& constraint = *tracker.constraint;
    if (constraint.kind != Kind::Quota || constraint.min == 0) return false;
    allocate(limit, tracker);
    limit.is_demand = true;
    for (std::uint32_t group = 0; group < tracker.group_count; ++group) {
      limit.hot[group] = arena_.zeroed<std::uint32_t>(open_.size() + 1).data();
      if (tracker.occurs != nullptr && tracker.occurs[group] == 0) continue;
      const std::uint32_t min = min_of(constraint, group);
      std::uint32_t needed = min > tracker.counts[group] ? min - tracker.counts[group] : 0;
      for (std::size_t j = open_.size() + 1; j-- > 0;) {
        limit.hot[group][j] = needed;
        if (j > 0 && tracker.has_slot(open_[j - 1]) && needed > 0) --needed;
      }
    }
    return true;
  }

  // The most that j rows can be worth together.
  double most_of_first(std::uint32_t j) {
    for (Limit& limit : limits_) {
      std::fill_n(limit.prices, limit.tracker->group_count, 0.0);
    }
    double least = std::numeric_limits<double>::infinity();
    for (int round = 0; round < kRoundsMax; ++round) {
      double total = select(j);
      for (const Limit& limit : limits_) {
        for (std::uint32_t group = 0; group < limit.tracker->group_count; ++group) {
          if (limit.prices[group] == 0.0) continue;
          total += limit.prices[group] * limit_of(limit, group, j);
        }
      }
      least = std::min(least, total);
      if (!raise_prices(j)) break;
    }
    return least;
  }

  [[nodiscard]] double worth_of(std::uint32_t row) const {
    double worth = solver_.problem.utility[row];
    for (const Limit& limit : limits_) {
      for_each_group(*limit.tracker, row,
                     [&](std::uint32_t group) { worth -= limit.prices[group]; });
    }
    return worth;
  }

  // Chooses the j rows of the largest worth, and one more; returns the sum of the j.
  double select(std::uint32_t j) {
    double grant = 0.0;  // the most that prices of demands add to a row
    for (const Limit& limit : limits_) {
      if (!limit.is_demand) continue;
      double most = 0.0;
      for (std::uint32_t group = 0; group < limit.tracker->group_count; ++group) {
        most = limit.tracker->is_multi ? most - limit.prices[group]
                                       : std::max(most, -limit.prices[group]);
      }
      grant += most;
    }
    const auto larger = [](const Choice& a, const Choice& b) { return a.worth > b.worth; };
    const Ranking& ranking = solver_.ranking;
    const std::size_t wanted = j + std::size_t{1};
    count_ = 0;
    for (std::uint32_t rank = ranking.next_unused(0); rank < ranking.size();
         rank = ranking.next_unused(rank + 1)) {
      const std::uint32_t row = ranking.row(rank);
      if (count_ == wanted && solver_.problem.utility[row] + grant <= chosen_[0].worth) break;
      solver_.meter.spend(1 + limits_.size() / 4);
      const Choice choice{worth_of(row), row};
      if (count_ < wanted) {
        chosen_[count_++] = choice;
        std::push_heap(chosen_.begin(), chosen_.begin() + static_cast<std::ptrdiff_t>(count_),
                       larger);
      } else if (choice.worth > chosen_[0].worth) {
        std::pop_heap(chosen_.begin(),
                      chosen_.end() - static_cast<std::ptrdiff_t>(chosen_.size() - wanted), larger);
        chosen_[wanted - 1] = choice;
        std::push_heap(chosen_.begin(), chosen_.begin() + static_cast<std::ptrdiff_t>(wanted),
                       larger);
      }
    }
    std::sort(chosen_.begin(), chosen_.begin() + static_cast<std::ptrdiff_t>(count_), larger);
    double total = 0.0;
    for (std::size_t i = 0; i < std::min<std::size_t>(j, count_); ++i) total += chosen_[i].worth;
    return total;
  }

  // Raises the price of what is taken too much, so that the least worthy of it fall behind the next
  // row that was not chosen; lowers it for what is demanded. False when every limit holds.
  bool raise_prices(std::uint32_t j) {
    const std::size_t taken = std::min<std::size_t>(j, count_);
    if (count_ <= j) return false;
    const double next = chosen_[j].worth;
    bool is_raised = false;
    for (Limit& limit : limits_) {
      const std::uint32_t groups = limit.tracker->group_count;
      std::fill_n(limit.counts, groups, 0U);
      for (std::size_t i = 0; i < taken; ++i) {
        for_each_group(*limit.tracker, chosen_[i].row,
                       [&](std::uint32_t group) { ++limit.counts[group]; });
      }
    }
    for (Limit& limit : limits_) {
      is_raised = (limit.is_demand ? grant(limit, j) : charge(limit, j, taken, next)) || is_raised;
    }
    return is_raised;
  }

  bool charge(Limit& limit, std::uint32_t j, std::size_t taken, double next) {
    bool is_raised = false;
    for (std::uint32_t group = 0; group < limit.tracker->group_count; ++group) {
      const std::uint32_t most = limit_of(limit, group, j);
      limit.excess[group] = limit.counts[group] > most ? limit.counts[group] - most : 0;
      is_raised = is_raised || limit.excess[group] > 0;
    }
    if (!is_raised) return false;
    for (std::size_t i = taken; i-- > 0;) {
      for_each_group(*limit.tracker, chosen_[i].row, [&](std::uint32_t group) {
        if (limit.excess[group] == 0) return;
        if (--limit.excess[group] == 0) limit.prices[group] += chosen_[i].worth - next;
      });
    }
    return true;
  }

  // Rows that are demanded and missing are given so much that the best of them would be chosen.
  bool grant(Limit& limit, std::uint32_t j) {
    bool is_raised = false;
    const Ranking& ranking = solver_.ranking;
    for (std::uint32_t group = 0; group < limit.tracker->group_count; ++group) {
      const std::uint32_t least = limit_of(limit, group, j);
      limit.excess[group] = limit.counts[group] < least ? least - limit.counts[group] : 0;
      is_raised = is_raised || limit.excess[group] > 0;
    }
    if (!is_raised) return false;
    const double last = chosen_[j - 1].worth;
    for (std::uint32_t rank = ranking.next_unused(0); rank < ranking.size();
         rank = ranking.next_unused(rank + 1)) {
      const std::uint32_t row = ranking.row(rank);
      const double worth = worth_of(row);
      if (worth >= last) continue;  // chosen
      solver_.meter.spend(1);
      for_each_group(*limit.tracker, row, [&](std::uint32_t group) {
        if (limit.excess[group] == 0) return;
        if (--limit.excess[group] == 0) limit.prices[group] -= last - worth;
      });
    }
    return true;
  }

  Solver& solver_;
  Arena& arena_;
  std::span<std::uint32_t> open_;  // the open slots
  std::span<Limit> limits_;
  std::span<Choice> chosen_;
  std::size_t count_ = 0;
};

}  // namespace

double plain_bound(const Solver& solver) {
  const Page& page = solver.state.page();
  double total = 0.0;
  std::uint32_t rank = solver.ranking.next_unused(0);
  for (std::uint32_t slot = 0; slot < page.length; ++slot) {
    std::uint32_t row = page.rows[slot];
    if (row == kNoRow && rank < solver.ranking.size()) {
      row = solver.ranking.row(rank);
      rank = solver.ranking.next_unused(rank + 1);
    }
    if (row != kNoRow) total += solver.problem.utility[row] * solver.problem.discount[slot];
  }
  return total - solver.state.penalty();
}

double pinned_bound(Solver& solver) {
  const auto mark = solver.arena.mark();
  const auto rows = solver.arena.filled<std::uint32_t>(solver.length, kNoRow);
  std::copy(solver.prefix.begin(), solver.prefix.end(), rows.begin());
  for (const Pin& pin : solver.pins) {
    if (solver.best.units[pin.rank] > 0 || pin.slot >= solver.length) continue;
    const bool is_free =
        rows[pin.slot] == kNoRow && std::find(rows.begin(), rows.end(), pin.row) == rows.end();
    if (is_free) rows[pin.slot] = pin.row;
  }
  const Ranking& ranking = solver.ranking;
  const auto others = solver.arena.allocate<Word>(word_count(ranking.size()));
  set_first(others, ranking.size());
  for (const std::uint32_t row : rows) {
    if (row != kNoRow) clear_bit(others.data(), ranking.rank_of(row));
  }
  double total = 0.0;
  std::size_t word = 0;
  for (std::uint32_t slot = 0; slot < solver.length; ++slot) {
    std::uint32_t row = rows[slot];
    while (row == kNoRow && word < others.size() && others[word] == 0) ++word;
    if (row == kNoRow && word < others.size()) {
      const auto bit = static_cast<std::uint32_t>(std::countr_zero(others[word]));
      row = ranking.row(static_cast<std::uint32_t>(word * 64) + bit);
      others[word] &= others[word] - 1;
    }
    if (row != kNoRow) total += solver.problem.utility[row] * solver.problem.discount[slot];
  }
  solver.arena.rewind(mark);
  return total;
}

double ruled_bound(Solver& solver, double enough) {
  const auto mark = solver.arena.mark();
  const double total =
      Pricing(solver).bound(enough + solver.state.penalty()) - solver.state.penalty();
  solver.arena.rewind(mark);
  return total;
}

}  // namespace lineup
