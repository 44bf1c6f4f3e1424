// SPDX-License-Identifier: Apache-2.0
//
// The numbers that show why a rule cannot have what it asks for: how much it needs or leaves room
// for, and how much the batch has. Room is counted generously, so a number that is too small is a
// proof; where history counts no room is claimed, because it may already be used up.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "constraint/describe.hpp"
#include "constraint/describe_words.hpp"

namespace lineup {

namespace {

constexpr double kMillionths = 1e6;  // what Sums counts in

class Evidence {
 public:
  Evidence(const CompiledConstraint& constraint, const Constraint& instance, const Problem& problem,
           std::span<const double> live)
      : spec_(constraint.spec),
        asked_(describe(constraint, live)),
        instance_(instance),
        problem_(problem),
        rows_(word_count(problem.row_count)) {
    for (std::size_t w = 0; w < rows_.size(); ++w) {
      rows_[w] = problem.candidates[w] & (instance.where == nullptr ? ~Word{0} : instance.where[w]);
    }
    candidates_ = count_bits({problem.candidates, rows_.size()});
    matching_ = count_bits(rows_);
    slots_ = instance.slots == nullptr
                 ? problem.slot_count
                 : count_bits({instance.slots, word_count(problem.slot_count)});
  }

  [[nodiscard]] std::string text() const {
    switch (instance_.kind) {
      case Kind::Window:
        return window();
      case Kind::Spacing:
        return spacing();
      case Kind::Quota:
      case Kind::Cap:
        return quota();
      case Kind::Place:
        return place();
      case Kind::Budget:
        return budget();
      case Kind::Mix:
        return mix();
      case Kind::Adjacent:
      case Kind::Similar:
      case Kind::Order:
        return fmt::format("{}; it speaks of {} of {} rows", asked_, matching_, candidates_);
      case Kind::Filter:
      case Kind::Boost:
      case Kind::Code:
        return asked_;
    }
    return asked_;
  }

 private:
  // Sizes of the groups that matching rows fall into, and how many rows have no group.
  [[nodiscard]] std::vector<std::size_t> group_sizes(std::size_t& ungrouped) const {
    ungrouped = 0;
    if (!instance_.has_by) return {matching_};
    std::vector<std::size_t> sizes(instance_.groups.count, 0);
    for_each_bit(std::span<const Word>(rows_), [&](std::size_t row) {
      const Groups& groups = instance_.groups;
      if (groups.single != nullptr) {
        if (groups.single[row] == kNoGroup) {
          ++ungrouped;
        } else {
          ++sizes[groups.single[row]];
        }
        return;
      }
      if (groups.offsets == nullptr || groups.offsets[row] == groups.offsets[row + 1]) {
        ++ungrouped;
        return;
      }
      for (std::uint32_t i = groups.offsets[row]; i < groups.offsets[row + 1]; ++i) {
        ++sizes[groups.values[i]];
      }
    });
    return sizes;
  }

  // How many of `slots` slots can be filled when every group may have `most` rows in them.
  [[nodiscard]] std::string room(std::size_t most, std::size_t slots) const {
    if (instance_.past.count > 0) return {};
    std::size_t fit = 0;
    const auto sizes = group_sizes(fit);
    std::size_t values = 0;
    for (const std::size_t size : sizes) {
      fit += std::min(size, most);
      values += size > 0 ? 1U : 0U;
    }
    fit += candidates_ - matching_;
    std::string have = instance_.has_by
                           ? fmt::format("the batch has {} values in {} rows", values, candidates_)
                           : fmt::format("the batch has {} other rows", candidates_ - matching_);
    if (fit < slots) return fmt::format("; {}: they fill {} of {} slots", have, fit, slots);
    return fmt::format("; {}", have);
  }

  [[nodiscard]] std::string shortage(std::size_t needed) const {
    std::string out =
        fmt::format("needs {} {} {}, the batch has {}", needed, words::rows(spec_, needed == 1),
                    words::slots(spec_.slots), matching_);
    if (needed > slots_) out += fmt::format(", and the page has {} such slots", slots_);
    return out;
  }

  [[nodiscard]] std::string quota() const {
    if (instance_.mins != nullptr) return set();
    if (instance_.min > 0 && !instance_.has_by) return shortage(instance_.min);
    if (instance_.max == kUnlimited) return asked_;
    return asked_ + room(instance_.max, slots_);
  }

