// SPDX-License-Identifier: Apache-2.0
//
// The generator `dpp`: the greedy most likely set of a determinantal point process. Each slot gets
// the permitted row that adds most to
//
//   theta * sum of relevance + (1 - theta) * log det(similarity of the rows in the window)
//
// A row adds q^2 * residual, with q = exp(a * relevance), a = theta / (2 (1 - theta)), and residual
// its squared distance from what the rows in the window span. Rows of the kernel are never made:
// the similarity is a product of feature vectors, so the distance comes from a basis in their
// space.
//
// Over the whole page residuals only shrink. All rows are then followed in single precision, which
// is twice as fast; what rounding can have done at most is added, which makes bounds of them, and
// the rows whose bounds lie above the best known value are measured in double precision: the picks
// are those of the full computation. With a window residuals also grow, so each slot updates all
// rows in double precision, by one product when a row enters the window and one when it leaves.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "basis.hpp"
#include "lineup/cpp/features.hpp"
#include "lineup/cpp/relevance.hpp"
#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

// LIMIT: a residual below this is the rounding of earlier steps: the determinant has collapsed.
constexpr double kCollapsed = 1e-10;
// LIMIT: exponents of q^2 below this would leave the range of a double; rows so far behind are
// equals.
constexpr double kLeastExponent = -600.0;
constexpr double kUnit = 0x1p-24;            // what one operation in single precision loses at most
constexpr double kSteps = 8.0;               // roundings of a product besides those of its sum
constexpr double kUnknownExponent = -640.0;  // rows without relevance: behind all others

// What each row would add if it came next, up to date or a bound.
class Gains {
 public:
  Gains(const sdk::Call& call, const sdk::Features& features, dpp::Basis& basis, double ridge,
        bool is_page)
      : features_(features),
        basis_(basis),
        kept_(std::sqrt(1.0 - ridge)),
        is_page_(is_page),
        quality_(call.allocate<double>(call.row_count())),
        residual_(call.filled<double>(call.row_count(), 1.0)),
        seen_(call.filled<std::uint32_t>(is_page ? call.row_count() : 0, 0)),
        gain_(call.allocate<double>(call.row_count())),
        products_(call.allocate<double>(is_page ? 0 : call.row_count())),
        rough_(call.filled<float>(is_page ? call.row_count() : 0, 1.0F)),
        rough_products_(call.allocate<float>(is_page ? call.row_count() : 0)),
        direction_(call.allocate<double>(features.width())) {}

  void set_quality(const sdk::Relevance& relevance, double factor) {
    for (std::size_t row = 0; row < gain_.size(); ++row) {
      const double exponent = factor * (relevance.value[row] - relevance.most);
      quality_[row] = std::exp(relevance.known[row] != 0 ? std::max(exponent, kLeastExponent)
                                                         : kUnknownExponent);
      set_gain(row);
    }
  }

  // [row_count] above 0, or what stands for a row that the window spans already.
  [[nodiscard]] std::span<const double> values() const { return gain_; }
  [[nodiscard]] bool is_spanned(sdk::Row row) const { return residual_[row] < kCollapsed; }
  [[nodiscard]] bool is_current(sdk::Row row) const {
    return !is_page_ || seen_[row] == basis_.size();
  }
  // REQUIRES: not is_current(row).
  void refresh(sdk::Row row) {
    for (std::uint32_t index = seen_[row]; index < basis_.size(); ++index) {
      const double product = kept_ * features_.project(row, basis_[index]);
      residual_[row] -= product * product;
    }
    seen_[row] = basis_.size();
    set_gain(row);
  }

