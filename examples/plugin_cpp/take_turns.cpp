// SPDX-License-Identifier: Apache-2.0
//
// The generator `take_turns`: the values of a category column take turns. Rows whose category has
// had fewer turns go before all others; among those the better one. That is one utility for the
// builder's best_permitted(), kept up to date with each row placed.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

class TakeTurns : public sdk::Generator {
 public:
  static constexpr const char* kName = "take_turns";
  static constexpr const char* kId = "com.example.take_turns/1";

  explicit TakeTurns(const sdk::Config& config)
      : by_name_(config.text("/by", "category")), column_name_(config.text("/column", "score")) {}

  void activate(const sdk::Binder& binder) {
    by_ = binder.required<sdk::Codes>(by_name_);
    column_ = binder.required<sdk::Floats>(column_name_);
  }

  sdk::Status generate(const sdk::Call& call, sdk::Builder& builder) {
    const std::span<double> base = base_utility(call);
    const std::span<double> utility = call.allocate<double>(call.row_count());

    std::copy(base.begin(), base.end(), utility.begin());
    const sdk::Status first = propose(call, builder, utility);
    if (!first.ok() || builder.placed().empty()) return first;

    // Once more, as if the category of the best row had had its first turn already.
    const sdk::Row best = builder.placed().front();
    if (const sdk::Status status = builder.rewind(0); !status.ok()) return status;
    std::copy(base.begin(), base.end(), utility.begin());
    end_turn(call, best, utility);
    return propose(call, builder, utility);
  }

 private:
  // Above what two scores can differ by: the column is scaled to 0..1.
  static constexpr double kTurn = 2.0;
  // A row without a category has no turn: behind all that have.
  static constexpr double kNoTurn = -1e6;

  [[nodiscard]] std::span<double> base_utility(const sdk::Call& call) const {
    const sdk::Floats column = call.rows(column_);
    const sdk::Codes by = call.rows(by_);
    double least = 0.0;
    double most = 0.0;
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      least = std::min(least, column.value_or(row, 0.0));
      most = std::max(most, column.value_or(row, 0.0));
    }
    const double range = most > least ? most - least : 1.0;
    const std::span<double> utility = call.allocate<double>(call.row_count());
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      utility[row] = (column.value_or(row, least) - least) / range + (by.has(row) ? 0.0 : kNoTurn);
    }
    return utility;
  }

  // The category of `row` goes to the end of the line.
  void end_turn(const sdk::Call& call, sdk::Row row, std::span<double> utility) const {
    const sdk::Codes by = call.rows(by_);
    if (!by.has(row)) return;
    for (sdk::Row other = 0; other < call.row_count(); ++other) {
      if (by[other] == by[row]) utility[other] -= kTurn;
    }
  }

  sdk::Status propose(const sdk::Call& call, sdk::Builder& builder,
                      std::span<double> utility) const {
    while (builder.placed().size() < call.slot_count() && call.spend(call.row_count())) {
      const std::optional<sdk::Row> best = builder.best_permitted(utility);
      if (!best || !builder.place(*best).ok()) break;
      end_turn(call, *best, utility);
    }
    return builder.emit(utility);  // completes a page that is not full
  }

  std::string by_name_;
  std::string column_name_;
  sdk::Bound<sdk::Codes> by_;
  sdk::Bound<sdk::Floats> column_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "take_turns",
  "version": "1.0.0",
  "about": "The values of a category column take turns.",
  "types": [{
    "name": "take_turns",
    "kind": "generator",
    "about": "Proposes two pages on which the values of a category column take turns.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["by", "column"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "by": {"type": "string", "minLength": 1, "default": "category",
          "description": "The category column whose values take turns."},
        "column": {"type": "string", "minLength": 1, "default": "score",
          "description": "The float column that says which row of a category is its best."}
      }
    }
  }]
})");

LINEUP_PLUGIN("1.0.0", TakeTurns)
