// SPDX-License-Identifier: Apache-2.0
//
// Bounds are drawn small against the page, so that about half of the problems are feasible and the
// others conflict in interesting ways.
#include "brute_instance.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace lineup::brute {

namespace {
constexpr std::size_t kConstraintsMax = 64;
}  // namespace

Instance::Instance(std::uint32_t rows, std::uint32_t slots)
    : utility(rows), discount(slots), candidates(rows, true) {
  constraints_.reserve(kConstraintsMax);  // so that what add() returned stays where it is
  problem_.row_count = rows;
  problem_.slot_count = slots;
  for (std::uint32_t slot = 0; slot < slots; ++slot) discount[slot] = 1.0 / std::log2(slot + 2.0);
}

Constraint& Instance::add(Kind kind, Tier tier, std::uint16_t level) {
  assert(constraints_.size() < kConstraintsMax);
  Constraint& constraint = constraints_.emplace_back();
  constraint.kind = kind;
  constraint.tier = tier;
  constraint.level = level;
  constraint.use = static_cast<std::uint16_t>(constraints_.size() - 1);
  if (tier == Tier::Soft) constraint.weight = 0.05;
  return constraint;
}

const Problem& Instance::problem() {
  problem_.candidates = mask(candidates);
  problem_.constraints = constraints_;
  problem_.use_count = static_cast<std::uint32_t>(constraints_.size());
  problem_.level_count = 0;
  for (const Constraint& constraint : constraints_) {
    if (constraint.tier != Tier::Hard) continue;
    problem_.level_count = std::max(problem_.level_count, constraint.level + 1U);
  }
  problem_.utility = utility;
  problem_.discount = discount;
  return problem_;
}

const Word* Instance::mask(const std::vector<bool>& bits) {
  auto& words = words_.emplace_back(word_count(bits.size()) + 1);
  for (std::size_t i = 0; i < bits.size(); ++i) {
    if (bits[i]) set_bit(words.data(), i);
  }
  return words.data();
}

const std::uint32_t* Instance::numbers(std::vector<std::uint32_t> values) {
  return numbers_.emplace_back(std::move(values)).data();
}

const std::uint8_t* Instance::flags(std::vector<std::uint8_t> values) {
  return flags_.emplace_back(std::move(values)).data();
}

const Sums* Instance::sums(const Sums& sums, std::vector<std::int64_t> amounts) {
  Sums& out = sums_.emplace_back(sums);
  out.amounts = amounts_.emplace_back(std::move(amounts)).data();
  return &out;
}

Closeness* Instance::closeness(std::vector<float> vectors, std::vector<float> past,
                               std::uint32_t dimension, double max_cosine) {
  const auto& rows = vectors_.emplace_back(std::move(vectors));
  const auto& entries = vectors_.emplace_back(std::move(past));
  return &closenesses_.emplace_back(rows, entries, dimension, max_cosine, arena_);
}

Groups Instance::single(std::vector<std::uint32_t> group_of, std::uint32_t count) {
  Groups groups;
  groups.count = count;
  groups.single = numbers(std::move(group_of));
  return groups;
}

Groups Instance::several(const std::vector<std::vector<std::uint32_t>>& groups_of,
                         std::uint32_t count) {
  std::vector<std::uint32_t> offsets = {0};
  std::vector<std::uint32_t> values;
  for (const auto& groups : groups_of) {
    values.insert(values.end(), groups.begin(), groups.end());
    offsets.push_back(static_cast<std::uint32_t>(values.size()));
  }
  values.push_back(0);  // data() of an empty vector may be null
  Groups groups;
  groups.count = count;
  groups.offsets = numbers(std::move(offsets));
  groups.values = numbers(std::move(values));
  return groups;
}

namespace {

class Drawer {
 public:
  Drawer(Instance& instance, Random& random, const Menu& menu)
      : instance_(instance), random_(random), menu_(menu) {
    rows_ = static_cast<std::uint32_t>(instance.utility.size());
    slots_ = static_cast<std::uint32_t>(instance.discount.size());
  }

  void draw() {
    for (double& utility : instance_.utility) {
      utility = static_cast<double>(below(random_, 10000)) / 10000.0;
    }
    for (std::uint32_t i = 0; i < menu_.constraints; ++i) {
      Constraint& constraint = instance_.add(Kind::Window, tier());
      constraint.level = static_cast<std::uint16_t>(below(random_, 3));
      if (constraint.tier == Tier::Soft) constraint.weight = 0.02 * (1 + below(random_, 10));
      if (menu_.has_past && constraint.tier != Tier::Required) past_length_ = below(random_, 4);
      shape(constraint);
      past_length_ = 0;
    }
  }

 private:
  bool chance(std::uint32_t percent) { return below(random_, 100) < percent; }

  Tier tier() {
    if (menu_.has_required && chance(25)) return Tier::Required;
    return menu_.has_soft && chance(30) ? Tier::Soft : Tier::Hard;
  }

