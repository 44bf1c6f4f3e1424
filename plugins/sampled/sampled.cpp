// SPDX-License-Identifier: Apache-2.0
//
// The generator `sampled`: pages drawn at random, better ones more often. Adding independent Gumbel
// noise to relevance / temperature and taking the best rows in order draws a page of the
// Plackett-Luce model: each slot gets a row with a probability proportional to
// exp(relevance / temperature) among those that may stand.
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "lineup/cpp/relevance.hpp"
#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

// Evenly spread bits (splitmix64): equal seeds, equal pages.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  // Of the standard Gumbel distribution.
  double gumbel() {
    std::uint64_t bits = (state_ += 0x9E3779B97F4A7C15ULL);
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9ULL;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBULL;
    bits ^= bits >> 31;
    // In the middle of its interval: never 0, never 1.
    const double unit = (static_cast<double>(bits >> 11) + 0.5) * 0x1.0p-53;
    return -std::log(-std::log(unit));
  }

 private:
  std::uint64_t state_;
};

class Sampled : public sdk::Generator {
 public:
  static constexpr const char* kName = "sampled";
  static constexpr const char* kId = "dev.lineup.sampled/1";

  explicit Sampled(const sdk::Config& config)
      : relevance_name_(config.text("/column", "score")),
        scale_(sdk::read_scale(config, "range")),
        temperature_(config.number("/temperature", 0.1)),
        slates_(static_cast<std::uint32_t>(config.integer("/slates", 1))),
        seed_(static_cast<std::uint64_t>(config.integer("/seed", 0))) {
    if (!(temperature_ >= 0.0) || !std::isfinite(temperature_)) {
      throw sdk::Failure("`/temperature` must be at least 0");
    }
    if (slates_ == 0) throw sdk::Failure("`/slates` must be at least 1");
  }

  void activate(const sdk::Binder& binder) {
    relevance_ = binder.required<sdk::Floats>(relevance_name_);
    live_temperature_ = binder.live("temperature", temperature_);
    live_slates_ = binder.live("slates", slates_);
  }

  sdk::Status generate(const sdk::Call& call, sdk::Builder& builder) {
    const sdk::Relevance relevance = sdk::relevance_of(call, relevance_, scale_);
    const std::span<double> utility = call.allocate<double>(call.row_count());
    Random random(call.seed() ^ (seed_ * 0xD1342543DE82EF95ULL));
    const double temperature = call.live(live_temperature_);
    const std::uint32_t slates = call.live_count(live_slates_, 1);
    for (std::uint32_t slate = 0; slate < slates; ++slate) {
      draw(relevance, temperature, random, utility);
      if (!builder.rewind(0).ok()) break;
      while (builder.placed().size() < call.slot_count() && call.spend(call.row_count() / 8 + 1)) {
        const std::optional<sdk::Row> row = builder.best_permitted(utility);
        if (!row || !builder.place(*row).ok()) break;
      }
      const sdk::Status status = builder.emit(utility);
      if (!status.ok()) return slate == 0 ? status : sdk::Status();
      if (!call.spend(0)) break;
    }
    return LINEUP_OK;
  }

 private:
  // Noise is at least -4: rows without relevance stay behind.
  static void draw(const sdk::Relevance& relevance, double temperature, Random& random,
                   std::span<double> utility) {
    const double behind = 1.0 + 4.0 * temperature;
    for (std::size_t row = 0; row < utility.size(); ++row) {
      const double noise = temperature * random.gumbel();
      utility[row] =
          relevance.known[row] != 0 ? relevance.value[row] + noise : relevance.least - behind;
    }
  }

  std::string relevance_name_;
  sdk::Scale scale_;
  double temperature_;
  std::uint32_t slates_;
  std::uint64_t seed_;
  sdk::Bound<sdk::Floats> relevance_;
  sdk::Live live_temperature_;
  sdk::Live live_slates_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "sampled",
  "version": "1.0.0",
  "about": "Pages drawn at random, better ones more often.",
  "types": [{
    "name": "sampled",
    "kind": "generator",
    "about": "Draws pages of the Plackett-Luce model by Gumbel noise, within the rules.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["column"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "column": {"type": "string", "minLength": 1, "default": "score",
          "description": "The float column of relevance; rows without a value come last."},
        "scale": {"type": "string", "enum": ["range", "deviation", "none"], "default": "range",
          "description": "Brings relevance to 0..1 over the candidates, to mean 0 and deviation 1, or leaves it."},
        "temperature": {"type": "number", "minimum": 0, "default": 0.1,
          "description": "How much chance counts, in relevance; 0: none."},
        "slates": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 1,
          "description": "Pages drawn."},
        "seed": {"type": "integer", "minimum": 0, "default": 0,
          "description": "Another draw for the same request."}
      }
    }
  }]
})");

LINEUP_PLUGIN("1.0.0", Sampled)
