// SPDX-License-Identifier: Apache-2.0
//
// The generator `ssd`: sliding spectrum decomposition. Each slot gets the permitted row of the
// largest
//
//   relevance + gamma * length(what is left of the row's vector)
//
// where each row that is placed takes its direction out of all others, and gives it back when it
// leaves the window. The directions in the window are orthogonal to each other, so a row's part
// along a new one can be read off its whole vector: what is kept per row is a length, never a
// vector, and a slot costs one product per row.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "lineup/cpp/features.hpp"
#include "lineup/cpp/relevance.hpp"
#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

// LIMIT: a square below this is the rounding of earlier steps: the vector has no direction left.
constexpr double kNothingLeft = 1e-12;

// The directions that were taken out, and what is left of each row.
class Window {
 public:
  Window(const sdk::Call& call, const sdk::Features& features, std::uint32_t size)
      : features_(features),
        size_(size),
        square_(call.allocate<double>(call.row_count())),
        directions_(call.allocate<double>(features.width() * size)),
        parts_(call.allocate<double>(std::size_t{size} * call.row_count())),
        vector_(call.allocate<double>(features.width())) {
    for (sdk::Row row = 0; row < square_.size(); ++row) {
      features.candidate(row, vector_);
      square_[row] = square_of(vector_);
    }
  }

  [[nodiscard]] double left_of(std::size_t row) const {
    return std::sqrt(std::max(square_[row], 0.0));
  }
  void push(sdk::Row row) {
    features_.candidate(row, vector_);
    push_vector();
  }
  void push_history(std::uint32_t back) {
    features_.history(back, vector_);
    push_vector();
  }

 private:
  static double square_of(std::span<const double> vector) {
    return sdk::product<double>(vector, vector);
  }
  [[nodiscard]] std::span<double> direction(std::uint64_t index) const {
    return directions_.subspan(index % size_ * vector_.size(), vector_.size());
  }
  [[nodiscard]] std::span<double> parts(std::uint64_t index) const {
    return parts_.subspan(index % size_ * square_.size(), square_.size());
  }

  // What is left of vector_ beside the window is its direction; then the oldest one gives way.
  void push_vector() {
    const std::uint64_t oldest = count_ < size_ ? 0 : count_ - size_;
    for (std::uint64_t index = oldest; index < count_; ++index) {
      const std::span<const double> along = direction(index);
      const double product = sdk::product<double>(vector_, along);
      for (std::size_t d = 0; d < along.size(); ++d) vector_[d] -= product * along[d];
    }
    const double square = square_of(vector_);
    const double scale = square > kNothingLeft ? 1.0 / std::sqrt(square) : 0.0;
    for (double& value : vector_) value *= scale;
    const std::span<double> part = parts(count_);
    if (count_ >= size_) {
      for (std::size_t row = 0; row < part.size(); ++row) square_[row] += part[row] * part[row];
    }
    features_.project_all<double>(vector_, part);
    for (std::size_t row = 0; row < part.size(); ++row) square_[row] -= part[row] * part[row];
    std::copy(vector_.begin(), vector_.end(), direction(count_).begin());
    ++count_;
  }

  const sdk::Features& features_;
  std::uint32_t size_;
  std::uint64_t count_ = 0;       // directions so far
  std::span<double> square_;      // [row_count] of the length that is left
  std::span<double> directions_;  // [size][width] a ring
  std::span<double> parts_;       // [size][row_count] what each took out of every row
  std::span<double> vector_;
};

class Ssd : public sdk::Generator {
 public:
  static constexpr const char* kName = "ssd";
  static constexpr const char* kId = "dev.lineup.ssd/1";

  explicit Ssd(const sdk::Config& config)
      : relevance_name_(config.text("/column", "score")),
        scale_(sdk::read_scale(config, "range")),
        gamma_(config.number("/gamma", 0.25)),
        is_volume_(config.boolean("/volume", false)),
        appends_one_(config.boolean("/append_one", true)),
        window_(static_cast<std::uint32_t>(config.integer("/window", 10))),
        history_(static_cast<std::uint32_t>(config.integer("/history", 0))) {
    if (!(gamma_ >= 0.0) || !std::isfinite(gamma_)) {
      throw sdk::Failure("`/gamma` must be at least 0");
    }
    columns_.read(config);
  }

