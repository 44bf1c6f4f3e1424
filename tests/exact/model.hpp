// SPDX-License-Identifier: Apache-2.0
//
// A problem as an integer program: one column for every row on every slot, and for every constraint
// an expression that is its units of violation. Written from the definitions of the kinds alone.
#pragma once

#include <cstdint>
#include <vector>

#include "constraint/problem.hpp"
#include "exact/program.hpp"

namespace lineup::exact {

// Whether every constraint of the problem is of a kind that the program can express; opaque ones
// are not.
[[nodiscard]] bool can_express(const Problem& problem);

class Model {
 public:
  // Pages of `length` slots. Borrows the problem. REQUIRES: can_express(problem).
  Model(const Problem& problem, std::uint32_t length);
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  [[nodiscard]] Program& program() { return program_; }
  // Units of all required constraints; of a level's hard ones.
  [[nodiscard]] const Sum& required() const { return required_; }
  [[nodiscard]] const std::vector<Sum>& levels() const { return levels_; }
  // Value less penalty.
  [[nodiscard]] const Sum& total() const { return total_; }
  // The page that the columns say.
  [[nodiscard]] std::vector<std::uint32_t> page(const std::vector<double>& columns) const;

 private:
  [[nodiscard]] int at(std::uint32_t row, std::uint32_t slot) const {
    return first_[row] + static_cast<int>(slot);
  }
  void lay_out();
  // Rows that share the value, on the slot. A page's history counts into the constant elsewhere.
  [[nodiscard]] Sum on_slot(const std::vector<std::uint32_t>& rows, std::uint32_t slot) const;
  [[nodiscard]] Sum on_slots(const std::vector<std::uint32_t>& rows,
                             const std::vector<std::uint32_t>& slots) const;
  // A column that is at least `sum` - `limit`, and at least 0.
  Sum excess(const Sum& sum, double limit);
  Sum lack(const Sum& sum, double limit);

  struct Value;  // of one constraint: who has it
  [[nodiscard]] std::vector<Value> values_of(const Constraint& constraint, bool with_past) const;
  Sum units(const Constraint& constraint);
  Sum window(const Constraint& constraint);
  Sum window_run(const Constraint& constraint, const std::vector<Value>& values,
                 const std::vector<std::uint32_t>& slots, std::uint32_t past_begin);
  Sum spacing(const Constraint& constraint);
  Sum counted(const Constraint& constraint);
  Sum pins(const Constraint& constraint);
  Sum placed(const Constraint& constraint);
  Sum last(const Constraint& constraint);

  const Problem& problem_;
  std::uint32_t length_;
  Program program_;
  std::vector<int> first_;  // [row_count] the row's column on slot 0, or -1
  Sum required_;
  std::vector<Sum> levels_;
  Sum total_;
};

}  // namespace lineup::exact
