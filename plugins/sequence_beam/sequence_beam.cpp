// SPDX-License-Identifier: Apache-2.0
//
// The generator `sequence_beam`: a beam search over what a list is expected to earn from a user who
// reads downwards and may leave at every slot. With continue(c) the probability of going on after
// row c, a list earns
//
//   exposure = 1;  for c in list:  reward += exposure * value(c);  exposure *= continue(c)
//
// where value(c) is a weighted sum of columns. Each step extends every list of the beam by one row
// and keeps the best `width` lists.
//
// All children of one list are ordered by value(c) alone, so rows are sorted once, and the lists of
// a beam are merged: the best child that no list has offered yet comes next. Nothing is asked that
// the new beam cannot need: a step costs `width` permissions and those that are refused on the way,
// not one per list and row. A list is (parent, row, exposure, reward); its page
// stands in a builder. A child takes over its parent's builder, the other children bring the
// builder of a list that died to their page: neighbours in a beam share most of it.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

// LIMIT: lists kept at once; each has a builder of its own, of which a call has 256.
constexpr std::uint32_t kWidthMax = 64;
constexpr std::uint32_t kNobody = 0xFFFFFFFFU;

// A list of the beam; its rows stand in `builders[builder]`.
struct List {
  double reward = 0.0;
  double exposure = 1.0;
  std::uint32_t builder = kNobody;
};

// A list of the next beam.
struct Child {
  double reward = 0.0;
  std::uint32_t parent = 0;
  sdk::Row row = 0;
};

// The children of a beam's lists, best first; among equals the earlier list's.
class Offers {
 public:
  Offers(const sdk::Call& call, std::uint32_t width, std::span<const sdk::Row> order,
         std::span<const double> value)
      : order_(order),
        value_(value),
        next_(call.allocate<std::uint32_t>(width)),
        reward_(call.allocate<double>(width)) {}

  void start(std::span<const List> beam) {
    beam_ = beam;
    for (std::uint32_t list = 0; list < beam.size(); ++list) {
      next_[list] = 0;
      look_ahead(list);
    }
  }
  // Nothing: no list has a row left.
  [[nodiscard]] std::optional<Child> next() {
    std::uint32_t best = 0;
    for (std::uint32_t list = 1; list < beam_.size(); ++list) {
      if (reward_[list] > reward_[best]) best = list;
    }
    if (next_[best] == order_.size()) return std::nullopt;
    const Child child{reward_[best], best, order_[next_[best]]};
    ++next_[best];
    look_ahead(best);
    return child;
  }

 private:
  void look_ahead(std::uint32_t list) {
    reward_[list] = next_[list] < order_.size()
                        ? beam_[list].reward + beam_[list].exposure * value_[order_[next_[list]]]
                        : -std::numeric_limits<double>::infinity();
  }

  std::span<const sdk::Row> order_;
  std::span<const double> value_;
  std::span<const List> beam_;
  std::span<std::uint32_t> next_;  // by list: its next row's place in the order
  std::span<double> reward_;       // of that child
};

class SequenceBeam : public sdk::Generator {
 public:
  static constexpr const char* kName = "sequence_beam";
  static constexpr const char* kId = "dev.lineup.sequence_beam/1";

  explicit SequenceBeam(const sdk::Config& config)
      : continue_name_(config.text("/continue", "pnext")),
        default_continue_(config.number("/continue_default", 1.0)),
        width_(static_cast<std::uint32_t>(config.integer("/width", 8))),
        lead_(config.number("/lead", 0.0)) {
    if (width_ == 0 || width_ > kWidthMax) {
      throw sdk::Failure("`/width` must lie between 1 and " + std::to_string(kWidthMax));
    }
    for (std::uint64_t index = 0; index < config.count("/values"); ++index) {
      const std::string place = "/values/" + std::to_string(index);
      Value& value = values_.emplace_back();
      value.column_name = config.text(place + "/column", "");
      value.objective_name = config.text(place + "/objective", "");
      value.weight = config.number(place + "/weight", 1.0);
    }
    if (values_.empty()) throw sdk::Failure("`/values` must name at least one column");
  }

  void activate(const sdk::Binder& binder) {
    if (!continue_name_.empty()) continue_ = binder.required<sdk::Floats>(continue_name_);
    live_width_ = binder.live("width", width_);
    live_lead_ = binder.live("lead", lead_);
    for (Value& value : values_) {
      value.column = binder.required<sdk::Floats>(value.column_name);
      if (value.objective_name.empty()) continue;
      value.objective = binder.objective(value.objective_name);
      if (!value.objective) {
        throw sdk::Failure("the policy has no objective `" + value.objective_name + "`");
      }
    }
  }

