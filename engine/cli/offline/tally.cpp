// SPDX-License-Identifier: Apache-2.0
//
// See the header: whole numbers everywhere, so that the order of pages changes no digit.
#include "cli/offline/tally.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/hash.hpp"
#include "cli/offline/random.hpp"

namespace lineup::cli {

namespace {

constexpr double kMillion = 1e6;
constexpr double kTwoSided95 = 1.959964;

std::int64_t millionths(double value) {
  return static_cast<std::int64_t>(std::nearbyint(value * kMillion));
}

double deviation(const std::vector<double>& values) {
  if (values.size() < 2) return 0.0;
  double mean = 0.0;
  for (const double value : values) mean += value;
  mean /= static_cast<double>(values.size());
  double squares = 0.0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

}  // namespace

const MetricWords& words_of(Metric metric) {
  static constexpr std::array<MetricWords, kMetrics> kWords = {{
      {"expected_clicks_position_based", "expected clicks, position-based"},
      {"expected_clicks_dependent", "expected clicks, dependent click"},
      {"expected_views_dependent", "expected views, dependent click"},
      {"rewards_on_page", "observed rewards on the page"},
      {"ndcg", "NDCG"},
      {"map", "MAP"},
      {"alpha_ndcg", "alpha-NDCG"},
      {"intra_list_distance", "intra-list distance"},
      {"different_pairs", "pairs of different groups"},
      {"group_coverage", "coverage of groups"},
      {"err_ia", "ERR-IA, groups alone"},
  }};
  return kWords[static_cast<std::size_t>(metric)];
}

void Weighted::add(double weight, double reward) {
  ++slots;
  weights.add(weight);
  squares.add(weight * weight);
  rewards.add(weight * reward);
  largest = std::max(largest, weight);
}

void Weighted::merge(const Weighted& other) {
  slots += other.slots;
  weights.merge(other.weights);
  squares.merge(other.squares);
  rewards.merge(other.rewards);
  largest = std::max(largest, other.largest);
}

double Weighted::ips() const {
  return slots == 0 ? 0.0 : rewards.value() / static_cast<double>(slots);
}

std::optional<double> Weighted::snips() const {
  if (!(weights.value() > 0.0)) return {};
  return rewards.value() / weights.value();
}

double Weighted::effective() const {
  const double all = weights.value();
  return squares.value() > 0.0 ? all * all / squares.value() : 0.0;
}

// Poisson(1) by inversion: 8 counts cover all but a millionth.
Draws draws_of(std::string_view user) {
  constexpr std::array<double, 9> kUpTo = {0.36787944, 0.73575888, 0.91969860,
                                           0.98101184, 0.99634015, 0.99940582,
                                           0.99991676, 0.99998975, 0.99999887};
  Draws out;
  Random random(hash64(user));
  for (std::uint8_t& count : out) {
    const double at = random.uniform();
    count = 0;
    while (count < kUpTo.size() && at >= kUpTo[count]) ++count;
  }
  return out;
}

void PairSums::add(double value_here, double value_first, const Draws& draws) {
  ++pages;
  value.add(value_here);
  first.add(value_first);
  const std::int64_t by = millionths(value_here - value_first);
  for (std::size_t i = 0; i < kReplicates; ++i) {
    difference[i] += by * draws[i];
    count[i] += draws[i];
  }
}

void PairSums::merge(const PairSums& other) {
  pages += other.pages;
  value.merge(other.value);
  first.merge(other.first);
  for (std::size_t i = 0; i < kReplicates; ++i) {
    difference[i] += other.difference[i];
    count[i] += other.count[i];
  }
}

double PairSums::mean() const {
  return pages == 0 ? 0.0 : value.value() / static_cast<double>(pages);
}

double PairSums::mean_difference() const {
  return pages == 0 ? 0.0 : (value.value() - first.value()) / static_cast<double>(pages);
}

Interval PairSums::interval() const {
  std::vector<double> means;
  for (std::size_t i = 0; i < kReplicates; ++i) {
    if (count[i] > 0) {
      means.push_back(static_cast<double>(difference[i]) / kMillion /
                      static_cast<double>(count[i]));
    }
  }
  const double half = kTwoSided95 * deviation(means);
  return {mean_difference() - half, mean_difference() + half};
}

Interval ArmSums::snips_interval() const {
  std::vector<double> means;
  for (std::size_t i = 0; i < kReplicates; ++i) {
    if (replicate_weights[i] > 0) {
      means.push_back(static_cast<double>(replicate_rewards[i]) /
                      static_cast<double>(replicate_weights[i]));
    }
  }
  const double half = kTwoSided95 * deviation(means);
  const double mean = weighted.snips().value_or(0.0);
  return {mean - half, mean + half};
}

void DistinctCount::add(std::string_view item) {
  const std::uint64_t hash = hash64(item);
  const auto rank = static_cast<std::uint8_t>(std::countl_zero(hash << 12 | 0xfffU) + 1);
  std::uint8_t& at = registers_[hash >> 52];
  at = std::max(at, rank);
}

void DistinctCount::merge(const DistinctCount& other) {
  for (std::size_t i = 0; i < registers_.size(); ++i) {
    registers_[i] = std::max(registers_[i], other.registers_[i]);
  }
}

double DistinctCount::value() const {
  constexpr double kCount = 4096.0;
  double sum = 0.0;
  double empty = 0.0;
  for (const std::uint8_t rank : registers_) {
    sum += std::ldexp(1.0, -rank);
    empty += rank == 0 ? 1.0 : 0.0;
  }
  const double raw = 0.7213 / (1.0 + 1.079 / kCount) * kCount * kCount / sum;
  // Few items: how many registers are still empty says more.
  return raw < 2.5 * kCount && empty > 0.0 ? kCount * std::log(kCount / empty) : raw;
}

std::string DistinctCount::text() const {
  std::string out;
  for (const std::uint8_t rank : registers_) out += static_cast<char>('0' + rank);
  return out;
}

std::optional<DistinctCount> DistinctCount::read(std::string_view text) {
  DistinctCount out;
  if (text.size() != out.registers_.size()) return {};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] < '0' || text[i] > '0' + 64) return {};
    out.registers_[i] = static_cast<std::uint8_t>(text[i] - '0');
  }
  return out;
}

