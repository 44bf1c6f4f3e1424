// SPDX-License-Identifier: Apache-2.0
//
// Problems that own their memory, and random ones of every kind, each decided by its seed.
#pragma once

#include <cstdint>
#include <deque>
#include <random>
#include <vector>

#include "base/arena.hpp"
#include "constraint/problem.hpp"

namespace lineup::brute {

// A problem and everything it points to. Not copied: the problem borrows from the members.
class Instance {
 public:
  Instance(std::uint32_t rows, std::uint32_t slots);
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  // Adds to the constraints; what they point to comes from the functions below.
  Constraint& add(Kind kind, Tier tier, std::uint16_t level = 0);
  // Ready to be solved: levels and uses are counted, spans are set.
  [[nodiscard]] const Problem& problem();

  const Word* mask(const std::vector<bool>& bits);
  const std::uint32_t* numbers(std::vector<std::uint32_t> values);
  const std::uint8_t* flags(std::vector<std::uint8_t> values);
  const Sums* sums(const Sums& sums, std::vector<std::int64_t> amounts);
  Closeness* closeness(std::vector<float> vectors, std::vector<float> past, std::uint32_t dimension,
                       double max_cosine);
  Groups single(std::vector<std::uint32_t> group_of, std::uint32_t count);
  Groups several(const std::vector<std::vector<std::uint32_t>>& groups_of, std::uint32_t count);

  std::vector<double> utility;
  std::vector<double> discount;  // 1 / log2(slot + 2) unless changed
  std::vector<bool> candidates;  // all unless changed

 private:
  Problem problem_;
  std::vector<Constraint> constraints_;
  std::deque<std::vector<Word>> words_;
  std::deque<std::vector<std::uint32_t>> numbers_;
  std::deque<std::vector<std::uint8_t>> flags_;
  std::deque<std::vector<std::int64_t>> amounts_;
  std::deque<std::vector<float>> vectors_;
  std::deque<Sums> sums_;
  std::deque<Closeness> closenesses_;
  Arena arena_;
};

using Random = std::mt19937_64;

// A number in [0, end).
inline std::uint32_t below(Random& random, std::uint32_t end) {
  return static_cast<std::uint32_t>(random() % end);
}

// What random_constraints() may draw from.
struct Menu {
  std::uint32_t constraints = 4;
  bool is_joint =
      false;  // pins, scatter, quotas, spacing, caps as policies have them; else anything
  bool has_required = false;  // some constraints may be required
  bool has_soft = false;
  bool has_past = false;
  bool has_pairs_and_sums = false;  // adjacent, order, similar, budget, mix, sets, grids as well
};

// Fills utilities and adds constraints.
void fill_randomly(Instance& instance, Random& random, const Menu& menu);

}  // namespace lineup::brute
