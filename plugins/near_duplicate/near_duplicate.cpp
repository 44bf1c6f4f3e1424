// SPDX-License-Identifier: Apache-2.0
//
// The constraint `near_duplicate`: no two rows within `window` neighbouring slots whose embeddings
// lie closer than a limit. The rows shown before the page, as far as `history` says, stand in front
// of it, so that a duplicate does not come back on the next page.
//
// A question looks at the last `window - 1` rows only, so no state is kept. The bound groups the
// candidates once per request: rows within half the limit of a common one are all near each other,
// so a run of slots longer than there are groups must hold two rows of one group.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>

#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

// Rounding of single floats must not put two rows into one group that are not near each other.
constexpr double kMargin = 1e-3;

double dot(std::span<const float> left, std::span<const float> right) {
  double sum = 0.0;
  for (std::size_t i = 0; i < left.size(); ++i) sum += double{left[i]} * right[i];
  return sum;
}

struct Prepared {
  std::span<const double> length;          // [row_count] of the embedding; 0: there is none
  std::span<const double> history_length;  // [history_count]
  std::uint32_t groups = 0;                // of rows that are near each other; a row alone is one
};

class NearDuplicate : public sdk::Constraint {
 public:
  static constexpr const char* kName = "near_duplicate";
  static constexpr const char* kId = "dev.lineup.near_duplicate/1";

  explicit NearDuplicate(const sdk::Config& config)
      : column_name_(config.text("/column", "embedding")),
        window_(static_cast<std::uint32_t>(config.integer("/window", 5))),
        history_(static_cast<std::uint32_t>(config.integer("/history", 0))),
        by_distance_(config.has("/min_distance")),
        max_cosine_(config.number("/max_cosine", 0.9)),
        min_distance_(config.number("/min_distance", 0.0)) {
    if (by_distance_ && config.has("/max_cosine")) {
      throw sdk::Failure(LINEUP_E_INVALID_CONFIG,
                         "give `max_cosine` or `min_distance`, not both: each is the limit");
    }
  }

  void activate(const sdk::Binder& binder) {
    column_ = binder.required<sdk::Vectors>(column_name_);
  }

  void* prepare(const sdk::Call& call) {
    const sdk::Vectors rows = call.rows(column_);
    const std::span<Prepared> prepared = call.allocate<Prepared>(1);
    prepared[0] = Prepared{lengths(call, rows, call.row_count()),
                           lengths(call, call.history(column_), call.history_count()), 0};
    prepared[0].groups = count_groups(call, rows, prepared[0]);
    return prepared.data();
  }

  sdk::Judgement judge(const sdk::Call& call, const sdk::Page& page, sdk::Row row) {
    const Prepared& prepared = page.prepared<Prepared>();
    if (prepared.length[row] == 0.0) return {};
    const sdk::Vectors rows = call.rows(column_);
    const std::span<const float> own = rows[row];
    const std::span<const sdk::Row> placed = page.rows();
    const std::size_t looked_at = std::min<std::size_t>(window_ - 1, placed.size());
    std::uint32_t pairs = 0;
    for (const sdk::Row other : placed.last(looked_at)) {
      pairs += are_near(own, prepared.length[row], rows[other], prepared.length[other]) ? 1U : 0U;
    }
    const sdk::Vectors shown = call.history(column_);
    const std::size_t before =
        std::min<std::size_t>({window_ - 1 - looked_at, history_, call.history_count()});
    for (std::size_t back = 1; back <= before; ++back) {
      const auto other = static_cast<sdk::Row>(call.history_count() - back);
      const double length = prepared.history_length[other];
      if (length == 0.0 || shown.dimension() != rows.dimension()) continue;
      pairs += are_near(own, prepared.length[row], shown[other], length) ? 1U : 0U;
    }
    return {pairs, 0.0};
  }

  // Of every run of `window` slots, those beyond the number of groups each make a pair. Runs that
  // do not overlap are counted, so no pair is counted twice.
  std::uint32_t violations_at_least(const sdk::Call&, const sdk::Page& page,
                                    std::uint32_t slots_left) {
    const std::uint32_t groups = page.prepared<Prepared>().groups;
    const auto beyond = [groups](std::uint32_t slots) {
      return slots > groups ? slots - groups : 0;
    };
    return slots_left / window_ * beyond(window_) + beyond(slots_left % window_);
  }

