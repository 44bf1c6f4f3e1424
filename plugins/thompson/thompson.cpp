// SPDX-License-Identifier: Apache-2.0
//
// The generator `thompson`: gives rows that are hardly known their chance, in slots that are
// declared for it and nowhere else. What is known of a row is how often it was exposed and clicked;
// its rate is then Beta distributed, and each request draws one rate per row: the row with the
// largest stands. Rows that are surely bad are drawn seldom, rows that nobody knows often.
//
// Rows climb through pools. A pool exposes each of its rows until a target is met; a row whose rate
// may still be good enough is promoted into the next pool, one that surely is not is demoted and
// explored no more. Nothing is stored here: the pool follows from the evidence in the request.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lineup/cpp/relevance.hpp"
#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

constexpr std::uint32_t kNoPool = 0xFFFFFFFFU;

// Evenly spread bits (splitmix64), and what is made of them: equal seeds, equal pages.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  // In the middle of its interval: never 0, never 1.
  double unit() {
    std::uint64_t bits = (state_ += 0x9E3779B97F4A7C15ULL);
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9ULL;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBULL;
    bits ^= bits >> 31;
    return (static_cast<double>(bits >> 11) + 0.5) * 0x1.0p-53;
  }
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log(unit()));
    return radius * std::cos(2.0 * std::numbers::pi * unit());
  }
  // Marsaglia and Tsang; shapes below 1 by the power of a uniform draw.
  double gamma(double shape) {
    if (shape < 1.0) {
      const double power = std::pow(unit(), 1.0 / shape);
      return gamma(shape + 1.0) * power;
    }
    const double d = shape - 1.0 / 3.0;
    const double c = 1.0 / std::sqrt(9.0 * d);
    for (;;) {
      const double x = normal();
      const double root = 1.0 + c * x;
      if (root <= 0.0) continue;
      const double v = root * root * root;
      if (std::log(unit()) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
    }
  }
  double beta(double clicks, double misses) {
    const double x = gamma(clicks);
    const double y = gamma(misses);
    return x + y > 0.0 ? x / (x + y) : 0.5;
  }

 private:
  std::uint64_t state_;
};

struct Pool {
  double until = 0.0;     // exposures of a row
  double promote = 0.0;   // rate that it must be able to have
  double evidence = 1.0;  // standard deviations by which it must miss it to be demoted
  double share = 1.0;
};

class Thompson : public sdk::Generator {
 public:
  static constexpr const char* kName = "thompson";
  static constexpr const char* kId = "dev.lineup.thompson/1";

  explicit Thompson(const sdk::Config& config)
      : column_name_(config.text("/column", "score")),
        exposures_name_(config.text("/exposures", "exposures")),
        clicks_name_(config.text("/clicks", "clicks")),
        prior_clicks_(config.number("/prior_clicks", 1.0)),
        prior_misses_(config.number("/prior_misses", 19.0)),
        is_confined_(config.boolean("/confined", true)) {
    if (!(prior_clicks_ > 0.0 && prior_misses_ > 0.0)) {
      throw sdk::Failure("`/prior_clicks` and `/prior_misses` must be above 0");
    }
    for (std::uint64_t index = 0; index < config.count("/slots"); ++index) {
      const std::int64_t slot = config.integer("/slots/" + std::to_string(index), 0);
      if (slot < 1) throw sdk::Failure("`/slots` count from 1");
      slots_.push_back(static_cast<std::uint32_t>(slot - 1));
    }
    if (slots_.empty()) throw sdk::Failure("`/slots` must name at least one slot");
    for (std::uint64_t index = 0; index < config.count("/pools"); ++index) {
      const std::string place = "/pools/" + std::to_string(index);
      const double before = pools_.empty() ? 0.0 : pools_.back().until;
      Pool pool{config.number(place + "/until", 100.0), config.number(place + "/promote", 0.0),
                config.number(place + "/evidence", 1.0), config.number(place + "/share", 1.0)};
      if (!(pool.until > before)) {
        throw sdk::Failure("`" + place + "/until` must be above that of the pool before");
      }
      pools_.push_back(pool);
    }
    if (pools_.empty()) pools_.push_back({100.0, 0.0, 1.0, 1.0});
  }

