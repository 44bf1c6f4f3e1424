// SPDX-License-Identifier: Apache-2.0
//
// What has to be counted of a log so that click models can be fitted without it. Counts of parts of
// a log, made anywhere, add up to those of the whole.
//
// Items are kept by the smallest hash: an item that is among the kept ones in the end was among
// them from its first row on, so its counts are whole, whatever the order of the log. The others
// are counted together.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace lineup::cli {

// LIMIT: slots that are told apart; later ones are counted as the last.
inline constexpr std::uint32_t kModelSlots = 64;
// LIMIT: items that are told apart.
inline constexpr std::size_t kModelItems = 500'000;

// One item at one slot.
struct SlotCounts {
  std::uint32_t slot = 0;
  std::uint64_t shown = 0;
  std::uint64_t clicked = 0;
  std::uint64_t until_click = 0;  // shown with no click above it: certainly looked at
  std::uint64_t first_click = 0;  // of these, clicked
};

class ClickCounts {
 public:
  explicit ClickCounts(std::size_t items_max = kModelItems) : items_max_(items_max) {}

  struct Shown {
    std::string_view item;
    std::uint32_t slot = 0;  // 0-based, increasing
    bool is_clicked = false;
  };
  // One page as it was shown. Slots that are not among `shown` are taken as not recorded.
  void add(std::span<const Shown> shown);
  void merge(const ClickCounts& other);

  using Item = std::vector<SlotCounts>;         // by increasing slot
  using Items = std::map<std::uint64_t, Item>;  // by hash of the id
  [[nodiscard]] const Items& items() const { return items_; }
  [[nodiscard]] const Item& others() const { return others_; }
  [[nodiscard]] std::uint64_t pages() const { return pages_; }
  // Clicks at `slot` on pages of `length` slots, and how many of them were the page's last.
  struct Ends {
    std::uint64_t clicks = 0;
    std::uint64_t last = 0;
  };
  using EndsAt = std::map<std::pair<std::uint32_t, std::uint32_t>, Ends>;  // slot, length
  [[nodiscard]] const EndsAt& ends() const { return ends_; }

  // One line of JSON, and back. Errors: model/json.
  [[nodiscard]] std::string json() const;
  [[nodiscard]] static Result<ClickCounts> read(std::string_view line);

  [[nodiscard]] static std::uint64_t key_of(std::string_view item);

 private:
  Item* item_of(std::uint64_t key);
  void shrink();

  std::size_t items_max_;
  Items items_;
  Item others_;
  EndsAt ends_;
  std::uint64_t pages_ = 0;
};

}  // namespace lineup::cli
