// SPDX-License-Identifier: Apache-2.0
//
// The generator `channel_mix`: how several channels share a page. `pattern` and `ratio` take the
// channels in a fixed order or by share; `templates` proposes the most promising placements of
// inserted rows (ads) among own rows for an evaluator to choose from; `constrained` finds the one
// that earns most while the page keeps its value for the user (mix.hpp, constrained.hpp).
//
// What is planned is then built through the slate builder, channel by channel in their own order,
// passing over rows that a rule forbids. When rules move the page below the user value that was
// asked for, it is planned again with a higher one.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "constrained.hpp"
#include "lineup/cpp/relevance.hpp"
#include "lineup/plugin.hpp"
#include "mix.hpp"

namespace {

namespace sdk = lineup::plugin;
using channel_mix::Mix;
using channel_mix::Worth;

// LIMIT: how often a page is planned again because rules took user value from it.
constexpr int kPlansMax = 4;
constexpr std::uint32_t kAnyChannel = 0xFFFFFFFFU;

enum class Mode : std::uint8_t { Pattern, Ratio, Templates, Constrained };

class ChannelMix : public sdk::Generator {
 public:
  static constexpr const char* kName = "channel_mix";
  static constexpr const char* kId = "dev.lineup.channel_mix/1";

  explicit ChannelMix(const sdk::Config& config)
      : channel_name_(config.text("/channel", "type")),
        column_name_(config.text("/column", "score")),
        revenue_name_(config.text("/revenue", "revenue")),
        insert_(config.text("/insert", "ad")),
        gap_(static_cast<std::uint32_t>(config.integer("/gap", 3))),
        first_(static_cast<std::uint32_t>(config.integer("/first_slot", 2))),
        most_(static_cast<std::uint32_t>(config.integer("/most", 0))),
        floor_(config.number("/floor", 0.95)),
        is_share_(config.text("/floor_is", "share") == "share"),
        is_greedy_(config.text("/method", "exact") == "shadow_bid"),
        shadow_bid_(config.number("/shadow_bid", -1.0)),
        tolerance_(config.number("/tolerance", 0.01)),
        labels_(static_cast<std::uint32_t>(config.integer("/labels", 50'000))),
        beam_(static_cast<std::uint32_t>(config.integer("/beam", 64))),
        slates_(static_cast<std::uint32_t>(config.integer("/slates", 8))),
        exchange_(config.number("/exchange", 1.0)) {
    read_mode(config);
    for (std::uint64_t index = 0; index < config.count("/pattern"); ++index) {
      pattern_.push_back(name_index(config.text("/pattern/" + std::to_string(index), "")));
    }
    for (std::uint64_t index = 0; index < config.count("/channels"); ++index) {
      const std::string place = "/channels/" + std::to_string(index);
      shares_.push_back(
          {name_index(config.text(place + "/name", "")), config.number(place + "/share", 1.0)});
    }
    for (std::uint64_t index = 0; index < config.count("/gap_effect"); ++index) {
      effect_.push_back(std::exp(config.number("/gap_effect/" + std::to_string(index), 0.0)));
    }
    if (mode_ == Mode::Pattern && pattern_.empty()) {
      throw sdk::Failure("`/pattern` must name the channels slot by slot");
    }
    if (mode_ == Mode::Ratio && shares_.empty()) {
      throw sdk::Failure("`/channels` must name the channels and their shares");
    }
    if (first_ == 0 || beam_ == 0 || slates_ == 0 || labels_ == 0) {
      throw sdk::Failure("`/first_slot`, `/beam`, `/slates` and `/labels` must be at least 1");
    }
    if (!(tolerance_ >= 0.0 && tolerance_ < 1.0)) {
      throw sdk::Failure("`/tolerance` must be at least 0 and below 1");
    }
  }

  void activate(const sdk::Binder& binder) {
    channel_ = binder.required<sdk::Codes>(channel_name_);
    column_ = binder.required<sdk::Floats>(column_name_);
    if (mode_ == Mode::Templates || mode_ == Mode::Constrained) {
      revenue_ = binder.required<sdk::Floats>(revenue_name_);
    }
  }

  sdk::Status generate(const sdk::Call& call, sdk::Builder& builder) {
    const std::span<const double> value = sdk::relevance_of(call, column_, sdk::Scale::None).value;
    switch (mode_) {
      case Mode::Pattern:
      case Mode::Ratio:
        return share_out(call, builder, value);
      case Mode::Templates:
        return propose_templates(call, builder, value);
      case Mode::Constrained:
        return constrain(call, builder, value);
    }
    return LINEUP_E_INTERNAL;
  }

 private:
  struct Share {
    std::uint32_t name = kAnyChannel;
    double share = 1.0;
  };
  // What the two-channel modes work with.
  struct Two {
    Mix mix;
    std::span<const sdk::Row> inserted;  // in their order
    std::span<const sdk::Row> own;
    std::span<const double> revenue;  // [rows]
    std::span<const double> value;    // [rows]
    std::span<double> utility;        // [rows] what completes a page: own rows first
  };

  void read_mode(const sdk::Config& config) {
    const std::string mode = config.text("/mode", "constrained");
    mode_ = mode == "pattern"     ? Mode::Pattern
            : mode == "ratio"     ? Mode::Ratio
            : mode == "templates" ? Mode::Templates
                                  : Mode::Constrained;
  }
  std::uint32_t name_index(const std::string& name) {
    if (name.empty() || name == "*") return kAnyChannel;
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found != names_.end()) return static_cast<std::uint32_t>(found - names_.begin());
    names_.push_back(name);
    return static_cast<std::uint32_t>(names_.size() - 1);
  }

  // Candidates, best `value` first.
  static std::span<sdk::Row> by_value(const sdk::Call& call, std::span<const double> value) {
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
  [[nodiscard]] std::span<std::uint32_t> channels_of(const sdk::Call& call,
                                                     std::span<const std::string> names) const {
    const sdk::Codes column = call.rows(channel_);
    const std::span<std::uint32_t> out = call.filled<std::uint32_t>(call.row_count(), kAnyChannel);
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      if (!column.has(row)) continue;
      const auto text = column.dictionary()[column[row]];
      const auto found = std::find(names.begin(), names.end(), text);
      if (found != names.end()) out[row] = static_cast<std::uint32_t>(found - names.begin());
    }
    return out;
  }

  // Pattern and ratio: slot by slot the best row of the channel whose turn it is, or, when it has
  // none that may stand, the best of all.
  sdk::Status share_out(const sdk::Call& call, sdk::Builder& builder,
                        std::span<const double> value) const {
    const std::span<const std::uint32_t> channel = channels_of(call, names_);
    const std::span<const sdk::Row> order = by_value(call, value);
    const std::span<double> count = call.filled<double>(names_.size() + 1, 0.0);
    while (builder.placed().size() < call.slot_count() && call.spend(order.size())) {
      const auto slot = static_cast<std::uint32_t>(builder.placed().size());
      std::optional<sdk::Row> row;
      if (mode_ == Mode::Pattern) {
        const std::uint32_t wanted = pattern_[slot % pattern_.size()];
        row = first_permitted(builder, order, channel, wanted);
      } else {
        row = neediest(builder, order, channel, count, slot);
      }
      if (!row) row = builder.best_permitted(value);
      if (!row || !builder.place(*row).ok()) break;
      if (channel[*row] != kAnyChannel) count[channel[*row]] += 1.0;
    }
    return builder.emit(value);
  }
  // The best row of the channel that lags most behind its share; the first named among equals.
  [[nodiscard]] std::optional<sdk::Row> neediest(const sdk::Builder& builder,
                                                 std::span<const sdk::Row> order,
                                                 std::span<const std::uint32_t> channel,
                                                 std::span<const double> count,
                                                 std::uint32_t slot) const {
    double sum = 0.0;
    for (const Share& share : shares_) sum += share.share;
    std::optional<sdk::Row> best;
    double need = 0.0;
    for (const Share& share : shares_) {
      const double part = sum > 0.0 ? share.share / sum : 0.0;
      const double lag =
          part * (slot + 1.0) - (share.name == kAnyChannel ? 0.0 : count[share.name]);
      if (best && lag <= need) continue;
      const auto row = first_permitted(builder, order, channel, share.name);
      if (!row) continue;
      best = row;
      need = lag;
    }
    return best;
  }
  [[nodiscard]] static std::optional<sdk::Row> first_permitted(
      const sdk::Builder& builder, std::span<const sdk::Row> order,
      std::span<const std::uint32_t> channel, std::uint32_t wanted) {
    const std::span<const std::uint64_t> allowed = builder.allowed();
    if (allowed.empty()) return std::nullopt;
    for (const sdk::Row row : order) {
      if (wanted != kAnyChannel && channel[row] != wanted) continue;
      if (((allowed[row / 64] >> (row % 64)) & 1U) != 0 && builder.permits(row)) return row;
    }
    return std::nullopt;
  }

  // Both lists, in their order, and the problem over them.
  [[nodiscard]] Two two_channels(const sdk::Call& call, std::span<const double> value) const {
    Two two;
    two.value = value;
    const sdk::Floats revenue = call.rows(revenue_);
    const std::span<double> money = call.allocate<double>(call.row_count());
    two.utility = call.allocate<double>(call.row_count());
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      const double each = revenue.value_or(row, 0.0);
      money[row] = std::isfinite(each) ? each : 0.0;
    }
    two.revenue = money;
    const std::string* const name = &insert_;
    const std::span<const std::uint32_t> channel = channels_of(call, {name, 1});
    double most = 0.0;
    for (const double each : value) most = std::max(most, std::abs(each));
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      // Whoever completes the page takes inserted rows last.
      two.utility[row] = channel[row] == 0 ? value[row] - 4.0 * most - 1.0 : value[row];
    }
    split(call, channel, two);
    two.mix.discount = call.discounts();
    two.mix.effect = effect_;
    two.mix.slots = call.slot_count();
    two.mix.first = first_ - 1;
    two.mix.gap = gap_;
    std::uint32_t most_inserted = 0;
    for (std::uint32_t slot = first_ - 1; slot < two.mix.slots; slot += gap_ + 1) ++most_inserted;
    most_inserted = std::min(most_inserted, static_cast<std::uint32_t>(two.inserted.size()));
    two.mix.most = most_ == 0 ? most_inserted : std::min(most_, most_inserted);
    return two;
  }
  // Inserted rows by revenue, own rows by value, and what the problem reads of them.
  static void split(const sdk::Call& call, std::span<const std::uint32_t> channel, Two& two) {
    const std::span<sdk::Row> inserted = call.allocate<sdk::Row>(call.row_count());
    const std::span<sdk::Row> own = call.allocate<sdk::Row>(call.row_count());
    std::size_t inserted_count = 0, own_count = 0;
    for (const sdk::Row row : by_value(call, two.revenue)) {
      if (channel[row] == 0) inserted[inserted_count++] = row;
    }
    for (const sdk::Row row : by_value(call, two.value)) {
      if (channel[row] != 0) own[own_count++] = row;
    }
    two.inserted = inserted.first(inserted_count);
    two.own = own.first(own_count);
    const auto column = [&](std::span<const sdk::Row> rows, std::span<const double> from) {
      const std::span<double> out = call.allocate<double>(rows.size());
      for (std::size_t index = 0; index < rows.size(); ++index) out[index] = from[rows[index]];
      return std::span<const double>(out);
    };
    two.mix.revenue = column(two.inserted, two.revenue);
    two.mix.burden = column(two.inserted, two.value);
    two.mix.own = column(two.own, two.value);
  }

