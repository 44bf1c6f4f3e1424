// SPDX-License-Identifier: Apache-2.0
//
// The generator `mmr`: maximal marginal relevance over a window. Each slot gets the permitted row
// of the largest
//
//   theta * relevance - (1 - theta) * (largest similarity to the last `window` rows)
//
// The largest similarity is kept per row: placing a row costs one pass over the candidates.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>

#include "lineup/cpp/features.hpp"
#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

struct Options {
  std::string relevance;      // column
  bool scaled = true;         // relevance is brought to 0..1 over the request's candidates
  double theta = 0.7;         // 1: only relevance, 0: only diversity
  std::uint32_t window = 10;  // rows looked back at; 0: all
  std::uint32_t history = 0;  // rows of the history that stand before slot 1
};

// The largest similarity of each candidate to the rows of the window. Rows come in blocks of the
// window's size: of the block before, the ring holds for each place the largest from there to the
// block's end; of the present one the largest so far is kept. The window is the end of one and the
// present other, so a row that enters costs three comparisons per candidate, whatever the size.
class Window {
 public:
  Window(std::uint32_t size, const sdk::Call& call)
      : size_(size),
        largest_(call.filled<float>(call.row_count(), 0.0F)),
        added_(call.allocate<float>(call.row_count())),
        present_(call.allocate<float>(call.row_count())),
        ring_(call.allocate<float>(std::size_t{size} * call.row_count())) {}

  // 0 for every row while the window is empty. [row_count]
  [[nodiscard]] std::span<const float> largest() const { return largest_; }

  // One more row stands in the window: `fill` writes the similarity of every candidate to it.
  template <typename Fill>
  void push(Fill fill) {
    fill(added_);
    const std::size_t place = size_ == 0 ? count_ : count_ % size_;
    if (place == 0) {
      if (count_ != 0) end_block();
      std::copy(added_.begin(), added_.end(), present_.begin());
    } else {
      take_largest(present_, added_, present_);
    }
    if (size_ != 0) std::copy(added_.begin(), added_.end(), column(place).begin());
    ++count_;
    const bool has_before = size_ != 0 && count_ > size_ && place + 1 < size_;
    if (has_before) {
      take_largest(present_, column(place + 1), largest_);
    } else {
      std::copy(present_.begin(), present_.end(), largest_.begin());
    }
  }

 private:
  [[nodiscard]] std::span<float> column(std::size_t place) const {
    return ring_.subspan(place * largest_.size(), largest_.size());
  }
  static void take_largest(std::span<const float> left, std::span<const float> right,
                           std::span<float> out) {
    for (std::size_t row = 0; row < out.size(); ++row) out[row] = std::max(left[row], right[row]);
  }
  void end_block() {
    for (std::size_t place = size_ - 1; place-- > 0;) {
      take_largest(column(place), column(place + 1), column(place));
    }
  }

  std::uint32_t size_;
  std::uint64_t count_ = 0;  // rows pushed so far
  std::span<float> largest_;
  std::span<float> added_;    // the column being added
  std::span<float> present_;  // the largest of the present block
  std::span<float> ring_;     // [size][row_count]
};

class Mmr : public sdk::Generator {
 public:
  static constexpr const char* kName = "mmr";
  static constexpr const char* kId = "dev.lineup.mmr/1";

  explicit Mmr(const sdk::Config& config) {
    options_.relevance = config.text("/column", "score");
    options_.scaled = config.text("/scale", "range") == "range";
    options_.theta = config.number("/theta", options_.theta);
    options_.window = static_cast<std::uint32_t>(config.integer("/window", options_.window));
    options_.history = static_cast<std::uint32_t>(config.integer("/history", options_.history));
    columns_.read(config);
  }

  void activate(const sdk::Binder& binder) {
    relevance_ = binder.required<sdk::Floats>(options_.relevance);
    theta_ = binder.live("theta", options_.theta);
    columns_.bind(binder);
  }

  sdk::Status generate(const sdk::Call& call, sdk::Builder& builder) {
    const double theta = call.live(theta_);
    const std::span<const double> relevance = weighted_relevance(call, theta);
    const std::uint32_t past = history_rows(call);
    const sdk::Features features(columns_, call, past, sdk::Features::Layout::Blocks);
    Window window(window_rows(call), call);
    const std::span<double> anchor = call.allocate<double>(features.width());
    const auto push = [&] {
      window.push([&](std::span<float> out) { features.project_all<float>(anchor, out); });
    };
    for (std::uint32_t back = past; back > 0; --back) {
      features.history(back, anchor);
      push();
    }

    const std::span<double> utility = call.allocate<double>(call.row_count());
    set_utility(relevance, window, theta, utility);
    while (builder.placed().size() < call.slot_count() && call.spend(call.row_count() / 8 + 1)) {
      const std::optional<sdk::Row> row = builder.best_permitted(utility);
      if (!row || !builder.place(*row).ok()) break;
      features.candidate(*row, anchor);
      push();
      set_utility(relevance, window, theta, utility);
    }
    // Where no row may stand although the page is not full, the engine's search ends it.
    return builder.emit(utility);
  }