 private:
  static std::span<const double> lengths(const sdk::Call& call, const sdk::Vectors& vectors,
                                         std::uint32_t count) {
    const std::span<double> out = call.filled<double>(count, 0.0);
    for (sdk::Row row = 0; row < count; ++row) {
      if (!vectors.has(row)) continue;
      const double length = std::sqrt(dot(vectors[row], vectors[row]));
      if (std::isfinite(length)) out[row] = length;
    }
    return out;
  }

  [[nodiscard]] bool are_near(std::span<const float> left, double left_length,
                              std::span<const float> right, double right_length) const {
    if (left_length == 0.0 || right_length == 0.0) return false;
    const double product = dot(left, right);
    if (!by_distance_) return product / (left_length * right_length) > max_cosine_;
    const double square = left_length * left_length + right_length * right_length - 2.0 * product;
    return std::sqrt(std::max(square, 0.0)) < min_distance_;
  }

  // Whether both are so near that whatever is as near to `left` is near `right` too.
  [[nodiscard]] bool are_in_one_group(std::span<const float> left, double left_length,
                                      std::span<const float> right, double right_length) const {
    const double product = dot(left, right);
    if (by_distance_) {
      const double square = left_length * left_length + right_length * right_length - 2.0 * product;
      return std::sqrt(std::max(square, 0.0)) < min_distance_ * (0.5 - kMargin);
    }
    const double cosine = std::clamp(product / (left_length * right_length), -1.0, 1.0);
    const double limit = std::acos(std::clamp(max_cosine_, -1.0, 1.0));
    return std::acos(cosine) < limit * 0.5 - kMargin;
  }

  // How many rows can stand in one run without a pair, at most; counting ends at the window.
  [[nodiscard]] std::uint32_t count_groups(const sdk::Call& call, const sdk::Vectors& rows,
                                           const Prepared& prepared) const {
    const std::span<sdk::Row> leaders = call.allocate<sdk::Row>(window_);
    std::uint32_t leader_count = 0;
    std::uint32_t groups = 0;
    for (sdk::Row row = 0; row < call.row_count() && groups < window_; ++row) {
      if (!call.is_candidate(row)) continue;
      const auto is_led = [&](sdk::Row leader) {
        return are_in_one_group(rows[leader], prepared.length[leader], rows[row],
                                prepared.length[row]);
      };
      const bool has_vector = prepared.length[row] > 0.0;
      const auto known = leaders.first(leader_count);
      if (has_vector && std::any_of(known.begin(), known.end(), is_led)) continue;
      ++groups;
      if (has_vector) leaders[leader_count++] = row;
    }
    return groups;
  }

  std::string column_name_;
  std::uint32_t window_;
  std::uint32_t history_;
  bool by_distance_;
  double max_cosine_;
  double min_distance_;
  sdk::Bound<sdk::Vectors> column_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "near_duplicate",
  "version": "1.0.0",
  "about": "Keeps rows apart whose embeddings are nearly the same.",
  "types": [{
    "name": "near_duplicate",
    "kind": "constraint",
    "about": "No two rows within `window` slots closer than `max_cosine`, or than `min_distance`.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["column"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "column": {"type": "string", "minLength": 1, "default": "embedding",
          "description": "The embedding. A row without one, or of length 0, is near nobody."},
        "window": {"type": "integer", "minimum": 2, "maximum": 1000, "default": 5,
          "description": "Neighbouring slots in which no two may be near each other."},
        "history": {"type": "integer", "minimum": 0, "maximum": 1000, "default": 0,
          "description": "How many of the last rows of the history stand in front of the page."},
        "max_cosine": {"type": "number", "minimum": -1, "maximum": 1,
          "description": "Two rows are near when their cosine is above this. Without this and `min_distance`: 0.9."},
        "min_distance": {"type": "number", "exclusiveMinimum": 0,
          "description": "Or: two rows are near when their Euclidean distance is below this."}
      }
    }
  }]
})");

LINEUP_PLUGIN("1.0.0", NearDuplicate)
