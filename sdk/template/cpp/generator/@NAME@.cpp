// SPDX-License-Identifier: Apache-2.0
//
// The generator `@NAME@`: the best permitted row by one column, slot by slot.
#include <optional>
#include <span>
#include <string>

#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

class @CLASS@ : public sdk::Generator {
 public:
  static constexpr const char* kName = "@NAME@";
  static constexpr const char* kId = "com.example.@NAME@/1";

  explicit @CLASS@(const sdk::Config& config) : column_name_(config.text("/column", "score")) {}

  void activate(const sdk::Binder& binder) { column_ = binder.required<sdk::Floats>(column_name_); }

  sdk::Status generate(const sdk::Call& call, sdk::Builder& builder) {
    const sdk::Floats column = call.rows(column_);
    const std::span<double> utility = call.allocate<double>(call.row_count());
    for (sdk::Row row = 0; row < call.row_count(); ++row) utility[row] = column.value_or(row, 0.0);

    while (builder.placed().size() < call.slot_count() && call.spend(call.row_count())) {
      const std::optional<sdk::Row> best = builder.best_permitted(utility);
      if (!best || !builder.place(*best).ok()) break;
    }
    return builder.emit(utility);  // completes a page that is not full
  }

 private:
  std::string column_name_;
  sdk::Bound<sdk::Floats> column_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "@NAME@",
  "version": "0.1.0",
  "about": "The best permitted row by one column, slot by slot.",
  "types": [{
    "name": "@NAME@",
    "kind": "generator",
    "about": "The best permitted row by one column, slot by slot.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["column"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "column": {"type": "string", "default": "score", "description": "The float column of utility."}
      }
    }
  }]
})");

LINEUP_PLUGIN("0.1.0", @CLASS@)