  // Places the template: each channel's next row that may stand. A slot for an inserted row that
  // none may take is an own row's; the other way round would break the gap.
  static void place(const sdk::Call& call, sdk::Builder& builder, const Two& two,
                    std::span<const std::uint8_t> page, std::span<std::uint8_t> taken) {
    std::fill(taken.begin(), taken.end(), std::uint8_t{0});
    if (!builder.rewind(0).ok()) return;
    for (const std::uint8_t inserts : page) {
      if (!call.spend(two.own.size() / 8 + 1)) return;
      std::optional<sdk::Row> row;
      if (inserts != 0) row = next_permitted(builder, two.inserted, taken);
      if (!row) row = next_permitted(builder, two.own, taken);
      if (!row || !builder.place(*row).ok()) return;
      taken[*row] = 1;
    }
  }
  static std::optional<sdk::Row> next_permitted(const sdk::Builder& builder,
                                                std::span<const sdk::Row> rows,
                                                std::span<const std::uint8_t> taken) {
    for (const sdk::Row row : rows) {
      if (taken[row] == 0 && builder.permits(row)) return row;
    }
    return std::nullopt;
  }

  // What a page is worth to both sides, whoever placed its rows.
  [[nodiscard]] Worth worth_of(const sdk::Call& call, const Two& two,
                               std::span<const sdk::Row> page) const {
    Worth total;
    std::uint32_t distance = 0;
    for (std::size_t slot = 0; slot < page.size(); ++slot) {
      const sdk::Row row = page[slot];
      const bool inserted =
          std::find(two.inserted.begin(), two.inserted.end(), row) != two.inserted.end();
      const double scale = call.discounts()[slot] * (inserted ? two.mix.theta(distance) : 1.0);
      total.user += scale * two.value[row];
      if (inserted) total.revenue += scale * two.revenue[row];
      distance = inserted ? 1 : two.mix.next_distance(distance);
    }
    return total;
  }