  // No other row, permitted or not, is known to add as much, nor may one turn out to.
  [[nodiscard]] bool is_beyond_others(sdk::Row row) {
    const double own = std::exchange(gain_[row], -1.0);
    // One maximum alone would wait for every comparison.
    constexpr std::size_t kLanes = 8;
    std::array<double, kLanes> most{};
    std::size_t at = 0;
    for (; at + kLanes <= gain_.size(); at += kLanes) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        most[lane] = most[lane] < gain_[at + lane] ? gain_[at + lane] : most[lane];
      }
    }
    for (; at < gain_.size(); ++at) most[0] = std::max(most[0], gain_[at]);
    gain_[row] = own;
    return own > *std::max_element(most.begin(), most.end());
  }

  // `row` was placed and enters the window.
  void place(sdk::Row row) {
    features_.candidate(row, direction_);
    // Never asked again: the builder permits no row twice.
    quality_[row] = 0.0;
    gain_[row] = 0.0;
    add(residual_[row]);
  }
  // A row of the history, `back` before the page, enters the window. One that it spans already
  // changes nothing.
  void place_history(std::uint32_t back) {
    features_.history(back, direction_);
    for (double& value : direction_) value *= kept_;
    double residual = 1.0;
    for (std::uint32_t index = 0; index < basis_.size(); ++index) {
      const std::span<const double> along = basis_[index];
      const double product = sdk::product<double>(direction_, along);
      residual -= product * product;
    }
    if (residual < kCollapsed) return;
    for (double& value : direction_) value /= kept_;
    add(residual);
  }

 private:
  void add(double residual) {
    for (double& value : direction_) value *= kept_;
    if (basis_.is_full()) {
      // The row that enters is measured again: what leaves gives it back some of its length.
      const std::span<const double> left = basis_.drop_oldest();
      const double product = sdk::product<double>(direction_, left);
      residual += product * product;
      update_all(left, 1.0);
    }
    basis_.add(direction_, std::min(residual, 1.0));
    if (is_page_) {
      follow(basis_[basis_.size() - 1]);
    } else {
      update_all(basis_[basis_.size() - 1], -1.0);
    }
  }
  // One more vector of the basis, for all rows roughly.
  void follow(std::span<const double> direction) {
    features_.project_all<float>(direction, rough_products_);
    const double added = static_cast<double>(basis_.size());
    // No product is wrong by more than this, of vectors not longer than 1 (Higham, Accuracy and
    // Stability of Numerical Algorithms, 3.1); their squares add up to 1 at most.
    const double wrong = kUnit * (static_cast<double>(features_.width()) + kSteps);
    const float slack =
        static_cast<float>(2.0 * wrong * std::sqrt(added) + added * (wrong * wrong + 2.0 * kUnit));
    const auto kept = static_cast<float>(kept_);
    for (std::size_t row = 0; row < gain_.size(); ++row) {
      const float product = kept * rough_products_[row];
      rough_[row] -= product * product;
      gain_[row] = quality_[row] * static_cast<double>(rough_[row] + slack);
    }
  }
  void update_all(std::span<const double> direction, double sign) {
    features_.project_all<double>(direction, products_);
    for (std::size_t row = 0; row < gain_.size(); ++row) {
      const double product = kept_ * products_[row];
      residual_[row] = std::min(residual_[row] + sign * product * product, 1.0);
      set_gain(row);
    }
  }
  // Among rows that are spanned already, none is preferred.
  void set_gain(std::size_t row) {
    gain_[row] = residual_[row] < kCollapsed ? -1.0 : quality_[row] * residual_[row];
  }

  const sdk::Features& features_;
  dpp::Basis& basis_;
  double kept_;  // a row's share of length in the dimensions of features, where it lacks no part
  bool is_page_;
  std::span<double> quality_;      // q^2
  std::span<double> residual_;     // page: with seen_ vectors of the basis taken off
  std::span<std::uint32_t> seen_;  // page only
  std::span<double> gain_;         // page: a bound of it where the row is not current
  std::span<double> products_;     // window only
  std::span<float> rough_;         // page only: residuals in single precision
  std::span<float> rough_products_;
  std::span<double> direction_;
};

class Dpp : public sdk::Generator {
 public:
  static constexpr const char* kName = "dpp";
  static constexpr const char* kId = "dev.lineup.dpp/1";

