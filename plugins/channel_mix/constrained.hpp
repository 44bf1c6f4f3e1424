// SPDX-License-Identifier: Apache-2.0
//
// The most revenue with a user value of at least C. First the shadow bid: the price of user value
// at which the page that is best for both together just keeps C; it gives a page that is nearly
// best and a bound that none can pass. Where the two are too far apart, labels close the gap:
// partial pages by (revenue, user), of each state only those that no other beats in both, and only
// those that may still keep C and pass the best page found.
#ifndef LINEUP_CHANNEL_MIX_CONSTRAINED_HPP
#define LINEUP_CHANNEL_MIX_CONSTRAINED_HPP

#include "mix.hpp"

namespace channel_mix {

// Rounding: a page that misses C by less keeps it.
inline constexpr double kSlack = 1e-9;

struct Wanted {
  double floor = 0.0;        // C
  double tolerance = 0.01;   // share of the bound that is not searched for
  std::uint32_t labels = 0;  // partial pages kept at most
};

struct Answer {
  Worth worth{kNever, kNever};
  double bound = 0.0;  // no page that keeps C earns more
  bool keeps_floor = false;
  bool is_proven = false;  // within the tolerance of the bound
};

class Constrained {
 public:
  Constrained(const sdk::Call& call, const Mix& mix, const Wanted& wanted)
      : call_(call),
        mix_(mix),
        wanted_(wanted),
        rest_(call, mix),
        most_user_(call, mix),
        trial_(call.allocate<std::uint8_t>(mix.slots)) {}

  // The best page found, in `page`. `greedy`: only what one pass per shadow bid finds.
  Answer solve(bool greedy, Template page) {
    charge(most_user_.fill(0.0, 1.0));
    page_ = page;
    answer_ = {};
    // The page that is best for users is what is left when nothing keeps C.
    most_user_.trace(trial_);
    keep(/*always=*/true);
    if (!answer_.keeps_floor) return answer_;
    greedy ? bisect([&](double alpha) { shadow(alpha); })
           : bisect([&](double alpha) { both(alpha); });
    if (greedy) return answer_;
    answer_.bound = std::max(bound_, answer_.worth.revenue);
    if (!is_close(answer_.bound)) close();
    answer_.is_proven = answer_.is_proven || is_close(answer_.bound);
    return answer_;
  }
  // The page of a shadow bid that is given, whether it keeps C or not.
  Answer at(double alpha, Template page) {
    page_ = page;
    shadow_page(mix_, alpha, page);
    answer_.worth = worth_of(mix_, page);
    answer_.keeps_floor = answer_.worth.user >= wanted_.floor - kSlack;
    return answer_;
  }

 private:
  // A partial page.
  struct Label {
    double revenue = 0.0;
    double user = 0.0;
    std::uint32_t parent = 0;
    std::uint8_t inserted = 0;
  };

  void charge(std::uint64_t units) { has_work_ = call_.spend(units) && has_work_; }
  [[nodiscard]] bool is_close(double bound) const {
    return bound <= answer_.worth.revenue + wanted_.tolerance * std::abs(bound) + kSlack;
  }

  // Takes the trial page when it keeps C and earns more.
  void keep(bool always) {
    const Worth worth = worth_of(mix_, trial_);
    const bool keeps = worth.user >= wanted_.floor - kSlack;
    if (!always && (!keeps || worth.revenue <= answer_.worth.revenue)) return;
    answer_.worth = worth;
    answer_.keeps_floor = keeps;
    std::copy(trial_.begin(), trial_.end(), page_.begin());
  }
  void shadow(double alpha) {
    shadow_page(mix_, alpha, trial_);
    charge(mix_.slots);
    last_user_ = worth_of(mix_, trial_).user;
    keep(false);
  }
  // The page that is best for revenue + alpha * user, and the bound it proves.
  void both(double alpha) {
    charge(rest_.fill(1.0, alpha));
    const double bound = rest_(0, 0, 0) - alpha * wanted_.floor;
    if (bound < bound_) {
      bound_ = bound;
      price_ = alpha;
    }
    rest_.trace(trial_);
    last_user_ = worth_of(mix_, trial_).user;
    keep(false);
  }

  // Finds the least price at which C is kept: user value does not fall as the price rises.
  template <typename Try>
  void bisect(Try try_price) {
    bound_ = std::numeric_limits<double>::infinity();
    try_price(0.0);
    if (last_user_ >= wanted_.floor - kSlack) return;
    double low = 0.0;
    double high = 1.0;
    for (int step = 0; step < 40 && has_work_; ++step) {
      try_price(high);
      if (last_user_ >= wanted_.floor - kSlack) break;
      low = high;
      high *= 4.0;
    }
    for (int step = 0; step < 40 && has_work_ && high - low > 1e-9 * high; ++step) {
      const double middle = 0.5 * (low + high);
      try_price(middle);
      (last_user_ >= wanted_.floor - kSlack ? high : low) = middle;
    }
  }

  // What a partial page can still come to when it keeps C; kNever when it cannot keep it.
  [[nodiscard]] double hope(const Label& label, std::uint32_t slot, std::uint32_t count,
                            std::uint32_t distance) const {
    if (label.user + most_user_(slot, count, distance) < wanted_.floor - kSlack) return kNever;
    return label.revenue + rest_(slot, count, distance) + price_ * (label.user - wanted_.floor);
  }

