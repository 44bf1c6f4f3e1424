// SPDX-License-Identifier: Apache-2.0
//
// Sums of an evaluation: by group of requests (all, segments, exposed lengths), by arm (what made
// the page), by metric. Parts add up to exactly what one run would have; nothing grows with the
// log. Intervals come from a bootstrap by user: in each of kReplicates replicates a user counts a
// Poisson(1) number of times, drawn from a hash of the user and the replicate, so that all pages of
// a user go together, on whichever machine they are summed.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cli/offline/exact_sum.hpp"

namespace lineup::cli {

inline constexpr std::size_t kReplicates = 200;

enum class Metric : std::uint8_t {
  ClicksPositionBased,
  ClicksDependent,
  ViewsDependent,
  Hits,
  Ndcg,
  Map,
  AlphaNdcg,
  IntraListDistance,
  DifferentPairs,
  GroupCoverage,
  ErrIa,
};
inline constexpr std::size_t kMetrics = 11;
struct MetricWords {
  const char* name;   // in JSON
  const char* about;  // for people
};
[[nodiscard]] const MetricWords& words_of(Metric metric);

// One page; what is not known is left out.
using PageValues = std::array<std::optional<double>, kMetrics>;

// Inverse propensity sums; one term per recorded slot.
struct Weighted {
  std::uint64_t slots = 0;
  ExactSum weights, squares, rewards;
  double largest = 0.0;

  void add(double weight, double reward);
  void merge(const Weighted& other);
  [[nodiscard]] double ips() const;
  [[nodiscard]] std::optional<double> snips() const;
  // (sum of weights)^2 / sum of their squares.
  [[nodiscard]] double effective() const;
};
// Without so many effective samples, or with a larger weight, nothing is concluded.
inline constexpr double kEffectiveLeast = 500.0;
inline constexpr double kWeightMost = 1000.0;

// How often each replicate counts the user.
using Draws = std::array<std::uint8_t, kReplicates>;
[[nodiscard]] Draws draws_of(std::string_view user);

struct Interval {
  double low = 0.0;
  double high = 0.0;
};

// Of one arm and one metric, against the first arm, over pages where both have a value.
struct PairSums {
  std::uint64_t pages = 0;
  ExactSum value, first;
  // Of the difference, in millionths, and of pages, per replicate.
  std::array<std::int64_t, kReplicates> difference{}, count{};

  void add(double value_here, double value_first, const Draws& draws);
  void merge(const PairSums& other);
  [[nodiscard]] double mean() const;
  [[nodiscard]] double mean_difference() const;
  // 95 %: the mean and 1.96 times the replicates' standard deviation.
  [[nodiscard]] Interval interval() const;
};

struct ArmSums {
  std::array<PairSums, kMetrics> metrics;
  Weighted weighted;
  // Per replicate: weights and weighted rewards in millionths, slots.
  std::array<std::int64_t, kReplicates> replicate_weights{}, replicate_rewards{}, replicate_slots{};
  [[nodiscard]] Interval snips_interval() const;
};

// How many different items were seen, within about 2 % (HyperLogLog, 4096 registers).
class DistinctCount {
 public:
  void add(std::string_view item);
  void merge(const DistinctCount& other);
  [[nodiscard]] double value() const;
  [[nodiscard]] std::string text() const;
  [[nodiscard]] static std::optional<DistinctCount> read(std::string_view text);

 private:
  std::array<std::uint8_t, 4096> registers_{};
};

// What must be the same in all parts of one evaluation.
struct TallyHead {
  std::string bundle, revision, baseline, event, models, sweep;
  std::vector<std::string> arms;     // the first is what the others are compared with
  std::vector<double> sweep_values;  // of arms 1 and on; empty: no sweep
  bool operator==(const TallyHead&) const = default;
};

// One request, as every arm answered it.
struct Judged {
  std::string_view user;  // empty: the request is a user of its own, named by `request`
  std::string_view request;
  std::vector<std::string> groups;  // besides `all`
  std::vector<PageValues> arms;
  // Per arm and recorded slot: weight and reward. Empty: no propensities are known.
  std::vector<std::vector<std::pair<double, double>>> weighted;
};

class Tally {
 public:
  explicit Tally(TallyHead head);

  void add(const Judged& judged);
  void add_shown(std::size_t arm, std::string_view item) { shown_[arm].add(item); }
  void add_offered(std::string_view item) { offered_.add(item); }
  void add_without_feedback() { ++without_feedback_; }
  void add_left_out(std::uint64_t line, std::string message);
  // Errors: merge/head, where the two are not of one evaluation.
  [[nodiscard]] Result<void> merge(const Tally& other);

  [[nodiscard]] std::string json() const;  // one line
  // Errors: merge/json.
  [[nodiscard]] static Result<Tally> read(std::string_view line);

  struct Group {
    std::uint64_t requests = 0;
    std::vector<ArmSums> arms;
  };
  [[nodiscard]] const TallyHead& head() const { return head_; }
  [[nodiscard]] const std::map<std::string, Group>& groups() const { return groups_; }
  [[nodiscard]] const DistinctCount& shown(std::size_t arm) const { return shown_[arm]; }
  [[nodiscard]] const DistinctCount& offered() const { return offered_; }
  [[nodiscard]] std::uint64_t without_feedback() const { return without_feedback_; }
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }
  [[nodiscard]] const std::string& first_left_out() const { return first_left_out_; }

 private:
  void add_to(Group& group, const Judged& judged, const Draws& draws) const;

  TallyHead head_;
  std::map<std::string, Group> groups_;
  std::vector<DistinctCount> shown_;  // [arms]
  DistinctCount offered_;
  std::uint64_t without_feedback_ = 0;
  std::uint64_t left_out_ = 0;
  std::uint64_t first_left_out_line_ = 0;
  std::string first_left_out_;
};

inline constexpr const char* kAllRequests = "all";

}  // namespace lineup::cli