  void activate(const sdk::Binder& binder) {
    relevance_ = binder.required<sdk::Floats>(relevance_name_);
    live_gamma_ = binder.live("gamma", gamma_);
    columns_.bind(binder);
  }

  sdk::Status generate(const sdk::Call& call, sdk::Builder& builder) {
    const std::uint32_t asked = std::min(history_, call.history_count());
    const std::uint32_t past = window_ == 0 ? asked : std::min(asked, window_);
    const std::uint32_t most = std::max(1U, call.slot_count() + past);
    const std::uint32_t size = window_ == 0 ? most : std::min(window_, most);
    const sdk::Features features(columns_, call, past, sdk::Features::Layout::Blocks, appends_one_);
    Window window(call, features, size);
    const sdk::Relevance relevance = sdk::relevance_of(call, relevance_, scale_);
    for (std::uint32_t back = past; back > 0; --back) window.push_history(back);

    const std::span<double> utility = call.allocate<double>(call.row_count());
    const double first_gamma = call.live(live_gamma_);
    const double behind = first_gamma + 1.0;
    double gamma = first_gamma;
    set_utility(relevance, window, gamma, behind, utility);
    while (builder.placed().size() < call.slot_count() && call.spend(call.row_count() / 8 + 1)) {
      const std::optional<sdk::Row> row = builder.best_permitted(utility);
      if (!row || !builder.place(*row).ok()) break;
      if (is_volume_) gamma *= window.left_of(*row);
      window.push(*row);
      set_utility(relevance, window, gamma, behind, utility);
    }
    // Where no row may stand although the page is not full, the engine's search ends it.
    return builder.emit(utility);
  }

 private:
  // Lengths are at most 1: a row without relevance, one gamma and more below the least, comes last.
  static void set_utility(const sdk::Relevance& relevance, const Window& window, double gamma,
                          double behind, std::span<double> utility) {
    for (std::size_t row = 0; row < utility.size(); ++row) {
      utility[row] = relevance.value[row] + gamma * window.left_of(row) -
                     (relevance.known[row] != 0 ? 0.0 : behind);
    }
  }

  std::string relevance_name_;
  sdk::Scale scale_;
  double gamma_;
  bool is_volume_;
  bool appends_one_;
  std::uint32_t window_;
  std::uint32_t history_;
  sdk::FeatureColumns columns_;
  sdk::Bound<sdk::Floats> relevance_;
  sdk::Live live_gamma_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "ssd",
  "version": "1.0.0",
  "about": "Sliding spectrum decomposition: relevance and what is new about a row in a window.",
  "types": [{
    "name": "ssd",
    "kind": "generator",
    "about": "Places, slot by slot, the permitted row that is relevant and whose vector the last rows do not span.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["column", "embeddings", "categories"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "column": {"type": "string", "minLength": 1, "default": "score",
          "description": "The float column of relevance; rows without a value come last."},
        "scale": {"type": "string", "enum": ["range", "deviation", "none"], "default": "range",
          "description": "Brings relevance to 0..1 over the candidates, to mean 0 and deviation 1, or leaves it."},
        "gamma": {"type": "number", "minimum": 0, "default": 0.25,
          "description": "What a row that is all new is worth, in relevance."},
        "volume": {"type": "boolean", "default": false,
          "description": "Multiplies gamma by each placed row's length, so that novelty counts less and less down the page."},
        "append_one": {"type": "boolean", "default": true,
          "description": "Whether opposite embeddings count as different."},
        "window": {"type": "integer", "minimum": 0, "maximum": 1000, "default": 10,
          "description": "Rows before a slot that its row is compared with; 0: the whole page."},
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

LINEUP_PLUGIN("1.0.0", Ssd)