  // Quotas that share the slots: those that the batch has too few rows for.
  [[nodiscard]] std::string set() const {
    std::size_t ungrouped = 0;
    const auto sizes = group_sizes(ungrouped);
    std::string out = asked_;
    for (std::uint32_t group = 0; group < sizes.size(); ++group) {
      if (sizes[group] >= instance_.mins[group]) continue;
      const std::string name = group < spec_.channels.size()
                                   ? fmt::format("rows where `{}`", spec_.channels[group].where)
                                   : std::string("rows of one value");
      out +=
          fmt::format("; needs {} {}, the batch has {}", instance_.mins[group], name, sizes[group]);
    }
    return out;
  }

  // The least and the most that the sum can come to with as many rows as there are slots.
  [[nodiscard]] std::string budget() const {
    if (instance_.sums == nullptr || instance_.past.count > 0) return asked_;
    std::vector<std::int64_t> amounts;
    for_each_bit(std::span<const Word>(problem_.candidates, rows_.size()),
                 [&](std::size_t row) { amounts.push_back(instance_.sums->amounts[row]); });
    std::sort(amounts.begin(), amounts.end());
    const std::size_t count = std::min(amounts.size(), slots_);
    std::int64_t least = 0;
    std::int64_t most = 0;
    for (std::size_t i = 0; i < count; ++i) {
      least += amounts[i];
      most += amounts[amounts.size() - 1 - i];
    }
    return fmt::format("{}; {} rows of the batch come to {:.6g} at least and {:.6g} at most",
                       asked_, count, static_cast<double>(least) / kMillionths,
                       static_cast<double>(most) / kMillionths);
  }

  // Slots that the plan gives to each channel, beside the rows that it has.
  [[nodiscard]] std::string mix() const {
    if (instance_.plan == nullptr) return asked_;
    std::size_t ungrouped = 0;
    const auto sizes = group_sizes(ungrouped);
    std::vector<std::size_t> wanted(sizes.size(), 0);
    for (std::uint32_t slot = 0; slot < problem_.slot_count; ++slot) {
      if (instance_.plan[slot] < wanted.size()) ++wanted[instance_.plan[slot]];
    }
    std::string out = asked_;
    for (std::size_t group = 0; group < sizes.size() && group < spec_.channels.size(); ++group) {
      out += fmt::format("; `{}` has {} slots and {} rows", spec_.channels[group].name,
                         wanted[group], sizes[group]);
    }
    return out;
  }

  [[nodiscard]] std::string window() const {
    const std::size_t slots = problem_.slot_count;
    if (instance_.across != Across::Sequence) return asked_;
    if (instance_.min > 0 && !instance_.has_by && instance_.slots == nullptr &&
        instance_.past.count == 0) {
      const std::size_t needed = slots / instance_.size * instance_.min;
      return fmt::format("{}: {} in all, the batch has {}", asked_, needed, matching_);
    }
    if (instance_.slots != nullptr || instance_.max == kUnlimited) return asked_;
    const std::size_t most = slots / instance_.size * instance_.max +
                             std::min<std::size_t>(slots % instance_.size, instance_.max);
    std::string out = asked_;
    if (most < slots) {
      out += fmt::format(": at most {} on {} slots", most, slots);
    }
    return out + room(most, slots);
  }

  [[nodiscard]] std::string spacing() const {
    const std::size_t left = slots_ > instance_.first_slot ? slots_ - instance_.first_slot : 0;
    const std::size_t most = (left + instance_.gap) / (instance_.gap + 1);
    return fmt::format("{}: at most {} on {} slots{}", asked_, most, problem_.slot_count,
                       room(most, problem_.slot_count));
  }

  [[nodiscard]] std::string place() const {
    if (instance_.pin_count == 0) {
      return fmt::format("{}; the batch has {} such rows and {} others", asked_, matching_,
                         candidates_ - matching_);
    }
    std::string late;
    for (std::uint32_t pin = 0; pin < instance_.pin_count; ++pin) {
      if (instance_.pin_slots[pin] >= problem_.slot_count && late.empty()) {
        late = fmt::format(", the page ends at slot {}", problem_.slot_count);
      }
    }
    return asked_ + late;
  }

  const Spec& spec_;
  std::string asked_;
  const Constraint& instance_;
  const Problem& problem_;
  std::vector<Word> rows_;  // candidates that match
  std::size_t candidates_ = 0;
  std::size_t matching_ = 0;
  std::size_t slots_ = 0;  // that the constraint speaks of
};

}  // namespace

std::string evidence_of(const CompiledConstraint& constraint, const Constraint& instance,
                        const Problem& problem, std::span<const double> live) {
  return Evidence(constraint, instance, problem, live).text();
}

}  // namespace lineup
