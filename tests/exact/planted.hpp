// SPDX-License-Identifier: Apache-2.0
//
// Rules around a page that was drawn first: the page just keeps them, so one exists.
#pragma once

#include <cstdint>

#include "constraint/brute_instance.hpp"

namespace lineup::exact {

// Rows as of a feed: skewed categories, authors, types, tags; the best utility first.
struct Feed {
  Feed(brute::Instance& instance, brute::Random& random);

  std::vector<std::uint32_t> category;       // 0 .. 39
  std::vector<std::uint32_t> author;         // 0 .. authors - 1
  std::vector<std::uint32_t> type;           // 0 .. 2
  std::vector<std::uint32_t> category_type;  // 0 .. 119
  std::vector<std::vector<std::uint32_t>> tags;
  std::vector<bool> is_new;
  std::vector<bool> is_ad;
  std::uint32_t authors = 0;
};

// Fills the instance's utilities and adds `rules` rules, each as tight as a drawn page allows;
// quotas are `loose` rows wider.
void plant(brute::Instance& instance, brute::Random& random, std::uint32_t rules,
           std::uint32_t loose);

}  // namespace lineup::exact