  sdk::Status generate(const sdk::Call& call, sdk::Builder& builder) {
    const std::uint32_t width = std::min(call.live_count(live_width_, 1), kWidthMax);
    const double lead = call.live(live_lead_);
    const std::span<const double> value = values_of(call);
    const std::span<const double> goes_on = continues(call);
    const std::span<const sdk::Row> order = by_value(call, value);
    // A beam and its successor: no more builders are ever alive.
    Builders builders{call.allocate<sdk::Builder>(2 * std::size_t{width}), 0};
    builders.add(builder);
    std::span<List> beam = call.allocate<List>(width);
    std::span<List> next = call.allocate<List>(width);
    const std::span<std::uint8_t> is_taken = call.allocate<std::uint8_t>(2 * std::size_t{width});
    const std::span<Child> children = call.allocate<Child>(width);
    Offers offers(call, width, order, value);
    beam[0] = {0.0, 1.0, 0};
    std::uint32_t count = 1;
    for (std::uint32_t slot = 0; slot < call.slot_count(); ++slot) {
      offers.start(beam.first(count));
      const auto found = expand(call, beam.first(count), builders, offers, children);
      if (!found) break;
      const std::uint32_t kept = leaders(children.first(*found), lead);
      if (kept == 0) break;  // no list can go on: the engine's search ends the pages
      if (!move_on(beam.first(count), children.first(kept), builders, is_taken, next)) break;
      for (std::uint32_t index = 0; index < kept; ++index) {
        const Child& child = children[index];
        next[index].exposure = beam[child.parent].exposure * goes_on[child.row];
      }
      std::swap(beam, next);
      count = kept;
    }
    for (std::uint32_t index = 0; index < count; ++index) {
      const sdk::Status status = builders.all[beam[index].builder].emit(value);
      // The policy's limit of slates: what was emitted so far are the best ones.
      if (!status.ok()) return index == 0 ? status : sdk::Status();
    }
    return LINEUP_OK;
  }

 private:
  struct Value {
    std::string column_name;
    std::string objective_name;  // empty: only the fixed weight
    double weight = 1.0;
    sdk::Bound<sdk::Floats> column;
    std::optional<std::uint32_t> objective;
  };
  struct Builders {
    std::span<sdk::Builder> all;
    std::uint32_t count = 0;
    void add(const sdk::Builder& builder) { all[count++] = builder; }
  };

  // What a row is worth while it is seen; a column without a value adds nothing.
  [[nodiscard]] std::span<const double> values_of(const sdk::Call& call) const {
    const std::span<double> sum = call.filled<double>(call.row_count(), 0.0);
    for (const Value& value : values_) {
      const double weight =
          value.weight * (value.objective ? call.weights()[*value.objective] : 1.0);
      const sdk::Floats column = call.rows(value.column);
      for (sdk::Row row = 0; row < call.row_count(); ++row) {
        const double each = column.value_or(row, 0.0);
        if (std::isfinite(each)) sum[row] += weight * each;
      }
    }
    return sum;
  }

