// SPDX-License-Identifier: Apache-2.0
//
// The constraint `@NAME@`: at most `max` rows of one category in a row.
#include <cstdint>
#include <string>

#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

// The last rows of a page: how many of them have the same category.
struct Run {
  std::uint32_t code;
  std::uint32_t length;
};

class @CLASS@ : public sdk::Constraint {
 public:
  static constexpr const char* kName = "@NAME@";
  static constexpr const char* kId = "com.example.@NAME@/1";

  explicit @CLASS@(const sdk::Config& config)
      : column_name_(config.text("/column", "category")), max_(config.integer("/max", 2)) {
    if (max_ < 1) throw sdk::Failure("`/max` must be at least 1");
  }

  void activate(const sdk::Binder& binder) { column_ = binder.required<sdk::Codes>(column_name_); }

  // The state of one page is one Run.
  std::uint64_t state_size() const { return sizeof(Run); }

  void begin(const sdk::Call&, sdk::Page& page) { run_of(page) = {sdk::Codes::kNone, 0}; }

  sdk::Judgement judge(const sdk::Call& call, const sdk::Page& page, sdk::Row row) {
    const Run& run = run_of(page);
    const std::uint32_t code = call.rows(column_)[row];
    const bool continues = code != sdk::Codes::kNone && code == run.code;
    return {continues && run.length >= max_ ? 1U : 0U, 0.0};
  }

  void place(const sdk::Call& call, sdk::Page& page, sdk::Row row) {
    Run& run = run_of(page);
    const std::uint32_t code = call.rows(column_)[row];
    run.length = code == run.code ? run.length + 1 : 1;
    run.code = code;
  }

 private:
  static Run& run_of(const sdk::Page& page) { return page.state<Run>(1)[0]; }

  std::string column_name_;
  std::int64_t max_;
  sdk::Bound<sdk::Codes> column_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "@NAME@",
  "version": "0.1.0",
  "about": "At most so many rows of one category in a row.",
  "types": [{
    "name": "@NAME@",
    "kind": "constraint",
    "about": "At most so many rows of one category in a row.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["column"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "column": {"type": "string", "default": "category", "description": "The category column."},
        "max": {"type": "integer", "minimum": 1, "default": 2, "description": "The most rows of one category in a row."}
      }
    }
  }]
})");

LINEUP_PLUGIN("0.1.0", @CLASS@)
