// SPDX-License-Identifier: Apache-2.0
//
// The generator `score_order`: the best page by one column. All the work is the engine's: its
// search completes the empty page with the column as utility, so that every rule holds whenever a
// page exists on which it can.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>

#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

class ScoreOrder : public sdk::Generator {
 public:
  static constexpr const char* kName = "score_order";
  static constexpr const char* kId = "dev.lineup.score_order/1";

  explicit ScoreOrder(const sdk::Config& config) : column_(config.text("/column", "score")) {}

  void activate(const sdk::Binder& binder) { score_ = binder.required<sdk::Floats>(column_); }

  sdk::Status generate(const sdk::Call& call, sdk::Builder& builder) {
    return builder.emit(utility(call, call.rows(score_)));
  }

 private:
  // The column, finite: rows without a score come last, behind the least score there is.
  static std::span<const double> utility(const sdk::Call& call, sdk::Floats score) {
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

  // Whether the column can serve as it is. No way out of the loop, so that it is vectorised where
  // the column says that every row has a value.
  static bool is_complete(const sdk::Call& call, sdk::Floats score) {
    std::uint64_t wrong = 0;
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      wrong |= is_finite(score, row) ? 0 : 1;
    }
    return wrong == 0;
  }

  static bool is_finite(sdk::Floats score, sdk::Row row) {
    return score.has(row) && std::isfinite(score[row]);
  }

  std::string column_;
  sdk::Bound<sdk::Floats> score_;
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