  sdk::Status constrain(const sdk::Call& call, sdk::Builder& builder,
                        std::span<const double> value) const {
    const Two two = two_channels(call, value);
    const std::span<std::uint8_t> page = call.filled<std::uint8_t>(two.mix.slots, 0);
    const std::span<std::uint8_t> taken = call.allocate<std::uint8_t>(call.row_count());
    const double floor =
        is_share_ ? share_of(channel_mix::worth_of(two.mix, page).user, floor_) : floor_;
    double wanted = floor;
    for (int plan = 0; plan < kPlansMax; ++plan) {
      channel_mix::Constrained search(call, two.mix, {wanted, tolerance_, labels_});
      const channel_mix::Answer answer =
          shadow_bid_ >= 0.0 ? search.at(shadow_bid_, page) : search.solve(is_greedy_, page);
      place(call, builder, two, page, taken);
      const double missing = floor - worth_of(call, two, builder.placed()).user;
      const bool is_short = builder.placed().size() < page.size();
      if (shadow_bid_ >= 0.0 || !answer.keeps_floor || is_short) break;
      if (missing <= channel_mix::kSlack) return builder.emit(two.utility);
      wanted += missing;
      if (plan + 2 < kPlansMax) continue;
      // Rules leave no page with inserted rows that keeps the value.
      std::fill(page.begin(), page.end(), std::uint8_t{0});
      place(call, builder, two, page, taken);
      break;
    }
    return builder.emit(two.utility);
  }
  // A share of a value that may lie below zero: less of it is always less.
  static double share_of(double value, double share) {
    return value - (1.0 - share) * std::abs(value);
  }