  // Labels, slot by slot.
  void close() {
    charge(rest_.fill(1.0, price_));
    const std::size_t states = std::size_t{mix_.most + 1} * mix_.distances();
    const std::span<Label> labels = call_.allocate<Label>(wanted_.labels);
    // Where the labels of each state of a slot begin; a state's follow each other.
    std::span<std::uint32_t> begin = call_.filled<std::uint32_t>(states + 1, 0);
    std::span<std::uint32_t> next = call_.filled<std::uint32_t>(states + 1, 0);
    const std::span<std::uint32_t> slot_begin = call_.allocate<std::uint32_t>(mix_.slots + 2);
    labels[0] = {};
    for (std::size_t state = 1; state <= states; ++state) begin[state] = 1;
    std::uint32_t count = 1;
    slot_begin[0] = 0;
    slot_begin[1] = 1;
    for (std::uint32_t slot = 0; slot < mix_.slots; ++slot) {
      if (!extend(slot, labels, begin, next, count)) return;  // too many: the bound stands unproven
      slot_begin[slot + 2] = count;
      std::swap(begin, next);
    }
    finish(labels.first(count), slot_begin);
  }

  // The labels of slot + 1, state by state. False: there is no room or no work for them.
  bool extend(std::uint32_t slot, std::span<Label> labels, std::span<const std::uint32_t> begin,
              std::span<std::uint32_t> next, std::uint32_t& count) {
    const std::uint32_t distances = mix_.distances();
    for (std::uint32_t inserted = 0; inserted <= mix_.most; ++inserted) {
      for (std::uint32_t distance = 0; distance < distances; ++distance) {
        next[std::size_t{inserted} * distances + distance] = count;
        const std::uint32_t first = count;
        if (!gather(slot, inserted, distance, labels, begin, count)) return false;
        prune(labels, first, count);
        charge(count - first + 1);
        if (!has_work_) return false;
      }
    }
    next[std::size_t{mix_.most + 1} * distances] = count;
    return true;
  }

  // What leads into a state of the next slot.
  bool gather(std::uint32_t slot, std::uint32_t inserted, std::uint32_t distance,
              std::span<Label> labels, std::span<const std::uint32_t> begin,
              std::uint32_t& count) const {
    const std::uint32_t distances = mix_.distances();
    const auto take = [&](std::uint32_t from_count, std::uint32_t from_distance, bool inserts) {
      const std::size_t state = std::size_t{from_count} * distances + from_distance;
      for (std::uint32_t index = begin[state]; index < begin[state + 1]; ++index) {
        Label label = labels[index];
        label.parent = index;
        label.inserted = inserts ? 1 : 0;
        if (inserts) {
          const Worth each = mix_.insert_worth(slot, from_count, from_distance);
          label.revenue += each.revenue;
          label.user += each.user;
        } else if (mix_.may_own(slot, from_count)) {
          label.user += mix_.own_worth(slot, from_count);
        } else if (mix_.may_insert(slot, from_count, from_distance)) {
          continue;  // a slot stays empty only when nothing may fill it
        }
        if (hope(label, slot + 1, inserted, distance) <= goal()) continue;
        if (count == labels.size()) return false;
        labels[count++] = label;
      }
      return true;
    };
    if (distance == 1) {
      for (std::uint32_t from = 0; from < distances && inserted > 0; ++from) {
        if (!mix_.may_insert(slot, inserted - 1, from)) continue;
        if (!take(inserted - 1, from, true)) return false;
      }
      return true;
    }
    for (std::uint32_t from = 0; from < distances; ++from) {
      if (mix_.next_distance(from) == distance && !take(inserted, from, false)) return false;
    }
    return true;
  }

  // What a page must pass to be worth finding.
  [[nodiscard]] double goal() const {
    const double best = answer_.worth.revenue;
    return best + wanted_.tolerance * std::abs(best) + kSlack;
  }

  // Keeps of labels [first, count) those that no other beats in both.
  static void prune(std::span<Label> labels, std::uint32_t first, std::uint32_t& count) {
    const std::span<Label> all = labels.subspan(first, count - first);
    std::sort(all.begin(), all.end(), [](const Label& left, const Label& right) {
      if (left.revenue != right.revenue) return left.revenue > right.revenue;
      return left.user != right.user ? left.user > right.user : left.parent < right.parent;
    });
    std::size_t kept = 0;
    for (std::size_t index = 0; index < all.size(); ++index) {
      if (kept > 0 && all[index].user <= all[kept - 1].user) continue;
      all[kept++] = all[index];
    }
    count = first + static_cast<std::uint32_t>(kept);
  }

  // The best whole page among the labels of the last slot, if it passes the one that is known.
  void finish(std::span<const Label> labels, std::span<const std::uint32_t> slot_begin) {
    std::uint32_t best = 0;
    for (std::uint32_t index = slot_begin[mix_.slots]; index < labels.size(); ++index) {
      const Label& label = labels[index];
      if (label.user < wanted_.floor - kSlack) continue;
      if (best == 0 || label.revenue > labels[best].revenue) best = index;
    }
    if (best != 0) {
      for (std::uint32_t slot = mix_.slots; slot-- > 0; best = labels[best].parent) {
        trial_[slot] = labels[best].inserted;
      }
      keep(false);
    }
    // Whatever was left out could not pass the goal.
    answer_.bound = std::min(answer_.bound, goal());
    answer_.is_proven = true;
  }

  const sdk::Call& call_;
  const Mix& mix_;
  Wanted wanted_;
  Rest rest_;
  Rest most_user_;
  std::span<std::uint8_t> trial_;
  Template page_;
  Answer answer_;
  double bound_ = 0.0;
  double price_ = 0.0;  // at which the bound is least
  double last_user_ = 0.0;
  bool has_work_ = true;
};

}  // namespace channel_mix

#endif
