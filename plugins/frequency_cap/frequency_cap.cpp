// SPDX-License-Identifier: Apache-2.0
//
// The constraint `frequency_cap`: nobody sees an item, or rows of one author, more than `max`
// times. What was seen is counted in the history that the request carries, and in a column that a
// host may fill with the user's earlier exposures.
//
// Once per request every candidate gets its key (the item itself, or the code of the category) and
// its room: how often it may still be shown. Placing is then a question of how many rows of the
// same key stand on the page; pages are short, so they are counted when asked, and no state is
// kept.
#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

constexpr std::uint32_t kNoKey = sdk::Codes::kNone;

// What all pages of one request share.
struct Prepared {
  std::span<const std::uint32_t> key;   // [row_count] rows of equal keys count together
  std::span<const std::uint32_t> room;  // [row_count] how many more of its key may be shown
  std::span<const std::uint32_t>
      most;                    // [keys] most rows of a key that can stand without violation
  std::uint64_t capacity = 0;  // most rows of all keys, and of none
};

// Occurrences of values in a sorted list.
template <typename T>
std::uint32_t occurrences(std::span<const T> sorted, const T& value) {
  const auto range = std::equal_range(sorted.begin(), sorted.end(), value);
  return static_cast<std::uint32_t>(range.second - range.first);
}

class FrequencyCap : public sdk::Constraint {
 public:
  static constexpr const char* kName = "frequency_cap";
  static constexpr const char* kId = "dev.lineup.frequency_cap/1";

  explicit FrequencyCap(const sdk::Config& config)
      : by_(config.text("/by", "id")),
        counter_name_(config.text("/counter", "")),
        max_(static_cast<std::uint32_t>(config.integer("/max", 1))),
        history_(static_cast<std::uint32_t>(config.integer("/history", 200))) {}

  void activate(const sdk::Binder& binder) {
    if (by_ != "id") category_ = binder.required<sdk::Codes>(by_);
    if (!counter_name_.empty()) counter_ = binder.required<sdk::Integers>(counter_name_);
  }

