// SPDX-License-Identifier: Apache-2.0
//
// The generator `pareto`: pages for many weightings of the same predictions, those kept that no
// other beats in everything. Weightings come from a Halton sequence around the base weights, which
// spreads few points evenly; the base weights themselves are the first and are always kept. A page
// whose first rows another weighting gave already is abandoned: what follows would differ little.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lineup/cpp/relevance.hpp"
#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

constexpr std::uint32_t kPrimes[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};
constexpr std::size_t kQueuesMax = std::size(kPrimes);

// Element `index` of the van der Corput sequence of that base: its digits mirrored at the point.
double halton(std::uint32_t index, std::uint32_t base) {
  double part = 1.0, value = 0.0;
  for (; index > 0; index /= base) {
    part /= base;
    value += part * (index % base);
  }
  return value;
}

// Pages found so far, and what they are worth under each queue.
struct Found {
  std::span<sdk::Row> rows;         // [pages][slots]
  std::span<std::uint32_t> length;  // [pages]
  std::span<double> worth;          // [pages][queues]
  std::span<double> crowding;       // [pages] how far the neighbours on the front are
  std::uint32_t count = 0;
};

class Pareto : public sdk::Generator {
 public:
  static constexpr const char* kName = "pareto";
  static constexpr const char* kId = "dev.lineup.pareto/1";

  explicit Pareto(const sdk::Config& config)
      : samples_(static_cast<std::uint32_t>(config.integer("/samples", 100))),
        slates_(static_cast<std::uint32_t>(config.integer("/slates", 16))),
        prefix_(static_cast<std::uint32_t>(config.integer("/prefix", 3))),
        least_(config.number("/least", 0.5)),
        most_(config.number("/most", 1.5)) {
    for (std::uint64_t index = 0; index < config.count("/queues"); ++index) {
      const std::string place = "/queues/" + std::to_string(index);
      Queue& queue = queues_.emplace_back();
      queue.column_name = config.text(place + "/column", "");
      queue.weight = config.number(place + "/weight", 1.0);
    }
    if (queues_.empty() || queues_.size() > kQueuesMax) {
      throw sdk::Failure("`/queues` must have between 1 and " + std::to_string(kQueuesMax) +
                         " entries");
    }
    if (!(least_ <= most_)) throw sdk::Failure("`/least` must not be above `/most`");
    if (samples_ == 0 || slates_ == 0) {
      throw sdk::Failure("`/samples` and `/slates` must be at least 1");
    }
  }

  void activate(const sdk::Binder& binder) {
    for (Queue& queue : queues_) queue.column = binder.required<sdk::Floats>(queue.column_name);
  }

  sdk::Status generate(const sdk::Call& call, sdk::Builder& builder) {
    const std::size_t rows = call.row_count();
    const std::span<double> values = call.allocate<double>(rows * queues_.size());
    for (std::size_t queue = 0; queue < queues_.size(); ++queue) {
      const sdk::Relevance scaled =
          sdk::relevance_of(call, queues_[queue].column, sdk::Scale::Range);
      std::copy(scaled.value.begin(), scaled.value.end(),
                values.begin() + static_cast<std::ptrdiff_t>(queue * rows));
    }
    const std::span<double> utility = call.allocate<double>(rows);
    Found found{call.allocate<sdk::Row>(std::size_t{samples_} * call.slot_count()),
                call.allocate<std::uint32_t>(samples_),
                call.allocate<double>(samples_ * queues_.size()), call.allocate<double>(samples_)};
    for (std::uint32_t sample = 0; sample < samples_; ++sample) {
      weigh(sample, values, utility);
      if (!builder.rewind(0).ok() || !build(call, builder, utility, found)) break;
    }
    return emit(call, builder, values, found);
  }

 private:
  struct Queue {
    std::string column_name;
    double weight = 1.0;
    sdk::Bound<sdk::Floats> column;
  };

  // Sample 0 has the base weights.
  void weigh(std::uint32_t sample, std::span<const double> values,
             std::span<double> utility) const {
    std::fill(utility.begin(), utility.end(), 0.0);
    for (std::size_t queue = 0; queue < queues_.size(); ++queue) {
      const double factor =
          sample == 0 ? 1.0 : least_ + (most_ - least_) * halton(sample, kPrimes[queue]);
      const double weight = queues_[queue].weight * factor;
      const std::span<const double> column = values.subspan(queue * utility.size(), utility.size());
      for (std::size_t row = 0; row < utility.size(); ++row) utility[row] += weight * column[row];
    }
  }

  // Whether another page begins with the same rows.
  [[nodiscard]] static bool is_known(const Found& found, std::span<const sdk::Row> page,
                                     std::size_t slots) {
    for (std::uint32_t other = 0; other < found.count; ++other) {
      const std::span<const sdk::Row> rows = found.rows.subspan(other * slots, slots);
      if (found.length[other] >= page.size() &&
          std::equal(page.begin(), page.end(), rows.begin())) {
        return true;
      }
    }
    return false;
  }

  // One page for `utility`, kept when it is new. False: the work is used up.
  bool build(const sdk::Call& call, sdk::Builder& builder, std::span<const double> utility,
             Found& found) const {
    const std::size_t slots = call.slot_count();
    while (builder.placed().size() < slots) {
      if (!call.spend(utility.size())) return false;
      const std::optional<sdk::Row> row = builder.best_permitted(utility);
      if (!row || !builder.place(*row).ok()) break;
      if (builder.placed().size() == prefix_ && is_known(found, builder.placed(), slots)) {
        return true;
      }
    }
    const std::span<const sdk::Row> page = builder.placed();
    if (is_known(found, page, slots)) return true;
    std::copy(page.begin(), page.end(),
              found.rows.begin() + static_cast<std::ptrdiff_t>(found.count * slots));
    found.length[found.count++] = static_cast<std::uint32_t>(page.size());
    return true;
  }

