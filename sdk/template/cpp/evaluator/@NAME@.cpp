// SPDX-License-Identifier: Apache-2.0
//
// The evaluator `@NAME@`: distinct categories per slot of the page.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

class @CLASS@ : public sdk::Evaluator {
 public:
  static constexpr const char* kName = "@NAME@";
  static constexpr const char* kId = "com.example.@NAME@/1";

  explicit @CLASS@(const sdk::Config& config)
      : objective_name_(config.text("/objective", "variety")),
        column_name_(config.text("/column", "category")) {}

  void activate(const sdk::Binder& binder) {
    column_ = binder.required<sdk::Codes>(column_name_);
    const std::optional<std::uint32_t> objective = binder.objective(objective_name_);
    if (!objective) throw sdk::Failure("the policy has no objective `" + objective_name_ + "`");
    objective_ = *objective;
  }

  sdk::Status evaluate(const sdk::Call& call, const sdk::Slates& slates, std::span<double> values) {
    const sdk::Codes column = call.rows(column_);
    const std::span<std::uint32_t> codes = call.allocate<std::uint32_t>(call.slot_count());
    for (std::uint32_t index = 0; index < slates.size(); ++index) {
      const std::span<const sdk::Row> slate = slates[index];
      if (slate.empty()) continue;
      auto end = codes.begin();
      for (const sdk::Row row : slate) {
        if (column.has(row)) *end++ = column[row];
      }
      std::sort(codes.begin(), end);
      const auto distinct = std::unique(codes.begin(), end) - codes.begin();
      values[std::size_t{index} * call.objective_count() + objective_] +=
          static_cast<double>(distinct) / static_cast<double>(slate.size());
    }
    return LINEUP_OK;
  }

 private:
  std::string objective_name_;
  std::string column_name_;
  sdk::Bound<sdk::Codes> column_;
  std::uint32_t objective_ = 0;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "@NAME@",
  "version": "0.1.0",
  "about": "Distinct categories per slot of the page.",
  "types": [{
    "name": "@NAME@",
    "kind": "evaluator",
    "about": "Distinct categories per slot of the page.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["column"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "objective": {"type": "string", "default": "variety", "description": "The objective that gets the value."},
        "column": {"type": "string", "default": "category", "description": "The category column."}
      }
    }
  }]
})");

LINEUP_PLUGIN("0.1.0", @CLASS@)
