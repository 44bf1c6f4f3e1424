// SPDX-License-Identifier: Apache-2.0
//
// A hard plugin: a generator that uses up whatever time it is given, and stops when the time that
// it was told is over, as one that searches would. Then it proposes the order by score.
#include <chrono>
#include <cstdint>
#include <span>

#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

class UntilTold : public sdk::Generator {
 public:
  static constexpr const char* kName = "until_told";
  static constexpr const char* kId = "dev.lineup.test.until_told/1";

  explicit UntilTold(const sdk::Config&) {}

  void activate(const sdk::Binder& binder) { score_ = binder.required<sdk::Floats>("score"); }

  sdk::Status generate(const sdk::Call& call, sdk::Builder& builder) {
    const sdk::Floats score = call.rows(score_);
    const std::span<double> utility = call.allocate<double>(call.row_count());
    for (sdk::Row row = 0; row < call.row_count(); ++row) utility[row] = score.value_or(row, 0.0);
    while (std::chrono::steady_clock::now().time_since_epoch() <
           std::chrono::nanoseconds(call.deadline_ns())) {
    }
    return builder.emit(utility);
  }

 private:
  sdk::Bound<sdk::Floats> score_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "until_told",
  "version": "1.0.0",
  "about": "Uses up the time it is given.",
  "types": [{
    "name": "until_told", "kind": "generator", "about": "Uses up the time it is given.",
    "threads": "reentrant", "deterministic": true, "columns": ["score"],
    "configuration": {"type": "object", "additionalProperties": false, "properties": {}}
  }]
})");

LINEUP_PLUGIN("1.0.0", UntilTold)
