// SPDX-License-Identifier: Apache-2.0
//
// The best row for the next slot under soft windows. What a row costs there is decided by its
// values alone: by how long ago each of them stood on the page last. So rows are looked at value by
// value, the cheapest value of the heaviest rule first, and the look ends once no other value can
// be better; rows are never gone through for nothing, however often the rules have to be broken.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "constraint/search_ranking.hpp"
#include "constraint/state.hpp"

namespace lineup {

class SoftWalk {
 public:
  // Whether there are soft rules and all of them are such windows.
  [[nodiscard]] static bool suits(const State& state);
  // REQUIRES: suits(state), and the page is filled up to some slot and open from there on. Borrows
  // all.
  SoftWalk(const State& state, const Ranking& ranking, Arena& arena);
  SoftWalk(const SoftWalk&) = delete;
  SoftWalk& operator=(const SoftWalk&) = delete;

  // `row` was placed on the first slot that was open.
  void take(std::uint32_t row);
  // The row of the largest utility times discount less penalty among those that break no hard rule
  // there, the first by rank of equals; or kNoRow. Adds the rows looked at to `work`.
  [[nodiscard]] std::uint32_t best(std::uint32_t slot, std::uint64_t& work);

 private:
  static constexpr std::int32_t kNever = -1;

  struct Choice {
    std::uint32_t rank = kNoRow;
    double score = 0.0;
  };

  void list_rows(Arena& arena);
  void note(std::uint32_t group);
  void weigh(std::uint32_t slot);
  void advance(std::uint32_t list);
  [[nodiscard]] std::uint32_t list_of(std::uint32_t row) const;
  void look(std::uint32_t slot, std::uint32_t list, double floor, Choice& choice,
            std::uint64_t& work);

  const State& state_;
  const Ranking& ranking_;
  const Tracker* heaviest_ = nullptr;
  std::uint32_t groups_ = 0;         // of the heaviest rule
  std::span<std::int32_t> since_;    // [groups] where the row stands that has to leave a run before
                                     // the group is no longer full, or kNever
  std::span<std::uint32_t> heads_;   // [groups + 2] where a group's ranks begin; the last list is
                                     // that of the rows that the rule does not count
  std::span<std::uint32_t> firsts_;  // [groups + 1] the first that is unused
  std::span<double> tops_;           // [groups + 1] its utility; -infinity when there is none
  std::span<std::uint32_t> ranks_;
  std::span<double> hopes_;  // [groups + 1] what the best row of each list may come to
};

}  // namespace lineup