  explicit Dpp(const sdk::Config& config)
      : relevance_name_(config.text("/column", "score")),
        scale_(sdk::read_scale(config, "range")),
        window_(static_cast<std::uint32_t>(config.integer("/window", 0))),
        history_(static_cast<std::uint32_t>(config.integer("/history", 0))),
        ridge_(config.number("/ridge", 0.0)),
        configured_theta_(config.number("/theta", 0.7)) {
    if (!(configured_theta_ >= 0.0 && configured_theta_ < 1.0)) {
      throw sdk::Failure("`/theta` must be at least 0 and less than 1");
    }
    if (!(ridge_ >= 0.0 && ridge_ < 1.0)) {
      throw sdk::Failure("`/ridge` must be at least 0 and less than 1");
    }
    columns_.read(config);
  }

  void activate(const sdk::Binder& binder) {
    relevance_ = binder.required<sdk::Floats>(relevance_name_);
    theta_ = binder.live("theta", configured_theta_);
    columns_.bind(binder);
  }

  sdk::Status generate(const sdk::Call& call, sdk::Builder& builder) {
    using Layout = sdk::Features::Layout;
    const std::uint32_t past = history_rows(call);
    const std::uint32_t most = call.slot_count() + past;
    const bool is_page = window_ == 0 || window_ >= most;
    const std::uint32_t capacity = std::max(1U, is_page ? most : window_);
    const sdk::Features features(columns_, call, past, Layout::Blocks);
    dpp::Basis basis(call, features.width(), capacity);
    Gains gains(call, features, basis, ridge_, is_page);
    const sdk::Relevance relevance = sdk::relevance_of(call, relevance_, scale_);
    const double theta = call.live(theta_);
    gains.set_quality(relevance, theta / (1.0 - theta));
    for (std::uint32_t back = past; back > 0; --back) gains.place_history(back);

    while (builder.placed().size() < call.slot_count() && call.spend(call.row_count() / 8 + 1)) {
      const std::optional<sdk::Row> row = best_permitted(builder, gains);
      if (!row || gains.is_spanned(*row) || !builder.place(*row).ok()) break;
      gains.place(*row);
    }
    // Where no row may stand, or none is left that the page does not span, relevance decides.
    return builder.emit(relevance.value);
  }

 private:
  // Rows with a bound above the true best are measured until the best one is.
  static std::optional<sdk::Row> best_permitted(const sdk::Builder& builder, Gains& gains) {
    for (;;) {
      const std::optional<sdk::Row> row = builder.best_permitted(gains.values());
      if (!row || gains.is_current(*row)) return row;
      gains.refresh(*row);
      if (gains.is_beyond_others(*row)) return row;
    }
  }
  [[nodiscard]] std::uint32_t history_rows(const sdk::Call& call) const {
    const std::uint32_t asked = std::min(history_, call.history_count());
    return window_ == 0 ? asked : std::min(asked, window_);
  }

  std::string relevance_name_;
  sdk::Scale scale_;
  std::uint32_t window_;
  std::uint32_t history_;
  double ridge_;
  double configured_theta_;
  sdk::FeatureColumns columns_;
  sdk::Bound<sdk::Floats> relevance_;
  sdk::Live theta_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "dpp",
  "version": "1.0.0",
  "about": "Determinantal point process: relevant rows that span much together.",
  "types": [{
    "name": "dpp",
    "kind": "generator",
    "about": "Places, slot by slot, the permitted row that adds most to relevance and to the log-determinant of similarity.",
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
        "theta": {"type": "number", "minimum": 0, "exclusiveMaximum": 1, "default": 0.7,
          "description": "Towards 1: relevance; 0: only diversity."},
        "window": {"type": "integer", "minimum": 0, "maximum": 1000, "default": 0,
          "description": "Rows before a slot that its row is compared with; 0: the whole page."},
        "history": {"type": "integer", "minimum": 0, "maximum": 1000, "default": 0,
          "description": "Rows of the history that count as standing before slot 1."},
        "ridge": {"type": "number", "minimum": 0, "exclusiveMaximum": 1, "default": 0,
          "description": "Share of the identity in the kernel: above 0, even equal rows differ a little."},
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

LINEUP_PLUGIN("1.0.0", Dpp)