  const Word* some_rows(std::uint32_t percent) {
    std::vector<bool> bits(rows_);
    for (std::uint32_t row = 0; row < rows_; ++row) bits[row] = chance(percent);
    return instance_.mask(bits);
  }

  const Word* some_slots() {
    std::vector<bool> bits(slots_);
    const std::uint32_t begin = below(random_, slots_);
    for (std::uint32_t slot = begin; slot < slots_; ++slot) bits[slot] = chance(75);
    bits[begin] = true;
    return instance_.mask(bits);
  }

  std::uint32_t one_group(std::uint32_t count) {
    if (!menu_.is_joint && chance(15)) return kNoGroup;
    return std::min(below(random_, count), below(random_, count));  // skewed to the first
  }

  Groups groups_of(std::uint32_t entries, std::uint32_t count, bool is_multi) {
    std::vector<std::vector<std::uint32_t>> several(entries);
    std::vector<std::uint32_t> single(entries);
    for (std::uint32_t entry = 0; entry < entries; ++entry) {
      single[entry] = one_group(count);
      for (std::uint32_t group = 0; group < count; ++group) {
        if (chance(30)) several[entry].push_back(group);
      }
    }
    return is_multi ? instance_.several(several, count) : instance_.single(single, count);
  }

  void group(Constraint& constraint) {
    constraint.has_by = true;
    const bool is_multi = !menu_.is_joint && chance(25);
    const std::uint32_t count = 2 + below(random_, 3);
    constraint.groups = groups_of(rows_, count, is_multi);
    constraint.past.groups = groups_of(past_length_, count + below(random_, 2), is_multi);
  }

  void select(Constraint& constraint, std::uint32_t percent) {
    constraint.where = some_rows(percent);
    std::vector<std::uint8_t> matches(past_length_ + 1);
    for (std::uint8_t& match : matches) match = chance(50) ? 1 : 0;
    constraint.past.matches = instance_.flags(matches);
  }

  void shape(Constraint& constraint) {
    constraint.past.count = past_length_;
    const bool narrow = !menu_.is_joint && chance(30);
    if (menu_.has_pairs_and_sums && chance(60)) return shape_new(constraint, narrow);
    switch (below(random_, 5)) {
      case 0:
        constraint.kind = Kind::Window;
        return window(constraint, narrow);
      case 1:
        constraint.kind = Kind::Spacing;
        return spacing(constraint);
      case 2:
        constraint.kind = Kind::Quota;
        return quota(constraint, narrow || chance(40));
      case 3:
        constraint.kind = Kind::Cap;
        group(constraint);
        if (narrow) select(constraint, 60);
        if (chance(30)) constraint.slots = some_slots();
        constraint.max = 1 + below(random_, 2);
        return;
      default:
        constraint.kind = Kind::Place;
        constraint.past.count = 0;
        return place(constraint);
    }
  }

  void shape_new(Constraint& constraint, bool narrow) {
    switch (below(random_, 7)) {
      case 0:
        return adjacent(constraint);
      case 1:
        return order(constraint);
      case 2:
        return similar(constraint);
      case 3:
        return budget(constraint, narrow);
      case 4:
        return mix(constraint);
      case 5:
        return quota_set(constraint, narrow);
      default:
        constraint.kind = Kind::Window;
        constraint.past.count = past_length_ = 0;
        window(constraint, narrow);
        constraint.across = chance(50) ? Across::Rows : Across::Columns;
        constraint.columns = 2 + below(random_, 2);
    }
  }

  void adjacent(Constraint& adjacent) {
    adjacent.kind = Kind::Adjacent;
    select(adjacent, 50);
    if (chance(10)) adjacent.where = nullptr;
    if (chance(85)) adjacent.right = some_rows(50);
    adjacent.require = chance(40);
    if (chance(20))
      adjacent.left_side = PairSide::PageEnd;
    else if (chance(25))
      adjacent.right_side = PairSide::PageEnd;
    else if (chance(40))
      adjacent.across = chance(50) ? Across::Rows : Across::Columns;
    if (adjacent.across == Across::Sequence) return;
    adjacent.columns = 2 + below(random_, 2);
    adjacent.past.count = 0;
  }

  std::vector<std::uint32_t> some_ranks(std::uint32_t entries) {
    std::vector<std::uint32_t> ranks(entries + 1);
    for (std::uint32_t& rank : ranks) rank = chance(30) ? kNoGroup : below(random_, 5);
    return ranks;
  }

  void order(Constraint& order) {
    order.kind = Kind::Order;
    order.ranks = instance_.numbers(some_ranks(rows_));
    order.past.ranks = instance_.numbers(some_ranks(past_length_));
    if (!chance(40)) return;
    group(order);
    order.past.groups.count = order.groups.count;
  }

