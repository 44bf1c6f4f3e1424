// SPDX-License-Identifier: Apache-2.0
//
// The opaque constraints along one page: their state after every row, and what they made of it.
// They see a page only from its first slot on, so they are asked in slot order.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "constraint/problem.hpp"

namespace lineup {

class OpaqueTrail {
 public:
  OpaqueTrail(const Problem& problem, Arena& arena);
  OpaqueTrail(const OpaqueTrail&) = delete;
  OpaqueTrail& operator=(const OpaqueTrail&) = delete;

  [[nodiscard]] bool is_empty() const { return codes_.empty(); }
  [[nodiscard]] std::uint64_t calls() const { return calls_; }
  // Whether some penalty is unknown before it is asked: an opaque soft constraint takes part.
  [[nodiscard]] bool has_scores() const { return has_scores_; }
  // Whether one takes part that gave no bounds.
  [[nodiscard]] bool is_unbounded() const { return is_unbounded_; }
  // The use of the constraint that broke, or -1.
  [[nodiscard]] std::int32_t broken_use() const { return broken_use_; }
  // The largest preference (negative penalty) that any row got so far; at least 0.
  [[nodiscard]] double best_gain() const { return best_gain_; }

  // What placing `row` after `rows` would add; units by rank are added to `units` [1 +
  // level_count]. REQUIRES: rows.size() rows were pushed.
  double judge(std::span<const std::uint32_t> rows, std::uint32_t row,
               std::span<std::uint32_t> units);
  // The same for a row that must break no required or hard rule: false as soon as one does; the
  // rest is not asked then. REQUIRES: as judge().
  bool keeps_clean(std::span<const std::uint32_t> rows, std::uint32_t row, double& penalty);
  // `row` stands after `rows` now. REQUIRES: as judge().
  void push(std::span<const std::uint32_t> rows, std::uint32_t row);
  // Only the first `count` rows stand.
  void truncate(std::uint32_t count) {
    depth_ = count;
    clean_row_ = kNoRow;
  }
  [[nodiscard]] std::uint32_t depth() const { return depth_; }

  // Of all rows that stand: units by rank added to `units`, the penalty returned.
  double add_total(std::span<std::uint32_t> units) const;
  void add_by_use(std::span<std::uint32_t> hard, std::span<std::uint32_t> soft) const;
  // What the constraints say that any `slots_left` more rows add at least.
  void add_bound(std::span<const std::uint32_t> rows, std::uint32_t slots_left,
                 std::span<std::uint32_t> units);
  // The same state as `other`, a trail of the same problem.
  void copy(const OpaqueTrail& other);

 private:
  // One constraint's sums over the rows up to a depth.
  struct Sum {
    std::uint32_t units = 0;
    double penalty = 0.0;
  };
  struct Code {
    const Constraint* constraint = nullptr;
    std::size_t state_bytes = 0;
    std::byte* states = nullptr;  // [slot_count + 1][state_bytes]
    Sum* sums = nullptr;          // [slot_count + 1]
    Judgement last;               // of clean_row_ at depth_
  };
  [[nodiscard]] Judgement ask(const Code& code, std::span<const std::uint32_t> rows,
                              std::uint32_t row);
  [[nodiscard]] std::byte* state(const Code& code, std::uint32_t depth) const {
    return code.states + depth * code.state_bytes;
  }

  std::span<Code> codes_;
  std::size_t first_ = 0;             // the one that broke last is asked first
  std::uint32_t clean_row_ = kNoRow;  // judged by all at this depth, and not placed yet
  std::uint32_t depth_ = 0;
  std::uint32_t slot_count_ = 0;
  std::uint64_t calls_ = 0;
  std::int32_t broken_use_ = -1;
  double best_gain_ = 0.0;
  bool has_scores_ = false;
  bool is_unbounded_ = false;
};

}  // namespace lineup
