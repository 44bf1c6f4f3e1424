// SPDX-License-Identifier: Apache-2.0
//
// The generator `score_order`: the best page by one column. All the work is the engine's: its
// search completes the empty page with the column as utility, so that every rule holds whenever a
// page exists on which it can.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>

#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

// Numbers that tell at once whether every row has one.
class Scores : public sdk::Floats {
 public:
  using Floats::Floats;
  [[nodiscard]] bool is_whole() const noexcept {
    return column() != nullptr && column()->validity == nullptr;
  }
};

// A finite number times zero is zero and anything else is NaN, which no sum loses again; several
// sums side by side are a vector to the compiler.
bool all_finite(std::span<const double> values) {
  constexpr std::size_t kSums = 8;
  std::array<double, kSums> sums{};
  std::size_t i = 0;
  for (; i + kSums <= values.size(); i += kSums) {
    for (std::size_t s = 0; s < kSums; ++s) sums[s] += values[i + s] * 0.0;
  }
  double total = 0.0;
  for (const double sum : sums) total += sum;
  for (; i < values.size(); ++i) total += values[i] * 0.0;
  return !std::isnan(total);
}

class ScoreOrder : public sdk::Generator {
 public:
  static constexpr const char* kName = "score_order";
  static constexpr const char* kId = "dev.lineup.score_order/1";

  explicit ScoreOrder(const sdk::Config& config) : column_(config.text("/column", "score")) {}

  void activate(const sdk::Binder& binder) { score_ = binder.required<Scores>(column_); }

  sdk::Status generate(const sdk::Call& call, sdk::Builder& builder) {
    return builder.emit(utility(call, call.rows(score_)));
  }

 private:
  // The column, finite: rows without a score come last, behind the least score there is.
  static std::span<const double> utility(const sdk::Call& call, Scores score) {
    if (is_complete(call, score)) return score.values();
    std::span<double> utility = call.allocate<double>(call.row_count());
    double least = 0.0;
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      if (is_finite(score, row)) least = std::min(least, score[row]);
    }
    const double last =
        std::max(least - std::max(1.0, std::abs(least)), std::numeric_limits<double>::lowest());
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      utility[row] = is_finite(score, row) ? score[row] : last;
    }
    return utility;
  }

  // Whether the column can serve as it is.
  static bool is_complete(const sdk::Call& call, Scores score) {
    if (score.is_whole()) return all_finite(score.values());
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      if (!is_finite(score, row)) return false;
    }
    return true;
  }

  static bool is_finite(Scores score, sdk::Row row) {
    return score.has(row) && std::isfinite(score[row]);
  }

  std::string column_;
  sdk::Bound<Scores> score_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "score_order",
  "version": "1.0.0",
  "about": "The best page by one column, solved together with all rules.",
  "types": [{
    "name": "score_order",
    "kind": "generator",
    "about": "Proposes the page of the largest discounted sum of one column.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["column"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "column": {
          "type": "string",
          "minLength": 1,
          "default": "score",
          "description": "The float column to rank by; rows without a value come last."
        }
      }
    }
  }]
})");

LINEUP_PLUGIN("1.0.0", ScoreOrder)