  void activate(const sdk::Binder& binder) {
    column_ = binder.required<sdk::Floats>(column_name_);
    exposures_ = binder.required<sdk::Floats>(exposures_name_);
    clicks_ = binder.required<sdk::Floats>(clicks_name_);
  }

  sdk::Status generate(const sdk::Call& call, sdk::Builder& builder) {
    const std::span<const double> value = sdk::relevance_of(call, column_, sdk::Scale::None).value;
    Random random(call.seed());
    const std::span<std::uint32_t> pool = call.filled<std::uint32_t>(call.row_count(), kNoPool);
    const std::span<double> drawn = call.filled<double>(call.row_count(), 0.0);
    const std::span<sdk::Row> order = draw(call, random, pool, drawn);
    const std::span<double> ordinary = ordinary_utility(call, value, pool);
    while (builder.placed().size() < call.slot_count() && call.spend(call.row_count() / 8 + 1)) {
      const auto slot = static_cast<std::uint32_t>(builder.placed().size());
      std::optional<sdk::Row> row;
      if (std::find(slots_.begin(), slots_.end(), slot) != slots_.end()) {
        row = explore(call, builder, order, pool, random);
      }
      if (!row) row = builder.best_permitted(ordinary);
      if (!row || !builder.place(*row).ok()) break;
    }
    return builder.emit(ordinary);
  }

 private:
  // The pool that the evidence puts a row into; kNoPool: demoted, or it has passed them all.
  [[nodiscard]] std::uint32_t pool_of(double exposures, double clicks) const {
    const double a = prior_clicks_ + clicks;
    const double b = prior_misses_ + std::max(exposures - clicks, 0.0);
    const double rate = a / (a + b);
    const double deviation = std::sqrt(a * b / (a + b + 1.0)) / (a + b);
    for (std::uint32_t index = 0; index < pools_.size(); ++index) {
      const Pool& pool = pools_[index];
      if (exposures < pool.until) return index;
      if (rate + pool.evidence * deviation < pool.promote) return kNoPool;
    }
    return kNoPool;
  }

