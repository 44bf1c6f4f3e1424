// SPDX-License-Identifier: Apache-2.0
//
// The evaluator `diversity`: how unlike the rows of a slate are. Three measures, any of them:
// the mean distance of two rows, the entropy of a category, the share of distinct values.
//
// The sum of all products of two rows is (|sum of vectors|^2 - sum of |vector|^2) / 2, so the mean
// distance costs one pass over the slate, not one over its pairs.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lineup/cpp/discount.hpp"
#include "lineup/cpp/features.hpp"
#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

class Diversity : public sdk::Evaluator {
 public:
  static constexpr const char* kName = "diversity";
  static constexpr const char* kId = "dev.lineup.diversity/1";

  explicit Diversity(const sdk::Config& config)
      : distance_name_(config.text("/distance", "")),
        entropy_name_(config.text("/entropy", "")),
        coverage_name_(config.text("/coverage", "")),
        by_name_(config.text("/by", "")),
        top_(static_cast<std::uint32_t>(config.integer("/top", 0))) {
    if (distance_name_.empty() && entropy_name_.empty() && coverage_name_.empty()) {
      throw sdk::Failure("`/distance`, `/entropy` or `/coverage` must name an objective");
    }
    if (!distance_name_.empty()) columns_.read(config);
    if (by_name_.empty() && !(entropy_name_.empty() && coverage_name_.empty())) {
      throw sdk::Failure("`/by` must name the category column of entropy and coverage");
    }
  }

  void activate(const sdk::Binder& binder) {
    const auto bind = [&](const std::string& name, std::optional<std::uint32_t>& objective) {
      objective.reset();
      if (!name.empty()) objective = sdk::required_objective(binder, name);
    };
    bind(distance_name_, distance_);
    bind(entropy_name_, entropy_);
    bind(coverage_name_, coverage_);
    if (distance_) columns_.bind(binder);
    if (!by_name_.empty()) by_ = binder.required<sdk::Codes>(by_name_);
  }

  sdk::Status evaluate(const sdk::Call& call, const sdk::Slates& slates, std::span<double> values) {
    if (distance_) add_distance(call, slates, values);
    if (entropy_ || coverage_) add_categories(call, slates, values);
    return LINEUP_OK;
  }

 private:
  [[nodiscard]] std::span<const sdk::Row> head(std::span<const sdk::Row> slate) const {
    return top_ == 0 || top_ >= slate.size() ? slate : slate.first(top_);
  }

  // 1 - the mean similarity of two rows. A slate of less than two rows has none: 0.
  void add_distance(const sdk::Call& call, const sdk::Slates& slates,
                    std::span<double> values) const {
    const sdk::Features features(columns_, call, 0, sdk::Features::Layout::Rows);
    const std::span<double> sum = call.allocate<double>(features.width());
    const std::span<double> vector = call.allocate<double>(features.width());
    for (std::uint32_t slate = 0; slate < slates.size(); ++slate) {
      const std::span<const sdk::Row> rows = head(slates[slate]);
      if (rows.size() < 2) continue;
      std::fill(sum.begin(), sum.end(), 0.0);
      double squares = 0.0;
      for (const sdk::Row row : rows) {
        features.candidate(row, vector);
        for (std::size_t d = 0; d < vector.size(); ++d) {
          sum[d] += vector[d];
          squares += vector[d] * vector[d];
        }
      }
      double all = 0.0;
      for (const double value : sum) all += value * value;
      const auto count = static_cast<double>(rows.size());
      values[std::size_t{slate} * call.objective_count() + *distance_] +=
          1.0 - (all - squares) / (count * (count - 1.0));
    }
  }

  // A row without a category is alike to no other: it counts as a value of its own.
  void add_categories(const sdk::Call& call, const sdk::Slates& slates,
                      std::span<double> values) const {
    const sdk::Codes codes = call.rows(by_);
    const std::span<std::uint32_t> sorted = call.allocate<std::uint32_t>(call.slot_count());
    for (std::uint32_t slate = 0; slate < slates.size(); ++slate) {
      const std::span<const sdk::Row> rows = head(slates[slate]);
      if (rows.empty()) continue;
      for (std::size_t slot = 0; slot < rows.size(); ++slot) sorted[slot] = codes[rows[slot]];
      const auto end = sorted.begin() + static_cast<std::ptrdiff_t>(rows.size());
      std::sort(sorted.begin(), end);
      const auto count = static_cast<double>(rows.size());
      double entropy = 0.0, distinct = 0.0;
      for (auto from = sorted.begin(); from != end;) {
        const auto to = *from == sdk::Codes::kNone ? from + 1 : std::upper_bound(from, end, *from);
        const double share = static_cast<double>(to - from) / count;
        entropy -= share * std::log(share);
        distinct += 1.0;
        from = to;
      }
      const std::size_t at = std::size_t{slate} * call.objective_count();
      if (entropy_ && rows.size() > 1) values[at + *entropy_] += entropy / std::log(count);
      if (coverage_) values[at + *coverage_] += distinct / count;
    }
  }

  std::string distance_name_;  // objectives; empty: not wanted
  std::string entropy_name_;
  std::string coverage_name_;
  std::string by_name_;
  std::uint32_t top_;
  sdk::FeatureColumns columns_;
  sdk::Bound<sdk::Codes> by_;
  std::optional<std::uint32_t> distance_;
  std::optional<std::uint32_t> entropy_;
  std::optional<std::uint32_t> coverage_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "diversity",
  "version": "1.0.0",
  "about": "Values slates by how unlike their rows are.",
  "types": [{
    "name": "diversity",
    "kind": "evaluator",
    "about": "Mean distance of two rows, entropy of a category, share of distinct values.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["by", "embeddings", "categories"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "distance": {"type": "string", "default": "",
          "description": "The objective that gets the mean distance of two rows, 1 - similarity; empty: none."},
        "entropy": {"type": "string", "default": "",
          "description": "The objective that gets the entropy of `by`, 0..1; empty: none."},
        "coverage": {"type": "string", "default": "",
          "description": "The objective that gets the share of distinct values of `by`; empty: none."},
        "by": {"type": "string", "default": "",
          "description": "The category column of entropy and coverage."},
        "top": {"type": "integer", "minimum": 0, "maximum": 10000, "default": 0,
          "description": "Only the first slots count; 0: all."},
        "embeddings": {"type": "array", "default": [],
          "description": "For distance: embedding columns compared by cosine.",
          "items": {"type": "object", "additionalProperties": false, "required": ["column"],
            "properties": {
              "column": {"type": "string", "minLength": 1},
              "weight": {"type": "number", "exclusiveMinimum": 0, "default": 1}}}},
        "categories": {"type": "array", "default": [],
          "description": "For distance: category columns compared by equality.",
          "items": {"type": "object", "additionalProperties": false, "required": ["column"],
            "properties": {
              "column": {"type": "string", "minLength": 1},
              "weight": {"type": "number", "exclusiveMinimum": 0, "default": 1}}}}
      }
    }
  }]
})");

LINEUP_PLUGIN("1.0.0", Diversity)