  [[nodiscard]] std::span<const double> continues(const sdk::Call& call) const {
    const std::span<double> out = call.filled<double>(call.row_count(), default_continue_);
    if (continue_name_.empty()) return out;
    const sdk::Floats column = call.rows(continue_);
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      out[row] = std::clamp(column.value_or(row, default_continue_), 0.0, 1.0);
    }
    return out;
  }

  // Candidates, best value first.
  static std::span<const sdk::Row> by_value(const sdk::Call& call, std::span<const double> value) {
    const std::span<sdk::Row> rows = call.allocate<sdk::Row>(call.row_count());
    std::size_t count = 0;
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      if (call.is_candidate(row)) rows[count++] = row;
    }
    std::sort(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(count),
              [&](sdk::Row left, sdk::Row right) {
                return value[left] != value[right] ? value[left] > value[right] : left < right;
              });
    return rows.first(count);
  }

  // The best children of all lists, and how many. Nothing: the work is used up.
  static std::optional<std::uint32_t> expand(const sdk::Call& call, std::span<const List> beam,
                                             const Builders& builders, Offers& offers,
                                             std::span<Child> children) {
    std::uint32_t count = 0;
    std::uint64_t looked_at = 0;
    while (count < children.size()) {
      const std::optional<Child> child = offers.next();
      if (!child) break;
      ++looked_at;
      if (builders.all[beam[child->parent].builder].permits(child->row)) children[count++] = *child;
    }
    return call.spend(looked_at) ? std::optional(count) : std::nullopt;
  }

  // How many children stay: those that the best one does not leave behind by more than `lead`.
  static std::uint32_t leaders(std::span<const Child> children, double lead) {
    std::uint32_t kept = static_cast<std::uint32_t>(children.size());
    if (lead <= 0.0 || kept == 0) return kept;
    const double least = children[0].reward - lead * std::abs(children[0].reward);
    while (kept > 1 && children[kept - 1].reward < least) --kept;
    return kept;
  }

  // Brings each child's page into a builder. False: the host has no more builders.
  bool move_on(std::span<const List> beam, std::span<const Child> children, Builders& builders,
               std::span<std::uint8_t> is_taken, std::span<List> next) const {
    std::fill(is_taken.begin(), is_taken.end(), std::uint8_t{0});
    for (const Child& child : children) is_taken[beam[child.parent].builder] = 1;
    // Children that do not continue their parent's builder go first: they copy the parent's page
    // before the one that does has changed it.
    for (std::uint32_t index = 0; index < children.size(); ++index) {
      const Child& child = children[index];
      next[index] = {child.reward, 0.0, kNobody};
      bool is_last = true;
      for (std::uint32_t later = index + 1; later < children.size(); ++later) {
        is_last = is_last && children[later].parent != child.parent;
      }
      if (is_last) continue;
      next[index].builder = copy_of(builders.all[beam[child.parent].builder], builders, is_taken);
      if (next[index].builder == kNobody) return false;
    }
    for (std::uint32_t index = 0; index < children.size(); ++index) {
      if (next[index].builder == kNobody) {
        next[index].builder = beam[children[index].parent].builder;
      }
      if (!builders.all[next[index].builder].place(children[index].row).ok()) return false;
    }
    return true;
  }

  // A builder that nobody needs, brought to the page of `source`; else a new one.
  std::uint32_t copy_of(const sdk::Builder& source, Builders& builders,
                        std::span<std::uint8_t> is_taken) const {
    const std::span<const sdk::Row> page = source.placed();
    std::uint32_t found = kNobody;
    std::size_t shared = 0;
    for (std::uint32_t index = 0; index < builders.count; ++index) {
      if (is_taken[index] != 0) continue;
      const std::span<const sdk::Row> other = builders.all[index].placed();
      const auto length = static_cast<std::size_t>(
          std::mismatch(page.begin(), page.end(), other.begin(), other.end()).first - page.begin());
      if (found != kNobody && length <= shared) continue;
      found = index;
      shared = length;
    }
    // A fork copies everything at once; a builder that shares little would be built anew row by
    // row, but the number of forks is bounded and dead builders are free.
    if (found == kNobody) {
      const std::optional<sdk::Builder> fork = source.fork();
      if (!fork) return kNobody;
      found = builders.count;
      builders.add(*fork);
    } else {
      sdk::Builder& reused = builders.all[found];
      if (!reused.rewind(static_cast<std::uint32_t>(shared)).ok()) return kNobody;
      for (const sdk::Row row : page.subspan(shared)) {
        if (!reused.place(row).ok()) return kNobody;
      }
    }
    is_taken[found] = 1;
    return found;
  }

  std::string continue_name_;
  double default_continue_;
  std::uint32_t width_;
  double lead_;
  std::vector<Value> values_;
  sdk::Bound<sdk::Floats> continue_;
  sdk::Live live_width_;
  sdk::Live live_lead_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "sequence_beam",
  "version": "1.0.0",
  "about": "Beam search over what lists earn from users who read downwards and may leave.",
  "types": [{
    "name": "sequence_beam",
    "kind": "generator",
    "about": "Keeps the best lists slot by slot, by expected value with the exposure probability carried along, and proposes them all.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["continue", "values"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "required": ["values"],
      "properties": {
        "continue": {"type": "string", "default": "pnext",
          "description": "The float column of the probability, 0..1, that the user goes on after the row; empty: `continue_default` for all."},
        "continue_default": {"type": "number", "minimum": 0, "maximum": 1, "default": 1,
          "description": "For rows that have none."},
        "values": {"type": "array", "minItems": 1,
          "description": "What a row is worth while it is seen: a weighted sum of columns.",
          "items": {"type": "object", "additionalProperties": false, "required": ["column"],
            "properties": {
              "column": {"type": "string", "minLength": 1},
              "weight": {"type": "number", "default": 1},
              "objective": {"type": "string", "default": "",
                "description": "The request's weight of this objective is multiplied in."}}}},
        "width": {"type": "integer", "minimum": 1, "maximum": 64, "default": 8,
          "description": "Lists kept."},
        "lead": {"type": "number", "minimum": 0, "maximum": 1, "default": 0,
          "description": "Lists that the best leaves behind by more than this share of its reward are dropped; 0: none."}
      }
    }
  }]
})");

LINEUP_PLUGIN("1.0.0", SequenceBeam)
