// SPDX-License-Identifier: Apache-2.0
//
// The evaluator `revenue`: the discounted sum of price times rate over the rows that pay.
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lineup/cpp/discount.hpp"
#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

class Revenue : public sdk::Evaluator {
 public:
  static constexpr const char* kName = "revenue";
  static constexpr const char* kId = "dev.lineup.revenue/1";

  explicit Revenue(const sdk::Config& config)
      : discount_(config, "log2"),
        price_name_(config.text("/price", "bid")),
        rate_name_(config.text("/rate", "")),
        type_name_(config.text("/type", "")),
        paying_(config.text("/paying", "ad")),
        objective_name_(config.text("/objective", "revenue")) {}

  void activate(const sdk::Binder& binder) {
    discount_.bind(binder);
    price_ = binder.required<sdk::Floats>(price_name_);
    if (!rate_name_.empty()) rate_ = binder.required<sdk::Floats>(rate_name_);
    if (!type_name_.empty()) type_ = binder.required<sdk::Codes>(type_name_);
    objective_ = sdk::required_objective(binder, objective_name_);
  }

  sdk::Status evaluate(const sdk::Call& call, const sdk::Slates& slates, std::span<double> values) {
    const std::span<const double> pays = pays_of(call);
    const std::span<const double> slots = discount_.slots(call);
    for (std::uint32_t slate = 0; slate < slates.size(); ++slate) {
      const std::span<const sdk::Row> rows = slates[slate];
      double sum = 0.0;
      for (std::size_t slot = 0; slot < rows.size(); ++slot) sum += pays[rows[slot]] * slots[slot];
      values[std::size_t{slate} * call.objective_count() + objective_] += sum;
    }
    return LINEUP_OK;
  }

 private:
  // What each row pays when it is seen. A row without a price or rate pays nothing.
  [[nodiscard]] std::span<const double> pays_of(const sdk::Call& call) const {
    const sdk::Floats price = call.rows(price_);
    const sdk::Floats rate = rate_name_.empty() ? sdk::Floats() : call.rows(rate_);
    const sdk::Codes type = type_name_.empty() ? sdk::Codes() : call.rows(type_);
    const sdk::Dictionary names = type.dictionary();
    std::uint32_t paying = sdk::Codes::kNone;
    for (std::uint32_t code = 0; code < names.size(); ++code) {
      if (names[code] == paying_) paying = code;
    }
    const std::span<double> pays = call.filled<double>(call.row_count(), 0.0);
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      if (!type_name_.empty() && (paying == sdk::Codes::kNone || type[row] != paying)) continue;
      const double each =
          price.value_or(row, 0.0) * (rate_name_.empty() ? 1.0 : rate.value_or(row, 0.0));
      if (std::isfinite(each)) pays[row] = each;
    }
    return pays;
  }

  sdk::Discount discount_;
  std::string price_name_;
  std::string rate_name_;  // empty: the price alone
  std::string type_name_;  // empty: every row pays
  std::string paying_;
  std::string objective_name_;
  sdk::Bound<sdk::Floats> price_;
  sdk::Bound<sdk::Floats> rate_;
  sdk::Bound<sdk::Codes> type_;
  std::uint32_t objective_ = 0;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "revenue",
  "version": "1.0.0",
  "about": "Values slates by what their rows pay.",
  "types": [{
    "name": "revenue",
    "kind": "evaluator",
    "about": "The discounted sum of price times rate over the rows that pay.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["price", "rate", "type"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "objective": {"type": "string", "minLength": 1, "default": "revenue",
          "description": "The objective that gets the sum."},
        "price": {"type": "string", "minLength": 1, "default": "bid",
          "description": "The float column of what an event pays."},
        "rate": {"type": "string", "default": "",
          "description": "The float column of the event's probability; empty: the price is per view."},
        "type": {"type": "string", "default": "",
          "description": "The category column that tells which rows pay; empty: all do."},
        "paying": {"type": "string", "default": "ad",
          "description": "The value of `type` that pays."},
        "discount": {"type": "string", "enum": ["log2", "none", "reciprocal", "geometric"], "default": "log2",
          "description": "How much a slot counts: 1 / log2(slot + 1), 1, 1 / slot, or gamma ^ (slot - 1)."},
        "gamma": {"type": "number", "exclusiveMinimum": 0, "maximum": 1, "default": 0.85,
          "description": "With geometric: how likely a user who saw a slot looks at the next."}
      }
    }
  }]
})");

LINEUP_PLUGIN("1.0.0", Revenue)
