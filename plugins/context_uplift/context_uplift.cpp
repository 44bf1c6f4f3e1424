// SPDX-License-Identifier: Apache-2.0
//
// The scorer `context_uplift`: a row's rate given what stands above it, from a table learned
// offline: how much an ad of kind A does better or worse below an item of kind B. Where a row will
// stand is not known yet, so its rate is multiplied by the factor expected over what it will
// probably stand below: the end of what the user saw before, and the best of the candidates.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lineup/cpp/relevance.hpp"
#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

class ContextUplift : public sdk::Scorer {
 public:
  static constexpr const char* kName = "context_uplift";
  static constexpr const char* kId = "dev.lineup.context_uplift/1";

  explicit ContextUplift(const sdk::Config& config)
      : input_name_(config.text("/input", "score")),
        output_name_(config.text("/output", "")),
        kind_name_(config.text("/kind", "category")),
        above_name_(config.text("/above", "category")),
        order_name_(config.text("/order", "score")),
        top_(static_cast<std::uint32_t>(config.integer("/top", 10))),
        history_(static_cast<std::uint32_t>(config.integer("/history", 3))),
        otherwise_(config.number("/otherwise", 1.0)) {
    if (output_name_.empty()) output_name_ = input_name_;
    for (std::uint64_t index = 0; index < config.count("/table"); ++index) {
      const std::string place = "/table/" + std::to_string(index);
      Entry entry{config.text(place + "/kind", ""), config.text(place + "/above", ""),
                  config.number(place + "/factor", 1.0)};
      if (!(entry.factor >= 0.0)) throw sdk::Failure("`" + place + "/factor` must be at least 0");
      table_.push_back(std::move(entry));
    }
    if (table_.empty()) throw sdk::Failure("`/table` must have at least one entry");
    if (top_ == 0 && history_ == 0) {
      throw sdk::Failure("`/top` and `/history` are both 0: nothing stands above");
    }
  }

  void activate(const sdk::Binder& binder) {
    input_ = binder.required<sdk::Floats>(input_name_);
    kind_ = binder.required<sdk::Codes>(kind_name_);
    above_ = binder.required<sdk::Codes>(above_name_);
    order_ = binder.required<sdk::Floats>(order_name_);
    output_ = binder.output(output_name_);
  }

