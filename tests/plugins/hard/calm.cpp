// SPDX-License-Identifier: Apache-2.0
//
// A hard plugin: a constraint with state. Every row excites by its `revenue`; excitement fades by
// half from slot to slot, and a page must at no slot excite more than `most`. The state is one
// number per page, which search copies when it branches.
#include <cstdint>
#include <string>

#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

class Calm : public sdk::Constraint {
 public:
  static constexpr const char* kName = "calm";
  static constexpr const char* kId = "dev.lineup.test.calm/1";

  explicit Calm(const sdk::Config& config) : most_(config.number("/most", 1.0)) {}

  void activate(const sdk::Binder& binder) { revenue_ = binder.required<sdk::Floats>("revenue"); }

  [[nodiscard]] std::uint64_t state_size() const { return sizeof(double); }
  void begin(const sdk::Call&, sdk::Page& page) { page.state<double>(1)[0] = 0.0; }
  sdk::Judgement judge(const sdk::Call& call, const sdk::Page& page, sdk::Row row) {
    return {after(call, page, row) > most_ ? 1U : 0U, 0.0};
  }
  void place(const sdk::Call& call, sdk::Page& page, sdk::Row row) {
    page.state<double>(1)[0] = after(call, page, row);
  }

 private:
  [[nodiscard]] double after(const sdk::Call& call, const sdk::Page& page, sdk::Row row) const {
    return 0.5 * page.state<double>(1)[0] + call.rows(revenue_).value_or(row, 0.0);
  }

  double most_;
  sdk::Bound<sdk::Floats> revenue_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "calm",
  "version": "1.0.0",
  "about": "Keeps pages from exciting too much at once.",
  "types": [{
    "name": "calm", "kind": "constraint", "about": "Keeps pages from exciting too much at once.",
    "threads": "reentrant", "deterministic": true, "columns": ["revenue"],
    "configuration": {"type": "object", "additionalProperties": false,
      "properties": {"most": {"type": "number", "default": 1}}}
  }]
})");

LINEUP_PLUGIN("1.0.0", Calm)
