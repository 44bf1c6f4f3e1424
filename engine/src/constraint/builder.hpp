// SPDX-License-Identifier: Apache-2.0
//
// The slate builder: every generator builds its page through it, so none can break a rule.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "constraint/problem.hpp"
#include "constraint/solve.hpp"

namespace lineup {

enum class Answer : std::uint8_t { No, Yes, Unknown };

// One page under construction. Memory comes from the arena given to the constructor, when it is
// first asked for more than solve(), and is not given back before the arena's. Borrows the problem.
// Not thread safe. [request]
class Builder {
 public:
  Builder(const Problem& problem, Arena& arena);
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;

  // Rows placed so far, in slot order.
  [[nodiscard]] std::span<const std::uint32_t> placed() const;
  [[nodiscard]] std::uint32_t slot() const { return static_cast<std::uint32_t>(placed().size()); }
  [[nodiscard]] bool is_full() const;

  // The rows that may stand next: only rows proven dead are left out. Opaque constraints are not
  // asked; permits() asks them. Valid until the next place, undo or rewind.
  [[nodiscard]] std::span<const Word> allowed();
  // Whether `row` may stand next: no hard rule is broken by it now, and by the counting bounds the
  // page can be completed as well as without it.
  [[nodiscard]] bool permits(std::uint32_t row);
  // The permitted row of the largest utility (the first of equals), or kNoRow.
  // REQUIRES: utility.size() == row_count.
  [[nodiscard]] std::uint32_t best_permitted(std::span<const double> utility);

  // Places `row` at the next slot. False, and nothing changed, when the row is used, filtered, not
  // there, or the page is full, or when a page of the length asked for that goes on from here must
  // break a required rule. A row that only breaks relaxable rules is placed.
  bool place(std::uint32_t row);
  // Takes the last row back; exactly the state before. REQUIRES: placed() is not empty.
  void undo();

  using Mark = std::uint32_t;
  [[nodiscard]] Mark mark() const { return slot(); }
  void rewind(Mark mark);  // REQUIRES: mark <= slot()
  // A second builder in the same state, in the same arena.
  [[nodiscard]] Builder* fork();

  // Whether the page so far can be completed without breaking a hard rule: by counting bounds only.
  [[nodiscard]] Answer completable();
  // What each row would cost in soft rules if placed next: out[row]; 0 for rows that cannot be
  // placed. REQUIRES: out.size() == row_count.
  void penalties(std::span<double> out);
  // Completes the page by search, starting from what is placed. The builder itself is not changed.
  [[nodiscard]] Solution solve(std::span<const double> utility, std::span<const double> discount,
                               const SolveOptions& options);
  // What the full page is worth and breaks: as solve() would say, without a search.
  // REQUIRES: is_full().
  [[nodiscard]] Solution certify(std::span<const double> utility, std::span<const double> discount);
  // The use whose opaque constraint broke its budget, or -1.
  [[nodiscard]] std::int32_t broken_use() const;
  // The violations of what is placed, as a whole page: [use_count], hard and required.
  void violations(std::span<std::uint32_t> out) const;

 private:
  struct State;
  Builder(const Problem& problem, Arena& arena, std::uint32_t length, State* state)
      : problem_(problem), arena_(arena), length_(length), state_(state) {}
  [[nodiscard]] State& state() const;

  const Problem& problem_;
  Arena& arena_;
  std::uint32_t length_;            // slots that can be filled
  mutable State* state_ = nullptr;  // lives in the arena
};

}  // namespace lineup
