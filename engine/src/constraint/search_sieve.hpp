// SPDX-License-Identifier: Apache-2.0
//
// Which rows a slot takes without a hard rule being broken, for all rows at once. A rule cannot
// tell the rows of one group apart, so it is asked once per group that stands within its reach, and
// the rows of the groups that it refuses are one mask. Under many rules, or when few rows are let
// through, that is far cheaper than asking every rule about every row.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "base/bits.hpp"
#include "constraint/search_ranking.hpp"
#include "constraint/state.hpp"

namespace lineup {

class Sieve {
 public:
  // Borrows all. The page may hold rows already.
  Sieve(const State& state, const Ranking& ranking, Arena& arena);
  Sieve(const Sieve&) = delete;
  Sieve& operator=(const Sieve&) = delete;

  // The page was begun anew.
  void start();
  // `row` was placed or taken out.
  void changed(std::uint32_t row);

  // Asks the rules about an open slot. What follows speaks of that slot, until the page changes.
  void look(std::uint32_t slot);
  // Ranks that break something there: all that masks can tell.
  [[nodiscard]] std::span<const Word> shut() const { return shut_; }
  // The first unused rank from `rank` on that is not shut; the ranking's size when there is none.
  [[nodiscard]] std::uint32_t next_let_in(std::uint32_t rank) const;
  // Whether `row` also keeps the rules that tell single rows apart. REQUIRES: it is not used.
  [[nodiscard]] bool passes(std::uint32_t row) const;
  // The first unused rank from `rank` on that breaks nothing; the ranking's size when there is
  // none.
  [[nodiscard]] std::uint32_t next(std::uint32_t rank) const;

  // Ranks that the hard tracker of this index refuses there; empty when it refuses none, or tells
  // single rows apart.
  [[nodiscard]] std::span<const Word> refused_by(std::size_t tracker) const {
    const Filter& filter = filters_[tracker];
    return filter.is_shut ? std::span<const Word>(filter.shut, words_) : std::span<const Word>();
  }
  [[nodiscard]] std::size_t size() const { return filters_.size(); }
  // Rows that were asked one by one so far.
  [[nodiscard]] std::uint64_t effort() const { return effort_; }

 private:
  // How a rule is asked.
  enum class Way : std::uint8_t {
    Parts,     // a few kinds of rows: those that match, those that do not
    Reach,     // groups that stand near the slot
    Counts,    // groups that are full, wherever the slot is
    Pins,      // the pinned rows, and all others
    Plan,      // the group that the slot is meant for
    RowByRow,  // masks cannot tell
  };
  struct Part {
    const Word* rows = nullptr;
    std::uint32_t one = kNoRow;  // stands for all of them
  };
  static constexpr std::size_t kPartsMax = 4;

  struct Filter {
    const Tracker* tracker = nullptr;
    Way way = Way::RowByRow;
    bool is_shut = false;
    Word* shut = nullptr;         // [words] valid when is_shut
    const Word* lanes = nullptr;  // [groups][words] the rows of every group
    std::uint32_t lane_count = 0;
    Part parts[kPartsMax];
    std::uint32_t part_count = 0;
    Word* full = nullptr;             // Counts: [words] the rows of full groups
    std::uint8_t* is_full = nullptr;  // Counts: [lane_count]
  };
  struct Lanes {
    const Word* where = nullptr;
    Groups groups;
    const Word* rows = nullptr;
  };

  void set_up(Filter& filter, Arena& arena);
  void set_parts(Filter& filter, Arena& arena);
  void add_part(Filter& filter, const Word* rows);
  void set_pins(Filter& filter, Arena& arena);
  [[nodiscard]] bool set_lanes(Filter& filter, Arena& arena);
  [[nodiscard]] const Word* mask_of(const Word* where, Arena& arena);
  [[nodiscard]] Way way_of(const Tracker& tracker) const;

  void ask(Filter& filter, std::uint32_t slot);
  void ask_window(Filter& filter, std::uint32_t slot);
  void ask_spacing(Filter& filter, std::uint32_t slot);
  void ask_pins(Filter& filter, std::uint32_t slot);
  void count(Filter& filter, std::uint32_t group);
  void shut(Filter& filter, const Word* rows);

  const State& state_;
  const Ranking& ranking_;
  const std::size_t words_;
  const bool is_plain_;  // ranks are row numbers
  std::span<Filter> filters_;
  std::span<Lanes> lanes_;  // made so far: rules share columns
  std::size_t lane_count_ = 0;
  std::span<Filter*> row_by_row_;
  std::span<Word> all_;
  std::span<Word> shut_;
  std::uint32_t slot_ = 0;
  mutable std::uint64_t effort_ = 0;
};

}  // namespace lineup