  sdk::Status score(const sdk::Call& call, const sdk::Outputs& outputs) {
    const sdk::Floats input = call.rows(input_);
    const sdk::Codes kind = call.rows(kind_);
    const std::span<double> output = outputs[output_];
    const Above above = likely_above(call);
    const std::uint32_t kinds = kind.dictionary().size();
    const std::span<double> factors = call.filled<double>(kinds, kMissing);
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      output[row] = input.value_or(row, kMissing);
      if (!kind.has(row) || above.total <= 0.0) continue;
      double& factor = factors[kind[row]];
      if (std::isnan(factor)) {
        factor = expected(kind.dictionary()[kind[row]], call.rows(above_).dictionary(), above);
        if (!call.spend(table_.size())) return LINEUP_E_BUDGET;
      }
      output[row] *= factor;
    }
    return LINEUP_OK;
  }

 private:
  struct Entry {
    std::string kind;
    std::string above;
    double factor = 1.0;
  };
  // How likely each kind stands above, unnormalised.
  struct Above {
    std::span<double> weight;  // by code
    double total = 0.0;
  };

  // The first slots of the order count as much as they are looked at, the history by its distance.
  [[nodiscard]] Above likely_above(const sdk::Call& call) const {
    const sdk::Codes column = call.rows(above_);
    Above above{call.filled<double>(column.dictionary().size(), 0.0)};
    const auto add = [&](std::uint32_t code, double weight) {
      above.total += weight;
      if (code != sdk::Codes::kNone && code < above.weight.size()) above.weight[code] += weight;
    };
    const std::uint32_t seen = std::min(history_, call.history_count());
    const sdk::Codes past = call.history(above_);
    for (std::uint32_t back = 0; back < seen; ++back) {
      add(past[call.history_count() - 1 - back], 1.0 / (back + 2.0));
    }
    const std::span<const sdk::Row> best = best_rows(call);
    for (std::size_t place = 0; place < best.size(); ++place) {
      add(column[best[place]], 1.0 / std::log2(static_cast<double>(place) + 2.0));
    }
    return above;
  }

  // The candidates that are likely to be shown, best first.
  [[nodiscard]] std::span<const sdk::Row> best_rows(const sdk::Call& call) const {
    const std::span<const double> value = sdk::relevance_of(call, order_, sdk::Scale::None).value;
    const std::span<sdk::Row> rows = call.allocate<sdk::Row>(call.row_count());
    std::size_t count = 0;
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      if (call.is_candidate(row)) rows[count++] = row;
    }
    const std::size_t wanted = std::min<std::size_t>(top_, count);
    std::partial_sort(
        rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(wanted),
        rows.begin() + static_cast<std::ptrdiff_t>(count), [&](sdk::Row left, sdk::Row right) {
          return value[left] != value[right] ? value[left] > value[right] : left < right;
        });
    return rows.first(wanted);
  }

  // The factor of a kind, averaged over what stands above.
  [[nodiscard]] double expected(std::string_view kind, const sdk::Dictionary& names,
                                const Above& above) const {
    double sum = above.total * otherwise_;
    for (const Entry& entry : table_) {
      if (entry.kind != kind) continue;
      for (std::uint32_t code = 0; code < above.weight.size(); ++code) {
        if (above.weight[code] <= 0.0 || names[code] != entry.above) continue;
        sum += above.weight[code] * (entry.factor - otherwise_);
      }
    }
    return sum / above.total;
  }

  std::string input_name_;
  std::string output_name_;
  std::string kind_name_;
  std::string above_name_;
  std::string order_name_;
  std::uint32_t top_;
  std::uint32_t history_;
  double otherwise_;
  std::vector<Entry> table_;
  sdk::Bound<sdk::Floats> input_;
  sdk::Bound<sdk::Floats> order_;
  sdk::Bound<sdk::Codes> kind_;
  sdk::Bound<sdk::Codes> above_;
  sdk::BoundOutput output_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "context_uplift",
  "version": "1.0.0",
  "about": "A row's rate given what will probably stand above it.",
  "types": [{
    "name": "context_uplift",
    "kind": "scorer",
    "about": "Multiplies rates by a factor of a table learned offline, expected over what stands above.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["input", "kind", "above", "order"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "required": ["table"],
      "properties": {
        "input": {"type": "string", "minLength": 1, "default": "score",
          "description": "The float column of the rate."},
        "output": {"type": "string", "default": "",
          "description": "The float column to write; empty: the input."},
        "kind": {"type": "string", "minLength": 1, "default": "category",
          "description": "The category column of the row itself that the table speaks of."},
        "above": {"type": "string", "minLength": 1, "default": "category",
          "description": "The category column of the rows above that the table speaks of."},
        "order": {"type": "string", "minLength": 1, "default": "score",
          "description": "The float column by which candidates are likely to be shown."},
        "top": {"type": "integer", "minimum": 0, "maximum": 1000, "default": 10,
          "description": "So many of the best candidates may stand above."},
        "history": {"type": "integer", "minimum": 0, "maximum": 1000, "default": 3,
          "description": "So many of the rows that the user saw last stand above."},
        "otherwise": {"type": "number", "minimum": 0, "default": 1,
          "description": "The factor of what the table does not have."},
        "table": {"type": "array", "minItems": 1,
          "description": "What a row of a kind gains or loses below another kind.",
          "items": {"type": "object", "additionalProperties": false, "required": ["kind", "above", "factor"],
            "properties": {
              "kind": {"type": "string", "minLength": 1},
              "above": {"type": "string", "minLength": 1},
              "factor": {"type": "number", "minimum": 0}}}}
      }
    }
  }]
})");

LINEUP_PLUGIN("1.0.0", ContextUplift)
