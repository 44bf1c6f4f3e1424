// SPDX-License-Identifier: Apache-2.0
//
// The generator `exact`: the page that is proven to be the best one by a column, within a declared
// amount of work. The engine's own search does the work; elsewhere it stops improving at the
// policy's gap, here it goes on until nothing better is left or the work is used up. The trace says
// which: `complete` is a proof, `limit` and `deadline` are none.
#include <cmath>
#include <cstdint>
#include <span>
#include <string>

#include "lineup/cpp/relevance.hpp"
#include "lineup/cpp/search.hpp"
#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

class Exact : public sdk::Generator {
 public:
  static constexpr const char* kName = "exact";
  static constexpr const char* kId = "dev.lineup.exact/1";

  explicit Exact(const sdk::Config& config)
      : column_name_(config.text("/column", "score")),
        work_(static_cast<std::uint64_t>(config.integer("/work", 0))),
        gap_(config.number("/gap", 0.0)),
        search_(config.host()) {
    if (config.integer("/work", 0) < 0) throw sdk::Failure("`/work` must be at least 0");
    if (!(gap_ >= 0.0 && gap_ <= 1.0)) throw sdk::Failure("`/gap` must lie between 0 and 1");
    if (!search_.is_offered()) {
      throw sdk::Failure(LINEUP_E_UNSUPPORTED, "the host has no `" LINEUP_HOST_SEARCH "`");
    }
  }

  void activate(const sdk::Binder& binder) { column_ = binder.required<sdk::Floats>(column_name_); }

  sdk::Status generate(const sdk::Call& call, sdk::Builder& builder) {
    const sdk::Relevance relevance = sdk::relevance_of(call, column_, sdk::Scale::None);
    lineup_search_report report{};
    const sdk::Status status =
        search_.solve(builder, relevance.value, {work_, UINT64_MAX, gap_}, report);
    if (!status.ok()) return status;
    return builder.emit(relevance.value);
  }

 private:
  std::string column_name_;
  std::uint64_t work_;
  double gap_;
  sdk::Search search_;
  sdk::Bound<sdk::Floats> column_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "exact",
  "version": "1.0.0",
  "about": "The best page by a column, with the proof, within a declared amount of work.",
  "types": [{
    "name": "exact",
    "kind": "generator",
    "about": "Searches until no better page is left, or its work is used up.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["column"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "column": {"type": "string", "minLength": 1, "default": "score",
          "description": "The float column whose discounted sum is made as large as it can be; rows without a value count as the least."},
        "work": {"type": "integer", "minimum": 0, "default": 0,
          "description": "Units of search at most, never more than the policy's `limits: work`; 0: all of them."},
        "gap": {"type": "number", "minimum": 0, "maximum": 1, "default": 0,
          "description": "Stop once the page is within this share of what any page could be worth."}
      }
    }
  }]
})");

LINEUP_PLUGIN("1.0.0", Exact)