  // A template in the making.
  struct Draft {
    double value = 0.0;
    std::uint32_t count = 0;
    std::uint32_t distance = 0;
    std::uint32_t parent = 0;
    std::uint8_t inserts = 0;
  };

  // The most valuable templates by a beam over slots, each built and proposed.
  sdk::Status propose_templates(const sdk::Call& call, sdk::Builder& builder,
                                std::span<const double> value) const {
    const Two two = two_channels(call, value);
    const Mix& mix = two.mix;
    const std::span<Draft> drafts = call.allocate<Draft>(std::size_t{mix.slots + 1} * 2 * beam_);
    drafts[0] = {};
    std::uint32_t begin = 0, end = 1;
    const std::span<std::uint8_t> bits = call.allocate<std::uint8_t>(mix.slots);
    for (std::uint32_t slot = 0; slot < mix.slots; ++slot) {
      const std::uint32_t next = end;
      for (std::uint32_t index = begin; index < next; ++index) {
        const Draft& draft = drafts[index];
        if (mix.may_insert(slot, draft.count, draft.distance)) {
          const Worth each = mix.insert_worth(slot, draft.count, draft.distance);
          drafts[end++] = {draft.value + each.revenue + exchange_ * each.user, draft.count + 1, 1,
                           index, 1};
          if (!mix.may_own(slot, draft.count)) continue;
        }
        const double own = mix.may_own(slot, draft.count) ? mix.own_worth(slot, draft.count) : 0.0;
        drafts[end++] = {draft.value + exchange_ * own, draft.count,
                         mix.next_distance(draft.distance), index, 0};
      }
      const std::span<Draft> grown = drafts.subspan(next, end - next);
      // In a total order, the one they were made in; stable_sort takes memory from the heap.
      std::sort(grown.begin(), grown.end(), [](const Draft& left, const Draft& right) {
        if (left.value != right.value) return left.value > right.value;
        if (left.parent != right.parent) return left.parent < right.parent;
        return left.inserts > right.inserts;
      });
      begin = next;
      end = next + std::min<std::uint32_t>(static_cast<std::uint32_t>(grown.size()), beam_);
      if (!call.spend(grown.size())) return builder.emit(two.utility);
    }
    const std::span<std::uint8_t> taken = call.allocate<std::uint8_t>(call.row_count());
    const std::uint32_t proposed = std::min(end - begin, slates_);
    for (std::uint32_t index = 0; index < proposed; ++index) {
      std::uint32_t at = begin + index;
      for (std::uint32_t slot = mix.slots; slot-- > 0; at = drafts[at].parent) {
        bits[slot] = drafts[at].inserts;
      }
      place(call, builder, two, bits, taken);
      const sdk::Status status = builder.emit(two.utility);
      // The policy's limit of slates: what was emitted so far are the best ones.
      if (!status.ok()) return index == 0 ? status : sdk::Status();
    }
    return LINEUP_OK;
  }