  void* prepare(const sdk::Call& call) {
    const std::span<std::uint32_t> key = call.allocate<std::uint32_t>(call.row_count());
    const std::span<std::uint32_t> seen = call.filled<std::uint32_t>(call.row_count(), 0);
    const std::uint32_t key_count =
        by_ == "id" ? count_items(call, key, seen) : count_categories(call, key, seen);

    const sdk::Integers counter = counter_name_.empty() ? sdk::Integers() : call.rows(counter_);
    const std::span<std::uint32_t> room = call.allocate<std::uint32_t>(call.row_count());
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      const std::uint64_t before = seen[row] + static_cast<std::uint64_t>(std::max<std::int64_t>(
                                                   counter.value_or(row, 0), 0));
      room[row] = before >= max_ ? 0 : max_ - static_cast<std::uint32_t>(before);
    }
    const std::span<Prepared> prepared = call.allocate<Prepared>(1);
    prepared[0] = with_capacity(call, key, room, key_count);
    return prepared.data();
  }

  sdk::Judgement judge(const sdk::Call&, const sdk::Page& page, sdk::Row row) {
    const Prepared& prepared = page.prepared<Prepared>();
    const std::uint32_t key = prepared.key[row];
    if (key == kNoKey) return {};
    std::uint32_t shown = 0;
    for (const sdk::Row placed : page.rows()) shown += prepared.key[placed] == key ? 1U : 0U;
    return {shown >= prepared.room[row] ? 1U : 0U, 0.0};
  }

  // Rows that can still be placed without violation are those of the request, less those placed;
  // every slot beyond them breaks the cap.
  std::uint32_t violations_at_least(const sdk::Call&, const sdk::Page& page,
                                    std::uint32_t slots_left) {
    const Prepared& prepared = page.prepared<Prepared>();
    std::uint64_t capacity = prepared.capacity;
    const std::span<const sdk::Row> rows = page.rows();
    for (std::size_t slot = 0; slot < rows.size(); ++slot) {
      const std::uint32_t key = prepared.key[rows[slot]];
      std::uint32_t before = 0;
      for (std::size_t other = 0; other < slot; ++other) {
        before += prepared.key[rows[other]] == key ? 1U : 0U;
      }
      if (key == kNoKey || before < prepared.most[key]) --capacity;
    }
    return slots_left > capacity ? static_cast<std::uint32_t>(slots_left - capacity) : 0;
  }

 private:
  // The last rows of the history, as many as count.
  [[nodiscard]] std::uint32_t first_history_row(const sdk::Call& call) const {
    return call.history_count() - std::min(history_, call.history_count());
  }

  // Every row is its own key. Returns the number of keys.
  std::uint32_t count_items(const sdk::Call& call, std::span<std::uint32_t> key,
                            std::span<std::uint32_t> seen) const {
    for (sdk::Row row = 0; row < call.row_count(); ++row) key[row] = row;
    const sdk::Ids ids = call.ids();
    const sdk::Ids shown = call.history_ids();
    if (!ids.present() || !shown.present() || ids.numeric() != shown.numeric()) {
      return call.row_count();
    }
    if (ids.numeric()) {
      count_in_history<std::int64_t>(
          call, [&](sdk::Row row) { return shown.number(row); },
          [&](sdk::Row row) { return ids.number(row); }, seen);
    } else {
      count_in_history<std::string_view>(
          call, [&](sdk::Row row) { return shown.text(row); },
          [&](sdk::Row row) { return ids.text(row); }, seen);
    }
    return call.row_count();
  }

  template <typename T, typename OfHistory, typename OfRows>
  void count_in_history(const sdk::Call& call, OfHistory of_history, OfRows of_rows,
                        std::span<std::uint32_t> seen) const {
    const sdk::Row first = first_history_row(call);
    const std::span<T> sorted = call.allocate<T>(call.history_count() - first);
    for (sdk::Row row = first; row < call.history_count(); ++row) {
      sorted[row - first] = of_history(row);
    }
    std::sort(sorted.begin(), sorted.end());
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      seen[row] = occurrences<T>(sorted, of_rows(row));
    }
  }

  // The key is the code. Returns the number of keys.
  std::uint32_t count_categories(const sdk::Call& call, std::span<std::uint32_t> key,
                                 std::span<std::uint32_t> seen) const {
    const sdk::Codes rows = call.rows(category_);
    const sdk::Codes history = call.history(category_);
    std::uint32_t key_count = 0;
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      key[row] = rows[row];
      if (key[row] != kNoKey) key_count = std::max(key_count, key[row] + 1);
    }
    const std::span<std::uint32_t> shown = call.filled<std::uint32_t>(key_count, 0);
    for (sdk::Row row = first_history_row(call); row < call.history_count(); ++row) {
      if (const std::uint32_t code = history[row]; code < key_count) ++shown[code];
    }
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      if (key[row] != kNoKey) seen[row] = shown[key[row]];
    }
    return key_count;
  }

  // How many rows can be shown without violation: per key its room (the largest among its rows),
  // but no more than it has rows. An upper bound, as violations_at_least() needs.
  static Prepared with_capacity(const sdk::Call& call, std::span<const std::uint32_t> key,
                                std::span<const std::uint32_t> room, std::uint32_t key_count) {
    const std::span<std::uint32_t> rows = call.filled<std::uint32_t>(key_count, 0);
    const std::span<std::uint32_t> most = call.filled<std::uint32_t>(key_count, 0);
    Prepared prepared{key, room, most, 0};
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      if (!call.is_candidate(row)) continue;
      if (key[row] == kNoKey) {
        ++prepared.capacity;
      } else {
        ++rows[key[row]];
        most[key[row]] = std::max(most[key[row]], room[row]);
      }
    }
    for (std::uint32_t each = 0; each < key_count; ++each) {
      most[each] = std::min(most[each], rows[each]);
      prepared.capacity += most[each];
    }
    return prepared;
  }

  std::string by_;
  std::string counter_name_;
  std::uint32_t max_;
  std::uint32_t history_;
  sdk::Bound<sdk::Codes> category_;
  sdk::Bound<sdk::Integers> counter_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "frequency_cap",
  "version": "1.0.0",
  "about": "Limits how often a user is shown an item, or rows of one author.",
  "types": [{
    "name": "frequency_cap",
    "kind": "constraint",
    "about": "At most `max` exposures per item or category, counted over the history, a counter column and the page.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["by", "counter"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "by": {"type": "string", "minLength": 1, "default": "id",
          "description": "What is counted: `id` for the item itself, or a category column such as `author`. A missing value is never capped."},
        "max": {"type": "integer", "minimum": 1, "maximum": 1000000, "default": 1,
          "description": "Most exposures, those on this page included."},
        "history": {"type": "integer", "minimum": 0, "maximum": 1000000, "default": 200,
          "description": "How many of the last rows of the history count."},
        "counter": {"type": "string", "default": "",
          "description": "An integer column with the user's exposures that the history does not hold."}
      }
    }
  }]
})");

LINEUP_PLUGIN("1.0.0", FrequencyCap)