  // One rate for every row of a pool. The rows, largest rate first.
  std::span<sdk::Row> draw(const sdk::Call& call, Random& random, std::span<std::uint32_t> pool,
                           std::span<double> drawn) const {
    const sdk::Floats exposures = call.rows(exposures_);
    const sdk::Floats clicks = call.rows(clicks_);
    const std::span<sdk::Row> order = call.allocate<sdk::Row>(call.row_count());
    std::size_t count = 0;
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      if (!call.is_candidate(row)) continue;
      const double seen = positive(exposures.value_or(row, 0.0));
      const double clicked = std::min(positive(clicks.value_or(row, 0.0)), seen);
      pool[row] = pool_of(seen, clicked);
      if (pool[row] == kNoPool) continue;
      drawn[row] = random.beta(prior_clicks_ + clicked, prior_misses_ + seen - clicked);
      order[count++] = row;
    }
    std::sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count),
              [&](sdk::Row left, sdk::Row right) {
                return drawn[left] != drawn[right] ? drawn[left] > drawn[right] : left < right;
              });
    return order.first(count);
  }
  static double positive(double value) { return std::isfinite(value) && value > 0.0 ? value : 0.0; }

  // What fills the slots that are nobody's: rows that are being explored come after all others.
  [[nodiscard]] std::span<double> ordinary_utility(const sdk::Call& call,
                                                   std::span<const double> value,
                                                   std::span<const std::uint32_t> pool) const {
    const std::span<double> out = call.allocate<double>(call.row_count());
    double most = 0.0;
    for (const double each : value) most = std::max(most, std::abs(each));
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      const bool waits = is_confined_ && pool[row] != kNoPool;
      out[row] = waits ? value[row] - 4.0 * most - 1.0 : value[row];
    }
    return out;
  }

  // The row for a declared slot: a pool is drawn by share among those that have a row that may
  // stand, and its best draw is taken.
  [[nodiscard]] std::optional<sdk::Row> explore(const sdk::Call& call, const sdk::Builder& builder,
                                                std::span<const sdk::Row> order,
                                                std::span<const std::uint32_t> pool,
                                                Random& random) const {
    const std::span<sdk::Row> best = call.filled<sdk::Row>(pools_.size(), LINEUP_NO_ROW);
    std::size_t missing = pools_.size();
    for (const sdk::Row row : order) {
      if (missing == 0) break;
      sdk::Row& found = best[pool[row]];
      if (found != LINEUP_NO_ROW || !builder.permits(row)) continue;
      found = row;
      --missing;
    }
    double sum = 0.0;
    for (std::size_t index = 0; index < pools_.size(); ++index) {
      if (best[index] != LINEUP_NO_ROW) sum += pools_[index].share;
    }
    double at = random.unit() * sum;
    std::optional<sdk::Row> chosen;
    for (std::size_t index = 0; index < pools_.size(); ++index) {
      if (best[index] == LINEUP_NO_ROW || pools_[index].share <= 0.0) continue;
      chosen = best[index];
      at -= pools_[index].share;
      if (at < 0.0) break;
    }
    return chosen;
  }

  std::string column_name_;
  std::string exposures_name_;
  std::string clicks_name_;
  double prior_clicks_;
  double prior_misses_;
  bool is_confined_;
  std::vector<std::uint32_t> slots_;
  std::vector<Pool> pools_;
  sdk::Bound<sdk::Floats> column_;
  sdk::Bound<sdk::Floats> exposures_;
  sdk::Bound<sdk::Floats> clicks_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "thompson",
  "version": "1.0.0",
  "about": "Gives rows that are hardly known their chance, in declared slots.",
  "types": [{
    "name": "thompson",
    "kind": "generator",
    "about": "Draws a rate for every row of its exposure pools and shows the largest in the slots declared for it.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["column", "exposures", "clicks"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "required": ["slots"],
      "properties": {
        "column": {"type": "string", "minLength": 1, "default": "score",
          "description": "The float column that orders the other slots."},
        "slots": {"type": "array", "minItems": 1, "items": {"type": "integer", "minimum": 1},
          "description": "The slots in which rows are explored, from 1."},
        "exposures": {"type": "string", "minLength": 1, "default": "exposures",
          "description": "The float column of how often the row was exposed; missing is 0."},
        "clicks": {"type": "string", "minLength": 1, "default": "clicks",
          "description": "The float column of how often it was clicked; missing is 0."},
        "prior_clicks": {"type": "number", "exclusiveMinimum": 0, "default": 1,
          "description": "Clicks that every row is taken to have had before."},
        "prior_misses": {"type": "number", "exclusiveMinimum": 0, "default": 19,
          "description": "Exposures without a click that every row is taken to have had before."},
        "pools": {"type": "array",
          "description": "Exposure pools, from the newest rows on; without any, one until 100 exposures.",
          "items": {"type": "object", "additionalProperties": false, "required": ["until"],
            "properties": {
              "until": {"type": "number", "exclusiveMinimum": 0,
                "description": "Exposures that a row gets before it is judged."},
              "promote": {"type": "number", "minimum": 0, "maximum": 1, "default": 0,
                "description": "The rate that a row must be able to have to go on into the next pool."},
              "evidence": {"type": "number", "minimum": 0, "default": 1,
                "description": "Standard deviations that the row must fall short by to be demoted."},
              "share": {"type": "number", "minimum": 0, "default": 1,
                "description": "How often the pool is drawn, against the others."}}}},
        "confined": {"type": "boolean", "default": true,
          "description": "Rows that are explored take no other slot while other rows are left."}
      }
    }
  }]
})");

LINEUP_PLUGIN("1.0.0", Thompson)