  std::string channel_name_;
  std::string column_name_;
  std::string revenue_name_;
  std::string insert_;
  Mode mode_ = Mode::Constrained;
  std::vector<std::string> names_;
  std::vector<std::uint32_t> pattern_;
  std::vector<Share> shares_;
  std::vector<double> effect_;
  std::uint32_t gap_;
  std::uint32_t first_;
  std::uint32_t most_;
  double floor_;
  bool is_share_;
  bool is_greedy_;
  double shadow_bid_;
  double tolerance_;
  std::uint32_t labels_;
  std::uint32_t beam_;
  std::uint32_t slates_;
  double exchange_;
  sdk::Bound<sdk::Codes> channel_;
  sdk::Bound<sdk::Floats> column_;
  sdk::Bound<sdk::Floats> revenue_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "channel_mix",
  "version": "1.0.0",
  "about": "How several channels share a page: by pattern, by share, or for the most revenue that users' value allows.",
  "types": [{
    "name": "channel_mix",
    "kind": "generator",
    "about": "Mixes channels by a fixed pattern, by ratio, by a beam over templates, or for the most revenue with user value at least a floor.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["channel", "column", "revenue"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "mode": {"type": "string", "enum": ["constrained", "templates", "pattern", "ratio"], "default": "constrained",
          "description": "What decides whose turn it is."},
        "channel": {"type": "string", "minLength": 1, "default": "type",
          "description": "The category column that names a row's channel."},
        "column": {"type": "string", "minLength": 1, "default": "score",
          "description": "The float column of user value; it orders each channel, except inserted rows."},
        "pattern": {"type": "array", "items": {"type": "string"},
          "description": "`pattern`: the channel of each slot, from the first on, repeated; `*` is any."},
        "channels": {"type": "array",
          "description": "`ratio`: the channels and their shares of the page.",
          "items": {"type": "object", "additionalProperties": false, "required": ["name"],
            "properties": {
              "name": {"type": "string", "minLength": 1},
              "share": {"type": "number", "minimum": 0, "default": 1}}}},
        "insert": {"type": "string", "minLength": 1, "default": "ad",
          "description": "The channel that is inserted among the others."},
        "revenue": {"type": "string", "minLength": 1, "default": "revenue",
          "description": "The float column of what an inserted row earns; it orders them."},
        "gap": {"type": "integer", "minimum": 0, "default": 3,
          "description": "Other rows at least between two inserted ones."},
        "first_slot": {"type": "integer", "minimum": 1, "default": 2,
          "description": "The first slot that an inserted row may take."},
        "most": {"type": "integer", "minimum": 0, "default": 0,
          "description": "Inserted rows at most; 0: as many as gap and page allow."},
        "gap_effect": {"type": "array", "items": {"type": "number"},
          "description": "What an inserted row loses when the last one was 1, 2, ... slots before: the logarithm of the factor."},
        "floor": {"type": "number", "default": 0.95,
          "description": "`constrained`: the user value that the page must keep."},
        "floor_is": {"type": "string", "enum": ["share", "value"], "default": "share",
          "description": "Whether `floor` is a share of the value of the page without inserted rows, or a value."},
        "method": {"type": "string", "enum": ["exact", "shadow_bid"], "default": "exact",
          "description": "`exact`: within `tolerance` of the most revenue, proven; `shadow_bid`: one pass down the page per price."},
        "shadow_bid": {"type": "number", "default": -1,
          "description": "A fixed price of user value instead of the one that just keeps the floor; below 0: none."},
        "tolerance": {"type": "number", "minimum": 0, "exclusiveMaximum": 1, "default": 0.01,
          "description": "Share of the revenue that `exact` may leave; 0: none."},
        "labels": {"type": "integer", "minimum": 1, "maximum": 1000000, "default": 50000,
          "description": "Partial pages that `exact` keeps at most."},
        "beam": {"type": "integer", "minimum": 1, "maximum": 4096, "default": 64,
          "description": "`templates`: drafts kept per slot."},
        "slates": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 8,
          "description": "`templates`: pages proposed."},
        "exchange": {"type": "number", "default": 1,
          "description": "`templates`: revenue that one unit of user value is worth."}
      }
    }
  }]
})");

LINEUP_PLUGIN("1.0.0", ChannelMix)
