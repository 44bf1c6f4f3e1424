// SPDX-License-Identifier: Apache-2.0
//
// A linear program with whole-numbered columns, as CBC solves it. Nothing here knows of pages.
#pragma once

#include <optional>
#include <utility>
#include <vector>

namespace lineup::exact {

// A linear expression over the columns of a program.
struct Sum {
  std::vector<std::pair<int, double>> terms;  // column, coefficient; a column may occur twice
  double constant = 0.0;

  Sum& add(int column, double coefficient = 1.0) {
    terms.emplace_back(column, coefficient);
    return *this;
  }
  Sum& add(const Sum& other, double factor = 1.0);
};

// What came of solving: the largest objective and the columns that reach it.
struct Optimum {
  bool exists = false;     // false: no values keep all limits, or none were found in time
  bool is_proven = false;  // which of the two, and that there is no larger objective
  double objective = 0.0;
  std::vector<double> columns;
};

class Program {
 public:
  // A new column between 0 and `upper`.
  int add_column(double upper, bool is_whole);
  // Demands lower <= sum <= upper.
  void limit(const Sum& sum, double lower, double upper);
  void at_least(const Sum& sum, double lower);
  void at_most(const Sum& sum, double upper);

  [[nodiscard]] Optimum maximise(const Sum& objective, double seconds_max) const;
  // The largest objective when whole columns may be fractions: an upper bound. Nothing when no
  // values keep all limits, or time ran out.
  [[nodiscard]] std::optional<double> relaxed(const Sum& objective, double seconds_max) const;

 private:
  struct Arrays {
    std::vector<int> starts = {0};
    std::vector<int> indexes;
    std::vector<double> values;
    std::vector<double> costs;
    std::vector<double> lowers;
    std::vector<double> row_lower;
    std::vector<double> row_upper;
  };
  [[nodiscard]] Arrays arrays(const Sum& objective) const;

  struct Row {
    std::vector<std::pair<int, double>> terms;
    double lower = 0.0;
    double upper = 0.0;
  };
  std::vector<double> uppers_;
  std::vector<bool> is_whole_;
  std::vector<Row> rows_;
};

}  // namespace lineup::exact