  // Page `left` is at least as good in everything, and better in something.
  [[nodiscard]] bool dominates(const Found& found, std::uint32_t left, std::uint32_t right) const {
    bool is_better = false;
    for (std::size_t queue = 0; queue < queues_.size(); ++queue) {
      const double gain =
          found.worth[left * queues_.size() + queue] - found.worth[right * queues_.size() + queue];
      if (gain < 0.0) return false;
      is_better = is_better || gain > 0.0;
    }
    return is_better;
  }

  // How far the neighbours of each page of the front are, summed over queues; infinite at its ends.
  void measure_crowding(Found& found, std::span<std::uint32_t> front) const {
    for (const std::uint32_t page : front) found.crowding[page] = 0.0;
    for (std::size_t queue = 0; queue < queues_.size(); ++queue) {
      const auto worth = [&](std::uint32_t page) {
        return found.worth[page * queues_.size() + queue];
      };
      std::sort(front.begin(), front.end(), [&](std::uint32_t left, std::uint32_t right) {
        return worth(left) != worth(right) ? worth(left) < worth(right) : left < right;
      });
      const double range = worth(front.back()) - worth(front.front());
      for (std::size_t at = 0; at < front.size(); ++at) {
        const bool is_end = at == 0 || at + 1 == front.size();
        if (!is_end && range <= 0.0) continue;
        found.crowding[front[at]] += is_end ? std::numeric_limits<double>::infinity()
                                            : (worth(front[at + 1]) - worth(front[at - 1])) / range;
      }
    }
  }

  sdk::Status emit(const sdk::Call& call, sdk::Builder& builder, std::span<const double> values,
                   Found& found) const {
    const std::size_t slots = call.slot_count();
    const std::span<const double> discounts = call.discounts();
    std::fill(found.worth.begin(), found.worth.end(), 0.0);
    for (std::uint32_t page = 0; page < found.count; ++page) {
      for (std::size_t queue = 0; queue < queues_.size(); ++queue) {
        double& worth = found.worth[page * queues_.size() + queue];
        for (std::size_t slot = 0; slot < found.length[page]; ++slot) {
          const sdk::Row row = found.rows[page * slots + slot];
          // A queue that should be small counts the other way.
          const double sign = queues_[queue].weight < 0.0 ? -1.0 : 1.0;
          worth += sign * values[queue * call.row_count() + row] * discounts[slot];
        }
      }
    }
    const std::span<std::uint32_t> front = call.allocate<std::uint32_t>(samples_);
    std::size_t size = 0;
    for (std::uint32_t page = 0; page < found.count; ++page) {
      bool is_beaten = false;
      for (std::uint32_t other = 0; other < found.count && !is_beaten; ++other) {
        is_beaten = dominates(found, other, page);
      }
      if (page == 0 || !is_beaten) front[size++] = page;
    }
    const std::span<const double> utility = base_utility(call, values);
    if (size == 0) return builder.emit(utility);
    const std::span<std::uint32_t> kept = front.first(size);
    measure_crowding(found, kept);
    found.crowding[0] = std::numeric_limits<double>::infinity();
    std::sort(kept.begin(), kept.end(), [&](std::uint32_t left, std::uint32_t right) {
      if ((left == 0) != (right == 0)) return left == 0;
      return found.crowding[left] != found.crowding[right]
                 ? found.crowding[left] > found.crowding[right]
                 : left < right;
    });
    for (std::size_t index = 0; index < std::min<std::size_t>(size, slates_); ++index) {
      if (!builder.rewind(0).ok()) break;
      const std::size_t begin = kept[index] * slots;
      for (const sdk::Row row : found.rows.subspan(begin, found.length[kept[index]])) {
        if (!builder.place(row).ok()) break;
      }
      const sdk::Status status = builder.emit(utility);
      if (!status.ok()) return index == 0 ? status : sdk::Status();
    }
    return LINEUP_OK;
  }

  [[nodiscard]] std::span<const double> base_utility(const sdk::Call& call,
                                                     std::span<const double> values) const {
    const std::span<double> utility = call.allocate<double>(call.row_count());
    weigh(0, values, utility);
    return utility;
  }

  std::uint32_t samples_;
  std::uint32_t slates_;
  std::uint32_t prefix_;
  double least_;
  double most_;
  std::vector<Queue> queues_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "pareto",
  "version": "1.0.0",
  "about": "Pages for many weightings of the same predictions.",
  "types": [{
    "name": "pareto",
    "kind": "generator",
    "about": "Proposes pages that no other beats under every prediction, sampled around the base weights.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["queues"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "required": ["queues"],
      "properties": {
        "queues": {"type": "array", "minItems": 1, "maxItems": 12,
          "description": "Predictions and their base weights; each is brought to 0..1 over the candidates.",
          "items": {"type": "object", "additionalProperties": false, "required": ["column"],
            "properties": {
              "column": {"type": "string", "minLength": 1},
              "weight": {"type": "number", "default": 1}}}},
        "samples": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100,
          "description": "Weightings tried; the first is the base."},
        "slates": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 16,
          "description": "Most pages proposed."},
        "prefix": {"type": "integer", "minimum": 0, "maximum": 1000, "default": 3,
          "description": "A weighting whose first so many rows are those of another page is given up; 0: none is."},
        "least": {"type": "number", "minimum": 0, "default": 0.5,
          "description": "Least factor on a base weight."},
        "most": {"type": "number", "minimum": 0, "default": 1.5,
          "description": "Largest factor on a base weight."}
      }
    }
  }]
})");

LINEUP_PLUGIN("1.0.0", Pareto)