Tally::Tally(TallyHead head) : head_(std::move(head)), shown_(head_.arms.size()) {
  groups_[kAllRequests].arms.resize(head_.arms.size());
}

void Tally::add_to(Group& group, const Judged& judged, const Draws& draws) const {
  ++group.requests;
  group.arms.resize(head_.arms.size());
  for (std::size_t arm = 0; arm < judged.arms.size(); ++arm) {
    ArmSums& sums = group.arms[arm];
    for (std::size_t metric = 0; metric < kMetrics; ++metric) {
      const auto& here = judged.arms[arm][metric];
      const auto& first = judged.arms[0][metric];
      if (here && first) sums.metrics[metric].add(*here, *first, draws);
    }
    if (judged.weighted.empty()) continue;
    for (const auto& [weight, reward] : judged.weighted[arm]) {
      sums.weighted.add(weight, reward);
      for (std::size_t i = 0; i < kReplicates; ++i) {
        sums.replicate_weights[i] += millionths(weight) * draws[i];
        sums.replicate_rewards[i] += millionths(weight * reward) * draws[i];
        sums.replicate_slots[i] += draws[i];
      }
    }
  }
}

void Tally::add(const Judged& judged) {
  const Draws draws = draws_of(judged.user.empty() ? judged.request : judged.user);
  add_to(groups_[kAllRequests], judged, draws);
  for (const std::string& group : judged.groups) add_to(groups_[group], judged, draws);
}

void Tally::add_left_out(std::uint64_t line, std::string message) {
  ++left_out_;
  if (!first_left_out_.empty() && first_left_out_line_ <= line) return;
  first_left_out_line_ = line;
  first_left_out_ = fmt::format("line {}: {}", line, message);
}

Result<void> Tally::merge(const Tally& other) {
  if (!(head_ == other.head_)) {
    return failure(
        "merge/head",
        fmt::format("the parts are of different evaluations: one is of bundle `{}`, "
                    "revision {}, the other of `{}`, {}, or other options were given",
                    head_.bundle, head_.revision, other.head_.bundle, other.head_.revision));
  }
  for (const auto& [name, group] : other.groups_) {
    Group& sum = groups_[name];
    sum.requests += group.requests;
    sum.arms.resize(head_.arms.size());
    for (std::size_t arm = 0; arm < group.arms.size(); ++arm) {
      ArmSums& into = sum.arms[arm];
      const ArmSums& from = group.arms[arm];
      for (std::size_t i = 0; i < kMetrics; ++i) into.metrics[i].merge(from.metrics[i]);
      into.weighted.merge(from.weighted);
      for (std::size_t i = 0; i < kReplicates; ++i) {
        into.replicate_weights[i] += from.replicate_weights[i];
        into.replicate_rewards[i] += from.replicate_rewards[i];
        into.replicate_slots[i] += from.replicate_slots[i];
      }
    }
  }
  for (std::size_t arm = 0; arm < shown_.size(); ++arm) shown_[arm].merge(other.shown_[arm]);
  offered_.merge(other.offered_);
  without_feedback_ += other.without_feedback_;
  if (other.left_out_ > 0 &&
      (left_out_ == 0 || other.first_left_out_line_ < first_left_out_line_)) {
    first_left_out_ = other.first_left_out_;
    first_left_out_line_ = other.first_left_out_line_;
  }
  left_out_ += other.left_out_;
  return {};
}

}  // namespace lineup::cli