 private:
  // Rows that a window of this request can hold: room for more is not needed.
  [[nodiscard]] std::uint32_t window_rows(const sdk::Call& call) const {
    const std::uint64_t most = std::uint64_t{call.slot_count()} + history_rows(call);
    return options_.window >= most ? 0 : options_.window;
  }
  [[nodiscard]] std::uint32_t history_rows(const sdk::Call& call) const {
    const std::uint32_t asked = std::min(options_.history, call.history_count());
    return options_.window == 0 ? asked : std::min(asked, options_.window);
  }

  // theta * relevance per row, scaled; rows without relevance come last.
  [[nodiscard]] std::span<const double> weighted_relevance(const sdk::Call& call,
                                                           double theta) const {
    const sdk::Floats column = call.rows(relevance_);
    const auto known = [&](sdk::Row row) { return column.has(row) && std::isfinite(column[row]); };
    double least = std::numeric_limits<double>::infinity();
    double most = -least;
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      if (!known(row) || !call.is_candidate(row)) continue;
      least = std::min(least, column[row]);
      most = std::max(most, column[row]);
    }
    if (most < least) least = most = 0.0;  // no row has relevance
    const double offset = options_.scaled ? least : 0.0;
    const double range = options_.scaled && most > least ? most - least : 1.0;
    const double factor = theta / range;
    // Similarity lies in -1..1: two prices below the least is behind every row that has relevance.
    const double last = factor * (least - offset) - 2.0 * (1.0 - theta) - 1.0;
    const std::span<double> relevance = call.allocate<double>(call.row_count());
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      relevance[row] = known(row) ? factor * (column[row] - offset) : last;
    }
    return relevance;
  }

  void set_utility(std::span<const double> relevance, const Window& window, double theta,
                   std::span<double> utility) const {
    const double price = 1.0 - theta;
    const std::span<const float> largest = window.largest();
    for (std::size_t row = 0; row < utility.size(); ++row) {
      utility[row] = relevance[row] - price * static_cast<double>(largest[row]);
    }
  }

  Options options_;
  sdk::FeatureColumns columns_;
  sdk::Bound<sdk::Floats> relevance_;
  sdk::Live theta_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "mmr",
  "version": "1.0.0",
  "about": "Maximal marginal relevance: trades relevance against likeness to the rows before.",
  "types": [{
    "name": "mmr",
    "kind": "generator",
    "about": "Places, slot by slot, the permitted row that is relevant and unlike the last rows.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["column", "embeddings", "categories"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "column": {"type": "string", "minLength": 1, "default": "score",
          "description": "The float column of relevance; rows without a value come last."},
        "scale": {"type": "string", "enum": ["range", "none"], "default": "range",
          "description": "Whether relevance is brought to 0..1 over the candidates, so that theta means the same in every request."},
        "theta": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.7,
          "description": "1: only relevance; 0: only diversity."},
        "window": {"type": "integer", "minimum": 0, "maximum": 1000, "default": 10,
          "description": "Rows looked back at; 0: all."},
        "history": {"type": "integer", "minimum": 0, "maximum": 1000, "default": 0,
          "description": "Rows of the history that count as standing before slot 1."},
        "embeddings": {"type": "array", "default": [],
          "description": "Embedding columns compared by cosine.",
          "items": {"type": "object", "additionalProperties": false, "required": ["column"],
            "properties": {
              "column": {"type": "string", "minLength": 1},
              "weight": {"type": "number", "exclusiveMinimum": 0, "default": 1}}}},
        "categories": {"type": "array", "default": [],
          "description": "Category columns compared by equality; a missing value equals nothing.",
          "items": {"type": "object", "additionalProperties": false, "required": ["column"],
            "properties": {
              "column": {"type": "string", "minLength": 1},
              "weight": {"type": "number", "exclusiveMinimum": 0, "default": 1}}}}
      }
    }
  }]
})");

LINEUP_PLUGIN("1.0.0", Mmr)
