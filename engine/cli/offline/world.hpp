// SPDX-License-Identifier: Apache-2.0
//
// A made-up service: items that come and go, users with tastes, and how they act on a page. All of
// it follows from a seed, and two worlds with the same seed differ only by the pages shown: a user
// has the same luck at the same session, page and slot of both.
//
// The planted list effect: every item of the same category among the last kMemory that the user saw
// takes a share of 1 - exp(-tire) of the click probability, and one that stood there twice makes
// leaving likelier. With tire 0 the order of categories changes nothing.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "cli/offline/random.hpp"

namespace lineup::cli {

inline constexpr std::uint32_t kCategories = 12;
inline constexpr std::size_t kMemory = 8;    // items that a user tires of
inline constexpr double kNewSessions = 2.0;  // so long an item is new

struct WorldItem {
  std::uint32_t id = 0;
  std::uint32_t category = 0;
  std::uint32_t author = 0;
  bool is_ad = false;
  double born = 0.0;     // in sessions since the start; 0: was there before
  double quality = 0.0;  // log-odds of a click without taste
  double bid = 0.0;      // what a click on an ad pays
};

struct WorldOptions {
  std::uint64_t seed = 1;
  std::uint32_t users = 0, items = 0, sessions = 0;
  double tire = 0.0;
};

// What a user did on a page.
struct Visit {
  std::uint32_t seen = 0;              // slots
  std::vector<std::uint32_t> clicked;  // slots
  bool has_left = false;
};

class World {
 public:
  explicit World(const WorldOptions& options);

  [[nodiscard]] const WorldItem& item(std::uint32_t id) const { return items_[id]; }
  [[nodiscard]] std::size_t item_count() const { return items_.size(); }
  // When a user's session is, in sessions since the start: one after the other.
  [[nodiscard]] double time_of(std::uint32_t user, std::uint32_t session) const {
    return session + static_cast<double>(user) / options_.users;
  }
  // Items that a session of a user may show: drawn from those that are there by then.
  [[nodiscard]] std::vector<std::uint32_t> candidates(std::uint32_t user, std::uint32_t session,
                                                      std::uint32_t count) const;
  // How well a ranker that knows the user's taste roughly thinks the item fits, in log-odds.
  [[nodiscard]] double taste_guess(std::uint32_t user, std::uint32_t item) const;

  // That the user clicks the item after having seen `seen`, the newest last.
  [[nodiscard]] double click_probability(std::uint32_t user, std::uint32_t item,
                                         std::span<const std::uint32_t> seen) const;
  // Expected clicks on a page, exactly.
  [[nodiscard]] double expected_clicks(std::uint32_t user, std::span<const std::uint32_t> page,
                                       std::vector<std::uint32_t> seen) const;
  // One visit to a page; what was looked at is added to `seen`.
  [[nodiscard]] Visit visit(std::uint32_t user, std::uint32_t session, std::uint32_t number,
                            std::span<const std::uint32_t> page,
                            std::vector<std::uint32_t>& seen) const;

 private:
  [[nodiscard]] double leave_probability(std::uint32_t item, bool is_clicked,
                                         std::span<const std::uint32_t> seen) const;
  [[nodiscard]] std::uint32_t repeats(std::uint32_t item,
                                      std::span<const std::uint32_t> seen) const;

  WorldOptions options_;
  std::uint32_t arrivals_;        // items of a session; a tenth of the catalogue
  std::vector<WorldItem> items_;  // by birth
  std::vector<double> tastes_;    // [users * categories]
};

}  // namespace lineup::cli
