// SPDX-License-Identifier: Apache-2.0
//
// A hard plugin: a mixer that scores actions and learns from its own decisions. An action puts one
// ad at one slot, or none; Q(s, a) = V(s) + A(s, a) - mean A, where the advantage comes from what
// the action does to the page. It proposes the page of every action, best first, and writes what it
// decided into a replay log: state, action, propensity, under the request's id. The log is a ring
// of fixed size that serving threads write without a lock; it goes to a file when the plugin ends.
#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

// LIMIT: decisions kept; later ones take the place of the oldest.
constexpr std::size_t kRing = 1024;

// One decision. `request` is cut to what fits.
struct Decision {
  std::array<char, 40> request{};
  std::uint32_t action = 0;  // index of the page among those proposed
  bool is_mine = false;
  double state_value = 0.0;
  double propensity = 0.0;
};

class ActionMixer : public sdk::Generator {
 public:
  static constexpr const char* kName = "action_mixer";
  static constexpr const char* kId = "dev.lineup.test.action_mixer/1";

  explicit ActionMixer(const sdk::Config& config)
      : log_path_(config.text("/log", "")), ring_(kRing) {}
  ~ActionMixer() { write_log(); }

  void activate(const sdk::Binder& binder) {
    score_ = binder.required<sdk::Floats>("score");
    revenue_ = binder.required<sdk::Floats>("revenue");
  }

  sdk::Status generate(const sdk::Call& call, sdk::Builder& builder) {
    const std::span<double> utility = call.allocate<double>(call.row_count());
    std::optional<sdk::Row> ad;
    const sdk::Floats revenue = call.rows(revenue_);
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      const double each = revenue.value_or(row, 0.0);
      utility[row] = call.rows(score_).value_or(row, 0.0) - (each > 0.0 ? 1000.0 : 0.0);
      if (!call.is_candidate(row) || each <= 0.0) continue;
      if (!ad || each > revenue[*ad]) ad = row;
    }
    // Actions 0 .. slots - 1: the best ad at that slot; the last: no ad.
    const std::uint32_t actions = call.slot_count() + 1;
    const std::span<double> advantage = call.allocate<double>(actions);
    const std::span<std::uint32_t> order = call.allocate<std::uint32_t>(actions);
    for (std::uint32_t action = 0; action < actions; ++action) {
      order[action] = action;
      advantage[action] = 0.0;
      if (action + 1 == actions || !ad) continue;
      advantage[action] =
          revenue[*ad] * call.discounts()[action] - 0.1 * (call.slot_count() - action);
    }
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t left, std::uint32_t right) {
      return advantage[left] > advantage[right];
    });
    for (const std::uint32_t action : order) {
      if (!builder.rewind(0).ok()) break;
      while (builder.placed().size() < call.slot_count()) {
        const bool here = ad && builder.placed().size() == action && builder.permits(*ad);
        const std::optional<sdk::Row> row = here ? ad : builder.best_permitted(utility);
        if (!row || !builder.place(*row).ok()) break;
      }
      const sdk::Status status = builder.emit(utility);
      if (!status.ok()) return status;
    }
    return LINEUP_OK;
  }

  // What became of it.
  sdk::Status chosen(const sdk::Call& call, const lineup_choice& choice) {
    Decision decision;
    const std::size_t size =
        std::min<std::size_t>(choice.request_id.size, decision.request.size() - 1);
    if (size > 0) std::memcpy(decision.request.data(), choice.request_id.data, size);
    decision.is_mine = choice.slate != LINEUP_NOT_MINE;
    decision.action = choice.slate;
    decision.propensity = choice.propensity;
    for (std::uint32_t slot = 0; slot < choice.row_count; ++slot) {
      decision.state_value +=
          call.rows(score_).value_or(choice.rows[slot], 0.0) * call.discounts()[slot];
    }
    ring_[count_.fetch_add(1, std::memory_order_relaxed) % kRing] = decision;
    return LINEUP_OK;
  }

 private:
  void write_log() const {
    if (log_path_.empty() || count_ == 0) return;
    std::FILE* file = std::fopen(log_path_.c_str(), "a");
    if (file == nullptr) return;
    const std::uint64_t all = count_.load();
    for (std::uint64_t at = all > kRing ? all - kRing : 0; at < all; ++at) {
      const Decision& each = ring_[at % kRing];
      std::fprintf(file, "%s %d %.17g %.17g\n", each.request.data(),
                   each.is_mine ? static_cast<int>(each.action) : -1, each.propensity,
                   each.state_value);
    }
    std::fclose(file);
  }

  std::string log_path_;
  std::vector<Decision> ring_;
  std::atomic<std::uint64_t> count_{0};
  sdk::Bound<sdk::Floats> score_;
  sdk::Bound<sdk::Floats> revenue_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "action_mixer",
  "version": "1.0.0",
  "about": "Scores where an ad may stand, and logs what it decided.",
  "types": [{
    "name": "action_mixer", "kind": "generator", "about": "Scores where an ad may stand, and logs what it decided.",
    "threads": "serial", "deterministic": true, "columns": ["score", "revenue"],
    "configuration": {"type": "object", "additionalProperties": false,
      "properties": {"log": {"type": "string", "default": ""}}}
  }]
})");

LINEUP_PLUGIN("1.0.0", ActionMixer)
