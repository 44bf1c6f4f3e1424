// SPDX-License-Identifier: Apache-2.0
//
// A hard plugin: a generator whose layer parameters come from the weight vector, as a policy
// hypernetwork's do. The layer of a vector is W(w) = W_0 + w_1 W_1 + w_2 W_2 (fixed small matrices
// here, learned ones elsewhere); a row's score is u . relu(W(w) x). The layer is made once per
// vector and kept, as long as few vectors are in use at once.
#include "weight_layers.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <vector>

#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

// Per thread: the cache is written by request functions.
class WeightLayers : public sdk::Generator {
 public:
  static constexpr const char* kName = "weight_layers";
  static constexpr const char* kId = "dev.lineup.test.weight_layers/1";

  explicit WeightLayers(const sdk::Config&) {}

  void activate(const sdk::Binder& binder) {
    score_ = binder.required<sdk::Floats>("score");
    revenue_ = binder.required<sdk::Floats>("revenue");
    cached_ = {};
    next_ = 0;
  }

  sdk::Status generate(const sdk::Call& call, sdk::Builder& builder) {
    const hard::Layer& layer = layer_of(call.weights());
    const std::span<double> utility = call.allocate<double>(call.row_count());
    const sdk::Floats score = call.rows(score_);
    const sdk::Floats revenue = call.rows(revenue_);
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      utility[row] =
          hard::score_of(layer, {score.value_or(row, 0.0), revenue.value_or(row, 0.0), 1.0});
    }
    return builder.emit(utility);
  }

 private:
  // LIMIT: vectors kept; the oldest goes.
  static constexpr std::size_t kCached = 4;
  struct Entry {
    bool is_used = false;
    std::array<double, hard::kWeights> weights{};
    hard::Layer layer{};
  };

  const hard::Layer& layer_of(std::span<const double> given) {
    std::array<double, hard::kWeights> weights{};
    std::copy_n(given.begin(), std::min(given.size(), weights.size()), weights.begin());
    for (const Entry& entry : cached_) {
      if (entry.is_used && entry.weights == weights) return entry.layer;
    }
    Entry& entry = cached_[next_++ % kCached];
    entry = {true, weights, hard::make_layer(weights)};
    return entry.layer;
  }

  std::array<Entry, kCached> cached_{};
  std::size_t next_ = 0;
  sdk::Bound<sdk::Floats> score_;
  sdk::Bound<sdk::Floats> revenue_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "weight_layers",
  "version": "1.0.0",
  "about": "Ranks by a layer that is made of the weight vector.",
  "types": [{
    "name": "weight_layers", "kind": "generator", "about": "Ranks by a layer that is made of the weight vector.",
    "threads": "instance-per-thread", "deterministic": true, "columns": ["score", "revenue"],
    "configuration": {"type": "object", "additionalProperties": false, "properties": {}}
  }]
})");

LINEUP_PLUGIN("1.0.0", WeightLayers)