  void similar(Constraint& similar) {
    similar.kind = Kind::Similar;
    similar.size = chance(20) ? 1'000'000 : 2 + below(random_, 3);
    const auto some_vectors = [&](std::uint32_t entries) {
      std::vector<float> out;
      for (std::uint32_t i = 0; i < 2 * entries; ++i) {
        out.push_back(static_cast<float>(below(random_, 3)) - 0.5F);
      }
      return out;
    };
    similar.closeness =
        instance_.closeness(some_vectors(rows_), some_vectors(past_length_), 2, 0.9);
    if (chance(40)) similar.closeness->leave_out(below(random_, rows_));
  }

  void budget(Constraint& budget, bool narrow) {
    budget.kind = Kind::Budget;
    if (narrow) budget.slots = some_slots();
    std::vector<std::int64_t> amounts(rows_);
    for (std::int64_t& amount : amounts) {
      amount = chance(25) ? 0 : 250'000 * static_cast<std::int64_t>(below(random_, 9));
      if (chance(10)) amount = -amount;
    }
    Sums sums;
    sums.least = *std::min_element(amounts.begin(), amounts.end());
    sums.most = *std::max_element(amounts.begin(), amounts.end());
    sums.has_max = chance(70);
    sums.has_min = !sums.has_max || chance(20);
    sums.max = 250'000 * static_cast<std::int64_t>(below(random_, 16));
    sums.min = 250'000 * static_cast<std::int64_t>(below(random_, 16));
    budget.sums = instance_.sums(sums, std::move(amounts));
    budget.past.count = 0;
  }

  void mix(Constraint& mix) {
    mix.kind = Kind::Mix;
    mix.has_by = true;
    mix.groups = groups_of(rows_, 3, false);
    std::vector<std::uint32_t> plan(slots_);
    for (std::uint32_t& wanted : plan) wanted = chance(25) ? kNoGroup : below(random_, 3);
    mix.plan = instance_.numbers(std::move(plan));
    mix.past.count = 0;
  }

  void quota_set(Constraint& quota, bool narrow) {
    quota.kind = Kind::Quota;
    quota.has_by = true;
    quota.groups = groups_of(rows_, 3, chance(25));
    if (narrow) quota.slots = some_slots();
    std::vector<std::uint32_t> mins(3);
    for (std::uint32_t& min : mins) min = below(random_, 3);
    quota.min = std::max(1U, *std::max_element(mins.begin(), mins.end()));
    if (chance(30)) quota.max = quota.min;
    quota.mins = instance_.numbers(std::move(mins));
    quota.past.count = 0;
  }

  void window(Constraint& window, bool narrow) {
    window.size = 2 + below(random_, 3);
    if (chance(65)) group(window);
    if (!window.has_by || narrow) select(window, 50);
    if (chance(75)) window.max = 1 + below(random_, window.size - 1);
    if (menu_.is_joint && window.has_by && window.max == kUnlimited) window.max = 1;
    if (window.max == kUnlimited || (!menu_.is_joint && chance(20))) {
      window.min = 1 + below(random_, 2);
      if (!menu_.is_joint && chance(10)) window.min = window.size + 1;
    }
    if (narrow && chance(50)) window.slots = some_slots();
    window.tumbling = !menu_.is_joint && chance(20);
  }

  void spacing(Constraint& spacing) {
    select(spacing, 45);
    if (!menu_.is_joint && chance(40)) group(spacing);
    spacing.gap = below(random_, 4);
    spacing.first_slot = chance(50) ? below(random_, 3) : 0;
  }

  void quota(Constraint& quota, bool narrow) {
    select(quota, 45);
    if (!menu_.is_joint && chance(35)) group(quota);
    if (narrow) quota.slots = some_slots();
    if (chance(70)) quota.min = 1 + below(random_, 3);
    if (chance(50) || quota.min == 0) quota.max = quota.min + below(random_, 2);
  }

  void place(Constraint& place) {
    const std::uint32_t kind = below(random_, menu_.is_joint ? 6 : 10);
    place.mode = kind < 5   ? PlaceMode::Exactly
                 : kind < 7 ? PlaceMode::AtOrAbove
                 : kind < 8 ? PlaceMode::OnlyWithin
                 : kind < 9 ? PlaceMode::NeverIn
                            : PlaceMode::Last;
    if (place.mode == PlaceMode::Exactly || place.mode == PlaceMode::AtOrAbove) {
      place.pin_count = 1 + below(random_, 2);
      std::vector<std::uint32_t> rows = {below(random_, rows_), below(random_, rows_)};
      const std::uint32_t past_end = menu_.is_joint ? 0 : 1;
      place.pin_rows = instance_.numbers(rows);
      place.pin_slots =
          instance_.numbers({below(random_, slots_ + past_end), below(random_, slots_ + past_end)});
      return;
    }
    place.where = some_rows(35);
    if (place.mode != PlaceMode::Last) place.slots = some_slots();
  }

  Instance& instance_;
  Random& random_;
  const Menu& menu_;
  std::uint32_t rows_ = 0;
  std::uint32_t slots_ = 0;
  std::uint32_t past_length_ = 0;
};

}  // namespace

void fill_randomly(Instance& instance, Random& random, const Menu& menu) {
  Drawer(instance, random, menu).draw();
}

}  // namespace lineup::brute
