// SPDX-License-Identifier: Apache-2.0
//
// Two models of how people look at a page, fitted from counts.
//
// Position-based: a slot is looked at with a probability of its own, an item that is looked at is
// clicked with one of its own. Fitted by expectation and maximisation over (item, slot); slot 1
// counts as always looked at, since only products can be known.
//
// Dependent click: people look from the top; who does not click looks on, who clicks at slot k
// leaves with probability leaves[k]. Everything up to the first click was looked at, which gives
// the items' probabilities without bias; the share of clicks after which none came is what leaving
// and not clicking what was left make together, from which leaving follows. For the latter the
// slots' items are taken as independent of each other.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cli/offline/click_counts.hpp"

namespace lineup::cli {

// Attraction of an item as a model has it: its own clicks, drawn towards the mean of all items as
// if it had been looked at `kPriorLooks` times more.
inline constexpr double kPriorLooks = 10.0;

struct ClickModels {
  std::uint64_t pages = 0;  // that they were fitted from; 0: there are none

  struct Attraction {
    double position_based = 0.0;
    double dependent = 0.0;
  };
  std::unordered_map<std::uint64_t, Attraction> items;  // by ClickCounts::key_of
  Attraction unknown;                                   // of items without counts
  std::vector<double> looks;   // [slots] position-based: that a slot is looked at
  std::vector<double> leaves;  // [slots] dependent: that a click at the slot is the end
  int rounds = 0;              // of expectation and maximisation

  [[nodiscard]] const Attraction& of(std::string_view item) const;
  // Slots past those fitted are as the last one.
  [[nodiscard]] double look(std::size_t slot) const;
  [[nodiscard]] double leave(std::size_t slot) const;
};

[[nodiscard]] ClickModels fit(const ClickCounts& counts, double prior_looks = kPriorLooks);

struct Expected {
  double clicks = 0.0;
  double views = 0.0;  // slots that are looked at
};
// Of items in slot order, by their attraction in that model.
[[nodiscard]] Expected expect_position_based(const ClickModels& models,
                                             std::span<const double> attractions);
[[nodiscard]] Expected expect_dependent(const ClickModels& models,
                                        std::span<const double> attractions);

}  // namespace lineup::cli
